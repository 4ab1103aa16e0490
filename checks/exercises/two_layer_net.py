"""What the chapter "two-layer-net" asks for, as checks."""

from __future__ import annotations

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, one_result, passes, with_detail
from checks.exercises.nets import (
    Net,
    alike,
    biases_are_zeros,
    draw,
    read_params,
    weights_look_drawn,
)
from checks.exercises.softmax import draw as draw_scores
from checks.exercises.softmax import draw_extreme
from checks.gradient import slope_of_known
from checks.model import Array, Evidence, Exercise, Probe, Student

two_layer_net = Exercise(
    "TwoLayerNet",
    chapter="two-layer-net",
    statement="a net of two affine layers with a ReLU between, its loss and its gradients",
    minutes=30,
    after=("affine_forward", "affine_backward", "relu_forward", "relu_backward", "softmax_loss"),
    stub='''\
class TwoLayerNet:
    """A classifier: affine - ReLU - affine - softmax."""

    def __init__(
        self,
        input_dim=3 * 32 * 32,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
    ):
        """Draw the weights.

        Args:
            input_dim: D, how many numbers an example has.
            hidden_dim: H, how many units the hidden layer has.
            num_classes: C.
            weight_scale: standard deviation of the weights at the start.
            reg: strength of the regulariser.

        self.params becomes a dict with W1 (D, H) and W2 (H, C), drawn from
        a normal distribution, and b1 (H,) and b2 (C,), zeros.
        """
        self.params = {}
        self.reg = reg
        raise NotImplementedError

    def loss(self, X, y=None):
        """Give the scores of a batch; with labels, the loss and gradients.

        The loss is softmax_loss of the scores, plus
        0.5 * reg * (the sum of all squared entries of W1 and W2).

        Args:
            X: a batch, shape (N, d1, ..., dk) with D = d1 * ... * dk.
            y: the right classes, shape (N,), or None.

        Returns:
            The scores, shape (N, C), where y is None. Else (loss, grads):
            one number, and a dict with the keys and shapes of self.params.
        """
        raise NotImplementedError
''',
    hints=(
        "Go through the layers once forwards, keep each cache, and use the caches in the "
        "opposite order. Which layer stands between the last affine layer and the loss?",
        "eq-two-layer-net-scores has one ReLU, not two; the regulariser is in "
        "eq-two-layer-net-loss, its slope in eq-two-layer-net-decay.",
    ),
)

weighted_softmax_loss = Exercise(
    "weighted_softmax_loss",
    chapter="two-layer-net",
    statement="cross-entropy in which some classes count more than others, and its gradient",
    minutes=15,
    after=("softmax_loss",),
    variation=True,
    stub='''\
def weighted_softmax_loss(x, y, weights):
    """Give the class-weighted cross-entropy of a batch, and its slope.

    An example of class c counts weights[c] times: its loss is
    -weights[c] * log p[c], p being the softmax of its scores.

    Args:
        x: scores, one row per example, shape (N, C), as large as +-1000.
        y: the right classes, shape (N,), integers from 0 to C - 1.
        weights: one positive number per class, shape (C,).

    Returns:
        (loss, dx): the mean over the batch (the sum of the losses divided
        by N), one number, and its gradient with respect to x, shape (N, C).
    """
    raise NotImplementedError
''',
    hints=(
        "One example has one weight, and it multiplies all of that example's loss: what does it "
        "multiply in that example's row of dx?",
        "eq-two-layer-net-weighted: write its slope for one example first, as for eq-softmax-dx; "
        "weights[y] holds one number per example.",
    ),
)

KEYS = ("W1", "b1", "W2", "b2")
NET = Net("TwoLayerNet")
LETTERS = {"W1": "(D, H)", "b1": "(H,)", "W2": "(H, C)", "b2": "(C,)"}
SIZES, SCALE = (3 * 32 * 32, 100, 10), 1e-3  # of a net that is given none


