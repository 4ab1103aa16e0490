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


def sgd_momentum(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9, **(config or {})}
    w, dw = w.astype(np.float32), dw.astype(np.float32)
    v = config.get("velocity", np.zeros_like(w))
    v = np.float32(config["momentum"]) * v - np.float32(config["learning_rate"]) * dw
    return w + v, {**config, "velocity": v}


def rmsprop(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **(config or {})}
    w, dw = w.astype(np.float32), dw.astype(np.float32)
    c = config.get("cache", np.zeros_like(w))
    c = config["decay_rate"] * c + (1 - config["decay_rate"]) * dw**2
    next_w = w - config["learning_rate"] * dw / (np.sqrt(c) + config["epsilon"])
    return next_w, {**config, "cache": c}


def adam(w, dw, config=None):
    config = {
        "learning_rate": 1e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        **(config or {}),
    }
    w, dw = w.astype(np.float32), dw.astype(np.float32)
    b1, b2, t = config["beta1"], config["beta2"], config.get("t", 0) + 1
    m = b1 * config.get("m", np.zeros_like(w)) + (1 - b1) * dw
    v = b2 * config.get("v", np.zeros_like(w)) + (1 - b2) * dw**2
    step = (
        config["learning_rate"] * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + config["epsilon"])
    )
    return w - step, {**config, "m": m, "v": v, "t": t}
