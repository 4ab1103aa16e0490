"""What a pass proves: how large an error would have to be to show."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from checks.model import Array
from checks.verdict.result import CHANCE

CUBE = math.sqrt(2 / 3)
WIDEST = math.sqrt(3)  # no entry is larger


def draw(rng: np.random.Generator, out: Array, scale: float = 1.0) -> Array:
    """Draw the entries of a direction: independent, even between -sqrt(3) and sqrt(3) scales.

    Their variance is 1, as that of the Gaussian entries in the chapter "numeric-gradients",
    and they cost a fifth. For an error ``e`` that was there before the draw, the density of
    ``<e, z>`` is nowhere above ``1 / (sqrt(6) |e|)``: a slice through the middle of a cube
    is at most sqrt(2) times a face (Ball, "Cube slicing in R^n", 1986). So ::

        P(|<e, z>| <= t) <= sqrt(2/3) t / |e|

    where a Gaussian has sqrt(2/pi) (eq-numeric-miss). Signs have no such bound: two equal
    errors cancel in half of all draws.

    Args:
        rng: where they come from.
        out: the array to fill, float64.
        scale: multiplies all of them.

    Returns:
        ``out``.
    """
    rng.random(out=out)
    out -= 0.5
    out *= math.sqrt(12) * scale
    return out


def smallest_seen(bounds: Sequence[float], chance: float = CHANCE) -> float:
    """Say how large an error must be not to pass all directions, but for a small chance.

    Args:
        bounds: for each direction the largest ``|<e, z>|`` that would have passed there.
        chance: how probable it may be that an error of that norm passes.

    Returns:
        The norm ``d`` for which the product of ``sqrt(2/3) bound / d`` is ``chance``: the
        directions are independent, so their probabilities multiply.
    """
    if not bounds:
        return math.inf
    logs = [math.log(max(CUBE * bound, 1e-300)) for bound in bounds]
    return math.exp((sum(logs) - math.log(chance)) / len(logs))
