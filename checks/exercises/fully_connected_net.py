"""What the chapter "fully-connected-net" asks for, as checks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from checks.exercises.agree import Drawn, passes, with_detail
from checks.exercises.layers import Layer
from checks.exercises.nets import (
    Net,
    alike,
    biases_are_zeros,
    draw_deep,
    read_params,
    weights_look_drawn,
)
from checks.gradient import slope_of_known
from checks.model import Array, Evidence, Exercise, Probe, Student

fully_connected_net = Exercise(
    "FullyConnectedNet",
    chapter="fully-connected-net",
    statement="a net of any number of layers, its loss and its gradients",
    minutes=30,
    after=("affine_forward", "affine_backward", "relu_forward", "relu_backward", "softmax_loss"),
    stub='''\
class FullyConnectedNet:
    """A classifier: {affine - ReLU} x (L - 1) - affine - softmax."""

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
    ):
        """Draw the weights.

        Args:
            hidden_dims: a list, the width of each hidden layer; L is one
                more than there are.
            input_dim: D, how many numbers an example has.
            num_classes: C.
            reg: strength of the regulariser.
            weight_scale: standard deviation of the weights at the start.
            dtype: of the parameters; examples are cast to it.

        self.params becomes a dict with W1 (D, H1), ..., WL (H, C), drawn
        from a normal distribution, and b1 (H1,), ..., bL (C,), zeros.
        """
        self.params = {}
        raise NotImplementedError

    def loss(self, X, y=None):
        """Give the scores of a batch; with labels, its loss and gradients.

        The loss is softmax_loss of the scores, plus
        0.5 * reg * (the sum of all squared entries of W1, ..., WL).

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
        "One loop up and one loop down: keep a cache per layer, and let the gradient of each "
        "layer's input be the dout of the layer below. Which one layer has no ReLU?",
        "eq-fully-connected-net-hidden up, eq-fully-connected-net-backward down; every W and no b "
        "is in eq-fully-connected-net-loss and eq-fully-connected-net-decay.",
    ),
)

residual_forward = Exercise(
    "residual_forward",
    chapter="fully-connected-net",
    statement="two affine layers with a ReLU between, and a way past them",
    minutes=5,
    after=("affine_forward", "relu_forward"),
    variation=True,
    stub='''\
def residual_forward(x, w1, b1, w2, b2):
    """Send a batch through two layers and past them: a residual block.

    out = x + max(0, x @ w1 + b1) @ w2 + b2

    Args:
        x: a batch of rows, shape (N, D).
        w1, b1: of the first layer, shapes (D, H) and (H,).
        w2, b2: of the second, shapes (H, D) and (D,).

    Returns:
        (out, cache): out of shape (N, D), and what residual_backward needs.
    """
    raise NotImplementedError
''',
    hints=(
        "There are two ways from x to out, and out is their sum. Which one has layers on it?",
        "eq-fully-connected-net-residual, term by term; the ReLU stands between the two layers "
        "and not after the sum.",
    ),
)

residual_backward = Exercise(
    "residual_backward",
    chapter="fully-connected-net",
    statement="its five gradients",
    minutes=15,
    after=("residual_forward",),
    variation=True,
    stub='''\
def residual_backward(dout, cache):
    """Pull the gradient of the loss back through residual_forward.

    Args:
        dout: gradient of the loss with respect to out, shape (N, D).
        cache: as residual_forward returned it.

    Returns:
        (dx, dw1, db1, dw2, db2), each with the shape of its array.
    """
    raise NotImplementedError
''',
    hints=(
        "x reaches out along two ways. What happens to gradients where ways part?",
        "eq-fully-connected-net-residual: the way past the layers hands dout to x as it is; the "
        "other one is a sandwich and an affine layer, backwards.",
    ),
)

INIT = "FullyConnectedNet.__init__"
KEYS = ("W1", "b1", "W2", "b2", "W3", "b3")
NET = Net("FullyConnectedNet")
DEPTHS = (1, 3, 4)  # hidden layers, where the usual two are not enough to judge by


D, C, SCALE = 3 * 32 * 32, 10, 1e-2  # of a net that is given none


def build(
    student: Student,
    dims: Sequence[int],
    weight_scale: float | None,
    dtype: str = "float64",
    bare: bool = False,
) -> tuple[dict[str, Array], Evidence | None]:
    """Build a net with these widths, D and C included, and read what it begins with.

    Args:
        dims: the widths.
        weight_scale: of its weights; None leaves it to its own default.
        dtype: of its parameters.
        bare: whether D and C are left to their defaults.
    """
    d, *widths, c = dims
    settings: dict[str, object] = {"hidden_dims": widths, "dtype": dtype}
    settings |= {} if bare else {"input_dim": d, "num_classes": c}
    settings |= {} if weight_scale is None else {"weight_scale": weight_scale}
    answer = student.call(INIT, settings)
    names = ["D", *(f"H{l}" for l in range(1, len(dims) - 1)), "C"]
    shapes: dict[str, tuple[int, ...]] = {}
    letters: dict[str, str] = {}
    for l, ((rows, columns), (row, column)) in enumerate(
        zip(pairwise(dims), pairwise(names), strict=True), start=1
    ):
        shapes |= {f"W{l}": (rows, columns), f"b{l}": (columns,)}
        letters |= {f"W{l}": f"({row}, {column})", f"b{l}": f"({column},)"}
    params, against = read_params(answer, INIT, shapes, letters)
    if against is not None and "letters" in against.detail:
        against = with_detail(against, sizes=dict(zip(names, dims, strict=True)))
        if bare:
            against = with_detail(against, at="a net that is given only hidden_dims")
    return params, against


