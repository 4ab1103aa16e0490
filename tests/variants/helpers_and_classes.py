"""Functions that call each other, work on copies in place, print, and use assertions."""

# ruff: noqa
import numpy as np

DEBUG = True


class Layer:
    def __init__(self, x, w, b):
        self.x, self.w, self.b = x, w, b

    @property
    def rows(self):
        return self.x.reshape(self.x.shape[0], -1)

    def out(self):
        return self.rows @ self.w + self.b

    def grads(self, dout):
        return (dout @ self.w.T).reshape(self.x.shape), self.rows.T @ dout, dout.sum(axis=0)


def affine_forward(x, w, b):
    layer = Layer(x, w, b)
    if DEBUG:
        print("affine_forward", x.shape, w.shape)
    return layer.out(), layer


def affine_backward(dout, cache):
    if not isinstance(cache, Layer):
        cache = Layer(*cache)
    return cache.grads(dout)


def softmax(scores):
    scores = scores.copy()
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def log_softmax(scores):
    m = scores.max(axis=-1, keepdims=True)
    return scores - m - np.log(np.sum(np.exp(scores - m), axis=-1, keepdims=True))


def softmax_loss(x, y):
    x = np.asarray(x, dtype=np.float64)
    N = len(y)
    loss = -np.take_along_axis(log_softmax(x), y[:, None], axis=1).mean()
    dx = softmax(x)
    dx[np.arange(N), y] -= 1.0
    dx *= 1.0 / N
    return np.float64(loss), dx


def sgd(w, dw, config=None):
    step = dw.copy()
    if config is None:
        config = {}
    step *= config.setdefault("learning_rate", 1e-2)
    return w - step, config


def svm_loss(x, y):
    x = np.array(x)
    right = np.take_along_axis(x, y[:, None], axis=1)
    others = np.ones(x.shape, dtype=bool)
    np.put_along_axis(others, y[:, None], False, axis=1)
    gap = np.where(others, x - right + 1, -np.inf)
    dx = np.zeros_like(x)
    dx[gap > 0] = 1 / len(y)
    np.put_along_axis(dx, y[:, None], -dx.sum(axis=1, keepdims=True), axis=1)
    return gap[gap > 0].sum() / len(y), dx


class Bend:
    def __init__(self, x):
        self.off = x < 0  # at 0 the gradient passes whole

    def __call__(self, x):
        x = x.copy()
        x[self.off] = 0
        return x

    def back(self, dout):
        dx = dout.copy()
        dx[self.off] = 0
        return dx


def relu_forward(x):
    bend = Bend(x)
    return bend(x), bend


def relu_backward(dout, cache):
    return (cache if isinstance(cache, Bend) else Bend(cache)).back(dout)


class Sandwich:
    def __init__(self, *layers):
        self.layers = layers


def affine_relu_forward(x, w, b):
    first = Layer(x, w, b)
    second = Bend(first.out())
    return second(first.out()), Sandwich(first, second)


def affine_relu_backward(dout, cache):
    first, second = (
        cache.layers if isinstance(cache, Sandwich) else (Layer(*cache[0]), Bend(cache[1]))
    )
    return first.grads(second.back(dout))


def filled(config, **defaults):
    config = {} if config is None else config
    for key, value in defaults.items():
        config.setdefault(key, value)
    return config


def mean(old, new, beta):
    return beta * old + (1 - beta) * new


class Counter:
    def __init__(self):
        self.calls = 0


def sgd_momentum(w, dw, config=None):
    config = filled(config, learning_rate=1e-2, momentum=0.9, velocity=np.zeros_like(w))
    config.setdefault("counter", Counter()).calls += 1
    config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return w + config["velocity"], config


def rmsprop(w, dw, config=None):
    config = filled(config, learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8)
    config = filled(config, cache=np.zeros_like(w))
    config.setdefault("sizes", []).append(w.size)
    config["cache"] = mean(config["cache"], dw**2, config["decay_rate"])
    step = config["learning_rate"] * dw
    step /= np.sqrt(config["cache"]) + config["epsilon"]
    return w - step, config


def adam(w, dw, config=None):
    config = filled(config, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8)
    config = filled(config, m=np.zeros_like(w), v=np.zeros_like(w), t=0)
    config = filled(config, power1=1.0, power2=1.0)
    config["t"] += 1
    config["power1"] *= config["beta1"]
    config["power2"] *= config["beta2"]
    config["m"] = mean(config["m"], dw, config["beta1"])
    config["v"] = mean(config["v"], dw**2, config["beta2"])
    m, v = config["m"] / (1 - config["power1"]), config["v"] / (1 - config["power2"])
    return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"]), config
