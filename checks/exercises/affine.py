"""What the chapter "affine" asks for, as checks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checks.exercises.agree import Drawn
from checks.exercises.layers import Layer
from checks.gradient import slope_of_known
from checks.model import Array, Evidence, Exercise, Probe, Student, once
from reference import affine

affine_forward = Exercise(
    "affine_forward",
    chapter="affine",
    statement="out = X @ w + b for a whole batch",
    minutes=10,
    stub='''\
def affine_forward(x, w, b):
    """Send a batch through out = X @ w + b.

    X is x with every example laid out flat, one per row.

    Args:
        x: a batch, shape (N, d1, ..., dk).
        w: weights, shape (D, M) with D = d1 * ... * dk.
        b: biases, shape (M,).

    Returns:
        (out, cache): out of shape (N, M), and cache = (x, w, b).
    """
    raise NotImplementedError
''',
    hints=(
        "Each example is laid out as one row of D numbers, whatever its shape was. "
        "Which sum does one entry of out stand for?",
        "eq-affine-out: out[n, m] is the sum over d of X[n, d] w[d, m], plus b[m].",
    ),
)

affine_backward = Exercise(
    "affine_backward",
    chapter="affine",
    statement="dx, dw and db of an affine layer, given dout",
    minutes=15,
    after=("affine_forward",),
    stub='''\
def affine_backward(dout, cache):
    """Pull the gradient of the loss back through out = X @ w + b.

    Args:
        dout: gradient of the loss with respect to out, shape (N, M).
        cache: (x, w, b) as affine_forward returned it.

    Returns:
        (dx, dw, db), each with the shape of the array it belongs to.
    """
    raise NotImplementedError
''',
    hints=(
        "Through which outputs does one entry reach the loss? And a gradient has the shape of "
        "its array: which product of X, w and dout has that shape?",
        "eq-affine-dx, eq-affine-dw, eq-affine-db: each sums over the index of dout that the "
        "array does not have.",
    ),
)

affine_transposed_forward = Exercise(
    "affine_transposed_forward",
    chapter="affine",
    statement="an affine layer that stores w as (M, D)",
    minutes=5,
    after=("affine_forward",),
    variation=True,
    stub='''\
def affine_transposed_forward(x, w, b):
    """Send a batch through an affine layer that stores w as (M, D).

    Output m of example n is the sum over d of X[n, d] * w[m, d], plus b[m].
    X is x with every example laid out flat, one per row.

    Args:
        x: a batch, shape (N, d1, ..., dk).
        w: weights, shape (M, D) with D = d1 * ... * dk.
        b: biases, shape (M,).

    Returns:
        (out, cache): out of shape (N, M), and cache = (x, w, b).
    """
    raise NotImplementedError
''',
    hints=(
        "Which of the two axes of w is summed over now?",
        "eq-affine-out with w[m, d] in the place of w[d, m].",
    ),
)

affine_transposed_backward = Exercise(
    "affine_transposed_backward",
    chapter="affine",
    statement="its gradients",
    minutes=10,
    after=("affine_transposed_forward",),
    variation=True,
    stub='''\
def affine_transposed_backward(dout, cache):
    """Pull the gradient of the loss back through affine_transposed_forward.

    Args:
        dout: gradient of the loss with respect to out, shape (N, M).
        cache: (x, w, b) as affine_transposed_forward returned it.

    Returns:
        (dx, dw, db), each with the shape of the array it belongs to.
    """
    raise NotImplementedError
''',
    hints=(
        "A gradient has the shape of its array, and w is (M, D) now.",
        "Walk the paths again as for eq-affine-dw: w[m, d] meets X[n, d] on its way to out[n, m].",
    ),
)


def pull(dout: Array, x: Array, w: Array, b: Array) -> Sequence[Array]:
    """The gradients of the book's own layer."""
    dx, dw, db = affine.affine_backward(dout, (x, w, b))
    return dx, dw, db


def transposed(x: Array, w: Array, b: Array) -> Array:
    """The statement of the variation."""
    out: Array = x.reshape(len(x), -1) @ w.T + b
    return out


def transposed_slopes(dout: Array, x: Array, w: Array, b: Array) -> Sequence[Array]:
    """The slopes of the statement; the variation's backward pass is written nowhere."""
    return (
        slope_of_known(lambda moved: transposed(moved, w, b), x, dout),
        slope_of_known(lambda moved: transposed(x, moved, b), w, dout),
        slope_of_known(lambda moved: transposed(x, w, moved), b, dout),
    )


LAYER = Layer(
    forward="affine_forward",
    backward="affine_backward",
    arguments=("x", "w", "b"),
    gradients=("dx", "dw", "db"),
    out=lambda x, w, b: np.asarray(affine.affine_forward(x, w, b)[0]),
    pull=pull,
)

TRANSPOSED = Layer(
    forward="affine_transposed_forward",
    backward="affine_transposed_backward",
    arguments=("x", "w", "b"),
    gradients=("dx", "dw", "db"),
    out=transposed,
    pull=transposed_slopes,
)

