"""``gradient_check``: judge a function that nobody but its author knows, by slopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from checks.model import Array
from checks.show import slopes
from checks.verdict.asked import Asked, settled, weights
from checks.verdict.judge import judge
from checks.verdict.result import DIRECTIONS, GradientCheck, Verdict, worst

Inputs = Mapping[str, Any]


class ShownGradientCheck(GradientCheck):
    """A result that a notebook, and an interactive session, shows as its cards."""

    def __repr__(self) -> str:
        return slopes.text(self)

    def _repr_html_(self) -> str:
        return slopes.html(self)


def gradient_check(
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None,
    inputs: Inputs | Callable[[np.random.Generator], Inputs],
    *,
    dout: Array | None = None,
    seed: int = 0,
    points: int | None = None,
    directions: int = DIRECTIONS,
    wrt: Sequence[str] | None = None,
) -> GradientCheck:
    """Say whether what ``backward`` gives is the slope of what ``forward`` computes.

    The loss is ``sum(dout * out)``, or the number that ``forward`` gives. It is measured
    along random directions (eq-numeric-direction), all arrays together and, where that does
    not settle it, each alone. Arrays of floats are cast to float64, and nothing that you
    pass is changed.

    *What a match proves.* Of each array: at the point that was looked at, an error of norm
    ``bound`` or more in its gradient would have passed with a probability below 1e-9, over
    the draw of the directions, as long as the measured slopes are as good as their own error
    bounds, which are estimates from four values each and no theorem. It says nothing about
    smaller errors, about other points (a sign that is wrong only for negative x passes where
    no x is negative: pass a function that draws points), or about whether ``forward``
    computes what you meant.

    *A mismatch* was seen along two independent directions, at two steps each, where forward
    is smooth. *Undetermined* is neither: where no slope can be measured, none is guessed.
    On a kink, such as a ReLU at 0, every input in question is moved a little, and it says so.

    Args:
        forward: called with the inputs by name. It gives an array or a number; or a tuple
            ``(out, cache)``, as the layers of this book do.
        backward: gives the gradients, as a dict by the names of the inputs or as a tuple in
            their order. It is called with ``(dout, cache)`` after a forward that gave a
            cache, else with ``dout`` and the inputs by name; without ``dout`` where forward
            gives one number and you pass none. None where ``forward`` gives
            ``(loss, gradients)`` itself.
        inputs: the point, as a dict of arguments. Every array of floats in it is checked,
            the rest (labels, settings) is handed on. Or a function of a generator that
            draws such a dict, to look at several points.
        dout: one weight for each entry of out; drawn from the seed by default.
        seed: of the directions, of dout and of the points.
        points: how many to draw, 3 by default.
        directions: how many stand behind ``bound``, for each point; with one, which is what
            other checkers draw, it is a million times larger.
        wrt: names of the inputs to check, where it is not every array of floats.

    Returns:
        A ``GradientCheck``, which prints what was found. It is true only if every gradient
        matches; ``result["w"]`` is the verdict on one of them.

    Raises:
        TypeError, ValueError: there is nothing to check, or the two functions do not give
            what they have to; the message says what. What the functions raise themselves is
            raised as it is.
    """
    rng = np.random.Generator(np.random.SFC64(seed))  # the quickest, and much is drawn
    if points is not None and (points < 1 or not callable(inputs)):
        raise ValueError("points counts what a function draws: pass one for inputs, and 1 or more")
    count = (points or 3) if callable(inputs) else 1
    total: dict[str, Verdict] = {}
    forwards = 0
    for number in range(count):
        here, names = settled(inputs(rng) if callable(inputs) else inputs, wrt)
        asked = Asked(forward, backward, names, weights(dout), rng)
        for one in judge(asked, here, rng, directions):
            mine = Verdict(**{**vars(one), "point": number})
            total[one.name] = worst(total[one.name], mine) if one.name in total else mine
        forwards += asked.forwards
    return ShownGradientCheck(
        asked.function, tuple(total.values()), seed, count, directions, forwards
    )
