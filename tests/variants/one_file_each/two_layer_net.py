"""A net that takes what it needs from the file beside it."""

# ruff: noqa
import numpy as np

import layers


class TwoLayerNet:
    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        self.reg = reg
        normal = np.random.default_rng().standard_normal
        self.params = {
            "W1": weight_scale * normal((input_dim, hidden_dim)),
            "W2": weight_scale * normal((hidden_dim, num_classes)),
            "b1": np.zeros(hidden_dim),
            "b2": np.zeros(num_classes),
        }

    def loss(self, X, y=None):
        p = self.params
        a = layers.affine(X, p["W1"], p["b1"])
        scores = layers.affine(a.clip(min=0), p["W2"], p["b2"])
        return scores if y is None else self._backward(X, a, *layers.softmax_loss(scores, y))

    def _backward(self, X, a, loss, dscores):
        p, grads = self.params, {}
        grads["b2"], grads["W2"] = dscores.sum(0), a.clip(min=0).T @ dscores
        da = (dscores @ p["W2"].T) * np.sign(a).clip(min=0)
        grads["b1"], grads["W1"] = da.sum(0), X.reshape(len(X), -1).T @ da
        decay = {k: self.reg * p[k] for k in ("W1", "W2")}
        grads.update({k: grads[k] + d for k, d in decay.items()})
        return loss + sum((p[k] * d).sum() for k, d in decay.items()) / 2, grads