EXAMPLES = ((2, 3), (5,), (2, 2, 2))  # the shape of one example, draw by draw
FAR = 1e10  # a bias beside which what a small step changes is lost in rounding


@once
def draw(probe: Probe, turn: int = 0) -> Drawn:
    """Inputs with N, D and M pairwise different, so that nothing transposed fits."""
    example = EXAMPLES[(probe.draw + turn) % len(EXAMPLES)]
    d = int(np.prod(example))
    n, m = probe.sizes(2, low=4, high=9, avoid=[d])
    arrays = {
        "x": probe.normal(n, *example),
        "w": probe.normal(d, m),
        "b": probe.normal(m),  # not zero: a forgotten bias must show
        "dout": probe.normal(n, m),
    }
    return Drawn(arrays, {"N": n, "D": d, "M": m})


def far(probe: Probe, drawn: Drawn) -> Drawn:
    """The same for a backward pass: in the third draw a bias is huge, which changes no gradient.

    So what is measured with small steps is not right there, not even to the digits of float32.
    """
    if probe.draw < 2:
        return drawn
    b = drawn["b"].copy()
    b[0] = FAR
    return Drawn({**drawn.arrays, "b": b}, drawn.sizes)


@once
def draw_far(probe: Probe, turn: int = 0) -> Drawn:
    """What a backward pass is judged on."""
    return far(probe, draw(probe, turn))


def transpose(drawn: Drawn) -> Drawn:
    """The same with w lying the other way."""
    return Drawn({**drawn.arrays, "w": drawn["w"].T.copy()}, drawn.sizes)


@once
def draw_transposed(probe: Probe) -> Drawn:
    """What the variation's forward pass is judged on."""
    return transpose(draw(probe))


@once
def draw_transposed_far(probe: Probe) -> Drawn:
    """What its backward pass is judged on."""
    return transpose(draw_far(probe))


@affine_forward.check("inputs", stage="mutation", costs=1, shares="batch")
def x_w_and_b_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes none of x, w and b."""
    return LAYER.leaves_alone(student, draw(probe))


@affine_forward.check("out", equation="eq-affine-out", points=1, shares="batch")
def out_is_right(student: Student, probe: Probe) -> Evidence:
    """out is X @ w + b, in the shape (N, M)."""
    return LAYER.forward_agrees(student, draw(probe))


@affine_backward.check("inputs", stage="mutation", costs=1, shares="batch")
def dout_and_cache_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes neither dout nor the cache."""
    return LAYER.backward_leaves_alone(student, draw_far(probe))


@affine_backward.check("dx", equation="eq-affine-dx", points=1, shares="batch")
def dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the gradient with respect to x, in the shape of x."""
    return LAYER.backward_agrees(student, draw_far(probe), 0)


@affine_backward.check("dw", equation="eq-affine-dw", points=1, shares="batch")
def dw_is_right(student: Student, probe: Probe) -> Evidence:
    """dw is the gradient with respect to w, in the shape of w."""
    return LAYER.backward_agrees(student, draw_far(probe), 1)


@affine_backward.check("db", equation="eq-affine-db", points=1, shares="batch")
def db_is_right(student: Student, probe: Probe) -> Evidence:
    """db is the gradient with respect to b, in the shape of b."""
    return LAYER.backward_agrees(student, draw_far(probe), 2)


@affine_backward.check("again", stage="mutation", costs=1, shares="batch")
def only_the_arguments_count(student: Student, probe: Probe) -> Evidence:
    """The same dout and cache give the same gradients after another batch went through."""
    return LAYER.same_again(student, probe, draw_far(probe), draw_far)


@affine_transposed_forward.check("out", equation="eq-affine-transposed", points=1)
def transposed_out_is_right(student: Student, probe: Probe) -> Evidence:
    """out is X @ w.T + b, in the shape (N, M)."""
    return TRANSPOSED.forward_agrees(student, draw_transposed(probe))


@affine_transposed_backward.check("dx", equation="eq-affine-transposed", points=1, shares="batch")
def transposed_dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the slope along x, in the shape of x."""
    return TRANSPOSED.backward_agrees(student, draw_transposed_far(probe), 0)


@affine_transposed_backward.check("dw", equation="eq-affine-transposed", points=1, shares="batch")
def transposed_dw_is_right(student: Student, probe: Probe) -> Evidence:
    """dw is the slope along w, in the shape (M, D) of w."""
    return TRANSPOSED.backward_agrees(student, draw_transposed_far(probe), 1)


@affine_transposed_backward.check("db", equation="eq-affine-transposed", points=1, shares="batch")
def transposed_db_is_right(student: Student, probe: Probe) -> Evidence:
    """db is the slope along b, in the shape of b."""
    return TRANSPOSED.backward_agrees(student, draw_transposed_far(probe), 2)
