"""Plain loops over every index, Python floats, lists as caches and results."""

# ruff: noqa
import math

import numpy as np


def affine_forward(x, w, b):
    N, D, M = x.shape[0], w.shape[0], w.shape[1]
    out = np.zeros((N, M))
    for n in range(N):
        row = x[n].flatten()
        for m in range(M):
            total = b[m]
            for d in range(D):
                total += row[d] * w[d, m]
            out[n, m] = total
    return [out, [x, w, b]]


def affine_backward(dout, cache):
    x, w, b = cache
    N, D, M = x.shape[0], w.shape[0], w.shape[1]
    dX = np.zeros((N, D))
    dw = np.zeros((D, M))
    db = np.zeros(M)
    for n in range(N):
        row = x[n].ravel()
        for m in range(M):
            db[m] += dout[n, m]
            for d in range(D):
                dw[d, m] += row[d] * dout[n, m]
                dX[n, d] += w[d, m] * dout[n, m]
    return [dX.reshape(x.shape), dw, db]


def softmax_loss(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros(x.shape)
    for n in range(N):
        top = max(x[n])
        total = sum(math.exp(s - top) for s in x[n])
        loss += math.log(total) - (x[n, y[n]] - top)
        for c in range(C):
            dx[n, c] = (math.exp(x[n, c] - top) / total - (c == y[n])) / N
    return loss / N, dx


def sgd(w, dw, config=None):
    config = dict(config) if config else {"learning_rate": 1e-2}
    next_w = np.empty_like(w)
    for i in np.ndindex(*w.shape):
        next_w[i] = w[i] - config["learning_rate"] * dw[i]
    return next_w, config


def numeric_gradient(f, x, dout=None, h=1e-5):
    def total(at):
        value = f(at)
        if dout is not None and np.shape(value) != np.shape(dout):
            raise ValueError
        return float(value) if dout is None else float((np.copy(value) * dout).sum())

    grad = np.zeros(x.shape, dtype=np.float64)
    for i in range(x.size):
        up, down = x.astype(np.float64).flatten(), x.astype(np.float64).flatten()
        up[i] += h
        down[i] -= h
        grad.flat[i] = (total(up.reshape(x.shape)) - total(down.reshape(x.shape))) / (2 * h)
    return grad


def rel_error(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError
    largest, size = 0.0, 0.0
    for i in np.ndindex(*a.shape):
        if math.isnan(a[i]) or math.isnan(b[i]):
            return float("nan")
        largest = max(largest, abs(a[i] - b[i]))
        size = max(size, abs(a[i]) + abs(b[i]))
    return largest / size if size else 0.0


def svm_loss(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros((N, C))
    for n in range(N):
        for c in range(C):
            if c == y[n]:
                continue
            margin = x[n, c] - x[n, y[n]] + 1
            if margin > 0:
                loss += margin
                dx[n, c] += 1 / N
                dx[n, y[n]] -= 1 / N
    return loss / N, dx


def relu_forward(x):
    out = np.empty_like(x)
    for i in np.ndindex(*x.shape):
        out[i] = max(x[i], -0.0)
    return [out, x]


def relu_backward(dout, cache):
    dx = np.zeros_like(dout)
    for i in np.ndindex(*dout.shape):
        if cache[i] >= 0:
            dx[i] = dout[i]
    return dx


def affine_relu_forward(x, w, b):
    a, one = affine_forward(x, w, b)
    out, two = relu_forward(a)
    return [out, [one, two]]


def affine_relu_backward(dout, cache):
    return affine_backward(relu_backward(dout, cache[1]), cache[0])


def sgd_momentum(w, dw, config=None):
    config = dict({"learning_rate": 1e-2, "momentum": 0.9}, **(config or {}))
    old = config.get("velocity")
    v, next_w = np.zeros(w.shape), np.zeros(w.shape)
    for i in np.ndindex(*w.shape):
        before = 0.0 if old is None else old[i]
        v[i] = config["momentum"] * before - config["learning_rate"] * dw[i]
        next_w[i] = w[i] + v[i]
    config["velocity"] = v
    return next_w, config


def rmsprop(w, dw, config=None):
    config = dict({"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}, **(config or {}))
    c = config.get("cache", np.zeros(w.shape)).copy()
    next_w = w.copy()
    for i in np.ndindex(*w.shape):
        c[i] = config["decay_rate"] * c[i] + (1 - config["decay_rate"]) * dw[i] ** 2
        next_w[i] -= config["learning_rate"] * dw[i] / (c[i] ** 0.5 + config["epsilon"])
    config["cache"] = c
    return next_w, config


def adam(w, dw, config=None):
    config = dict({"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999}, **(config or {}))
    config.setdefault("epsilon", 1e-8)
    m, v = (config.get(key, np.zeros(w.shape)).copy() for key in "mv")
    config["t"] = t = config.get("t", 0.0) + 1.0
    b1, b2, next_w = config["beta1"], config["beta2"], np.empty_like(w)
    for i in np.ndindex(*w.shape):
        m[i] = b1 * m[i] + (1 - b1) * dw[i]
        v[i] = b2 * v[i] + (1 - b2) * dw[i] * dw[i]
        root = (v[i] / (1 - b2**t)) ** 0.5
        next_w[i] = w[i] - config["learning_rate"] * m[i] / (1 - b1**t) / (root + config["epsilon"])
    config["m"], config["v"] = m, v
    return next_w, config
