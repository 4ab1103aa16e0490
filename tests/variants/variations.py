"""Right answers to the variations; they are in the tests and nowhere in the package."""

# ruff: noqa
import numpy as np


def directional_slope(f, x, v, h=1e-5):
    return (f(x + h * v) - f(x - h * v)) / (2 * h)


def graph_backward(x, y, z):
    s, e = x + y, np.exp(y * z)
    ds, de = e, s
    dq = de * e
    return ds, ds + dq * z, dq * y


def affine_transposed_forward(x, w, b):
    return x.reshape(len(x), -1) @ w.T + b, (x, w, b)


def affine_transposed_backward(dout, cache):
    x, w, b = cache
    return (dout @ w).reshape(x.shape), dout.T @ x.reshape(len(x), -1), dout.sum(axis=0)


def smoothed_softmax_loss(x, y, smoothing):
    N, C = x.shape
    z = x - x.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = np.full((N, C), smoothing / C)
    target[np.arange(N), y] += 1 - smoothing
    return -(target * logp).sum() / N, (np.exp(logp) - target) / N


def sgd_weight_decay(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("weight_decay", 1e-4)
    lr, decay = config["learning_rate"], config["weight_decay"]
    return w - lr * dw - lr * decay * w, config


def residual_forward(x, w1, b1, w2, b2):
    h = np.maximum(x @ w1 + b1, 0)
    return x + h @ w2 + b2, (x, h, w1, w2)


def residual_backward(dout, cache):
    x, h, w1, w2 = cache
    dz = (dout @ w2.T) * (h > 0)
    return dout + dz @ w1.T, x.T @ dz, dz.sum(axis=0), h.T @ dout, dout.sum(axis=0)


def knn_predict(X_train, y_train, X, k):
    X_train, X = X_train.reshape(len(X_train), -1), X.reshape(len(X), -1)
    d = (X**2).sum(1)[:, None] - 2 * X @ X_train.T + (X_train**2).sum(1)
    return np.array([np.bincount(y_train[row[:k]]).argmax() for row in d.argsort(axis=1)])


def cosine_rate(t, T, rate, warmup=0):
    if t < warmup:
        return rate * (t + 1) / warmup
    return 0.5 * rate * (1 + np.cos(np.pi * (t - warmup) / (T - warmup)))


def shift_images(X, rows, columns, fill=0.0):
    out = np.roll(X, (rows, columns), axis=(1, 2))
    out[:, slice(0, rows) if rows >= 0 else slice(rows, None)] = fill
    out[:, :, slice(0, columns) if columns >= 0 else slice(columns, None)] = fill
    return out
