# ruff: noqa
import numpy as np


def sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def log_softmax(x):
    x = x - np.max(x, axis=1, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=1, keepdims=True))
