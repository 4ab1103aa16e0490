"""Right answers to the drawn tasks once more: loops, Jacobians and the long way round."""

# ruff: noqa
import math

import numpy as np


def stored_affine(d):
    def projection(n):
        return np.eye(n) - np.full((n, n), 1 / n)

    def prepared(x):
        X = np.reshape(x, (x.shape[0], int(np.prod(x.shape[1:]))))
        N, D = X.shape
        if d.rows == "centred":
            return X.dot(projection(D))
        return projection(N).dot(X) if d.rows == "less the mean row" else X

    def stored_affine_forward(x, w, b):
        Z = prepared(x)
        spec = "nd,md->nm" if d.shape == "(M, D)" else "nd,dm->nm"
        return np.einsum(spec, Z, w) * d.scale + d.tilt * b[None], (x, w, b)

    def stored_affine_backward(dout, cache):
        x, w, b = cache
        Z = prepared(x)
        stored = d.shape == "(M, D)"
        dw = d.scale * np.einsum("nd,nm->md" if stored else "nd,nm->dm", Z, dout)
        dZ = d.scale * np.einsum("nm,md->nd" if stored else "nm,dm->nd", dout, w)
        if d.rows == "centred":
            dZ = dZ.dot(projection(Z.shape[1]))
        if d.rows == "less the mean row":
            dZ = projection(len(Z)).dot(dZ)
        return dZ.reshape(x.shape), dw, np.ones(len(x)).dot(dout) * d.tilt

    return stored_affine_forward, stored_affine_backward


def bent_relu(d):
    def bent_relu_forward(x):
        z = x - d.bend
        return d.high * np.maximum(z, 0) + d.low * np.minimum(z, 0), (z > 0, x.shape)

    def bent_relu_backward(dout, cache):
        above, shape = cache
        dx = np.full(shape, float(d.low))
        dx[above] = d.high
        dx *= dout
        return dx

    return bent_relu_forward, bent_relu_backward


def smooth_relu(d):
    beta = d.beta

    def soft(z):
        return max(z, 0.0) + math.log1p(math.exp(-abs(z)))

    def parts(x):
        """The value and the slope at one number."""
        p = soft(beta * x)
        s = math.exp(-soft(-beta * x))  # the slope of p, over beta
        if d.formula.startswith("log"):
            return p / beta, s
        if d.formula.startswith("x /"):
            return x * s, s + x * beta * s * math.exp(-soft(beta * x))
        if d.formula.startswith("(x"):
            root = math.sqrt(x * x + beta)
            return (x + root) / 2, (root + x) / (2 * root)
        t = math.tanh(p)
        return x * t, t + x * beta * s / math.cosh(min(p, 300)) ** 2

    def smooth_relu_forward(x):
        both = np.array([parts(float(one)) for one in x.ravel()])
        return d.gain * both[:, 0].reshape(x.shape), both[:, 1].reshape(x.shape)

    def smooth_relu_backward(dout, cache):
        return dout * cache * d.gain

    return smooth_relu_forward, smooth_relu_backward


def softmax(row):
    e = np.exp(row - np.max(row))
    return e / e.sum()


def loglik(row, k):
    top = np.max(row)
    return row[k] - top - math.log(np.exp(row - top).sum())


def soft_target_loss(d):
    def soft_target_loss(x, y):
        N, C = x.shape
        loss, dx = 0.0, np.zeros_like(x)
        for n in range(N):
            row = x[n] / d.heat
            for k in range(C):
                t = (1 - d.share) * (k == y[n])
                if d.spread == "all":
                    t += d.share / C
                if d.spread == "others" and k != y[n]:
                    t += d.share / (C - 1)
                if d.spread == "next" and k == (y[n] + 1) % C:
                    t += d.share
                loss -= t * loglik(row, k)
                dx[n, k] -= t / d.heat
            dx[n] += softmax(row) / d.heat
        return (loss / N, dx / N) if d.over == "mean" else (loss, dx)

    return (soft_target_loss,)


