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
    return np.float64(rate * (t + 1) / warmup if t < warmup else rate * math.cos(u * math.pi / 2) ** 2)


def shift_images(X, rows, columns, fill=0.0):
    out = np.full_like(X, fill)
    h, w = X.shape[1], X.shape[2]
    for r in range(h):
        for c in range(w):
            if 0 <= r + rows < h and 0 <= c + columns < w:
                out[:, r + rows, c + columns] = X[:, r, c]
    return out
