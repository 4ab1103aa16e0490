"""A net in plain loops over examples, units and classes."""

# ruff: noqa
import math
import random

import numpy as np


class TwoLayerNet:
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        draw = lambda a, b: np.array(
            [[random.gauss(0, weight_scale) for _ in range(b)] for _ in range(a)]
        )
        self.D, self.H, self.C, self.reg = input_dim, hidden_dim, num_classes, reg
        self.params = {"W1": draw(input_dim, hidden_dim), "b1": np.zeros(hidden_dim)}
        self.params |= {"W2": draw(hidden_dim, num_classes), "b2": np.zeros(num_classes)}

    def loss(self, X, y=None):
        W1, b1, W2, b2 = self.params.values()
        N = X.shape[0]
        hidden, scores = np.zeros((N, self.H)), np.zeros((N, self.C))
        rows = [list(X[n].flat) for n in range(N)]
        for n in range(N):
            for h in range(self.H):
                hidden[n, h] = max(0.0, b1[h] + sum(v * W1[d, h] for d, v in enumerate(rows[n])))
            for c in range(self.C):
                scores[n, c] = b2[c] + sum(hidden[n, h] * W2[h, c] for h in range(self.H))
        if y is None:
            return scores
        grads = {k: np.zeros(v.shape) for k, v in self.params.items()}
        loss = 0.0
        for n in range(N):
            e = [math.exp(s) for s in scores[n]]
            total = sum(e)
            loss += -math.log(e[y[n]] / total) / N
            ds = [(e[c] / total - (1 if c == y[n] else 0)) / N for c in range(self.C)]
            for h in range(self.H):
                for c in range(self.C):
                    grads["W2"][h, c] += hidden[n, h] * ds[c]
                if hidden[n, h] > 0:
                    dh = sum(ds[c] * W2[h, c] for c in range(self.C))
                    grads["b1"][h] += dh
                    for d, v in enumerate(rows[n]):
                        grads["W1"][d, h] += v * dh
            grads["b2"] += ds
        for k in ("W1", "W2"):
            loss += 0.5 * self.reg * float(np.sum(self.params[k] ** 2))
            grads[k] += self.reg * self.params[k]
        return loss, grads