def build(
    student: Student,
    sizes: tuple[int, int, int] | None = None,
    weight_scale: float | None = None,
) -> tuple[dict[str, Array], Evidence | None]:
    """Build a net, and read the parameters that it begins with; None is not passed on."""
    d, h, c = sizes or SIZES
    settings: dict[str, object] = {"input_dim": d, "hidden_dim": h, "num_classes": c}
    settings = {} if sizes is None else settings
    settings |= {} if weight_scale is None else {"weight_scale": weight_scale}
    shapes = {"W1": (d, h), "b1": (h,), "W2": (h, c), "b2": (c,)}
    answer = student.call("TwoLayerNet.__init__", settings)
    params, against = read_params(answer, "TwoLayerNet.__init__", shapes, LETTERS)
    if against is not None and "letters" in against.detail:
        against = with_detail(against, sizes={"D": d, "H": h, "C": c})
        if sizes is None:
            against = with_detail(against, at="a net that is given no sizes")
    return params, against


@two_layer_net.check("params", stage="shape", costs=1, draws=2)
def params_have_their_shapes(student: Student, probe: Probe) -> Evidence:
    """params holds W1 (D, H), b1 (H,), W2 (H, C) and b2 (C,), arrays of floats, and no more."""
    d, h, c = probe.sizes(3)
    _, against = build(student) if probe.draw else build(student, (d, h, c), 1e-2)
    return against or Evidence("shape", measured=0.0)


@two_layer_net.check("initial weights", equation="eq-two-layer-net-init", points=1)
def weights_are_drawn(student: Student, probe: Probe) -> Evidence:
    """W1 and W2 are drawn from a normal distribution with the deviation weight_scale."""
    d, h, c = probe.sizes(3, low=70, high=90)
    # Far from sqrt(1 / inputs) and sqrt(2 / inputs), which some draw with instead.
    scale = probe.between(1e-3, 4e-3) if probe.draw else probe.between(0.02, 0.06)
    given = None if probe.draw == 2 else scale
    params, against = build(student, (d, h, c), given)
    return against or weights_look_drawn(params, given or SCALE)


@two_layer_net.check("initial biases", stage="shape", costs=1, draws=1)
def biases_begin_at_zero(student: Student, probe: Probe) -> Evidence:
    """b1 and b2 are zeros at the start."""
    d, h, c = probe.sizes(3)
    params, against = build(student, (d, h, c), 0.1)
    return against or biases_are_zeros(params)


@two_layer_net.check("inputs", stage="mutation", costs=1, shares="batch")
def params_and_batch_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """loss changes neither params nor X nor y."""
    return NET.leaves_alone(student, draw(probe, probe.between(0.2, 0.8)))


@two_layer_net.check("scores", equation="eq-two-layer-net-scores", points=1)
def scores_are_right(student: Student, probe: Probe) -> Evidence:
    """Without labels, loss gives the scores, affine - ReLU - affine, in the shape (N, C)."""
    return NET.scores_agree(student, draw(probe, 0.0))


@two_layer_net.check("loss", equation="eq-two-layer-net-loss", points=1, after=("scores",))
def data_loss_is_right(student: Student, probe: Probe) -> Evidence:
    """At reg = 0 the loss is softmax_loss of the scores."""
    return NET.data_loss_agrees(student, draw(probe, 0.0), probe)


@two_layer_net.check(
    "regulariser", equation="eq-two-layer-net-loss", points=1, after=("loss",), shares="batch"
)
def regulariser_is_right(student: Student, probe: Probe) -> Evidence:
    """The loss holds 0.5 * reg * (sum of W1**2 and W2**2), and nothing of the biases."""
    return NET.loss_agrees(student, draw(probe, probe.between(0.2, 0.8)))


