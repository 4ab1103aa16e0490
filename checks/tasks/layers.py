"""A forward and a backward pass of a task: which checks they get."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from checks.exercises import relu
from checks.exercises.agree import Drawn
from checks.exercises.layers import Layer
from checks.gradient import slope_of_known
from checks.model import Array, Evidence, Exercise, Probe, Student

Draw = Callable[[Probe, int], Drawn]


def slopes(out: Callable[..., Array]) -> Callable[..., Sequence[Array]]:
    """The slopes of a statement along each argument; no backward pass is written anywhere."""

    def pull(dout: Array, *args: Array) -> Sequence[Array]:
        def along(which: int) -> Array:
            def moved(x: Array) -> Array:
                return out(*args[:which], x, *args[which + 1 :])

            return slope_of_known(moved, args[which], dout)

        return [along(which) for which in range(len(args))]

    return pull


def judge_layer(
    parts: Sequence[Exercise],
    arguments: tuple[str, ...],
    out: Callable[..., Array],
    draw: Draw,
    equation: str,
    far: Draw | None = None,
) -> Layer:
    """Ask for a forward pass and its backward pass.

    Args:
        parts: the exercises of the two.
        arguments: of the forward pass.
        out: the statement, which a complex argument may go through.
        draw: draws the arguments and dout; its number tells several draws apart.
        equation: what both stand on.
        far: draws what the backward pass is judged on, where that is something else.
    """
    forward, backward = parts
    back = far or draw
    gradients = tuple(f"d{name}" for name in arguments)
    alone = len(arguments) == 1
    layer = Layer(
        forward.name,
        backward.name,
        arguments,
        gradients,
        out=out,
        pull=slopes(out),
        documented=(lambda student, drawn: drawn[arguments[0]]) if alone else None,
        lends_dout=alone,
    )

    @forward.check("inputs", stage="mutation", costs=1, shares="batch")
    def _(student: Student, probe: Probe) -> Evidence:
        """A call changes none of its arguments."""
        return layer.leaves_alone(student, draw(probe, 0))

    @forward.check("out", equation=equation, points=1, shares="batch")
    def _(student: Student, probe: Probe) -> Evidence:
        """out is what the statement says, entry by entry."""
        drawn = draw(probe, 0)
        seen = layer.forward_agrees(student, drawn)
        return relu.shown(seen, drawn, arguments[0]) if alone else seen

    def kept(student: Student, probe: Probe) -> Evidence:
        return layer.backward_leaves_alone(student, back(probe, 0))

    kept.__doc__ = "A call changes neither dout nor the cache."
    if layer.lends_dout:
        kept.__doc__ = "A call does not change the cache; dout it may write into."
    backward.check("inputs", stage="mutation", costs=1, shares="batch")(kept)

    for which in range(len(arguments)):
        add_gradient(backward, layer, back, equation, which)

    @backward.check("again", stage="mutation", costs=1, shares="batch")
    def _(student: Student, probe: Probe) -> Evidence:
        """The same dout and cache give the same gradients after another batch went through."""
        return layer.same_again(student, probe, back(probe, 0), back)

    return layer


def add_gradient(exercise: Exercise, layer: Layer, draw: Draw, equation: str, which: int) -> None:
    """Ask for the gradient with respect to one argument."""

    def look(student: Student, probe: Probe) -> Evidence:
        drawn = draw(probe, 0)
        seen = layer.backward_agrees(student, drawn, which)
        return relu.shown(seen, drawn, "x", "dout") if len(layer.arguments) == 1 else seen

    name = layer.arguments[which]
    look.__doc__ = f"d{name} is the slope of the statement along {name}, in the shape of {name}."
    exercise.check(f"d{name}", stage="gradient", equation=equation, points=1, shares="batch")(look)
