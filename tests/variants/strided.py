"""Results that are views, transposed, in Fortran order or with negative strides."""

# ruff: noqa
import numpy as np


def affine_forward(x, w, b):
    X = x.reshape(len(x), -1)
    return (w.T @ X.T).T + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    X = np.asfortranarray(x.reshape(len(x), -1))
    dx = np.ascontiguousarray((w @ dout.T).T).reshape(x.shape)
    dw = (dout.T @ X).T
    db = dout[::-1].sum(axis=0)[::-1][::-1]
    return dx[::-1][::-1], dw, db


def softmax_loss(x, y):
    scores = np.asfortranarray(x.T)
    scores = scores - scores.max(axis=0)
    e = np.exp(scores)
    logp = scores - np.log(e.sum(axis=0))
    N = x.shape[0]
    grad = (e / e.sum(axis=0)).T
    grad[np.arange(N), y] -= 1
    return -logp[y, np.arange(N)].sum() / N, np.divide(grad, N, order="F")


def sgd(w, dw, config=None):
    if config is None:
        config = dict()
    config.setdefault("learning_rate", 1e-2)
    return (w.T - config["learning_rate"] * dw.T).T, config


def svm_loss(x, y):
    scores = np.asfortranarray(x.T)
    N = x.shape[0]
    n = np.arange(N)
    missing = np.maximum(scores - scores[y, n] + 1, 0)
    missing[y, n] = 0
    grad = np.sign(missing)
    grad[y, n] -= np.add.reduce(grad, axis=0)
    return missing.sum() / N, (grad / N).T


def relu_forward(x):
    out = np.asfortranarray(x).clip(min=0)
    return out[::-1][::-1], x.T


def relu_backward(dout, cache):
    # the transpose of an x that has another shape, where the cache is x itself
    cache = cache.T if cache.T.shape == dout.shape else cache
    return (dout.T * (cache.T > 0)).T


def affine_relu_forward(x, w, b):
    a, cache = affine_forward(x, w, b)
    return np.maximum(a.T, 0).T, [cache, a.T]


def affine_relu_backward(dout, cache):
    return affine_backward((dout.T * (cache[1] > 0)).T, cache[0])


def sgd_momentum(w, dw, config=None):
    config = {} if config is None else dict(config)
    lr, mu = config.setdefault("learning_rate", 1e-2), config.setdefault("momentum", 0.9)
    old = config.get("velocity", np.zeros(w.T.shape).T)
    config["velocity"] = (mu * old.T - lr * dw.T).T
    return (w.T + config["velocity"].T).T, config


def rmsprop(w, dw, config=None):
    config = {} if config is None else dict(config)
    lr, rho = config.setdefault("learning_rate", 1e-2), config.setdefault("decay_rate", 0.99)
    eps = config.setdefault("epsilon", 1e-8)
    config["cache"] = (rho * config.get("cache", np.zeros_like(w)).T + (1 - rho) * dw.T**2).T
    return (w.T - lr * dw.T / (np.sqrt(config["cache"].T) + eps)).T, config


def adam(w, dw, config=None):
    config = {} if config is None else dict(config)
    lr, eps = config.setdefault("learning_rate", 1e-3), config.setdefault("epsilon", 1e-8)
    b1, b2 = config.setdefault("beta1", 0.9), config.setdefault("beta2", 0.999)
    # t is the number of the next step: used, and then counted up
    t = config.get("t", 1)
    config["m"] = (b1 * config.get("m", np.zeros_like(w)).T + (1 - b1) * dw.T).T
    config["v"] = (b2 * config.get("v", np.zeros_like(w)).T + (1 - b2) * dw.T**2).T
    m, v = config["m"] / (1 - b1**t), config["v"] / (1 - b2**t)
    config["t"] = t + 1
    return w - lr * m / (np.sqrt(v) + eps), config
