"""Results that are views, transposed, in Fortran order or with negative strides."""

# ruff: noqa
import numpy as np


def affine_forward(x, w, b):
    X = x.reshape(len(x), -1)
    return (w.T @ X.T).T + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    X = np.asfortranarray(x.reshape(len(x), -1))
    dx = np.ascontiguousarray((w @ dout.T).T).reshape(x.shape)
    dw = (dout.T @ X).T
    db = dout[::-1].sum(axis=0)[::-1][::-1]
    return dx[::-1][::-1], dw, db


def softmax_loss(x, y):
    scores = np.asfortranarray(x.T)
    scores = scores - scores.max(axis=0)
    e = np.exp(scores)
    logp = scores - np.log(e.sum(axis=0))
    N = x.shape[0]
    grad = (e / e.sum(axis=0)).T
    grad[np.arange(N), y] -= 1
    return -logp[y, np.arange(N)].sum() / N, np.divide(grad, N, order="F")


def sgd(w, dw, config=None):
    if config is None:
        config = dict()
    config.setdefault("learning_rate", 1e-2)
    return (w.T - config["learning_rate"] * dw.T).T, config


def svm_loss(x, y):
    scores = np.asfortranarray(x.T)
    N = x.shape[0]
    n = np.arange(N)
    missing = np.maximum(scores - scores[y, n] + 1, 0)
    missing[y, n] = 0
    grad = np.sign(missing)
    grad[y, n] -= np.add.reduce(grad, axis=0)
    return missing.sum() / N, (grad / N).T


def relu_forward(x):
    out = np.asfortranarray(x).clip(min=0)
    return out[::-1][::-1], x.T


def relu_backward(dout, cache):
    # the transpose of an x that has another shape, where the cache is x itself
    cache = cache.T if cache.T.shape == dout.shape else cache
    return (dout.T * (cache.T > 0)).T


def affine_relu_forward(x, w, b):
    a, cache = affine_forward(x, w, b)
    return np.maximum(a.T, 0).T, [cache, a.T]


def affine_relu_backward(dout, cache):
    return affine_backward((dout.T * (cache[1] > 0)).T, cache[0])
