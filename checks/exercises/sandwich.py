"""What the chapter "sandwich" asks for, as checks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checks.exercises import affine, relu
from checks.exercises.agree import Drawn, passes, with_detail
from checks.exercises.layers import Layer
from checks.gradient import slope_of_known
from checks.model import Array, Evidence, Exercise, Probe, Student, once
from reference import sandwich

ARGUMENTS, GRADIENTS = ("x", "w", "b"), ("dx", "dw", "db")
LARGE = "outputs a of about 1000 and -1000"
UNWRITTEN = ("missing", "not_started")

affine_relu_forward = Exercise(
    "affine_relu_forward",
    chapter="sandwich",
    statement="an affine layer and then a ReLU, as one layer",
    minutes=5,
    after=("affine_forward", "relu_forward"),
    stub='''\
def affine_relu_forward(x, w, b):
    """Send a batch through an affine layer, then through a ReLU.

    Args:
        x: a batch, shape (N, d1, ..., dk).
        w: weights, shape (D, M) with D = d1 * ... * dk.
        b: biases, shape (M,).

    Returns:
        (out, cache): out of shape (N, M), and
        cache = (affine_cache, relu_cache).
    """
    raise NotImplementedError
''',
    hints=(
        "You have both layers already: what goes into the second one? And which of their two "
        "caches will the way back need?",
        "eq-sandwich-out: out is max(0, Xw + b), the ReLU of what the affine layer gives.",
    ),
)

affine_relu_backward = Exercise(
    "affine_relu_backward",
    chapter="sandwich",
    statement="its gradients",
    minutes=5,
    after=("affine_relu_forward", "affine_backward", "relu_backward"),
    stub='''\
def affine_relu_backward(dout, cache):
    """Pull a gradient back through the ReLU, then through the affine layer.

    Args:
        dout: gradient of the loss with respect to out, shape (N, M).
        cache: (affine_cache, relu_cache), as affine_relu_forward
            returned it.

    Returns:
        (dx, dw, db), each with the shape of the array it belongs to.
    """
    raise NotImplementedError
''',
    hints=(
        "dout is about the output of the last layer. Which of the two backward passes can read "
        "it, and what does that one hand on?",
        "eq-sandwich-da and eq-sandwich-backward: first da = dout * [a > 0], then what the "
        "affine layer makes of da in the place of its dout.",
    ),
)

affine_softplus_forward = Exercise(
    "affine_softplus_forward",
    chapter="sandwich",
    statement="an affine layer and then a softplus, log(1 + e^a)",
    minutes=10,
    after=("affine_forward",),
    variation=True,
    stub='''\
def affine_softplus_forward(x, w, b):
    """Send a batch through an affine layer, then through a softplus.

    With a the output of the affine layer, out = log(1 + e^a), entry by
    entry, also where a is 1000 or -1000.

    Args:
        x: a batch, shape (N, d1, ..., dk).
        w: weights, shape (D, M) with D = d1 * ... * dk.
        b: biases, shape (M,).

    Returns:
        (out, cache): out of shape (N, M), and whatever your
        affine_softplus_backward needs.
    """
    raise NotImplementedError
''',
    hints=(
        "log(1 + e^a) is a log-sum-exp. Of which two numbers?",
        "eq-sandwich-softplus; eq-softmax-lse says how to take such a logarithm without a large "
        "exponential.",
    ),
)

affine_softplus_backward = Exercise(
    "affine_softplus_backward",
    chapter="sandwich",
    statement="its gradients",
    minutes=10,
    after=("affine_softplus_forward", "affine_backward"),
    variation=True,
    stub='''\
def affine_softplus_backward(dout, cache):
    """Pull a gradient back through affine_softplus_forward.

    Args:
        dout: gradient of the loss with respect to out, shape (N, M).
        cache: what affine_softplus_forward returned.

    Returns:
        (dx, dw, db), each with the shape of the array it belongs to.
    """
    raise NotImplementedError
''',
    hints=(
        "The affine half is the same as ever. What is the slope of log(1 + e^a), and which "
        "number does it come close to for a large a, and for a very negative one?",
        "eq-sandwich-softplus: differentiate it as eq-softmax-lse-slope was, and write the "
        "result so that no exponential in it is large.",
    ),
)


def pull(dout: Array, x: Array, w: Array, b: Array) -> Sequence[Array]:
    """The gradients of the book's own sandwich."""
    _, cache = sandwich.affine_relu_forward(x, w, b)
    dx, dw, db = sandwich.affine_relu_backward(dout, cache)
    return dx, dw, db


