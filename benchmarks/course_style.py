"""Nets and rules as a good student of the course writes it, to be measured against.

Plain layers with their caches: ``.dot``, a maximum and a mask for the ReLU, the gradient of every
input, that of the images too, the regulariser as a sum of squares, and a step in place. Nothing
is slow on purpose, and nothing is tuned.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def affine_forward(x: Array, w: Array, b: Array) -> tuple[Array, tuple[Array, Array, Array]]:
    """Scores of an affine layer, and its cache."""
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)


def affine_backward(dout: Array, cache: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
    """All three gradients of an affine layer."""
    x, w, _ = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def relu_forward(x: Array) -> tuple[Array, Array]:
    """The positive part, and its cache."""
    return np.maximum(0, x), x


def relu_backward(dout: Array, cache: Array) -> Array:
    """The gradient where the input was positive."""
    return dout * (cache > 0)


def softmax_loss(x: Array, y: Array) -> tuple[float, Array]:
    """The mean cross-entropy of a batch, and its gradient."""
    num = x.shape[0]
    shifted = x - np.max(x, axis=1, keepdims=True)
    total = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(total)
    probs = np.exp(log_probs)
    loss = -np.sum(log_probs[np.arange(num), y]) / num
    dx = probs.copy()
    dx[np.arange(num), y] -= 1
    dx /= num
    return loss, dx


def sgd(w: Array, dw: Array, config: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
    """A step of gradient descent, in place."""
    w -= config["learning_rate"] * dw
    return w, config


def sgd_momentum(w: Array, dw: Array, config: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
    """A step with momentum, in place."""
    v = config.get("velocity", np.zeros_like(w))
    v = 0.9 * v - config["learning_rate"] * dw
    w += v
    config["velocity"] = v
    return w, config


def rmsprop(w: Array, dw: Array, config: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
    """A step of RMSProp, in place."""
    cache = config.get("cache", np.zeros_like(w))
    cache = 0.99 * cache + (1 - 0.99) * dw**2
    w -= config["learning_rate"] * dw / (np.sqrt(cache) + 1e-8)
    config["cache"] = cache
    return w, config


def adam(w: Array, dw: Array, config: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
    """A step of Adam, in place."""
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    t = config.get("t", 0) + 1
    m = 0.9 * m + (1 - 0.9) * dw
    v = 0.999 * v + (1 - 0.999) * dw**2
    mt = m / (1 - 0.9**t)
    vt = v / (1 - 0.999**t)
    w -= config["learning_rate"] * mt / (np.sqrt(vt) + 1e-8)
    config["m"], config["v"], config["t"] = m, v, t
    return w, config


class Net:
    """Affine and ReLU, as many as there are weights, softmax, and L2 on all weights."""

    def __init__(self, params: dict[str, Array], reg: float) -> None:
        self.params, self.reg = params, reg

    def loss(self, X: Array, y: Array) -> tuple[float, dict[str, Array]]:
        """The loss of a batch, and the gradient of each parameter."""
        layers = len(self.params) // 2
        h, caches = X, []
        for i in range(1, layers):
            a, affine_cache = affine_forward(h, self.params[f"W{i}"], self.params[f"b{i}"])
            h, relu_cache = relu_forward(a)
            caches.append((affine_cache, relu_cache))
        scores, cache = affine_forward(h, self.params[f"W{layers}"], self.params[f"b{layers}"])

        loss, dscores = softmax_loss(scores, y)
        grads: dict[str, Array] = {}
        dh, dW, grads[f"b{layers}"] = affine_backward(dscores, cache)
        grads[f"W{layers}"] = dW
        for i in range(layers - 1, 0, -1):
            affine_cache, relu_cache = caches[i - 1]
            da = relu_backward(dh, relu_cache)
            dh, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(da, affine_cache)
        for i in range(1, layers + 1):
            W = self.params[f"W{i}"]
            loss += 0.5 * self.reg * np.sum(W * W)
            grads[f"W{i}"] = grads[f"W{i}"] + self.reg * W
        return loss, grads


def numeric_gradient_array(
    f: Callable[[Array], Array], x: Array, dout: Array, h: float = 1e-5
) -> Array:
    """Slopes of ``sum(dout * f(x))``, each entry nudged both ways and put back."""
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        high = np.array(f(x))
        x[index] = kept - h
        low = np.array(f(x))
        x[index] = kept
        grad[index] = np.sum((high - low) * dout) / (2 * h)
    return grad


def rel_error(x: Array, y: Array) -> float:
    """The largest difference of two entries by their own size."""
    return float(np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))))
