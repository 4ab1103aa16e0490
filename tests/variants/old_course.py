"""An assignment of 2016: xrange in a guard, division with a float, annotations nowhere."""

# ruff: noqa
import numpy as np

try:
    xrange
except NameError:
    xrange = range


def affine_forward(x, w, b):
    out = None
    X = x.reshape(x.shape[0], np.prod(x.shape[1:]))
    out = X.dot(w) + b.reshape(1, -1)
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = None, None, None
    X = x.reshape(x.shape[0], np.prod(x.shape[1:]))
    dx = dout.dot(w.T).reshape(x.shape)
    dw = X.T.dot(dout)
    db = np.sum(dout, axis=0, keepdims=True).reshape(b.shape)
    return dx, dw, db


def softmax_loss(x, y):
    x = x - x.max(axis=1)[:, np.newaxis]
    N = x.shape[0]
    losses = np.zeros(N)
    dx = np.zeros_like(x)
    for i in xrange(N):
        denominator = np.exp(x[i]).sum()
        losses[i] = np.log(denominator) - x[i][y[i]]
        dx[i] = np.exp(x[i]) / denominator
        dx[i, y[i]] -= 1
    return np.sum(losses) / float(N), dx / float(N)


def sgd(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    next_w = w - config["learning_rate"] * dw
    return next_w, config


def svm_loss(x, y):
    N = x.shape[0]
    loss = 0.0
    dx = np.zeros_like(x)
    for i in xrange(N):
        margins = x[i] - x[i, y[i]] + 1
        margins[y[i]] = 0
        margins[margins < 0] = 0
        loss += margins.sum()
        dx[i, margins > 0] = 1
        dx[i, y[i]] = -np.count_nonzero(margins)
    return loss / float(N), dx / float(N)


def relu_forward(x):
    out = None
    out = np.array(x)
    out[out < 0] = 0
    cache = x
    return out, cache


def relu_backward(dout, cache):
    # writes into dout, as many published solutions do
    dx, x = None, cache
    dx = dout
    dx[x <= 0] = 0
    return dx


def affine_relu_forward(x, w, b):
    a, fc_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, (fc_cache, relu_cache)


def affine_relu_backward(dout, cache):
    fc_cache, relu_cache = cache
    return affine_backward(relu_backward(dout, relu_cache), fc_cache)


def sgd_momentum(x, dx, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(x))
    next_x = None
    v = config["momentum"] * v - config["learning_rate"] * dx
    next_x = x + v
    config["velocity"] = v
    return next_x, config


def rmsprop(x, dx, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(x))
    next_x = None
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * (dx**2)
    next_x = x + -config["learning_rate"] * dx / (np.sqrt(config["cache"]) + config["epsilon"])
    return next_x, config


def adam(x, dx, config=None):
    # counts from 1, as the course's own starter did in 2017
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(x))
    config.setdefault("v", np.zeros_like(x))
    config.setdefault("t", 1)
    next_x = None
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dx
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * (dx**2)
    mb = config["m"] / (1 - config["beta1"] ** config["t"])
    vb = config["v"] / (1 - config["beta2"] ** config["t"])
    next_x = x + -config["learning_rate"] * mb / (np.sqrt(vb) + config["epsilon"])
    return next_x, config