def halves(drawn: Drawn) -> tuple[tuple[Layer, Drawn], tuple[Layer, Drawn]]:
    """The two layers, each with what reaches it."""
    x, w, b = (drawn[name] for name in ARGUMENTS)
    a = x.reshape(len(x), -1) @ w + b
    bend = Drawn({"x": a, "dout": drawn["dout"]}, drawn.sizes)
    return (affine.LAYER, drawn), (relu.LAYER, bend)


def caches(student: Student, drawn: Drawn) -> object:
    """The documented cache, made by the student's own layers where they are right."""
    found = []
    for layer, part in halves(drawn):
        own = layer.cache_of(layer.run_forward(student, part))
        right = own is not None and passes(layer.forward_agrees(student, part))
        found.append(own if right else layer.documented_cache(student, part))
    return tuple(found)


def begin_with(student: Student, drawn: Drawn, seen: Evidence, back: bool = False) -> Evidence:
    """Name the layer that is not right by itself, where what is made of it is not."""
    if passes(seen):
        return seen
    for layer, part in halves(drawn):
        looks = [(layer.forward, layer.forward_agrees(student, part))]
        if back:
            every = range(len(layer.gradients))
            looks += [(layer.backward, layer.backward_agrees(student, part, i)) for i in every]
        for name, look in looks:
            if not passes(look) and look.detail.get("problem") not in UNWRITTEN:
                return with_detail(seen, begin_with=name)
    return seen


def softplus(x: Array, w: Array, b: Array) -> Array:
    """The statement of the variation; where it is complex, the real part says what is large."""
    a = x.reshape(len(x), -1) @ w + b
    above = a.real > 0
    return np.asarray(np.where(above, a, 0) + np.log1p(np.exp(np.where(above, -a, a))))


def softplus_slopes(dout: Array, x: Array, w: Array, b: Array) -> Sequence[Array]:
    """The slopes of the statement; the variation's backward pass is written nowhere."""
    return (
        slope_of_known(lambda moved: softplus(moved, w, b), x, dout),
        slope_of_known(lambda moved: softplus(x, moved, b), w, dout),
        slope_of_known(lambda moved: softplus(x, w, moved), b, dout),
    )


LAYER = Layer(
    forward="affine_relu_forward",
    backward="affine_relu_backward",
    arguments=ARGUMENTS,
    gradients=GRADIENTS,
    out=lambda x, w, b: np.asarray(sandwich.affine_relu_forward(x, w, b)[0]),
    pull=pull,
    on_the_way=lambda x, w, b: {"X @ w + b": x.reshape(len(x), -1) @ w + b},
    cache="affine_cache, relu_cache",
    documented=caches,
    lends_dout=True,
)

SOFTPLUS = Layer(
    forward="affine_softplus_forward",
    backward="affine_softplus_backward",
    arguments=ARGUMENTS,
    gradients=GRADIENTS,
    out=softplus,
    pull=softplus_slopes,
    lends_dout=True,
)


@once
def draw(probe: Probe, turn: int = 0) -> Drawn:
    """Inputs of an affine layer; each output has both signs in the batch, and none is near 0.

    So no unit is dead, none is always alive, and no slope is asked for at a bend.
    """
    near = True
    while near:
        drawn = affine.draw(probe, turn)
        x, w = drawn["x"], drawn["w"]
        ordered = np.sort(x.reshape(len(x), -1) @ w, axis=0)
        low = len(x) // 2 - 1
        b = -(ordered[low] + ordered[low + 1]) / 2  # half of the examples on either side
        near = bool((ordered[low + 1] - ordered[low]).min() < 0.02)
    return Drawn({**drawn.arrays, "b": b}, drawn.sizes)


@once
def draw_far(probe: Probe, turn: int = 0) -> Drawn:
    """What the backward pass is judged on; see ``affine.far``."""
    return affine.far(probe, draw(probe, turn))


def draw_large(probe: Probe) -> Drawn:
    """The same, with biases of +-1000 for two of the outputs."""
    drawn = draw(probe)
    b = drawn["b"].copy()
    b[:2] = 1000, -1000
    return Drawn({**drawn.arrays, "b": b}, drawn.sizes)


