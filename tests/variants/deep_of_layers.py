"""A deep net as the course's starter of 2017 frames it: layers, a list of caches, NumPy's old generator."""

# ruff: noqa
import numpy as np


def affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1).dot(w) + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    return (
        dout.dot(w.T).reshape(x.shape),
        x.reshape(x.shape[0], -1).T.dot(dout),
        np.sum(dout, axis=0),
    )


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


def affine_relu_forward(x, w, b):
    a, fc_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, (fc_cache, relu_cache)


def affine_relu_backward(dout, cache):
    fc_cache, relu_cache = cache
    return affine_backward(relu_backward(dout, relu_cache), fc_cache)


def softmax_loss(x, y):
    shifted_logits = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted_logits), axis=1, keepdims=True)
    log_probs = shifted_logits - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


class FullyConnectedNet(object):
    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout=0,
        use_batchnorm=False,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
    ):
        self.use_batchnorm = use_batchnorm
        self.use_dropout = dropout > 0
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}

        layers_dims = [input_dim] + hidden_dims + [num_classes]
        for i in range(self.num_layers):
            self.params["W" + str(i + 1)] = weight_scale * np.random.randn(
                layers_dims[i], layers_dims[i + 1]
            )
            self.params["b" + str(i + 1)] = np.zeros((layers_dims[i + 1]))

        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        x = X
        caches = []
        for i in range(self.num_layers - 1):
            x, cache = affine_relu_forward(
                x, self.params["W" + str(i + 1)], self.params["b" + str(i + 1)]
            )
            caches.append(cache)
        scores, cache = affine_forward(
            x, self.params["W" + str(self.num_layers)], self.params["b" + str(self.num_layers)]
        )
        caches.append(cache)

        if mode == "test":
            return scores

        loss, grads = 0.0, {}
        loss, dscores = softmax_loss(scores, y)
        for i in range(self.num_layers):
            loss += 0.5 * self.reg * np.sum(self.params["W%d" % (i + 1)] ** 2)
        n = self.num_layers
        dx, grads["W%d" % n], grads["b%d" % n] = affine_backward(dscores, caches.pop())
        grads["W%d" % n] += self.reg * self.params["W%d" % n]
        while caches:
            n = len(caches)
            dx, grads["W%d" % n], grads["b%d" % n] = affine_relu_backward(dx, caches.pop())
            grads["W%d" % n] += self.reg * self.params["W%d" % n]
        return loss, grads
