"""The cache holds the flat x and the shape that it had; a class keeps the sums."""

# ruff: noqa
from collections import namedtuple

import numpy as np

Kept = namedtuple("Kept", "flat shape w")


def affine_forward(x, w, b):
    flat = x.reshape(x.shape[0], np.prod(x.shape[1:]))
    out = flat @ w
    out += b
    return out, Kept(flat, x.shape, w)


def affine_backward(dout, cache):
    flat, shape, w = cache
    return (
        np.matmul(dout, w.transpose()).reshape(shape),
        np.matmul(flat.transpose(), dout),
        dout.sum(0),
    )


def softmax_loss(x, y):
    loss = np.logaddexp.reduce(x, axis=1).mean() - x[np.arange(x.shape[0]), y].mean()
    p = np.exp(x - np.logaddexp.reduce(x, axis=1, keepdims=True))
    np.subtract.at(p, (np.arange(x.shape[0]), y), 1)
    return loss, p / x.shape[0]


def sgd(w, dw, config=None):
    config = config or {}
    config.setdefault("learning_rate", 0.01)
    return np.add(w, np.multiply(dw, -config["learning_rate"])), config


def svm_loss(x, y):
    n = np.arange(x.shape[0])
    gap = (x.T - x[n, y]).T + 1
    gap[n, y] = 0
    on = (gap > 0) * 1
    on[n, y] = -on.sum(1)
    return (np.clip(gap, 0, None)).sum(1).mean(), on / x.shape[0]


def relu_forward(x):
    out = np.clip(x, 0, np.inf)
    return out, out


def relu_backward(dout, cache):
    # the cache is out itself, which is positive where x is
    return np.where(cache > 0, dout, np.zeros_like(dout))


def affine_relu_forward(x, w, b):
    flat = x.reshape(x.shape[0], -1)
    out = np.clip(flat @ w + b, 0, None)
    return out, (Kept(flat, x.shape, w), out)


def affine_relu_backward(dout, cache):
    kept, out = cache
    if not isinstance(kept, Kept):
        kept = Kept(kept[0].reshape(len(kept[0]), -1), kept[0].shape, kept[1])
    return affine_backward(np.where(out > 0, dout, 0), kept)


def sgd_momentum(w, dw, config=None):
    config = config or {}
    config.setdefault("learning_rate", 0.01)
    config.setdefault("momentum", 0.9)
    old = config.get("velocity", np.zeros(w.shape)).ravel()
    new = np.subtract(
        np.multiply(config["momentum"], old), np.multiply(config["learning_rate"], dw.ravel())
    )
    config["velocity"] = new.reshape(w.shape)
    return np.add(w, config["velocity"]), config


def rmsprop(w, dw, config=None):
    config = config or {}
    config.setdefault("learning_rate", 0.01)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    old = config.get("cache", np.zeros(w.shape))
    config["cache"] = np.average(
        np.stack([old, dw * dw]), axis=0, weights=[config["decay_rate"], 1 - config["decay_rate"]]
    )
    scale = np.power(config["cache"], 0.5) + config["epsilon"]
    return w - np.divide(config["learning_rate"] * dw, scale), config


def adam(w, dw, config=None):
    config = dict(config or {})
    for key, value in {
        "learning_rate": 1e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
    }.items():
        config[key] = config.get(key, value)
    if "m" not in config:
        config["m"], config["v"], config["t"] = np.zeros(w.shape), np.zeros(w.shape), 0
    config["t"] = config["t"] + 1
    config["m"] = config["m"] + (1 - config["beta1"]) * (dw - config["m"])
    config["v"] = config["v"] + (1 - config["beta2"]) * (dw * dw - config["v"])
    m = config["m"] / (1 - np.power(config["beta1"], config["t"]))
    v = config["v"] / (1 - np.power(config["beta2"], config["t"]))
    return w - config["learning_rate"] * m / (v**0.5 + config["epsilon"]), config
