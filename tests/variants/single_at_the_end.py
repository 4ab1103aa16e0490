"""float64 on the way forward, and gradients that are kept in float32 arrays."""

# ruff: noqa
import numpy as np

F = np.float32


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = (np.zeros(a.shape, dtype=F) for a in (x, w, b))
    dx[:] = np.dot(dout, w.T).reshape(x.shape)
    dw[:] = np.dot(x.reshape(len(x), -1).T, dout)
    db[:] = np.sum(dout, axis=0)
    return dx, dw, db


def relu_forward(x):
    return np.where(x > 0, x, 0.0), x


def relu_backward(dout, cache):
    return (dout * (cache > 0)).astype(F)


def affine_relu_forward(x, w, b):
    a, fc = affine_forward(x, w, b)
    out, bend = relu_forward(a)
    return out, (fc, bend)


def affine_relu_backward(dout, cache):
    fc, bend = cache
    return affine_backward(relu_backward(dout, bend), fc)


def softmax_loss(x, y):
    n, rows = len(x), np.arange(len(x))
    z = x - x.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dx = np.exp(logp).astype(F)
    dx[rows, y] -= 1
    return -logp[rows, y].sum() / n, dx / n


def svm_loss(x, y):
    n, rows = len(x), np.arange(len(x))
    missing = np.maximum(0, x - x[rows, y][:, None] + 1)
    missing[rows, y] = 0
    dx = np.zeros(x.shape, dtype=F)
    dx[missing > 0] = 1
    dx[rows, y] = -dx.sum(axis=1)
    return missing.sum() / n, dx / n
