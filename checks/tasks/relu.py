"""The tasks of the chapters "relu" and "sandwich": a bend elsewhere, and a smooth one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from checks.exercises import relu
from checks.exercises.agree import Drawn, passes, with_detail
from checks.model import Array, Evidence, Exercise, Probe, Student, once
from checks.tasks.layers import judge_layer
from checks.tasks.task import Constants, Part, Task, steps

LARGE = "an x of about 1000 and -1000"

# A bend


def judge_bent(drawn: Constants, parts: Sequence[Exercise]) -> None:
    """Two slopes, and a bend that is not at 0."""

    def out(x: Array) -> Array:
        slope = np.where(x.real > drawn.bend, drawn.high, drawn.low)
        return np.asarray(slope * (x - drawn.bend))

    @once
    def draw(probe: Probe, turn: int) -> Drawn:
        about_zero = relu.draw(probe, turn)
        arrays = {**about_zero.arrays, "x": about_zero["x"] + drawn.bend}
        return replace(about_zero, arrays=arrays)

    judge_layer(parts, ("x",), out, draw, "eq-relu-leaky")


BENT = Task(
    "bent_relu",
    chapter="relu",
    choices={
        "bend": (*steps(-0.95, -0.15, 0.05), *steps(0.15, 0.95, 0.05)),
        "high": steps(1.15, 2.85, 0.05, without=(2.0,)),
        "low": steps(-0.45, 0.45, 0.05, without=(0.0,)),
    },
    parts=(
        Part(
            "bent_relu_forward",
            statement="slope {high} above {bend}, slope {low} below",
            minutes=5,
            stub='''\
def bent_relu_forward(x):
    """Bend a line at {bend}, entry by entry.

    out is {high} * (x - b) where x is above b, and {low} * (x - b) elsewhere,
    with b = {bend}.

    Args:
        x: any shape; it stays as it is.

    Returns:
        (out, cache): out of the shape of x, and cache = x.
    """
    raise NotImplementedError
''',
            hints=(
                "On which side of {bend} is an entry, and which of the two lines holds there?",
                "eq-relu-leaky has its bend at 0 and the slope 1 above it; here all three differ.",
            ),
        ),
        Part(
            "bent_relu_backward",
            statement="its gradient",
            minutes=5,
            after=("bent_relu_forward",),
            stub='''\
def bent_relu_backward(dout, cache):
    """Pull the gradient of the loss back through bent_relu_forward.

    Args:
        dout: gradient of the loss with respect to out, any shape.
        cache: x as bent_relu_forward returned it.

    Returns:
        dx, the same shape.
    """
    raise NotImplementedError
''',
            hints=(
                "One entry of x reaches one entry of out. How much does that move, on either "
                "side of the bend?",
                "eq-relu-leaky has a slope on each side of its bend: which number multiplies dout "
                "above {bend}, and which below?",
            ),
        ),
    ),
    judge=judge_bent,
)


# A smooth bend

SOFTPLUS, SWISH = "log(1 + e^(beta x)) / beta", "x / (1 + e^(-beta x))"
ROOT, MISH = "(x + sqrt(x^2 + beta)) / 2", "x * tanh(log(1 + e^(beta x)))"


def soft(z: Array) -> Array:
    """log(1 + e^z), without a large exponential; the real part says what is large."""
    above = z.real > 0
    return np.asarray(np.where(above, z, 0) + np.log1p(np.exp(np.where(above, -z, z))))


def judge_smooth(drawn: Constants, parts: Sequence[Exercise]) -> None:
    """A formula that bends smoothly, and a factor."""
    beta = drawn.beta
    formulas: dict[str, Callable[[Array], Array]] = {
        SOFTPLUS: lambda x: soft(beta * x) / beta,
        SWISH: lambda x: np.asarray(x * np.exp(-soft(-beta * x))),
        ROOT: lambda x: np.asarray((x + np.sqrt(x * x + beta)) / 2),
        MISH: lambda x: np.asarray(x * np.tanh(soft(beta * x))),
    }
    formula = formulas[drawn.formula]

    def out(x: Array) -> Array:
        return np.asarray(drawn.gain * formula(x))

    def large(probe: Probe) -> Drawn:
        found = relu.draw(probe)
        x = found["x"].copy()
        x.flat[:2] = 1000, -1000
        return replace(found, arrays={**found.arrays, "x": x})

    layer = judge_layer(parts, ("x",), out, relu.draw, "eq-sandwich-softplus")
    forward, backward = parts

    @forward.check(
        "stability", stage="stability", equation="eq-softmax-lse", costs=1, after=("out",)
    )
    def _(student: Student, probe: Probe) -> Evidence:
        """out stays finite and right where x is 1000 or -1000."""
        return with_detail(layer.forward_agrees(student, large(probe)), at=LARGE)

    @backward.check(
        "stability", stage="stability", equation="eq-softmax-lse", costs=1, after=("dx",)
    )
    def _(student: Student, probe: Probe) -> Evidence:
        """dx stays finite and right where x is 1000 or -1000."""
        seen = layer.backward_agrees(student, large(probe), 0)
        return seen if passes(seen) else with_detail(seen, at=LARGE)


SMOOTH = Task(
    "smooth_relu",
    chapter="sandwich",
    choices={
        "formula": (SOFTPLUS, SWISH, ROOT, MISH),
        "beta": steps(0.3, 2.9, 0.1, without=(1.0, 2.0)),
        "gain": steps(0.35, 1.85, 0.05, without=(1.0,)),
    },
    parts=(
        Part(
            "smooth_relu_forward",
            statement="{gain} ({formula}), beta = {beta}",
            minutes=10,
            stub='''\
def smooth_relu_forward(x):
    """Bend a line smoothly, entry by entry.

    out is {gain} times

        {formula}

    with beta = {beta}, also where x is 1000 or -1000.

    Args:
        x: any shape; it stays as it is.

    Returns:
        (out, cache): out of the shape of x, and cache = x.
    """
    raise NotImplementedError
''',
            hints=(
                "Is there an exponential of a large number in what you wrote, for one sign of x?",
                "eq-sandwich-softplus, and eq-softmax-lse for how to stay clear of large "
                "exponentials.",
            ),
        ),
        Part(
            "smooth_relu_backward",
            statement="its gradient",
            minutes=15,
            after=("smooth_relu_forward",),
            stub='''\
def smooth_relu_backward(dout, cache):
    """Pull the gradient of the loss back through smooth_relu_forward.

    Args:
        dout: gradient of the loss with respect to out, any shape.
        cache: x as smooth_relu_forward returned it.

    Returns:
        dx, the same shape, also where x is 1000 or -1000.
    """
    raise NotImplementedError
''',
            hints=(
                "Each x goes into the formula by one path or by two. What is the slope along each, "
                "and what does the whole come close to far to the left and far to the right?",
                "eq-sandwich-softplus, differentiated as eq-softmax-lse-slope was; with "
                "beta = {beta} inside, and {gain} in front.",
            ),
        ),
    ),
    judge=judge_smooth,
)
