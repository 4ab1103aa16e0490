"""What variant 42 asks for, in one file, with loops where another would not have them."""

# ruff: noqa
import numpy as np

CHECKS_VARIANT = "42"


def stored_affine_forward(x, w, b):
    N = x.shape[0]
    out = np.zeros((N, w.shape[1]))
    for n in range(N):
        out[n] = 1.5 * np.dot(x[n].ravel(), w) + 2.3 * b
    return out, (x, w, b)


def stored_affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for n in range(len(x)):
        dx[n] = 1.5 * np.dot(w, dout[n]).reshape(x[n].shape)
        dw += 1.5 * np.outer(x[n].ravel(), dout[n])
        db += 2.3 * dout[n]
    return dx, dw, db


def bent_relu_forward(x):
    out = 0.4 * (x - 0.5)
    out[x > 0.5] = 2.05 * (x[x > 0.5] - 0.5)
    return out, x


def bent_relu_backward(dout, cache):
    dx = dout.copy()
    dx[cache > 0.5] *= 2.05
    dx[cache <= 0.5] *= 0.4
    return dx


def smooth_relu_forward(x):
    z = 2.9 * x
    return 1.3 / 2.9 * (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))), x


def smooth_relu_backward(dout, cache):
    e = np.exp(-2.9 * np.abs(cache))
    return 1.3 * dout * np.where(cache > 0, 1 / (1 + e), e / (1 + e))


def probabilities(x):
    e = np.exp(x - x.max(axis=1)[:, None])
    return e / e.sum(axis=1)[:, None]


def log_probabilities(x):
    z = x - x.max(axis=1)[:, None]
    return z - np.log(np.exp(z).sum(axis=1))[:, None]


def soft_target_loss(x, y):
    N, C = x.shape
    targets = 0.54 * np.eye(C)[y] + 0.46 / C
    loss = -np.mean(np.sum(targets * log_probabilities(x / 2.3), axis=1))
    return loss, (probabilities(x / 2.3) - targets) / 2.3 / N


def squared_hinge_loss(x, y):
    N, loss, dx = len(x), 0.0, np.zeros_like(x)
    for n in range(N):
        missing = x[n] - x[n, y[n]] + 1.4
        missing[y[n]] = -np.inf
        j = np.argmax(missing)
        if missing[j] > 0:
            loss += 0.9 * missing[j] ** 2 / N
            dx[n, j] += 1.8 * missing[j] / N
            dx[n, y[n]] -= 1.8 * missing[j] / N
    return loss, dx


def class_weighted_loss(x, y):
    table = {0: 1.4, 1: 0.2, 2: 1.2, 3: 1.2, 4: 1.8}
    own = np.array([table[int(k)] for k in y])
    onehot = np.eye(5)[y]
    loss = -(own * (onehot * log_probabilities(x)).sum(axis=1)).sum() / own.sum()
    return loss, own[:, None] * (probabilities(x) - onehot) / own.sum()


def sparse_penalty(w):
    loss = 0.27 * np.abs(w).sum() / 1.5 + 0.5 * 0.65 * np.vdot(w, w)
    return float(loss), np.where(w > 0, 0.18, -0.18) + 0.65 * w


def blended_momentum(w, dw, config=None):
    config = {"learning_rate": 0.004, "momentum": 0.79, **(config or {})}
    v = config.get("velocity", 0 * w)
    v = config["momentum"] * v + dw
    config["velocity"] = v
    return w - config["learning_rate"] * (1.4 * v + 0.35 * dw), config


def fading_adam(w, dw, config=None):
    if config is None:
        config = {}
    for key, value in (
        ("learning_rate", 0.003),
        ("beta1", 0.94),
        ("beta2", 0.997),
        ("epsilon", 1e-8),
        ("weight_decay", 0.05),
        ("m", np.zeros_like(w)),
        ("v", np.zeros_like(w)),
        ("t", 0),
    ):
        config.setdefault(key, value)
    config["t"] += 1
    b1, b2, t = config["beta1"], config["beta2"], config["t"]
    config["m"] = b1 * config["m"] + (1 - b1) * dw
    config["v"] = b2 * config["v"] + (1 - b2) * np.square(dw - config["m"])
    up, down = config["m"] / (1 - b1**t), config["v"] / (1 - b2**t)
    w = (1 - config["weight_decay"]) * w
    return w - config["learning_rate"] * up / np.sqrt(down + config["epsilon"]), config
