"""What the chapter "relu" asks for, as checks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, between, passes, with_detail
from checks.exercises.layers import Layer
from checks.gradient import slope_of_known
from checks.model import Array, Evidence, Exercise, Probe, Student, once
from reference import relu

relu_forward = Exercise(
    "relu_forward",
    chapter="relu",
    statement="max(0, x), entry by entry, for an array of any shape",
    minutes=5,
    stub='''\
def relu_forward(x):
    """Keep what is positive and set the rest to 0, entry by entry.

    Args:
        x: any shape; it stays as it is.

    Returns:
        (out, cache): out of the shape of x, and cache = x.
    """
    raise NotImplementedError
''',
    hints=(
        "Each entry is looked at by itself: which NumPy function takes the larger of two "
        "numbers, whatever the shape?",
        "eq-relu-out: out is max(0, x) in each entry, a new array of the shape of x.",
    ),
)

relu_backward = Exercise(
    "relu_backward",
    chapter="relu",
    statement="dx of a ReLU, given dout",
    minutes=5,
    after=("relu_forward",),
    stub='''\
def relu_backward(dout, cache):
    """Let the gradient through where x was positive, and nowhere else.

    Args:
        dout: gradient of the loss with respect to out, any shape.
        cache: x as relu_forward returned it, the same shape.

    Returns:
        dx, the same shape; where x is 0, any value from 0 to dout.
    """
    raise NotImplementedError
''',
    hints=(
        "One entry of x reaches one entry of out, and no other. With which factor, where x is "
        "positive, and where it is negative? The sign of dout plays no part in that.",
        "eq-relu-dx: dx is dout where x > 0, and 0 elsewhere.",
    ),
)

leaky_relu_forward = Exercise(
    "leaky_relu_forward",
    chapter="relu",
    statement="a ReLU that lets a little of what is negative through",
    minutes=5,
    after=("relu_forward",),
    variation=True,
    stub='''\
def leaky_relu_forward(x, slope):
    """Keep what is positive and multiply the rest by slope, entry by entry.

    Args:
        x: any shape; it stays as it is.
        slope: a number between 0 and 1.

    Returns:
        (out, cache): out of the shape of x, and cache = (x, slope).
    """
    raise NotImplementedError
''',
    hints=(
        "For a slope between 0 and 1, which of x and slope * x is the larger one, on each side?",
        "eq-relu-leaky: out is x where x > 0, and slope * x elsewhere.",
    ),
)

leaky_relu_backward = Exercise(
    "leaky_relu_backward",
    chapter="relu",
    statement="its gradient",
    minutes=5,
    after=("leaky_relu_forward",),
    variation=True,
    stub='''\
def leaky_relu_backward(dout, cache):
    """Pull the gradient of the loss back through leaky_relu_forward.

    Args:
        dout: gradient of the loss with respect to out, any shape.
        cache: (x, slope) as leaky_relu_forward returned it.

    Returns:
        dx, the same shape.
    """
    raise NotImplementedError
''',
    hints=(
        "Walk the one path from x to out again, on either side of the bend.",
        "eq-relu-leaky has a slope on each side of 0: which number multiplies dout there?",
    ),
)


def pull(dout: Array, x: Array) -> Sequence[Array]:
    """The gradient of the book's own layer."""
    return (relu.relu_backward(dout, x),)


def leaky(x: Array, slope: float) -> Array:
    """The statement of the variation; x may be complex, and its real part decides."""
    return np.where(x.real > 0, x, slope * x)


def leaky_slopes(dout: Array, x: Array, slope: float) -> Sequence[Array]:
    """The slopes of the statement; the variation's backward pass is written nowhere."""
    return (slope_of_known(lambda moved: leaky(moved, slope), x, dout),)


LAYER = Layer(
    forward="relu_forward",
    backward="relu_backward",
    arguments=("x",),
    gradients=("dx",),
    out=lambda x: np.asarray(relu.relu_forward(x)[0]),
    pull=pull,
    documented=lambda student, drawn: drawn["x"],
    lends_dout=True,
)

LEAKY = Layer(
    forward="leaky_relu_forward",
    backward="leaky_relu_backward",
    arguments=("x", "slope"),
    gradients=("dx",),
    out=leaky,
    pull=leaky_slopes,
    lends_dout=True,
)

AXES = (2, 1, 3, 4)  # how many the arrays have, draw by draw


@once
def draw(probe: Probe, turn: int = 0) -> Drawn:
    """Arrays of 1 to 4 axes, in which each sign of x meets each sign of dout.

    No x is near 0, where a slope would have two values.
    """
    axes = AXES[(probe.draw + turn) % len(AXES)]
    shape = probe.sizes(axes, low=4 if axes < 3 else 2, high=9 if axes < 3 else 6)
    count = int(np.prod(shape))
    which = (probe.rng.permutation(count) % 4).reshape(shape)
    arrays = {
        "x": np.abs(probe.normal(*shape)) * np.where(which % 2, 1, -1),
        "dout": np.abs(probe.normal(*shape)) * np.where(which < 2, 1, -1),
    }
    return Drawn(arrays, {"N": shape[0]} if axes > 1 else {})


