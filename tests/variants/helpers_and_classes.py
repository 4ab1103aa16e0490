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