@fully_connected_net.check("params", stage="shape", costs=1, draws=4)
def params_have_their_shapes(student: Student, probe: Probe) -> Evidence:
    """params holds W1 (D, H1), b1 (H1,), ..., WL (H, C), bL (C,), arrays of floats, and no more."""
    bare = probe.draw == 3
    dims = [D, *probe.sizes(2), C] if bare else probe.sizes(3 + probe.draw)
    _, against = build(student, dims, 1e-2, bare=bare)
    return against or Evidence("shape", measured=0.0)


@fully_connected_net.check("initial weights", equation="eq-two-layer-net-init", points=1)
def weights_are_drawn(student: Student, probe: Probe) -> Evidence:
    """Every W, the last included, is drawn from a normal distribution with the deviation asked."""
    # Far from sqrt(1 / inputs) and sqrt(2 / inputs), which some draw with instead.
    scale = probe.between(1e-3, 4e-3) if probe.draw else probe.between(0.02, 0.06)
    given = None if probe.draw == 2 else scale
    params, against = build(student, probe.sizes(4, low=70, high=90), given)
    return against or weights_look_drawn(params, given or SCALE)


@fully_connected_net.check("initial biases", stage="shape", costs=1, draws=1)
def biases_begin_at_zero(student: Student, probe: Probe) -> Evidence:
    """Every b is zeros at the start."""
    params, against = build(student, probe.sizes(4), 0.1)
    return against or biases_are_zeros(params)


@fully_connected_net.check("inputs", stage="mutation", costs=1, shares="batch")
def params_and_batch_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """loss changes neither params nor X nor y."""
    return NET.leaves_alone(student, draw_deep(probe, probe.between(0.2, 0.8), 2))


@fully_connected_net.check("scores", equation="eq-fully-connected-net-scores", points=1)
def scores_are_right(student: Student, probe: Probe) -> Evidence:
    """Without labels, loss gives the scores: a ReLU behind every layer but the last."""
    return NET.scores_agree(student, draw_deep(probe, 0.0, 2))


@fully_connected_net.check(
    "loss", equation="eq-fully-connected-net-loss", points=1, after=("scores",)
)
def data_loss_is_right(student: Student, probe: Probe) -> Evidence:
    """At reg = 0 the loss is softmax_loss of the scores."""
    return NET.data_loss_agrees(student, draw_deep(probe, 0.0, 2), probe)


@fully_connected_net.check(
    "regulariser", equation="eq-fully-connected-net-loss", points=1, after=("loss",), shares="batch"
)
def regulariser_is_right(student: Student, probe: Probe) -> Evidence:
    """The loss holds 0.5 * reg * (the sum of every W**2, the last included), and no b."""
    return NET.loss_agrees(student, draw_deep(probe, probe.between(0.2, 0.8), 2))


def add_gradient_check(key: str) -> None:
    """Judge one entry of grads, at reg = 0 first."""

    def look(student: Student, probe: Probe) -> Evidence:
        reg = probe.between(0.2, 0.8) if probe.draw else 0.0
        return NET.gradient_agrees(student, draw_deep(probe, reg, 2), key)

    kind = "regulariser included" if key.startswith("W") else "without a regulariser"
    look.__doc__ = f"grads[{key!r}] is the gradient with respect to {key}, {kind}."
    step = "decay" if key.startswith("W") else "backward"
    fully_connected_net.check(
        f"d{key}",
        stage="gradient",
        equation=f"eq-fully-connected-net-{step}",
        points=1,
        after=("scores",),
        shares="batch",
    )(look)


for each in reversed(KEYS):  # as the gradients come down: the first wrong one explains the rest
    add_gradient_check(each)


@fully_connected_net.check("keys", stage="shape", costs=1, after=("loss",), draws=1)
def grads_have_the_keys_of_params(student: Student, probe: Probe) -> Evidence:
    """grads has one entry for each of params, and no other."""
    return NET.keys_agree(student, draw_deep(probe, 0.3, 2))


