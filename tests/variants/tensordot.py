"""tensordot without ever flattening; a lambda; logaddexp; the optimizer as a closure's product."""

# ruff: noqa
import numpy as np


def affine_forward(x, w, b):
    W = w.reshape(*x.shape[1:], -1)
    k = x.ndim - 1
    return np.tensordot(x, W, axes=k) + b, (x, W)


def affine_backward(dout, cache):
    x, W = cache
    dx = np.tensordot(dout, W, axes=([1], [W.ndim - 1]))
    dW = np.tensordot(x, dout, axes=([0], [0]))
    return dx, dW.reshape(-1, W.shape[-1]), np.add.reduce(dout)


softmax_loss = lambda x, y: (
    float(np.mean([np.logaddexp.reduce(row) - row[k] for row, k in zip(x, y)])),
    np.stack(
        [
            np.exp(row - np.logaddexp.reduce(row)) - (np.arange(row.size) == k)
            for row, k in zip(x, y)
        ]
    )
    / len(x),
)


def _rule(update):
    def rule(w, dw, config=None):
        config = dict({"learning_rate": 1e-2}, **(config or {}))
        return update(w, dw, config), config

    return rule


sgd = _rule(lambda w, dw, config: w - config["learning_rate"] * dw)