def add_gradient_check(key: str) -> None:
    """Judge one entry of grads, at reg = 0 first."""

    def look(student: Student, probe: Probe) -> Evidence:
        reg = probe.between(0.2, 0.8) if probe.draw else 0.0
        return NET.gradient_agrees(student, draw(probe, reg), key)

    kind = "regulariser included" if key.startswith("W") else "without a regulariser"
    look.__doc__ = f"grads[{key!r}] is the gradient with respect to {key}, {kind}."
    equation = "eq-two-layer-net-decay" if key.startswith("W") else "eq-affine-db"
    two_layer_net.check(
        f"d{key}",
        stage="gradient",
        equation=equation,
        points=1,
        after=("scores",),
        shares="batch",
    )(look)


for each in KEYS:
    add_gradient_check(each)


@two_layer_net.check("again", stage="mutation", costs=1, after=("loss",))
def only_the_batch_counts(student: Student, probe: Probe) -> Evidence:
    """The same batch gives the same loss and gradients after another one went through."""
    reg = probe.between(0.2, 0.8)
    batch = draw(probe, reg)
    other = alike(batch) if probe.draw else draw(probe, reg, turn=1)
    return NET.same_again(student, batch, other)


# The variation


def weighted(x: Array, y: Array, weights: Array) -> Array:
    """The statement of the variation."""
    z = x - x.real.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    n = np.arange(len(x))
    return np.asarray(-(weights[y] * log_p[n, y]).sum() / len(x))


def draw_weights(probe: Probe, drawn: Drawn) -> Drawn:
    """One weight for each class, some above 1 and some below, that do not add up to C."""
    c = drawn["x"].shape[1]
    weights = np.array([probe.between(0.2, 0.8) + 1.5 * (k % 2) for k in range(c)])
    return Drawn({**drawn.arrays, "weights": weights}, drawn.sizes)


def weighted_agrees(student: Student, drawn: Drawn, which: int) -> Evidence:
    """Compare the loss with the statement, or dx with the statement's slope."""
    x, y, weights = drawn["x"], drawn["y"], drawn["weights"]
    loss = weighted(x, y, weights)
    right = slope_of_known(lambda moved: weighted(moved, y, weights), x) if which else loss
    return one_result(
        student.call("weighted_softmax_loss", x, y, weights, names=("x", "y", "weights")),
        right,
        function="weighted_softmax_loss",
        results=("loss", "dx"),
        which=which,
        of="x" if which else "",
        drawn=drawn,
        scale=float(np.abs(x).max()) if which == 0 else None,
    )


@weighted_softmax_loss.check("inputs", stage="mutation", costs=1, shares="batch")
def weighted_leaves_its_arguments_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes none of the scores, the labels and the weights."""
    drawn = draw_weights(probe, draw_scores(probe))
    args = (drawn["x"], drawn["y"], drawn["weights"])
    names = ("x", "y", "weights")
    answer = student.call("weighted_softmax_loss", *args, names=names)
    return contract.leaves_alone(answer, "weighted_softmax_loss", names, drawn.arrays)


@weighted_softmax_loss.check("loss", equation="eq-two-layer-net-weighted", points=1, shares="batch")
def weighted_loss_is_right(student: Student, probe: Probe) -> Evidence:
    """loss is the mean over the batch of -weights[right class] * log p[right class]."""
    return weighted_agrees(student, draw_weights(probe, draw_scores(probe)), 0)


@weighted_softmax_loss.check(
    "dx", stage="gradient", equation="eq-two-layer-net-weighted", points=2, shares="batch"
)
def weighted_dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the slope of that loss with respect to the scores."""
    return weighted_agrees(student, draw_weights(probe, draw_scores(probe)), 1)


@weighted_softmax_loss.check(
    "stability", stage="stability", equation="eq-softmax-shift", costs=1, after=("loss", "dx")
)
def weighted_stands_large_scores(student: Student, probe: Probe) -> Evidence:
    """Loss and dx stay finite and right for scores of +-1000 and for rows shifted by 1000."""
    what, drawn = draw_extreme(probe)
    for which in (0, 1):
        seen = weighted_agrees(student, draw_weights(probe, drawn), which)
        if not passes(seen):
            break
    return with_detail(seen, at=what)
