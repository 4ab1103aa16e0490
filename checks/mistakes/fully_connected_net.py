"""Mistakes in a net of any depth, each as a change of a net that is right."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from checks.mistakes.entry import Shelf


class FullyConnectedNet:
    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        reg=0.0,
        weight_scale=1e-2,
        dtype="float32",
    ):
        self.num_layers = 1 + len(hidden_dims)
        self.reg = reg
        self.dtype = dtype
        self.params = {}
        rng = np.random.default_rng()
        dims = [input_dim, *hidden_dims, num_classes]
        for l in range(1, self.num_layers + 1):
            W = weight_scale * rng.standard_normal((dims[l - 1], dims[l]))
            self.params[f"W{l}"] = W.astype(dtype)
            self.params[f"b{l}"] = np.zeros(dims[l], dtype=dtype)

    def loss(self, X, y=None):
        L, N = self.num_layers, len(X)
        h = X.reshape(N, -1).astype(self.dtype)
        inputs, masks = {}, {}
        for l in range(1, L + 1):
            W, b = self.params[f"W{l}"], self.params[f"b{l}"]
            inputs[l] = h
            h = h @ W + b
            if l < L:
                masks[l] = h > 0
                h = h * masks[l]
        scores = h
        if y is None:
            return scores

        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(N), y]).mean()
        dh = p.copy()
        dh[np.arange(N), y] -= 1
        dh /= N

        grads = {}
        for l in range(L, 0, -1):
            W = self.params[f"W{l}"]
            if l < L:
                dh = dh * masks[l]
            loss += 0.5 * self.reg * np.sum(W * W)
            grads[f"W{l}"] = inputs[l].T @ dh + self.reg * W
            grads[f"b{l}"] = dh.sum(axis=0)
            dh = dh @ W.T
        return loss, grads


MISTAKES = Shelf(FullyConnectedNet)

DRAWN = "W = weight_scale * rng.standard_normal((dims[l - 1], dims[l]))"
SQUARES = "            loss += 0.5 * self.reg * np.sum(W * W)\n"

# The start

MISTAKES.change(
    "weight_scale_ignored",
    "weight_scale is not used: the weights always have the deviation 1e-2.",
    (DRAWN, DRAWN.replace("weight_scale", "1e-2")),
)
MISTAKES.change(
    "last_layer_ignores_weight_scale",
    "The last W is drawn with a deviation of its own, whatever weight_scale says.",
    (DRAWN, DRAWN.replace("weight_scale", "(weight_scale if l < self.num_layers else 1e-2)")),
)
MISTAKES.change(
    "he_for_weight_scale",
    "The weights have the deviation sqrt(2 / inputs), and weight_scale was asked for.",
    (DRAWN, DRAWN.replace("weight_scale", "np.sqrt(2 / dims[l - 1])")),
)
MISTAKES.change(
    "one_draw_for_all",
    "The generator starts anew for each layer, so that all begin with the same numbers.",
    (DRAWN, DRAWN.replace("rng.", "np.random.default_rng(0).")),
)
MISTAKES.change(
    "biases_drawn",
    "The biases are drawn like weights, and are to begin at zero.",
    ("np.zeros(dims[l], dtype=dtype)", "weight_scale * rng.standard_normal(dims[l]).astype(dtype)"),
)
MISTAKES.change(
    "biases_as_long_as_the_input",
    "Each b has one number for each input of its layer, and needs one for each output.",
    ("np.zeros(dims[l], dtype=dtype)", "np.zeros(dims[l - 1], dtype=dtype)"),
)
MISTAKES.change(
    "layers_numbered_from_0",
    "The parameters are called W0, b0 and so on, and the first layer is number 1.",
    ('self.params[f"W{l}"] = W', 'self.params[f"W{l - 1}"] = W'),
    ('self.params[f"b{l}"] = np', 'self.params[f"b{l - 1}"] = np'),
    (
        'W, b = self.params[f"W{l}"], self.params[f"b{l}"]',
        'W, b = self.params[f"W{l - 1}"], self.params[f"b{l - 1}"]',
    ),
    ('            W = self.params[f"W{l}"]\n', '            W = self.params[f"W{l - 1}"]\n'),
    ('grads[f"W{l}"]', 'grads[f"W{l - 1}"]'),
    ('grads[f"b{l}"]', 'grads[f"b{l - 1}"]'),
)
MISTAKES.change(
    "keys_are_pairs",
    'The parameters are found under ("W", 1) and not under "W1".',
    ('self.params[f"W{l}"] = W', 'self.params["W", l] = W'),
    ('self.params[f"b{l}"] = np', 'self.params["b", l] = np'),
    (
        'W, b = self.params[f"W{l}"], self.params[f"b{l}"]',
        'W, b = self.params["W", l], self.params["b", l]',
    ),
    ('            W = self.params[f"W{l}"]\n', '            W = self.params["W", l]\n'),
    ('grads[f"W{l}"]', 'grads["W", l]'),
    ('grads[f"b{l}"]', 'grads["b", l]'),
)
MISTAKES.change(
    "a_layer_missing",
    "The last hidden width is left out, and with it a layer.",
    ("1 + len(hidden_dims)", "len(hidden_dims)"),
    ("*hidden_dims, num", "*hidden_dims[:-1], num"),
)
MISTAKES.change(
    "two_layers_whatever_the_list",
    "Only the first width is used, and the net has two layers.",
    ("1 + len(hidden_dims)", "2"),
    ("*hidden_dims, num", "hidden_dims[0], num"),
)
MISTAKES.change(
    "dtype_ignored",
    "The parameters are float64, whatever dtype says.",
    ("W.astype(dtype)", "W"),
    ("np.zeros(dims[l], dtype=dtype)", "np.zeros(dims[l])"),
)

# Forwards

MISTAKES.change(
    "relu_on_the_scores",
    "A ReLU stands behind the last layer, too, and no score can be negative.",
    ("        scores = h\n", "        scores = np.maximum(h, 0)\n"),
)
MISTAKES.change(
    "no_relu",
    "There is no ReLU: all the affine layers are one.",
    ("masks[l] = h > 0", "masks[l] = 1"),
)
MISTAKES.change(
    "relu_behind_the_first_layer_only",
    "Only the first layer has a ReLU behind it.",
    ("                masks[l] = h > 0", "                masks[l] = h > 0 if l == 1 else 1"),
)
MISTAKES.change(
    "biases_forgotten",
    "The layers have no biases.",
    ("h = h @ W + b", "h = h @ W"),
)
MISTAKES.change(
    "x_not_cast",
    "X is not cast to dtype, and a float32 net computes in float64.",
    (".astype(self.dtype)\n        inputs", "\n        inputs"),
)
MISTAKES.change(
    "examples_not_laid_out_flat",
    "X is multiplied as it comes in, so that an image is no row of numbers.",
    ("X.reshape(N, -1)", "X"),
)
MISTAKES.change(
    "probabilities_for_scores",
    "Without labels it gives probabilities, and scores are asked for.",
    (
        "            return scores\n",
        "            return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)\n",
    ),
)
MISTAKES.change(
    "name_misspelt",
    "loss looks for self.weights, which nobody has made.",
    ('            W = self.params[f"W{l}"]\n', '            W = self.weights[f"W{l}"]\n'),
)

# The regulariser

MISTAKES.change(
    "last_weights_unregularised",
    "The regulariser leaves the last W out, in the loss and in its gradient.",
    (SQUARES, SQUARES.replace("self.reg", "self.reg * (l < L)")),
    ("+ self.reg * W", "+ self.reg * (l < L) * W"),
)
MISTAKES.change(
    "last_weights_out_of_the_loss",
    "The regulariser in the loss leaves the last W out, and the gradients do not.",
    (SQUARES, SQUARES.replace("self.reg", "self.reg * (l < L)")),
)
MISTAKES.change(
    "without_the_half",
    "The regulariser in the loss lacks its half.",
    ("0.5 * self.reg", "self.reg"),
)
MISTAKES.change(
    "biases_regularised",
    "The biases are regularised as well.",
    (SQUARES, SQUARES + SQUARES.replace("W * W", 'self.params[f"b{l}"] ** 2')),
    ("dh.sum(axis=0)", 'dh.sum(axis=0) + self.reg * self.params[f"b{l}"]'),
)
MISTAKES.change(
    "no_regulariser_in_the_gradients",
    "The regulariser is in the loss and not in the gradients.",
    (" + self.reg * W\n", "\n"),
)
MISTAKES.change(
    "decay_of_the_first_layer_only",
    "Only the first layer's gradient holds the regulariser.",
    ("+ self.reg * W", "+ self.reg * (l == 1) * W"),
)

# Backwards

MISTAKES.change(
    "mask_of_the_layer_above",
    "The gradient is cut where the units of another layer were off.",
    ("dh = dh * masks[l]\n", "dh = dh * np.resize(masks[min(l + 1, L - 1)], dh.shape)\n"),
)
MISTAKES.change(
    "relu_not_pulled_back",
    "The gradient passes the ReLUs as if they were not there.",
    ("            if l < L:\n                dh = dh * masks[l]\n", ""),
)
MISTAKES.change(
    "mask_of_the_gradient",
    "The gradient is cut where it is negative itself, and not where the unit was off.",
    ("dh = dh * masks[l]\n", "dh = np.maximum(dh, 0)\n"),
)
MISTAKES.change(
    "gradients_of_the_sum",
    "The gradients belong to the sum of the losses, and the loss is their mean.",
    ("        dh /= N\n", ""),
)
MISTAKES.change(
    "divided_in_every_layer",
    "The gradient is divided by N in each layer, and once is enough.",
    ("            dh = dh @ W.T\n", "            dh = dh @ W.T / N\n"),
)
MISTAKES.change(
    "weights_of_the_step_before",
    "The weights take a step before the gradient goes down through them.",
    (
        "            dh = dh @ W.T\n",
        '            dh = dh @ (W - 0.1 * grads[f"W{l}"]).T\n',
    ),
)
MISTAKES.change(
    "one_gradient_too_many",
    "grads holds the gradient of X as well, which belongs to no parameter.",
    ("        return loss, grads", '        grads["X"] = dh\n        return loss, grads'),
)
MISTAKES.change(
    "gradients_of_the_first_layer_missing",
    "The loop down ends before the first layer.",
    ("for l in range(L, 0, -1)", "for l in range(L, 1, -1)"),
)
MISTAKES.change(
    "steps_by_itself",
    "loss takes a step with its own parameters, which is a Solver's business.",
    (
        "        return loss, grads",
        "        for name, dw in grads.items():\n"
        "            self.params[name] -= 1e-3 * dw\n"
        "        return loss, grads",
    ),
)
