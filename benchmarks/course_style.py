"""The two-layer net as a good student of the course writes it, to be measured against.

Plain layers with their caches: ``.dot``, a maximum and a mask for the ReLU, the gradient of every
input, that of the images too, the regulariser as a sum of squares, and a step in place. Nothing
is slow on purpose, and nothing is tuned.
"""

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


class TwoLayerNet:
    """Affine, ReLU, affine, softmax, with L2 on both weights."""

    def __init__(self, params: dict[str, Array], reg: float) -> None:
        self.params, self.reg = params, reg

    def loss(self, X: Array, y: Array) -> tuple[float, dict[str, Array]]:
        """The loss of a batch, and the gradient of each parameter."""
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        a, cache1 = affine_forward(X, W1, b1)
        h, relu_cache = relu_forward(a)
        scores, cache2 = affine_forward(h, W2, b2)

        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

        grads: dict[str, Array] = {}
        dh, dW2, grads["b2"] = affine_backward(dscores, cache2)
        da = relu_backward(dh, relu_cache)
        _, dW1, grads["b1"] = affine_backward(da, cache1)
        grads["W1"] = dW1 + self.reg * W1
        grads["W2"] = dW2 + self.reg * W2
        return loss, grads
