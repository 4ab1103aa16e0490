"""Everything an einsum; the cache is a dict; log-sum-exp with one-hot labels."""

# ruff: noqa
import numpy as np


def affine_forward(x, w, b):
    X = x.reshape(x.shape[0], -1)
    return np.einsum("nd,dm->nm", X, w) + b[None, :], {"x": x, "w": w, "X": X}


def affine_backward(dout, cache):
    if not isinstance(cache, dict):
        cache = {"x": cache[0], "w": cache[1], "X": cache[0].reshape(len(cache[0]), -1)}
    dx = np.einsum("nm,dm->nd", dout, cache["w"]).reshape(cache["x"].shape)
    return dx, np.einsum("nd,nm->dm", cache["X"], dout), np.einsum("nm->m", dout)


def softmax_loss(x, y):
    N, C = x.shape
    onehot = np.eye(C)[y]
    m = x.max(1)
    logsumexp = m + np.log(np.exp(x - m[:, None]).sum(1))
    loss = np.mean(logsumexp - (x * onehot).sum(1))
    return loss, (np.exp(x - logsumexp[:, None]) - onehot) / N


def sgd(x, dx, config={}):
    lr = (config or {}).get("learning_rate", 0.01)
    return x - lr * dx, {"learning_rate": lr, "steps": 1}


def numeric_gradient(f, x, dout=None, h=1e-5):
    x = np.array(x, dtype=float)
    directions = np.eye(x.size).reshape(-1, *x.shape)
    dout = np.ones(()) if dout is None else dout
    slopes = [np.vdot(dout, f(x + h * e) - f(x - h * e)) / (2 * h) for e in directions]
    return np.array(slopes).reshape(x.shape)


def rel_error(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    assert a.shape == b.shape, "compare arrays of one shape"
    scale = max(1e-300, np.max(np.abs(a) + np.abs(b)))
    return float(np.max(np.abs(a - b)) / scale)


def svm_loss(x, y):
    N, C = x.shape
    onehot = np.eye(C)[y]
    right = np.einsum("nc,nc->n", x, onehot)
    wanted = np.where(x - right[:, None] + 1 >= 0, 1.0, 0.0) * (1 - onehot)  # a bend counts
    loss = np.einsum("nc,nc->", wanted, x - right[:, None] + 1) / N
    return loss, (wanted - onehot * np.einsum("nc->n", wanted)[:, None]) / N


def relu_forward(x):
    mask = x > 0
    return x * mask, {"mask": mask}


def relu_backward(dout, cache):
    mask = cache["mask"] if isinstance(cache, dict) else cache > 0
    return dout * mask


def affine_relu_forward(x, w, b):
    X = x.reshape(x.shape[0], -1)
    a = np.einsum("nd,dm->nm", X, w) + b
    return np.where(a > 0, a, 0), {"x": x, "w": w, "on": np.heaviside(a, 0.5)}


def affine_relu_backward(dout, cache):
    x, w, on = cache["x"], cache["w"], cache["on"]
    da = dout * on
    X = x.reshape(x.shape[0], -1)
    dx = np.einsum("nm,dm->nd", da, w).reshape(x.shape)
    return dx, np.einsum("nd,nm->dm", X, da), np.einsum("nm->m", da)


def sgd_momentum(x, dx, config={}):
    config = config or {}
    lr, mu = config.get("learning_rate", 0.01), config.get("momentum", 0.9)
    v = mu * config.get("velocity", 0.0) - lr * dx
    return x + v, {"learning_rate": lr, "momentum": mu, "velocity": v, "steps": [1, 2]}


def rmsprop(x, dx, config={}):
    config = config or {}
    lr, rho = config.get("learning_rate", 0.01), config.get("decay_rate", 0.99)
    eps = config.get("epsilon", 1e-8)
    cache = rho * config.get("cache", 0.0) + (1 - rho) * np.einsum("...,...->...", dx, dx)
    after = {"learning_rate": lr, "decay_rate": rho, "epsilon": eps, "cache": cache}
    return x - lr / (np.sqrt(cache) + eps) * dx, after


def adam(x, dx, config={}):
    config = config or {}
    lr, eps = config.get("learning_rate", 1e-3), config.get("epsilon", 1e-8)
    b1, b2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    t = config.get("t", 0) + 1
    m = config.get("m", 0.0) * b1 + dx * (1 - b1)
    v = config.get("v", 0.0) * b2 + dx**2 * (1 - b2)
    # the two corrections in one number, and epsilon scaled to make up for it
    rate = lr * np.sqrt(1 - b2**t) / (1 - b1**t)
    next_x = x - rate * m / (np.sqrt(v) + eps * np.sqrt(1 - b2**t))
    known = {"learning_rate": lr, "beta1": b1, "beta2": b2, "epsilon": eps}
    return next_x, {**known, "m": m, "v": v, "t": t}
