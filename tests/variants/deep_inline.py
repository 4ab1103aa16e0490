"""A deep net without layers: the mathematics inline, scores kept in a dict, a starter of 2019."""

# ruff: noqa
import numpy as np
from builtins import range, object


class FullyConnectedNet(object):
    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
    ):
        self.normalization = normalization
        self.use_dropout = dropout != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        prev = input_dim
        for i, h in enumerate(hidden_dims):
            self.params[f"W{i + 1}"] = np.random.normal(0, weight_scale, (prev, h)).astype(dtype)
            self.params[f"b{i + 1}"] = np.zeros(h, dtype)
            prev = h
        self.params[f"W{self.num_layers}"] = np.random.normal(
            scale=weight_scale, size=(prev, num_classes)
        ).astype(dtype)
        self.params[f"b{self.num_layers}"] = np.zeros(num_classes, dtype)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        act = {0: X.reshape(X.shape[0], -1)}
        pre = {}
        for l in range(1, self.num_layers + 1):
            pre[l] = (
                np.matmul(act[l - 1], self.params[f"W{l}"]) + self.params[f"b{l}"][np.newaxis, :]
            )
            act[l] = np.where(pre[l] >= 0, pre[l], 0)
        scores = pre[self.num_layers]
        if y is None:
            return scores

        num_train = X.shape[0]
        logits = scores - scores.max()
        expo = np.exp(logits)
        probs = expo / expo.sum(axis=1)[:, None]
        data_loss = np.sum(-np.log(probs[range(num_train), y])) / num_train
        reg_loss = 0
        for l in range(1, self.num_layers + 1):
            reg_loss += np.linalg.norm(self.params[f"W{l}"]) ** 2
        loss = data_loss + self.reg / 2 * reg_loss

        grads = {}
        delta = probs
        delta[range(num_train), y] -= 1
        delta = delta / num_train
        for l in reversed(range(1, self.num_layers + 1)):
            grads[f"b{l}"] = np.ones(num_train).dot(delta)
            grads[f"W{l}"] = act[l - 1].T.dot(delta) + self.reg * self.params[f"W{l}"]
            if l > 1:
                delta = delta.dot(self.params[f"W{l}"].T)
                delta[pre[l - 1] <= 0] = 0
        return loss, grads
