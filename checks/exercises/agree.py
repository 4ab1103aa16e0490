"""Is this array the right one? Values against the reference, with the smallest evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from checks import contract
from checks.model import Answer, Array, Evidence, Rule

SLACK = 300  # roundings: what a sum of a few dozen products may lose in another order


@dataclass(frozen=True)
class Drawn:
    """The inputs of one draw by name, and the sizes by their letters.

    ``known`` is what was worked out of them, for whoever asks for the same again.
    """

    arrays: Mapping[str, Array]
    sizes: Mapping[str, int]
    known: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]


@np.errstate(all="ignore")  # a stranger's numbers may be as large as they like
def values(
    yours: Array,
    right: Array,
    *,
    function: str,
    name: str,
    sizes: Mapping[str, int] | None = None,
    inputs: Mapping[str, object] | None = None,
    scale: float | None = None,
    tolerance: float | None = None,
    start: Array | None = None,
    rule: Rule | None = None,
) -> Evidence:
    """Compare two arrays of one shape by their norms.

    Args:
        yours: the student's, finite.
        right: what it should be.
        function, name: whose result it is, and what it is called.
        sizes: the letters of the draw, so that a factor 1/4 can be known as 1/N.
        inputs: the arguments of the draw.
        scale: the size beside which rounding is small; by default the norm of ``right``.
        tolerance: relative, where rounding is not what sets it.
        start: where a step began; a pattern is then one of the step.
        rule: gives all right results, for the inputs and for others.

    Returns:
        Evidence of the kind "value": the distance, its bound, and the first of the
        most wrong entries.
    """
    right = np.asarray(right, dtype=np.float64)
    eps = np.finfo(np.float32 if in_single_precision(yours) else np.float64).eps
    size = max(float(np.linalg.norm(right)), scale or 0.0)
    bound = max(SLACK * float(eps), tolerance or 0.0) * size
    mine = yours.astype(np.float64)
    gap = np.abs(mine - right)
    measured = float(np.linalg.norm(gap))
    if measured <= bound:
        return Evidence("value", {"function": function, "name": name}, measured, bound)

    index = tuple(int(i) for i in np.argwhere(gap >= gap.max() / 2)[0])
    detail = {
        "function": function,
        "name": name,
        "index": index,
        "yours": float(mine[index]),
        "right": float(right[index]),
        "wrong": int((gap > bound / max(gap.size, 1)).sum()),
        "size": gap.size,
        "sizes": dict(sizes or {}),
        "dtype": str(yours.dtype),
        "step": start is not None,
        "apart": measured / size if size else math.inf,
    }
    return Evidence("value", detail, measured, bound, inputs or {}, mine, right, start, rule)


def between(
    yours: Array,
    low: Array,
    high: Array,
    *,
    function: str,
    name: str,
    where: str,
    inputs: Mapping[str, object],
) -> Evidence:
    """Compare an array with an interval for each entry, all of which is right.

    Args:
        yours: the student's, finite.
        low, high: the ends, of its shape; the same number where only one is right.
        where: what is special about the point, as the middle of a sentence.
    """
    nearest = np.clip(yours.astype(np.float64), low, high)
    largest = float(np.linalg.norm(np.maximum(np.abs(low), np.abs(high))))
    seen = values(yours, nearest, function=function, name=name, inputs=inputs, scale=largest)
    if passes(seen):
        return seen
    index = seen.detail["index"]
    assert isinstance(index, tuple)
    detail = {
        "function": function,
        "name": name,
        "index": index,
        "yours": float(yours[index]),
        "low": float(low[index]),
        "high": float(high[index]),
        "where": where,
    }
    return replace(seen, kind="outside", detail=detail)


def turned(a: Array) -> Array:
    """Other numbers in the same shape and range: the largest for the smallest, and so on."""
    return np.asarray(a.min() + a.max() - a)


@np.errstate(all="ignore")  # what is too large for float32 does not fit it
def in_single_precision(a: Array) -> bool:
    """Whether every number fits float32 exactly, as the results of float32 code do."""
    if a.dtype == np.float32:
        return True
    return bool(a.any()) and bool(np.array_equal(a.astype(np.float32), a))


def one_result(
    answer: Answer,
    right: Array,
    *,
    function: str,
    results: Sequence[str],
    which: int = 0,
    of: str = "",
    drawn: Drawn,
    scale: float | None = None,
    tolerance: float | None = None,
    start: Array | None = None,
    rule: Rule | None = None,
) -> Evidence:
    """Read one result of a call and compare it: count, type, shape, dtype, then values."""
    value, against = contract.result(answer, function, results, which)
    if against is None:
        shape = np.shape(right)
        yours, against = contract.numbers(value, function, results[which], shape, of)
        if against is not None and against.kind == "shape":
            more = _shape_of(yours, of, results, drawn)
            against = replace(against, detail={**against.detail, **more}, rule=rule)
        if against is not None and against.kind in ("shape", "nonfinite"):
            against = replace(against, yours=yours, right=np.asarray(right, dtype=np.float64))
    if against is not None:
        return replace(
            against,
            inputs=drawn.arrays,
            detail={
                **against.detail,
                "warned": answer.warned[:1],
                "result_of": results[which],
                "sizes": dict(drawn.sizes),
            },
        )
    return values(
        yours,
        right,
        function=function,
        name=results[which],
        sizes=drawn.sizes,
        inputs=drawn.arrays,
        scale=scale,
        tolerance=tolerance,
        start=start,
        rule=rule,
    )


def _shape_of(yours: Array, of: str, results: Sequence[str], drawn: Drawn) -> dict[str, object]:
    """The other argument whose gradient this may be, by its shape, where there is one."""
    others = [name for name in drawn.arrays if name != of and f"d{name}" in results]
    fitting = [name for name in others if drawn[name].shape == yours.shape]
    return {"shape_of": fitting[0]} if len(fitting) == 1 else {}


def passes(seen: Evidence) -> bool:
    """Whether the numbers lie within their bound (nan does not)."""
    return seen.measured <= seen.bound


def with_detail(seen: Evidence, **more: object) -> Evidence:
    """The same evidence with more parameters for its sentence."""
    return replace(seen, detail={**seen.detail, **more})
