"""Right answers to the variations on deep nets; they are in the tests and nowhere in the package."""

# ruff: noqa
import numpy as np


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


def erase_squares(X, rows, columns, size, fill=0.0):
    out = X.copy()
    for image, r, c in zip(out, rows, columns):
        image[max(r, 0) : max(r + size, 0), max(c, 0) : max(c + size, 0)] = fill
    return out
