"""The same variations in other words: loops, whole results, numbers of NumPy."""

# ruff: noqa
import math
from collections import Counter

import numpy as np


def residual_forward(x, w1, b1, w2, b2):
    z = np.einsum("nd,dh->nh", x, w1) + b1
    out = np.einsum("nh,hd->nd", z * (z > 0), w2) + b2 + x
    return out, {"x": x, "z": z, "w1": w1, "w2": w2}


def residual_backward(dout, cache):
    x, z, w1, w2 = (cache[k] for k in ("x", "z", "w1", "w2"))
    mask = np.where(z > 0, 1.0, 0.0)
    dz = mask * dout.dot(w2.T)
    dx = dz.dot(w1.T)
    dx += dout
    ones = np.ones(len(x))
    return dx, x.T.dot(dz), ones @ dz, (mask * z).T.dot(dout), ones @ dout


def knn_predict(X_train, y_train, X, k):
    classes = []
    for x in X:
        away = [float(np.sum((x - other) ** 2)) for other in X_train]
        near = sorted(range(len(away)), key=away.__getitem__)[:k]
        votes = Counter(int(y_train[i]) for i in near)
        most = max(votes.values())
        classes.append(float(min(c for c, n in votes.items() if n == most)))
    return np.array(classes)


def cosine_rate(t, T, rate, warmup=0):
    u = (t - warmup) / (T - warmup)
    return np.float64(
        rate * (t + 1) / warmup if t < warmup else rate * math.cos(u * math.pi / 2) ** 2
    )


def erase_squares(X, rows, columns, size, fill=0.0):
    out = np.array(X)
    for n in range(len(X)):
        for r in range(rows[n], rows[n] + size):
            for c in range(columns[n], columns[n] + size):
                if 0 <= r < X.shape[1] and 0 <= c < X.shape[2]:
                    out[n, r, c] = fill
    return out
