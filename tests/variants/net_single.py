"""A net in float32 from its parameters to its loss, which is a float32 as well."""

# ruff: noqa
import numpy as np

F = np.float32


class TwoLayerNet:
    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        self.reg = F(reg)
        shapes = {"W1": (input_dim, hidden_dim), "b1": (hidden_dim,)}
        shapes.update({"W2": (hidden_dim, num_classes), "b2": (num_classes,)})
        rng = np.random.default_rng()
        self.params = {
            k: F(weight_scale) * rng.standard_normal(s, dtype=F) if k[0] == "W" else np.zeros(s, F)
            for k, s in shapes.items()
        }

    def loss(self, X, y=None):
        W1, b1, W2, b2 = (self.params[k].astype(F) for k in ("W1", "b1", "W2", "b2"))
        x = X.astype(F).reshape(len(X), -1)
        a = x @ W1 + b1
        h = (np.abs(a) + a) / 2
        scores = h @ W2 + b2
        if y is None:
            return scores
        z = scores - scores.max(axis=1, keepdims=True)
        logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        n = np.arange(len(x))
        loss = -logp[n, y].mean() + F(0.5) * self.reg * ((W1 * W1).sum() + (W2 * W2).sum())
        d = np.exp(logp)
        d[n, y] -= 1
        d /= F(len(x))
        dh = (d @ W2.T) * (a > 0)
        return loss, {
            "W1": x.T @ dh + self.reg * W1, "b1": dh.sum(0),
            "W2": h.T @ d + self.reg * W2, "b2": d.sum(0), "X": dh @ W1.T,
        }  # fmt: skip