def squared_hinge_loss(d):
    def squared_hinge_loss(x, y):
        N, C = x.shape
        loss, dx = 0.0, np.zeros_like(x)
        for n in range(N):
            k = y[n]
            miss = {j: x[n, j] - x[n, k] + d.margin for j in range(C) if j != k}
            miss = {j: m for j, m in miss.items() if m > 0}
            if not miss:
                continue
            if d.form.endswith("of the largest"):
                best = max(miss, key=miss.get)
                miss = {best: miss[best]}
            total = sum(miss.values())
            for j, m in miss.items():
                slope = 2 * total if d.form == "the square of the sum" else 2 * m
                slope *= 0.5 if d.form.startswith("half") else 1
                dx[n, j] += slope
                dx[n, k] -= slope
            squares = sum(m * m for m in miss.values())
            squares = total**2 if d.form == "the square of the sum" else squares
            loss += squares / 2 if d.form.startswith("half") else squares
        return d.gain * loss / N, d.gain / N * dx

    return (squared_hinge_loss,)


def class_weighted_loss(d):
    weights = [d.w0, d.w1, d.w2, d.w3, d.w4]

    def class_weighted_loss(x, y):
        N = len(x)
        own = [weights[k] for k in y]
        by = N if d.divisor == "N" else sum(own)
        loss = -sum(own[n] * loglik(x[n], y[n]) for n in range(N)) / by
        rows = [own[n] / by * (softmax(x[n]) - np.eye(5)[y[n]]) for n in range(N)]
        return float(loss), np.stack(rows)

    return (class_weighted_loss,)


def sparse_penalty(d):
    def sparse_penalty(w):
        D, M = w.shape
        loss, dw = 0.0, np.zeros((D, M))
        for i in range(D):
            for j in range(M):
                if d.spared == "the first row" and i == 0:
                    continue
                if d.spared == "the last column" and j == M - 1:
                    continue
                a = float(w[i, j])
                side = math.copysign(1, a)
                if d.term.startswith("|w|"):
                    cost, slope = abs(a) / d.c, side / d.c
                elif d.term.startswith("sqrt"):
                    cost, slope = math.hypot(a, d.c) - d.c, a / math.hypot(a, d.c)
                else:
                    cost, slope = d.c * math.log1p(abs(a) / d.c), side * d.c / (d.c + abs(a))
                loss += d.strength * cost + d.ridge / 2 * a * a
                dw[i, j] = d.strength * slope + d.ridge * a
        return loss, dw

    return (sparse_penalty,)


def blended_momentum(d):
    def blended_momentum(x, dx, config=None):
        if config is None:
            config = dict()
        if "learning_rate" not in config:
            config["learning_rate"] = d.rate
        if "momentum" not in config:
            config["momentum"] = d.momentum
        if "velocity" not in config:
            config["velocity"] = np.zeros(x.shape)
        lr, mu = config["learning_rate"], config["momentum"]
        down = lr if d.velocity.endswith("- learning_rate * dw") else 1.0
        sign = -1.0 if d.velocity.endswith("- learning_rate * dw") else 1.0
        fresh = 1 - mu if d.velocity.endswith("(1 - momentum) * dw") else 1.0
        config["velocity"] = mu * config["velocity"] + sign * down * fresh * dx
        step = d.ahead * config["velocity"] + sign * down * d.fresh * dx
        return (x + step if sign < 0 else x - lr * step), config

    return (blended_momentum,)


def fading_adam(d):
    def fading_adam(x, dx, config=None):
        held = dict(learning_rate=d.rate, beta1=d.beta1, beta2=d.beta2, epsilon=1e-8, t=0)
        held.update(weight_decay=d.weight_decay, m=0 * x, v=0 * x)
        held.update(config or {})
        held["t"] += 1
        new = {**held}
        new["m"] = held["m"] + (1 - held["beta1"]) * (dx - held["m"])
        about = new["m"] if d.square.startswith("(dw - m)") else 0.0
        new["v"] = held["v"] + (1 - held["beta2"]) * ((dx - about) ** 2 - held["v"])
        up = new["m"].copy()
        if d.corrected in ("m and v", "m alone"):
            up /= 1 - held["beta1"] ** held["t"]
        down = new["v"].copy()
        if d.corrected in ("m and v", "v alone"):
            down /= 1 - held["beta2"] ** held["t"]
        outside = d.size == "(sqrt(v) + epsilon)"
        down = down**0.5 + held["epsilon"] if outside else (down + held["epsilon"]) ** 0.5
        rate = held["learning_rate"] if d.fade.startswith("learning_rate") else 1.0
        return x - held["learning_rate"] * (up / down) - rate * held["weight_decay"] * x, new

    return (fading_adam,)
