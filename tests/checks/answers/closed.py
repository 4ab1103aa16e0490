"""Right answers to the drawn tasks, whatever was drawn: one formula each, on whole arrays."""

# ruff: noqa
import numpy as np


def stored_affine(d):
    def rows(x):
        X = x.reshape(len(x), -1)
        if d.rows == "centred":
            return X - X.mean(axis=1, keepdims=True)
        return X - X.mean(axis=0) if d.rows == "less the mean row" else X

    def turned(w):
        return w.T if d.shape == "(M, D)" else w

    def stored_affine_forward(x, w, b):
        return d.scale * rows(x) @ turned(w) + d.tilt * b, (x, w, b)

    def stored_affine_backward(dout, cache):
        x, w, b = cache
        dZ = d.scale * dout @ turned(w).T
        if d.rows == "centred":
            dZ = dZ - dZ.mean(axis=1, keepdims=True)
        if d.rows == "less the mean row":
            dZ = dZ - dZ.mean(axis=0)
        return dZ.reshape(x.shape), turned(d.scale * rows(x).T @ dout), d.tilt * dout.sum(axis=0)

    return stored_affine_forward, stored_affine_backward


def bent_relu(d):
    def bent_relu_forward(x):
        return np.where(x > d.bend, d.high * (x - d.bend), d.low * (x - d.bend)), x

    def bent_relu_backward(dout, cache):
        return dout * np.where(cache > d.bend, d.high, d.low)

    return bent_relu_forward, bent_relu_backward


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z > 0, 1, e) / (1 + e)


def smooth_relu(d):
    beta = d.beta

    def smooth_relu_forward(x):
        if d.formula.startswith("log"):
            return d.gain * np.logaddexp(0, beta * x) / beta, x
        if d.formula.startswith("x /"):
            return d.gain * x * sigmoid(beta * x), x
        if d.formula.startswith("(x"):
            return d.gain * (x + np.sqrt(x**2 + beta)) / 2, x
        return d.gain * x * np.tanh(np.logaddexp(0, beta * x)), x

    def smooth_relu_backward(dout, cache):
        x, s = cache, sigmoid(beta * cache)
        if d.formula.startswith("log"):
            slope = s
        elif d.formula.startswith("x /"):
            slope = s + beta * x * s * (1 - s)
        elif d.formula.startswith("(x"):
            slope = (1 + x / np.sqrt(x**2 + beta)) / 2
        else:
            t = np.tanh(np.logaddexp(0, beta * x))
            slope = t + x * (1 - t**2) * beta * s
        return d.gain * dout * slope

    return smooth_relu_forward, smooth_relu_backward


def logs(x):
    z = x - x.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def soft_target_loss(d):
    def soft_target_loss(x, y):
        N, C = x.shape
        logp = logs(x / d.heat)
        target = np.zeros((N, C))
        if d.spread == "all":
            target += d.share / C
        elif d.spread == "others":
            target += d.share / (C - 1)
            target[np.arange(N), y] = 0
        else:
            target[np.arange(N), (y + 1) % C] = d.share
        target[np.arange(N), y] += 1 - d.share
        by = N if d.over == "mean" else 1
        return -(target * logp).sum() / by, (np.exp(logp) - target) / (d.heat * by)

    return (soft_target_loss,)


def squared_hinge_loss(d):
    def squared_hinge_loss(x, y):
        N = len(x)
        rows = np.arange(N)
        missing = np.maximum(0, x - x[rows, y][:, None] + d.margin)
        missing[rows, y] = 0
        if d.form == "the square of the sum":
            each = missing.sum(axis=1) ** 2
            dx = 2 * missing.sum(axis=1, keepdims=True) * (missing > 0)
        elif d.form == "the square of the largest":
            each = missing.max(axis=1) ** 2
            dx = 2 * missing * (missing == missing.max(axis=1, keepdims=True))
        else:
            half = 0.5 if d.form.startswith("half") else 1.0
            each = half * (missing**2).sum(axis=1)
            dx = 2 * half * missing
        dx[rows, y] = -dx.sum(axis=1)
        return d.gain * each.mean(), d.gain * dx / N

    return (squared_hinge_loss,)


def class_weighted_loss(d):
    weights = np.array([d.w0, d.w1, d.w2, d.w3, d.w4])

    def class_weighted_loss(x, y):
        rows, own, logp = np.arange(len(x)), weights[y], logs(x)
        by = len(x) if d.divisor == "N" else own.sum()
        dx = np.exp(logp)
        dx[rows, y] -= 1
        return -(own * logp[rows, y]).sum() / by, dx * own[:, None] / by

    return (class_weighted_loss,)


def sparse_penalty(d):
    def sparse_penalty(w):
        size, c = np.abs(w), d.c
        if d.term.startswith("|w|"):
            term, slope = size / c, np.sign(w) / c
        elif d.term.startswith("sqrt"):
            term, slope = np.sqrt(w**2 + c**2) - c, w / np.sqrt(w**2 + c**2)
        else:
            term, slope = c * np.log(1 + size / c), np.sign(w) / (1 + size / c)
        cost = d.strength * term + 0.5 * d.ridge * w**2
        dw = d.strength * slope + d.ridge * w
        for one in (cost, dw):
            if d.spared == "the first row":
                one[0] = 0
            if d.spared == "the last column":
                one[:, -1] = 0
        return cost.sum(), dw

    return (sparse_penalty,)


def blended_momentum(d):
    def blended_momentum(w, dw, config=None):
        config = {} if config is None else config
        lr = config.setdefault("learning_rate", d.rate)
        mu = config.setdefault("momentum", d.momentum)
        v = config.get("velocity", np.zeros_like(w))
        if "learning_rate" in d.velocity:
            config["velocity"] = v = mu * v - lr * dw
            return w + d.ahead * v - d.fresh * lr * dw, config
        config["velocity"] = v = mu * v + (dw if "(" not in d.velocity else (1 - mu) * dw)
        return w - lr * (d.ahead * v + d.fresh * dw), config

    return (blended_momentum,)


def fading_adam(d):
    def fading_adam(w, dw, config=None):
        config = {} if config is None else config
        lr, eps = config.setdefault("learning_rate", d.rate), config.setdefault("epsilon", 1e-8)
        b1, b2 = config.setdefault("beta1", d.beta1), config.setdefault("beta2", d.beta2)
        decay = config.setdefault("weight_decay", d.weight_decay)
        t = config["t"] = config.get("t", 0) + 1
        m = config["m"] = b1 * config.get("m", np.zeros_like(w)) + (1 - b1) * dw
        s = dw**2 if d.square == "dw^2" else (dw - m) ** 2
        v = config["v"] = b2 * config.get("v", np.zeros_like(w)) + (1 - b2) * s
        m = m / (1 - b1**t) if "m" in d.corrected else m
        v = v / (1 - b2**t) if "v" in d.corrected else v
        size = np.sqrt(v + eps) if d.size.startswith("sqrt") else np.sqrt(v) + eps
        fade = decay * w * (lr if "rate" in d.fade else 1)
        return w - lr * m / size - fade, config

    return (fading_adam,)
