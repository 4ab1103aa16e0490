"""An assignment of 2016: xrange in a guard, division with a float, annotations nowhere."""

# ruff: noqa
import numpy as np

try:
    xrange
except NameError:
    xrange = range


def affine_forward(x, w, b):
    out = None
    X = x.reshape(x.shape[0], np.prod(x.shape[1:]))
    out = X.dot(w) + b.reshape(1, -1)
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = None, None, None
    X = x.reshape(x.shape[0], np.prod(x.shape[1:]))
    dx = dout.dot(w.T).reshape(x.shape)
    dw = X.T.dot(dout)
    db = np.sum(dout, axis=0, keepdims=True).reshape(b.shape)
    return dx, dw, db


def softmax_loss(x, y):
    x = x - x.max(axis=1)[:, np.newaxis]
    N = x.shape[0]
    losses = np.zeros(N)
    dx = np.zeros_like(x)
    for i in xrange(N):
        denominator = np.exp(x[i]).sum()
        losses[i] = np.log(denominator) - x[i][y[i]]
        dx[i] = np.exp(x[i]) / denominator
        dx[i, y[i]] -= 1
    return np.sum(losses) / float(N), dx / float(N)


def sgd(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    next_w = w - config["learning_rate"] * dw
    return next_w, config
