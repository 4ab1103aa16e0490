"""Everything computed and returned in float32."""

# ruff: noqa
import numpy as np


def affine_forward(x, w, b):
    X = x.reshape(len(x), -1).astype(np.float32)
    return X @ w.astype(np.float32) + b.astype(np.float32), (x, w, b)


def affine_backward(dout, cache):
    x, w, b = (a.astype(np.float32) for a in cache)
    dout = dout.astype(np.float32)
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(0)


def softmax_loss(x, y):
    x = x.astype(np.float32)
    z = x - x.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    n = np.arange(len(x))
    loss = -logp[n, y].mean()
    dx = np.exp(logp)
    dx[n, y] -= 1
    return loss, dx / np.float32(len(x))


def sgd(w, dw, config=None):
    config = {"learning_rate": 1e-2, **(config or {})}
    lr = np.float32(config["learning_rate"])
    return w.astype(np.float32) - lr * dw.astype(np.float32), config


def svm_loss(x, y):
    x = x.astype(np.float32)
    n = np.arange(len(x))
    missing = np.maximum(x - x[n, y][:, None] + 1, 0)
    missing[n, y] = 0
    dx = (missing > 0).astype(np.float32)
    dx[n, y] = -dx.sum(axis=1)
    return missing.sum() / np.float32(len(x)), dx / np.float32(len(x))


def relu_forward(x):
    x = x.astype(np.float32)
    return np.maximum(x, np.float32(0)), x


def relu_backward(dout, cache):
    return dout.astype(np.float32) * (cache > 0)


def affine_relu_forward(x, w, b):
    a, one = affine_forward(x, w, b)
    out, two = relu_forward(a)
    return out, (one, two)


def affine_relu_backward(dout, cache):
    one, two = cache
    return affine_backward(relu_backward(dout, two), one)
