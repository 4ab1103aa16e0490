"""Measure how a function's result changes as its arguments move, in one request.

For directions v, weights u and a step t::

    psi(t) = sum(u * (y(x + t v) - y(x)))

Every evaluation gets fresh copies in float64, so that code which spoils its arguments or
keeps its results spoils nothing here. The difference is taken before the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .trouble import Trouble, name_of

Array = np.ndarray[Any, np.dtype[Any]]
Path = int | tuple[int | str, ...]  # argument 0, or the part (1, "W1") of argument 1


def measure(
    function: Callable[..., object],
    args: Sequence[object],
    move: Mapping[Any, Array],
    steps: Sequence[float],
    weigh: Array | None = None,
    take: int = 0,
) -> Array:
    """Evaluate psi at every step.

    Args:
        function: called with positional arguments.
        args: arrays of any float type; they are left alone.
        move: the direction v of every argument (or part of one, by its Path) that moves.
        steps: the values of t.
        weigh: u, in the shape of the result; None for a result that is one number.
        take: which result of a tuple is y.

    Returns:
        A float64 array with one entry per step.

    Raises:
        Trouble: of kind "raised", where a result is not an array of numbers in u's shape.
    """
    start = [double(arg) for arg in args]
    for path, direction in move.items():
        _check_direction(part_of(start, path), direction)

    def y(t: float) -> Array:
        here = [fresh(arg) for arg in start]
        for path, direction in move.items():
            moved = part_of(here, path)
            moved += t * direction
        return _numbers(function(*here), take, weigh)

    base = y(0.0)
    u = np.ones(()) if weigh is None else weigh
    return np.array([np.sum(u * (y(t) - base)) for t in steps], dtype=np.float64)


def fresh(value: Any) -> Any:
    """Copy arrays and the containers around them; anything else stays what it is."""
    if type(value) is np.ndarray:
        return value.copy()
    if type(value) in (tuple, list):
        return type(value)(fresh(part) for part in value)
    if type(value) is dict:
        return {key: fresh(part) for key, part in value.items()}
    return value


def double(value: Any) -> Any:
    """The same as ``fresh``, with every array of floats in float64."""
    if type(value) is np.ndarray:
        return value.astype(np.float64 if value.dtype.kind == "f" else value.dtype)
    if type(value) in (tuple, list):
        return type(value)(double(part) for part in value)
    if type(value) is dict:
        return {key: double(part) for key, part in value.items()}
    return value


def part_of(args: Sequence[object], path: Path) -> Any:
    """Follow a path into the arguments."""
    part: Any = args
    for step in path if isinstance(path, tuple) else (path,):
        part = part[step]
    return part


def _check_direction(value: object, direction: Array) -> None:
    if not isinstance(value, np.ndarray) or value.dtype != np.float64:
        raise TypeError("only an array of floats can move")
    if value.shape != direction.shape:
        raise ValueError(f"a direction of shape {direction.shape} for an array of {value.shape}")


def _numbers(result: object, take: int, weigh: Array | None) -> Array:
    """Take y out of what the function returned, as a float64 copy."""
    if isinstance(result, tuple | list):
        if take >= len(result):
            raise _unusable(f"{len(result)} results came back, and result {take} was wanted")
        result = result[take]
    try:
        y = np.array(result, copy=True, subok=False)
    except (TypeError, ValueError):  # rows of different lengths
        y = np.array(None)
    if y.dtype.kind not in "fiub":
        raise _unusable(f"a {name_of(result)} came back, not an array of real numbers")
    shape = () if weigh is None else weigh.shape
    if y.shape != shape:
        raise _unusable(f"a result of shape {y.shape} came back, and {shape} was wanted")
    return y.astype(np.float64, copy=False)


def _unusable(message: str) -> Trouble:
    return Trouble("raised", error="TypeError", message=message, source="")