def draw_zeros(probe: Probe) -> Drawn:
    """The same, and a third of x is exactly 0, of either sign."""
    drawn = draw(probe)
    x = drawn["x"].copy()
    zero = (probe.rng.permutation(x.size) % 3 == 0).reshape(x.shape)
    x[zero] *= 0.0
    return Drawn({**drawn.arrays, "x": x}, drawn.sizes)


@once
def draw_leaky(probe: Probe, turn: int = 0) -> Drawn:
    """The same as for ReLU, and a slope."""
    drawn = draw(probe, turn)
    slope = np.asarray(probe.between(0.05, 0.6))
    return Drawn({"x": drawn["x"], "slope": slope, "dout": drawn["dout"]}, drawn.sizes)


def shown(seen: Evidence, drawn: Drawn, *names: str) -> Evidence:
    """Put beside a wrong entry what went into it: nothing else does."""
    index = seen.detail.get("index")
    if passes(seen) or seen.kind != "value" or not isinstance(index, tuple):
        return seen
    return with_detail(seen, beside={name: float(drawn[name][index]) for name in names})


@relu_forward.check("inputs", stage="mutation", costs=1, shares="batch")
def x_is_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call does not change x."""
    return LAYER.leaves_alone(student, draw(probe))


@relu_forward.check("out", equation="eq-relu-out", points=1, draws=4, shares="batch")
def out_is_right(student: Student, probe: Probe) -> Evidence:
    """out is max(0, x) in each entry, for any number of axes and for zeros, too."""
    drawn = draw_zeros(probe) if probe.draw else draw(probe)
    return shown(LAYER.forward_agrees(student, drawn), drawn, "x")


@relu_backward.check("inputs", stage="mutation", costs=1, shares="batch")
def cache_is_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call does not change the cache; dout it may write into."""
    return LAYER.backward_leaves_alone(student, draw(probe))


@relu_backward.check(
    "dx", stage="gradient", equation="eq-relu-dx", points=1, draws=4, shares="batch"
)
def dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is dout where x is positive and 0 where it is negative, for any number of axes."""
    drawn = draw(probe)
    return shown(LAYER.backward_agrees(student, drawn, 0), drawn, "x", "dout")


@relu_backward.check(
    "bend", stage="stability", equation="eq-relu-subgradient", costs=1, after=("dx",)
)
def dx_at_the_bend_is_a_subgradient(student: Student, probe: Probe) -> Evidence:
    """Where x is exactly 0, dx lies between 0 and dout."""
    drawn = draw_zeros(probe)
    x, dout = drawn["x"], drawn["dout"]
    answer, _ = LAYER.run_both(student, drawn)
    value, against = contract.result(answer, "relu_backward", ("dx",), 0)
    if against is None:
        yours, against = contract.numbers(value, "relu_backward", "dx", x.shape, "x")
    if against is not None:
        return with_detail(against, at="an x with zeros in it")
    bends = x == 0
    return between(
        np.where(bends, yours, 0),
        np.where(bends, np.minimum(dout, 0), 0),
        np.where(bends, np.maximum(dout, 0), 0),
        function="relu_backward",
        name="dx",
        where="x is exactly 0",
        inputs=drawn.arrays,
    )


@relu_backward.check("again", stage="mutation", costs=1, shares="batch")
def only_the_arguments_count(student: Student, probe: Probe) -> Evidence:
    """The same dout and cache give the same dx after another batch went through."""
    return LAYER.same_again(student, probe, draw(probe), draw)


@leaky_relu_forward.check("inputs", stage="mutation", costs=1, shares="batch")
def leaky_x_is_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call does not change x."""
    return LEAKY.leaves_alone(student, draw_leaky(probe))


@leaky_relu_forward.check("out", equation="eq-relu-leaky", points=1, draws=4, shares="batch")
def leaky_out_is_right(student: Student, probe: Probe) -> Evidence:
    """out is x where x is positive, and slope * x elsewhere."""
    drawn = draw_leaky(probe)
    return shown(LEAKY.forward_agrees(student, drawn), drawn, "x")


@leaky_relu_backward.check("inputs", stage="mutation", costs=1, shares="batch")
def leaky_cache_is_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call does not change the cache; dout it may write into."""
    return LEAKY.backward_leaves_alone(student, draw_leaky(probe))


@leaky_relu_backward.check(
    "dx", stage="gradient", equation="eq-relu-leaky", points=1, draws=4, shares="batch"
)
def leaky_dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the slope along x, in the shape of x."""
    drawn = draw_leaky(probe)
    return shown(LEAKY.backward_agrees(student, drawn, 0), drawn, "x", "dout")


@leaky_relu_backward.check("again", stage="mutation", costs=1, shares="batch")
def leaky_arguments_count(student: Student, probe: Probe) -> Evidence:
    """The same dout and cache give the same dx after another batch went through."""
    return LEAKY.same_again(student, probe, draw_leaky(probe), draw_leaky)
