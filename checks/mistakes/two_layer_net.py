"""Mistakes in a net with one hidden layer, each as a change of a net that is right."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from checks.mistakes.entry import Shelf


class TwoLayerNet:
    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        rng = np.random.default_rng()
        self.reg = reg
        self.params = {
            "W1": rng.normal(0, weight_scale, (input_dim, hidden_dim)),
            "b1": np.zeros(hidden_dim),
            "W2": rng.normal(0, weight_scale, (hidden_dim, num_classes)),
            "b2": np.zeros(num_classes),
        }

    def loss(self, X, y=None):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N = len(X)
        X = X.reshape(N, -1)
        z = X @ W1 + b1
        hidden = np.maximum(z, 0)
        scores = hidden @ W2 + b2
        if y is None:
            return scores

        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(N), y]).mean()
        loss += 0.5 * self.reg * ((W1**2).sum() + (W2**2).sum())

        dscores = p.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= N
        dz = dscores @ W2.T * (z > 0)
        grads = {
            "W1": X.T @ dz + self.reg * W1,
            "b1": dz.sum(axis=0),
            "W2": hidden.T @ dscores + self.reg * W2,
            "b2": dscores.sum(axis=0),
        }
        return loss, grads


MISTAKES = Shelf(TwoLayerNet)

W1_DRAWN = "rng.normal(0, weight_scale, (input_dim, hidden_dim))"
W2_DRAWN = "rng.normal(0, weight_scale, (hidden_dim, num_classes))"
SQUARES = "0.5 * self.reg * ((W1**2).sum() + (W2**2).sum())"

# The start

MISTAKES.change(
    "weight_scale_ignored",
    "weight_scale is not used: the weights always have the deviation 1e-3.",
    (W1_DRAWN, W1_DRAWN.replace("weight_scale", "1e-3")),
    (W2_DRAWN, W2_DRAWN.replace("weight_scale", "1e-3")),
)
MISTAKES.change(
    "uniform_weights",
    "The weights are drawn from a uniform distribution between plus and minus weight_scale.",
    (W1_DRAWN, "rng.uniform(-weight_scale, weight_scale, (input_dim, hidden_dim))"),
    (W2_DRAWN, "rng.uniform(-weight_scale, weight_scale, (hidden_dim, num_classes))"),
)
MISTAKES.change(
    "uniform_weights_of_the_right_spread",
    "The weights have the right deviation, but are uniform and not normal.",
    (W1_DRAWN, "3**0.5 * weight_scale * rng.uniform(-1, 1, (input_dim, hidden_dim))"),
    (W2_DRAWN, "3**0.5 * weight_scale * rng.uniform(-1, 1, (hidden_dim, num_classes))"),
)
MISTAKES.change(
    "weights_all_positive",
    "The weights are uniform between 0 and 1, so that none is negative.",
    (W1_DRAWN, "weight_scale * rng.random((input_dim, hidden_dim))"),
    (W2_DRAWN, "weight_scale * rng.random((hidden_dim, num_classes))"),
)
MISTAKES.change(
    "weights_all_equal",
    "All weights are the same number, so that all hidden units learn the same.",
    (W1_DRAWN, "np.full((input_dim, hidden_dim), weight_scale)"),
    (W2_DRAWN, "np.full((hidden_dim, num_classes), weight_scale)"),
)
MISTAKES.change(
    "second_layer_ignores_weight_scale",
    "W2 is drawn with the deviation 1.",
    (W2_DRAWN, "rng.standard_normal((hidden_dim, num_classes))"),
)
MISTAKES.change(
    "one_draw_for_both",
    "The generator starts anew for W2, which so begins with the numbers of W1.",
    ("np.random.default_rng()", "np.random.default_rng(0)"),
    (W2_DRAWN, W2_DRAWN.replace("rng.", "np.random.default_rng(0).")),
)
MISTAKES.change(
    "biases_drawn",
    "The biases are drawn like weights, and are to begin at zero.",
    ('"b1": np.zeros(hidden_dim)', '"b1": rng.normal(0, weight_scale, hidden_dim)'),
)
MISTAKES.change(
    "b1_as_long_as_the_input",
    "b1 has one number for each input, and needs one for each hidden unit.",
    ('"b1": np.zeros(hidden_dim)', '"b1": np.zeros(input_dim)'),
)
MISTAKES.change(
    "scalar_biases",
    "The biases are one number for a whole layer.",
    ('"b1": np.zeros(hidden_dim)', '"b1": 0.0'),
    ('"b2": np.zeros(num_classes)', '"b2": 0.0'),
)
MISTAKES.change(
    "weights_transposed",
    "W1 and W2 lie the other way round.",
    (W1_DRAWN, W1_DRAWN + ".T"),
    (W2_DRAWN, W2_DRAWN + ".T"),
)
MISTAKES.change(
    "layers_numbered_from_0",
    "The parameters are called W0 and b0, W1 and b1.",
    ('"W1": rng', '"W0": rng'),
    ('"b1": np', '"b0": np'),
    ('"W2": rng', '"W1": rng'),
    ('"b2": np', '"b1": np'),
    ('self.params["W1"], self.params["b1"]', 'self.params["W0"], self.params["b0"]'),
    ('self.params["W2"], self.params["b2"]', 'self.params["W1"], self.params["b1"]'),
)

# Forwards

MISTAKES.change(
    "relu_on_the_scores",
    "A ReLU stands behind the last layer, too, and no score can be negative.",
    ("scores = hidden @ W2 + b2", "scores = np.maximum(hidden @ W2 + b2, 0)"),
)
MISTAKES.change(
    "no_relu",
    "There is no ReLU: the two affine layers are one.",
    ("hidden = np.maximum(z, 0)", "hidden = z"),
    (" * (z > 0)", ""),
)
MISTAKES.change(
    "b2_forgotten",
    "The second layer has no bias.",
    ("hidden @ W2 + b2", "hidden @ W2"),
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
    "classes_for_scores",
    "Without labels it gives the best class of each example, and scores are asked for.",
    ("            return scores\n", "            return scores.argmax(axis=1)\n"),
)
MISTAKES.change(
    "examples_not_laid_out_flat",
    "X is multiplied as it comes in, so that an image is no row of numbers.",
    ("        X = X.reshape(N, -1)\n", ""),
)
MISTAKES.change(
    "loss_is_a_sum",
    "The losses of the batch are added up and not averaged.",
    ("p[np.arange(N), y]).mean()", "p[np.arange(N), y]).sum()"),
)

# The regulariser

MISTAKES.change(
    "without_the_half",
    "The regulariser in the loss lacks its half.",
    ("0.5 * self.reg", "self.reg"),
)
MISTAKES.change(
    "no_regulariser_in_the_loss",
    "The regulariser is in the gradients and not in the loss.",
    (f"        loss += {SQUARES}\n", ""),
)
MISTAKES.change(
    "weights_not_squared",
    "The regulariser sums the weights and not their squares.",
    (SQUARES, "0.5 * self.reg * (W1.sum() + W2.sum())"),
)
MISTAKES.change(
    "only_w1_regularised",
    "The regulariser in the loss leaves W2 out.",
    (SQUARES, "0.5 * self.reg * (W1**2).sum()"),
)
MISTAKES.change(
    "biases_regularised",
    "The biases are regularised as well.",
    (SQUARES, "0.5 * self.reg * sum((w**2).sum() for w in self.params.values())"),
    ("dz.sum(axis=0)", "dz.sum(axis=0) + self.reg * b1"),
    ('"b2": dscores.sum(axis=0)', '"b2": dscores.sum(axis=0) + self.reg * b2'),
)
MISTAKES.change(
    "bias_gradients_regularised",
    "The gradients of the biases hold a regulariser that the loss does not have.",
    ("dz.sum(axis=0)", "dz.sum(axis=0) + self.reg * b1"),
    ('"b2": dscores.sum(axis=0)', '"b2": dscores.sum(axis=0) + self.reg * b2'),
)
MISTAKES.change(
    "no_regulariser_in_the_gradients",
    "The regulariser is in the loss and not in the gradients.",
    (" + self.reg * W1", ""),
    (" + self.reg * W2", ""),
)
MISTAKES.change(
    "decay_halved",
    "The gradients hold half of reg * W: the half belongs to the loss alone.",
    (" + self.reg * W1", " + 0.5 * self.reg * W1"),
    (" + self.reg * W2", " + 0.5 * self.reg * W2"),
)
MISTAKES.change(
    "decay_doubled",
    "The gradients hold 2 * reg * W: the two went away with the half.",
    (" + self.reg * W1", " + 2 * self.reg * W1"),
    (" + self.reg * W2", " + 2 * self.reg * W2"),
)
MISTAKES.change(
    "decay_subtracted",
    "reg * W is taken away from the gradients, and the weights grow.",
    (" + self.reg * W1", " - self.reg * W1"),
    (" + self.reg * W2", " - self.reg * W2"),
)

# Backwards

MISTAKES.change(
    "dw2_from_before_the_relu",
    "The gradient of W2 is taken with what came before the ReLU.",
    ("hidden.T @ dscores", "z.T @ dscores"),
)
MISTAKES.change(
    "b1_without_a_gradient",
    "grads holds nothing for b1.",
    ('            "b1": dz.sum(axis=0),\n', ""),
)
MISTAKES.change(
    "relu_not_pulled_back",
    "The gradient passes the ReLU as if it were not there.",
    (" * (z > 0)", ""),
)
MISTAKES.change(
    "mask_of_the_gradient",
    "The gradient is cut where it is negative itself, and not where the unit was off.",
    ("dz = dscores @ W2.T * (z > 0)", "dz = np.maximum(dscores @ W2.T, 0)"),
)
MISTAKES.change(
    "gradients_of_the_sum",
    "The gradients belong to the sum of the losses, and the loss is their mean.",
    ("        dscores /= N\n", ""),
)
MISTAKES.change(
    "dw1_transposed",
    "The gradient of W1 lies the other way round.",
    ("X.T @ dz + self.reg * W1", "dz.T @ X + self.reg * W1.T"),
)
MISTAKES.change(
    "db2_is_a_mean",
    "The gradient of b2 is divided by N once more.",
    ('"b2": dscores.sum(axis=0)', '"b2": dscores.mean(axis=0)'),
)
MISTAKES.change(
    "db1_keeps_its_axis",
    "The gradient of b1 has the shape (1, H).",
    ("dz.sum(axis=0)", "dz.sum(axis=0, keepdims=True)"),
)
MISTAKES.change(
    "gradients_uphill_side_down",
    "The gradients have the sign of a step.",
    ("dscores[np.arange(N), y] -= 1", "dscores[np.arange(N), y] -= 1\n        dscores *= -1"),
)
MISTAKES.change(
    "gradients_by_position",
    "The gradients come in a tuple and not under the names of their parameters.",
    ("return loss, grads", "return loss, tuple(grads.values())"),
)

# Conduct

MISTAKES.change(
    "steps_by_itself",
    "loss takes a step with its own parameters, which is a Solver's business.",
    ("return loss, grads", 'self.params["W1"] -= 1e-3 * grads["W1"]\n        return loss, grads'),
)
MISTAKES.change(
    "gradients_pile_up",
    "The gradients of earlier batches are still in the sum.",
    ("        self.reg = reg\n", "        self.reg = reg\n        self.sums = {}\n"),
    (
        "        return loss, grads",
        "        for name in grads:\n"
        "            self.sums[name] = self.sums.get(name, 0) + grads[name]\n"
        "        return loss, dict(self.sums)",
    ),
)
