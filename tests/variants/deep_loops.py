"""A deep net example by example and entry by entry, with tuples for caches and no generator of its own."""

# ruff: noqa
import math
import numpy as np


class FullyConnectedNet:
    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
    ):
        self.reg, self.dtype, self.L = reg, dtype, len(hidden_dims) + 1
        self.params = dict()
        sizes = (input_dim,) + tuple(hidden_dims) + (num_classes,)
        for k in range(1, len(sizes)):
            self.params["W" + str(k)] = np.array(
                np.random.randn(sizes[k - 1], sizes[k]) * weight_scale, dtype=dtype
            )
            self.params["b" + str(k)] = np.array([0.0] * sizes[k], dtype=dtype)

    def forward(self, row):
        seen = ()
        for k in range(1, self.L + 1):
            seen += (row,)
            row = row @ self.params["W" + str(k)] + self.params["b" + str(k)]
            if k != self.L:
                row = np.array([max(v, 0) for v in row], dtype=row.dtype)
        return row, seen

    def loss(self, X, y=None):
        X = np.asarray(X, dtype=self.dtype).reshape(len(X), -1)
        if y is None:
            return np.vstack([self.forward(row)[0] for row in X])
        grads = {name: np.zeros(w.shape) for name, w in self.params.items()}
        total = 0.0
        for row, label in zip(X, y):
            s, seen = self.forward(row)
            top = max(s)
            z = sum(math.exp(v - top) for v in s)
            total += math.log(z) + top - s[label]
            d = np.exp(s - top) / z
            d[label] -= 1
            d = d / len(X)
            for k in range(self.L, 0, -1):
                grads["W" + str(k)] += np.outer(seen[k - 1], d)
                grads["b" + str(k)] += d
                d = self.params["W" + str(k)] @ d
                if k > 1:
                    d = np.array([g if v > 0 else 0.0 for g, v in zip(d, seen[k - 1])])
        total /= len(X)
        for k in range(1, self.L + 1):
            w = self.params["W" + str(k)]
            total += self.reg * (w**2).sum() / 2
            grads["W" + str(k)] += self.reg * w
        return total, grads
