"""Layers are objects that remember their input; the net inherits its loss, and prints."""

# ruff: noqa
import numpy as np


class Affine:
    def __init__(self, params, i):
        self.params, self.names = params, ("W" + str(i), "b" + str(i))

    def forward(self, x):
        self.x = x
        W, b = (self.params[name] for name in self.names)
        return x.reshape(x.shape[0], -1) @ W + b

    def backward(self, dout, grads):
        W, b = self.names
        grads[W] = self.x.reshape(self.x.shape[0], -1).T @ dout
        grads[b] = dout.sum(axis=0)
        return (dout @ self.params[W].T).reshape(self.x.shape)


class Relu:
    def forward(self, x):
        self.on = x > 0
        return np.where(self.on, x, 0)

    def backward(self, dout, grads):
        return dout * self.on


class Net:
    def scores(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def loss(self, X, y=None):
        scores = self.scores(X)
        print("scores", scores.shape)
        if y is None:
            return scores
        p = np.exp(scores - scores.max())
        p = p / p.sum(axis=1, keepdims=True)
        onehot = np.zeros_like(p)
        onehot[np.arange(len(y)), y] = 1
        loss = -(onehot * np.log(p)).sum(axis=1).mean()
        grads = {}
        dout = (p - onehot) / len(y)
        for layer in reversed(self.layers):
            dout = layer.backward(dout, grads)
        for k in [k for k in self.params if k[0] == "W"]:
            loss += 0.5 * self.reg * np.sum(np.square(self.params[k]))
            grads[k] += self.reg * self.params[k]
        return np.asarray(loss), grads

    __call__ = loss


class TwoLayerNet(Net):
    def __init__(
        self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0, seed=0
    ):
        rng = np.random.default_rng(seed)
        normal = lambda *shape: rng.normal(loc=0.0, scale=weight_scale, size=shape)
        self.reg = reg
        self.params = dict(
            W1=normal(input_dim, hidden_dim), b1=np.zeros(hidden_dim),
            W2=normal(hidden_dim, num_classes), b2=np.zeros(num_classes),
        )  # fmt: skip
        self.layers = [Affine(self.params, 1), Relu(), Affine(self.params, 2)]
