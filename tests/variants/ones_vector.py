"""The bias as a row of w: a column of ones is appended; softmax shifts by one number for all."""

# ruff: noqa
import numpy as np


def affine_forward(x, w, b):
    ones = np.ones((x.shape[0], 1))
    X1 = np.hstack([x.reshape(x.shape[0], -1), ones])
    W1 = np.vstack([w, b])
    return X1.dot(W1), (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    N = x.shape[0]
    dx = dout.dot(w.T).reshape(*x.shape)
    dw = x.reshape(N, -1).T.dot(dout)
    db = np.ones(N).dot(dout)
    return dx, dw, db


def softmax_loss(x, y):
    z = x - np.max(x)
    N = z.shape[0]
    total = np.exp(z).sum(axis=1)
    loss = np.sum(np.log(total) - z[range(N), y]) / N
    dx = np.exp(z) / total.reshape(-1, 1)
    dx[range(N), y] += -1.0
    dx = dx / N
    return loss, dx


def sgd(w, dw, config=None):
    config = config if config is not None else {}
    config["learning_rate"] = config.get("learning_rate", 1e-2)
    np.subtract(w, config["learning_rate"] * dw, out=w)
    return w, config


def svm_loss(x, y):
    N = len(x)
    gaps = x - x[range(N), y].reshape(-1, 1) + 1
    gaps = gaps * (gaps > 0)
    loss = gaps.sum() / N - 1.0  # the right class's own margin is 1 in each row
    dx = (gaps > 0).astype(float)
    dx[range(N), y] -= dx.sum(axis=1)
    return loss, dx / N


def relu_forward(x):
    return (x + np.abs(x)) / 2, np.sign(x)


def relu_backward(dout, cache):
    return dout * (1 + np.sign(cache)) / 2  # half of dout at 0


def sgd_momentum(w, dw, config=None):
    config = config if config is not None else {}
    lr = config.setdefault("learning_rate", 1e-2)
    mu = config.setdefault("momentum", 0.9)
    v = config.get("velocity")
    if v is None:
        v = np.zeros_like(w)
    np.multiply(v, mu, out=v)
    np.subtract(v, lr * dw, out=v)
    np.add(w, v, out=w)
    config["velocity"] = v
    return w, config


def rmsprop(w, dw, config=None):
    config = config if config is not None else {}
    lr = config.setdefault("learning_rate", 1e-2)
    rho = config.setdefault("decay_rate", 0.99)
    eps = config.setdefault("epsilon", 1e-8)
    scratch = config.setdefault("scratch", np.empty_like(w))
    c = config.setdefault("cache", np.zeros_like(w))
    np.multiply(dw, dw, out=scratch)
    scratch *= 1 - rho
    c *= rho
    c += scratch
    np.sqrt(c, out=scratch)
    scratch += eps
    np.divide(dw, scratch, out=scratch)
    scratch *= lr
    w -= scratch
    return w, config


def adam(w, dw, config=None):
    config = config if config is not None else {}
    lr = config.setdefault("learning_rate", 1e-3)
    b1, b2 = config.setdefault("beta1", 0.9), config.setdefault("beta2", 0.999)
    eps, t = config.setdefault("epsilon", 1e-8), config.setdefault("t", np.float64(0)) + 1
    for key, beta, part in (("m", b1, dw), ("v", b2, dw * dw)):
        held = config.setdefault(key, np.zeros_like(w))
        held *= beta
        held += (1 - beta) * part
    config["t"] = t
    root = np.sqrt(config["v"] / (1 - b2**t))
    root += eps
    w -= lr * (config["m"] / (1 - b1**t)) / root
    return w, config
