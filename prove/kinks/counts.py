"""The verdicts on right code near and on kinks, and on wrong code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from checks import gradient_check
from checks.verdict.result import DIRECTIONS, GradientCheck
from prove.kinks.cases import CASES, Case, drawn
from prove.kinks.wrong import of_catalogue


def judged(case: Case, seed: int, directions: int = DIRECTIONS) -> GradientCheck:
    """The verdict of ``gradient_check`` on one case."""
    whole = np.ndim(case.dout) > 0

    def backward(*args: Any, **inputs: Any) -> Any:
        return case.backward(args[0] if args else 1.0, **inputs)

    dout = case.dout if whole else None
    return gradient_check(
        case.forward, backward, case.inputs, dout=dout, seed=seed, directions=directions
    )


def right_ones(seeds: Iterable[int], names: Iterable[str] = tuple(CASES)) -> Counter[str]:
    """Count the verdicts on correct code, over all kinds of points and these seeds."""
    names = tuple(names)
    return Counter(judged(drawn(name, seed), seed).state for seed in seeds for name in names)


def wrong_ones(seeds: Iterable[int]) -> Iterator[tuple[str, str]]:
    """The verdict on every wrong backward pass of the catalogue, for these seeds."""
    for seed in seeds:
        for mistake, case in of_catalogue(seed):
            yield f"{mistake.function}/{mistake.name}", judged(case, seed).state
