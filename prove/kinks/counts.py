"""How often is right code called wrong, and wrong code right? The counts of ``make prove``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from checks import gradient_check
from checks.verdict.result import DIRECTIONS, GradientCheck
from prove.kinks.cases import CASES, Case, drawn
from prove.kinks.wrong import of_catalogue

SEEDS = 200


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


def at_most(times: int, runs: int) -> float:
    """The largest rate that would show so few times in so many runs in 5 % of all cases.

    For none in ``runs`` that is ``1 - 0.05 ** (1 / runs)``, close to ``3 / runs``; for more,
    the exact binomial bound, found by halving.
    """
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(times, runs, middle) > 0.05 else (low, middle)
    return high


def _tail(times: int, runs: int, rate: float) -> float:
    """The probability of at most so many, term by term."""
    term, total = (1 - rate) ** runs, 0.0
    for k in range(times + 1):
        total += term
        term *= (runs - k) / (k + 1) * rate / (1 - rate) if rate < 1 else 0.0
    return total


def counts(seeds: int = SEEDS) -> dict[str, object]:
    """All counts, as plain data: what was run, and the 95 % bound on what was not seen."""
    right = right_ones(range(seeds))
    runs = sum(right.values())
    wrong = Counter(state for _, state in wrong_ones(range(max(1, seeds // 20))))
    return {
        "seeds": seeds,
        "correct runs": runs,
        "called wrong": right["mismatch"],
        "called wrong, at most": at_most(right["mismatch"], runs),
        "undetermined": right["undetermined"],
        "undetermined, at most": at_most(right["undetermined"], runs),
        "wrong runs": sum(wrong.values()),
        "found": wrong["mismatch"],
        "called right": wrong["match"],
        "not told": wrong["undetermined"],
    }


if __name__ == "__main__":
    for name, value in counts().items():
        print(f"{name}: {value}")
