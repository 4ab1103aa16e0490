"""A TwoLayerNet that is a front for a net of any depth, whose own parameters are float32."""

# ruff: noqa
import numpy as np


class FullyConnectedNet:
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, reg=0.0,
                 weight_scale=1e-2, dtype=np.float32, seed=None):  # fmt: skip
        self.reg, self.dtype, self.num_layers = reg, dtype, 1 + len(hidden_dims)
        rng = np.random.RandomState(seed)
        dims = [input_dim] + list(hidden_dims) + [num_classes]
        self.params = {}
        for i in range(self.num_layers):
            self.params["W%d" % (i + 1)] = weight_scale * rng.randn(dims[i], dims[i + 1])
            self.params["b%d" % (i + 1)] = np.zeros(dims[i + 1])
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        out, caches = X.astype(self.dtype).reshape(X.shape[0], -1), []
        for i in range(1, self.num_layers + 1):
            caches.append(out)
            out = out @ self.params["W%d" % i] + self.params["b%d" % i]
            if i < self.num_layers:
                out = out * (out > 0)
        if y is None:
            return out
        shifted = out - out.max(axis=1, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        N = len(y)
        loss, grads = -logp[np.arange(N), y].sum() / N, {}
        dout = (np.exp(logp) - np.eye(out.shape[1])[y]) / N
        for i in range(self.num_layers, 0, -1):
            x, W = caches.pop(), self.params["W%d" % i]
            grads["W%d" % i] = x.T @ dout + self.reg * W
            grads["b%d" % i] = dout.sum(axis=0)
            loss += 0.5 * self.reg * (W**2).sum()
            if i > 1:
                dout = (dout @ W.T) * (x > 0)
        return loss, grads


class TwoLayerNet:
    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        self.net = FullyConnectedNet(
            [hidden_dim], input_dim, num_classes, reg=reg, weight_scale=weight_scale
        )

    @property
    def params(self):
        return self.net.params

    def loss(self, X, y=None):
        return self.net.loss(X, y)
