"""Which factors have a name: whole ones, halves, and those made of the sizes of a draw."""

from __future__ import annotations

import math
from collections.abc import Mapping

CLOSE = 1e-4  # of a factor


def has_name(ratio: float, sizes: Mapping[str, int]) -> bool:
    """Whether a factor is one that a mistake usually leaves behind."""
    usual = [-1.0, 2.0, 0.5, 1 / math.log(2)]
    for size in sizes.values():
        for value in (float(size), 1 / size, float(size**2), 1 / size**2):
            usual += [value, -value]
        usual += [size / other for other in sizes.values() if other != size]
    return any(abs(ratio - value) <= CLOSE * abs(value) for value in usual)