@fully_connected_net.check(
    "other depths",
    equation="eq-fully-connected-net-hidden",
    points=2,
    after=("loss",),
    shares="batch",
)
def depth_makes_no_difference(student: Student, probe: Probe) -> Evidence:
    """Nets of two, four and five layers have the right loss and gradients, too."""
    batch = draw_deep(probe, probe.between(0.2, 0.8), DEPTHS[probe.draw % 3])
    seen = NET.loss_agrees(student, batch)
    for key in batch.params:
        if passes(seen):
            seen = NET.gradient_agrees(student, batch, key)
    return seen


@fully_connected_net.check("dtype", stage="call", costs=1, after=("loss",), draws=2)
def dtype_is_kept(student: Student, probe: Probe) -> Evidence:
    """The parameters have the dtype that was asked for, and so have the scores of any X."""
    dtype = ("float32", "float64")[probe.draw % 2]
    params, against = build(student, probe.sizes(4), 0.1, dtype)
    if against is not None:
        return against
    for key, value in params.items():
        if str(value.dtype) != dtype:
            detail = {"function": INIT, "name": f"params[{key!r}]", "dtype": str(value.dtype)}
            return Evidence("kept", {**detail, "asked": dtype}, 1.0, 0.5)
    return NET.keeps_dtype(student, draw_deep(probe, 0.0, 2), dtype)


@fully_connected_net.check("again", stage="mutation", costs=1, after=("loss",))
def only_the_batch_counts(student: Student, probe: Probe) -> Evidence:
    """The same batch gives the same loss and gradients after another one went through."""
    reg = probe.between(0.2, 0.8)
    batch = draw_deep(probe, reg, 2)
    other = alike(batch) if probe.draw else draw_deep(probe, reg, 2, turn=1)
    return NET.same_again(student, batch, other)


# The variation

ARGUMENTS = ("x", "w1", "b1", "w2", "b2")


def residual(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Array:
    """The statement of the variation."""
    z = x @ w1 + b1
    out: Array = x + np.where(z.real > 0, z, 0) @ w2 + b2
    return out


def residual_slopes(dout: Array, *args: Array) -> Sequence[Array]:
    """The slopes of the statement; the variation's backward pass is written nowhere."""

    def with_one(i: int, moved: Array) -> Array:
        given = [*args[:i], moved, *args[i + 1 :]]
        return residual(*given)

    return [slope_of_known(partial(with_one, i), args[i], dout) for i in range(len(args))]


RESIDUAL = Layer(
    forward="residual_forward",
    backward="residual_backward",
    arguments=ARGUMENTS,
    gradients=("dx", "dw1", "db1", "dw2", "db2"),
    out=residual,
    pull=residual_slopes,
)


def draw_residual(probe: Probe, turn: int = 0) -> Drawn:
    """N, D and H pairwise different; units live and dead, none near its kink."""
    n, d, h = probe.sizes(3, low=4, high=9)
    while True:
        x, w1, b1 = probe.normal(n, d), 0.6 * probe.normal(d, h), probe.normal(h)
        z = x @ w1 + b1
        if np.abs(z).min() > 0.01 and 0.2 < (z > 0).mean() < 0.8:
            break
    arrays = {"x": x, "w1": w1, "b1": b1, "w2": probe.normal(h, d), "b2": probe.normal(d)}
    return Drawn({**arrays, "dout": probe.normal(n, d)}, {"N": n, "D": d, "H": h})


@residual_forward.check("inputs", stage="mutation", costs=1, shares="batch")
def the_five_arguments_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes none of its arguments."""
    return RESIDUAL.leaves_alone(student, draw_residual(probe))


@residual_forward.check("out", equation="eq-fully-connected-net-residual", points=1, shares="batch")
def out_is_x_and_more(student: Student, probe: Probe) -> Evidence:
    """out is x + max(0, x @ w1 + b1) @ w2 + b2, in the shape of x."""
    return RESIDUAL.forward_agrees(student, draw_residual(probe))


@residual_backward.check("inputs", stage="mutation", costs=1, shares="batch")
def dout_is_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes neither dout nor the cache."""
    return RESIDUAL.backward_leaves_alone(student, draw_residual(probe))


@residual_backward.check("dx", equation="eq-fully-connected-net-residual", points=1, shares="batch")
def dx_adds_two_ways(student: Student, probe: Probe) -> Evidence:
    """dx is the slope along x, over both ways that lead from x to out."""
    return RESIDUAL.backward_agrees(student, draw_residual(probe), 0)


@residual_backward.check(
    "dw1, db1", equation="eq-fully-connected-net-residual", points=1, shares="batch"
)
def first_layer_is_right(student: Student, probe: Probe) -> Evidence:
    """dw1 and db1 are the slopes along the first layer's parameters."""
    return RESIDUAL.backward_agrees(student, draw_residual(probe), 1 + probe.draw % 2)


@residual_backward.check(
    "dw2, db2", equation="eq-fully-connected-net-residual", points=1, shares="batch"
)
def second_layer_is_right(student: Student, probe: Probe) -> Evidence:
    """dw2 and db2 are the slopes along the second layer's parameters."""
    return RESIDUAL.backward_agrees(student, draw_residual(probe), 3 + probe.draw % 2)
