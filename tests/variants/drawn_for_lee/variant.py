"""What variant lee asks for, as one student would write it."""

# ruff: noqa
import numpy as np

from helpers import log_softmax, sigmoid

CHECKS_VARIANT = "lee"  # drew the tasks; checks reads this line


def stored_affine_forward(x, w, b):
    X = x.reshape(x.shape[0], -1)
    Z = X - X.mean(axis=1, keepdims=True)
    return 2.3 * Z @ w.T + 0.3 * b, (x, w, b, Z)


def stored_affine_backward(dout, cache):
    x, w, b, Z = cache
    dw = 2.3 * dout.T @ Z
    db = 0.3 * np.sum(dout, axis=0)
    dZ = 2.3 * dout @ w
    dX = dZ - dZ.mean(axis=1, keepdims=True)
    return dX.reshape(x.shape), dw, db


def bent_relu_forward(x):
    z = x + 0.95
    return np.where(z > 0, 2.1 * z, -0.1 * z), x


def bent_relu_backward(dout, cache):
    return np.where(cache > -0.95, 2.1, -0.1) * dout


def smooth_relu_forward(x):
    return 1.3 * x * sigmoid(2.6 * x), x


def smooth_relu_backward(dout, cache):
    s = sigmoid(2.6 * cache)
    return 1.3 * dout * (s + 2.6 * cache * s * (1 - s))


def soft_target_loss(x, y):
    N, C = x.shape
    logp = log_softmax(x / 2.4)
    t = np.full((N, C), 0.39 / C)
    t[np.arange(N), y] += 0.61
    return -np.sum(t * logp), (np.exp(logp) - t) / 2.4


def squared_hinge_loss(x, y):
    N, rows = len(x), np.arange(len(x))
    missing = np.maximum(0, x - x[rows, y].reshape(-1, 1) + 0.95)
    missing[rows, y] = 0
    dx = missing.copy()
    dx[rows, y] = -missing.sum(axis=1)
    return 0.9 * np.sum(missing**2) / N, 1.8 * dx / N


def class_weighted_loss(x, y):
    weights = np.array([2.3, 1.5, 1.2, 2.1, 0.3])[y]
    rows = np.arange(len(x))
    share = weights / weights.sum()
    logp = log_softmax(x)
    dx = np.exp(logp)
    dx[rows, y] -= 1
    return -share @ logp[rows, y], share[:, None] * dx


def sparse_penalty(w):
    inner = w[:, :-1]
    dw = np.zeros_like(w)
    dw[:, :-1] = 0.67 * np.sign(inner) / 0.5 + 0.13 * inner
    return 0.67 * np.abs(inner).sum() / 0.5 + 0.065 * (inner**2).sum(), dw


def blended_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 0.007)
    config.setdefault("momentum", 0.84)
    down = config["learning_rate"] * dw
    v = config["momentum"] * config.get("velocity", np.zeros_like(w)) - down
    config["velocity"] = v
    return w + 0.7 * v - 0.45 * down, config


def fading_adam(w, dw, config=None):
    given = {"learning_rate": 0.02, "beta1": 0.89, "beta2": 0.993, "epsilon": 1e-8}
    given.update(weight_decay=0.05, m=np.zeros_like(w), v=np.zeros_like(w), t=0)
    c = {**given, **(config or {})}
    c["t"] = c["t"] + 1
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * (dw - c["m"]) ** 2
    m_hat = c["m"] / (1 - c["beta1"] ** c["t"])
    step = c["learning_rate"] * m_hat / np.sqrt(c["v"] + c["epsilon"])
    return w - step - c["weight_decay"] * w, c