@affine_relu_forward.check("inputs", stage="mutation", costs=1, shares="batch")
def x_w_and_b_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes none of x, w and b."""
    return LAYER.leaves_alone(student, draw(probe))


@affine_relu_forward.check("out", equation="eq-sandwich-out", points=1, shares="batch")
def out_is_right(student: Student, probe: Probe) -> Evidence:
    """out is max(0, X @ w + b), in the shape (N, M)."""
    drawn = draw(probe)
    return begin_with(student, drawn, LAYER.forward_agrees(student, drawn))


@affine_relu_backward.check("inputs", stage="mutation", costs=1, shares="batch")
def cache_is_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call does not change the cache; dout it may write into."""
    return LAYER.backward_leaves_alone(student, draw_far(probe))


@affine_relu_backward.check(
    "dx", stage="gradient", equation="eq-sandwich-backward", points=1, shares="batch"
)
def dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the gradient with respect to x, in the shape of x."""
    return gradient(student, draw_far(probe), 0)


@affine_relu_backward.check(
    "dw", stage="gradient", equation="eq-sandwich-backward", points=1, shares="batch"
)
def dw_is_right(student: Student, probe: Probe) -> Evidence:
    """dw is the gradient with respect to w, in the shape of w."""
    return gradient(student, draw_far(probe), 1)


@affine_relu_backward.check(
    "db", stage="gradient", equation="eq-sandwich-backward", points=1, shares="batch"
)
def db_is_right(student: Student, probe: Probe) -> Evidence:
    """db is the gradient with respect to b, in the shape of b."""
    return gradient(student, draw_far(probe), 2)


def gradient(student: Student, drawn: Drawn, which: int) -> Evidence:
    """Judge one gradient of the sandwich."""
    seen = LAYER.backward_agrees(student, drawn, which)
    return begin_with(student, drawn, seen, back=True)


@affine_relu_backward.check("again", stage="mutation", costs=1, shares="batch")
def only_the_arguments_count(student: Student, probe: Probe) -> Evidence:
    """The same dout and cache give the same gradients after another batch went through."""
    return LAYER.same_again(student, probe, draw_far(probe), draw_far)


@affine_softplus_forward.check("inputs", stage="mutation", costs=1, shares="batch")
def softplus_leaves_inputs_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes none of x, w and b."""
    return SOFTPLUS.leaves_alone(student, draw(probe))


@affine_softplus_forward.check("out", equation="eq-sandwich-softplus", points=1, shares="batch")
def softplus_out_is_right(student: Student, probe: Probe) -> Evidence:
    """out is log(1 + e^a) with a = X @ w + b, in the shape (N, M)."""
    return SOFTPLUS.forward_agrees(student, draw(probe))


@affine_softplus_forward.check(
    "stability", stage="stability", equation="eq-softmax-lse", costs=1, after=("out",)
)
def softplus_stands_large_numbers(student: Student, probe: Probe) -> Evidence:
    """out stays finite and right where a is about 1000 or -1000."""
    return with_detail(SOFTPLUS.forward_agrees(student, draw_large(probe)), at=LARGE)


@affine_softplus_backward.check(
    "dx", stage="gradient", equation="eq-sandwich-softplus", points=1, shares="batch"
)
def softplus_dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the slope along x, in the shape of x."""
    return SOFTPLUS.backward_agrees(student, draw(probe), 0)


@affine_softplus_backward.check(
    "dw", stage="gradient", equation="eq-sandwich-softplus", points=1, shares="batch"
)
def softplus_dw_is_right(student: Student, probe: Probe) -> Evidence:
    """dw is the slope along w, in the shape of w."""
    return SOFTPLUS.backward_agrees(student, draw(probe), 1)


@affine_softplus_backward.check(
    "db", stage="gradient", equation="eq-sandwich-softplus", points=1, shares="batch"
)
def softplus_db_is_right(student: Student, probe: Probe) -> Evidence:
    """db is the slope along b, in the shape of b."""
    return SOFTPLUS.backward_agrees(student, draw(probe), 2)


@affine_softplus_backward.check(
    "stability",
    stage="stability",
    equation="eq-sandwich-softplus",
    costs=1,
    after=("dx", "dw", "db"),
)
def softplus_slopes_stand_large_numbers(student: Student, probe: Probe) -> Evidence:
    """The gradients stay finite and right where a is about 1000 or -1000."""
    drawn = draw_large(probe)
    for which in range(3):
        seen = SOFTPLUS.backward_agrees(student, drawn, which)
        if not passes(seen):
            break
    return with_detail(seen, at=LARGE)
