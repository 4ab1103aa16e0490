"""What the contract says apart from values: how many results, which shape, no side effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from checks.model import Answer, Array, Evidence, Foreign, Handle, Problem


def from_problem(problem: Problem, function: str) -> Evidence:
    """Turn the reason why there is no value into evidence."""
    detail = {
        "problem": problem.kind,
        "where": problem.where,
        **problem.detail,
        "function": function,
    }
    if problem.kind in ("missing", "not_started"):  # it may be a method, or what it calls
        detail.update(problem.detail)
    return Evidence("problem", detail)


def result(
    answer: Answer, function: str, results: Sequence[str], which: int
) -> tuple[object, Evidence | None]:
    """Take one result out of an answer.

    Args:
        answer: what the call gave.
        function: the function that was called.
        results: the names of what it returns; one name means that it is not a tuple.
        which: the position of the result that is wanted.

    Returns:
        ``(value, None)``, or ``(None, evidence)`` where there is no such result.
    """
    if answer.problem is not None:
        return None, from_problem(answer.problem, function)
    value = answer.value
    if value is None:
        return None, Evidence("returned_none", {"function": function, "asked": tuple(results)})
    if len(results) == 1:
        if isinstance(value, tuple):
            return None, _count(function, results, value)
        return value, None
    if not isinstance(value, tuple) or len(value) != len(results):
        return None, _count(function, results, value)
    if value[which] is None:
        if all(part is None or isinstance(part, Handle) for part in value):
            return None, from_problem(Problem("not_started"), function)
        return None, Evidence("result_none", {"function": function, "name": results[which]})
    return value[which], None


def _count(function: str, results: Sequence[str], value: object) -> Evidence:
    got = len(value) if isinstance(value, tuple) else 1
    is_tuple = isinstance(value, tuple)
    return Evidence(
        "count", {"function": function, "asked": tuple(results), "got": got, "tuple": is_tuple}
    )


def numbers(
    value: object, function: str, name: str, shape: tuple[int, ...], of: str = ""
) -> tuple[Array, Evidence | None]:
    """Read a result as an array of real numbers of exactly this shape.

    Args:
        value: one result.
        function: the function that gave it.
        name: what the result is called.
        shape: the shape that the contract asks for.
        of: the array whose shape that is, such as "x".

    Returns:
        ``(array, None)``, or what there is of an array and the evidence against the result.
    """
    nothing = np.zeros(0)
    about = {"function": function, "name": name}
    if isinstance(value, bool | int | float):
        value = np.asarray(value, dtype=float)
    if isinstance(value, Foreign):
        return nothing, Evidence("type", {**about, "type": value.type_name, "shape": shape})
    if not isinstance(value, np.ndarray) or type(value) is not np.ndarray:
        return nothing, Evidence("type", {**about, "type": type(value).__name__, "shape": shape})
    if value.shape != shape:
        detail = {**about, "got": value.shape, "shape": shape, "of": of}
        return value, Evidence("shape", detail)
    if value.dtype.kind not in "fiub" or (value.dtype.itemsize == 2 and value.dtype.kind == "f"):
        return nothing, Evidence("dtype", {**about, "dtype": str(value.dtype)})
    wrong = ~np.isfinite(value)
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        found = {"index": index, "value": str(float(value[index])), "count": int(wrong.sum())}
        return value, Evidence("nonfinite", {**about, **found, "size": value.size})
    return value, None


def leaves_alone(
    answer: Answer, function: str, arguments: Sequence[str], inputs: Mapping[str, object]
) -> Evidence:
    """Look at whether a call changed one of these arguments."""
    if answer.problem is not None:
        return replace(from_problem(answer.problem, function), inputs=inputs)
    changed = [name for name in answer.changed if name.split("[")[0] in arguments]
    detail = {"function": function, "changed": tuple(changed)}
    return Evidence("changed", detail, float(len(changed)), 0.0, inputs)


def same_again(
    function: str, first: Answer, second: Answer, inputs: Mapping[str, object]
) -> Evidence:
    """Look at whether two calls with equal arguments gave equal results.

    They may differ in rounding: a sum in another order is still the same function.
    """
    for answer in (first, second):
        if answer.problem is not None:
            return from_problem(answer.problem, function)
    far = distance(first.value, second.value)
    return Evidence("unsteady", {"function": function}, far, 1e-4, inputs)


def distance(one: object, two: object) -> float:
    """The relative distance of two trees of results; infinite where they differ in kind."""
    if isinstance(one, tuple) and isinstance(two, tuple) and len(one) == len(two):
        return max((distance(a, b) for a, b in zip(one, two, strict=True)), default=0.0)
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        return max((distance(one[key], two[key]) for key in one), default=0.0)
    if isinstance(one, Handle | Foreign) or one is None or isinstance(one, str | dict):
        return 0.0
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray) and _alike(one, two):
        return 0.0
    a, b = np.asarray(one), np.asarray(two)
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return float("inf")
    if np.array_equal(a, b, equal_nan=True):
        return 0.0
    with np.errstate(all="ignore"):
        return _relative(a, b)


def _alike(one: Array, two: Array) -> bool:
    """Whether two arrays are the same to the last bit, which is the rule and quickly told."""
    head = one.dtype == two.dtype and one.shape == two.shape and one.dtype.kind in "fiub"
    return head and one.tobytes() == two.tobytes()


def _relative(a: Array, b: Array) -> float:
    size = float(np.linalg.norm(a)) + float(np.linalg.norm(b))
    far = float(np.linalg.norm(np.subtract(a, b, dtype=float)))
    return far / size if size else far
