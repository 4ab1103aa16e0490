"""float32 on the way, float64 at the end: results are copied into float64 arrays."""

# ruff: noqa
import numpy as np


def affine_forward(x, w, b):
    out = np.zeros((len(x), w.shape[1]))
    out[...] = (x.reshape(len(x), -1).astype("f4") @ w.astype("f4")) + b.astype("f4")
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    dx[...] = (dout.astype("f4") @ w.astype("f4").T).reshape(x.shape)
    dw[...] = x.reshape(len(x), -1).astype("f4").T @ dout.astype("f4")
    db[...] = dout.astype("f4").sum(0)
    return dx, dw, db


def relu_forward(x):
    out = np.zeros(x.shape)
    out[x > 0] = x[x > 0].astype("f4")
    return out, x


def relu_backward(dout, cache):
    dx = np.zeros(dout.shape)
    dx[cache > 0] = dout[cache > 0].astype("f4")
    return dx


def sgd_momentum(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9, **(config or {})}
    v = config.setdefault("velocity", np.zeros(w.shape, "f4"))
    v *= config["momentum"]
    v -= config["learning_rate"] * dw
    return w + v, config


def rmsprop(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **(config or {})}
    c = config.setdefault("cache", np.zeros(w.shape, "f4"))
    c *= config["decay_rate"]
    c += (1 - config["decay_rate"]) * dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(c) + config["epsilon"]), config


def adam(w, dw, config=None):
    config = {
        "learning_rate": 1e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        **(config or {}),
    }
    m = config.setdefault("m", np.zeros(w.shape, "f4"))
    v = config.setdefault("v", np.zeros(w.shape, "f4"))
    m += (1 - config["beta1"]) * (dw - m)
    v += (1 - config["beta2"]) * (dw**2 - v)
    config["t"] = t = config.get("t", 0) + 1
    m, v = m / (1 - config["beta1"] ** t), v / (1 - config["beta2"] ** t)
    return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"]), config
