"""One point: its result, its gradients, its rounding, and the lines through it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from checks.model import Array
from checks.verdict.asked import Asked
from checks.verdict.certificate import draw
from checks.verdict.result import MISMATCH, Verdict

EPS = float(np.finfo(np.float64).eps)
EPS32 = float(np.finfo(np.float32).eps)
TINY = 1e-300


class Point:
    """Where the slopes are measured.

    Args:
        asked: the two functions.
        inputs: float arrays in float64; they are left alone.
    """

    def __init__(self, asked: Asked, inputs: Mapping[str, Any]) -> None:
        self.asked, self.inputs = asked, dict(inputs)
        self.y, grads = asked.slopes(inputs)
        self.eps = EPS32 if in_single(self.y) and self._in_single_beside() else EPS
        self.faults: dict[str, Verdict] = {}
        self.grads: dict[str, Array] = {}
        self.grad_eps: dict[str, float] = {}
        for name in asked.names:
            fault = _fault(name, grads[name], self.inputs[name].shape)
            if fault is not None:
                self.faults[name] = fault
                continue
            grad = np.asarray(grads[name])
            self.grad_eps[name] = EPS32 if in_single(grad) else EPS
            self.grads[name] = np.array(grad, dtype=np.float64)
        self.scale = {name: rms(self.inputs[name]) or 1.0 for name in asked.names}
        self.room = {n: np.empty_like(v) for n, v in inputs.items() if isinstance(v, np.ndarray)}

    @property
    def dout(self) -> Array | None:
        """The weights of the results."""
        return self.asked.dout

    @property
    def finite(self) -> bool:
        """Whether forward gives numbers here."""
        return bool(np.isfinite(self.y).all())

    @property
    def height(self) -> float:
        """The size of what is summed: rounding is in proportion to it."""
        if self.dout is None:
            return float(np.linalg.norm(self.y))
        return norm(self.dout * self.y)

    def size(self, name: str) -> float:
        """How fast the claimed gradient lets the loss change along a usual direction."""
        return self.scale[name] * norm(self.grads[name])

    def floor(self, names: list[str]) -> float:
        """The rounding error of one psi: that of the results, and that of the moved inputs."""
        inside = sum(float(norm(self.grads[n] * self.inputs[n]) ** 2) for n in names)
        return self.eps * (self.height + math.sqrt(inside)) + TINY

    def line(self, direction: Mapping[str, Array]) -> Line:
        """The line through here along a direction."""
        return Line(self, direction)

    def beside(self, amount: float, rng: np.random.Generator) -> dict[str, Any]:
        """Move every input in question by this much of its own size."""
        moved = {
            n: self.inputs[n] + amount * self.scale[n] * draw(rng, self.inputs[n].shape)
            for n in self.asked.names
        }
        return {**self.inputs, **moved}

    def _in_single_beside(self) -> bool:
        """Whether the result has single precision at a crooked point as well."""
        rng = np.random.default_rng(0)
        moved = {n: v + 1e-3 * draw(rng, v.shape) for n, v in self._checked().items()}
        return in_single(self.asked.values({**self._fresh(), **moved}))

    def _checked(self) -> dict[str, Array]:
        return {name: self.inputs[name] for name in self.asked.names}

    def _fresh(self) -> dict[str, Any]:
        return {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in self.inputs.items()}


class Line:
    """psi(t) = sum(dout * (y(x + t v) - y(x))), subtracted before it is summed.

    All evaluations share one set of arrays, written anew each time: a forward that
    spoils its inputs spoils nothing, and nothing is allocated.
    """

    def __init__(self, point: Point, direction: Mapping[str, Array]) -> None:
        self.point, self.direction = point, direction
        self.still = {n: v for n, v in point.inputs.items() if n not in direction}

    def __call__(self, t: float) -> float:
        here = dict(self.still)
        for name, value in self.still.items():
            if name in self.point.room:
                here[name] = self.point.room[name]
                np.copyto(here[name], value)
        for name, v in self.direction.items():
            here[name] = np.multiply(v, t, out=self.point.room[name])
            here[name] += self.point.inputs[name]
        change = self.point.asked.values(here) - self.point.y
        weights = self.point.dout
        return float(change.sum() if weights is None else np.vdot(weights, change))


def rms(x: Array) -> float:
    """The usual size of an entry."""
    return norm(x) / math.sqrt(x.size) if x.size else 0.0


def norm(x: Array) -> float:
    """The length of an array of any shape."""
    return float(np.linalg.norm(x.ravel()))


def in_single(a: Array) -> bool:
    """Whether every number fits float32 exactly, as what float32 code gives does."""
    if a.dtype.kind == "f" and a.dtype.itemsize <= 4:
        return True
    head = a.reshape(-1)[:64]
    if not np.array_equal(head.astype(np.float32), head):
        return False
    return bool(a.any()) and bool(np.array_equal(a.astype(np.float32), a))


def _fault(name: str, grad: object, shape: tuple[int, ...]) -> Verdict | None:
    """What is wrong with a gradient before any number of it is looked at."""

    def wrong(kind: str, **detail: object) -> Verdict:
        return Verdict(name, MISMATCH, kind, shape=shape, detail=detail)

    if grad is None:
        return wrong("missing")
    try:
        got = np.asarray(grad)
    except ValueError:  # rows of different lengths
        return wrong("dtype", found=type(grad).__name__)
    if got.shape != shape:
        return wrong("shape", found=got.shape)
    if got.dtype.kind not in "fiu":
        return wrong("dtype", found=str(got.dtype))
    if not np.isfinite(got).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(got))[0])
        return wrong("nonfinite", index=index, yours=float(got[index]))
    return None
