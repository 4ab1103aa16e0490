"""One point: its result, its gradients, its rounding, and the lines through it."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from checks.beside.slopes import fresh
from checks.model import Array
from checks.verdict.asked import Asked
from checks.verdict.certificate import WIDEST, draw
from checks.verdict.result import MISMATCH, Verdict

EPS = float(np.finfo(np.float64).eps)
EPS32 = float(np.finfo(np.float32).eps)
TINY = 1e-300
SHORT = 12  # binary digits, half of those that float32 has


class Point:
    """Where the slopes are measured.

    Args:
        asked: the two functions.
        inputs: float arrays in float64; they are left alone.
    """

    def __init__(self, asked: Asked, inputs: Mapping[str, Any]) -> None:
        self.asked, self.inputs = asked, dict(inputs)
        arrays = {n: v for n, v in inputs.items() if isinstance(v, np.ndarray)}
        self.room = {name: np.empty_like(value) for name, value in arrays.items()}
        self.way = {name: np.empty_like(self.inputs[name]) for name in asked.names}
        self.y, came = asked.slopes(self.copies)
        self.faults: dict[str, Verdict] = {}
        self.grads: dict[str, Array] = {}
        self.grad_eps: dict[str, float] = {}
        for name in asked.names:
            fault = _fault(name, came[name], self.inputs[name].shape)
            if fault is not None:
                self.faults[name] = fault
                continue
            grad = np.asarray(came[name])
            self.grad_eps[name] = EPS32 if in_single(grad) else EPS
            self.grads[name] = np.array(grad, dtype=np.float64)
        self.scale = {name: rms(self.inputs[name]) or 1.0 for name in asked.names}
        self.sizes = {name: self.scale[name] * norm(grad) for name, grad in self.grads.items()}
        self.eps = EPS32 if in_single(self.y) and self._in_single_beside() else EPS

    def copies(self, but: Container[str] = ()) -> dict[str, Any]:
        """The inputs in arrays that are ours to spoil, the same ones each time."""
        here = {}
        for name, value in self.inputs.items():
            if name in self.room and name not in but:
                np.copyto(self.room[name], value)
            here[name] = self.room[name] if name in self.room else fresh(value)
        return here

    @property
    def dout(self) -> Array | None:
        """The weights of the results."""
        return self.asked.dout

    @cached_property
    def finite(self) -> bool:
        """Whether forward gives numbers here."""
        return bool(np.isfinite(self.y).all())

    @cached_property
    def height(self) -> float:
        """The size of what is summed: rounding is in proportion to it."""
        if self.dout is None:
            return float(np.linalg.norm(self.y))
        return norm(self.dout * self.y)

    @cached_property
    def inside(self) -> dict[str, float]:
        """What a rounding of each input does to the loss, in units of ``eps``."""
        return {name: norm(grad * self.inputs[name]) for name, grad in self.grads.items()}

    def floor(self, names: Iterable[str]) -> float:
        """The rounding error of one psi: that of the results, and that of the moved inputs."""
        return self.eps * (self.height + math.hypot(*(self.inside[n] for n in names))) + TINY

    def isotropic(self, rng: np.random.Generator, names: Iterable[str]) -> dict[str, Array]:
        """Draw a direction that favours no entry; each array moves by its own scale.

        The arrays are written over by the next one.
        """
        for name in names:
            draw(rng, self.way[name], self.scale[name])
        return {name: self.way[name] for name in names}

    def claimed(self, direction: Mapping[str, Array]) -> tuple[float, float]:
        """The slope along an isotropic direction by the gradients in question, and its rounding."""
        slope = sum(float(np.vdot(self.grads[name], v)) for name, v in direction.items())
        rounding = sum(self.grad_eps[name] * WIDEST * self.sizes[name] for name in direction)
        return slope, rounding

    def beside(self, amount: float, rng: np.random.Generator) -> dict[str, Any]:
        """Move every input in question by this much of its own size."""
        moved = {
            n: self.inputs[n] + draw(rng, np.empty_like(self.inputs[n]), amount * self.scale[n])
            for n in self.asked.names
        }
        return {**self.inputs, **moved}

    def _in_single_beside(self) -> bool:
        """Whether the result has single precision at a crooked point as well."""
        rng = np.random.default_rng(0)
        moved = {n: self.inputs[n] + 1e-3 * rng.random(self.way[n].shape) for n in self.way}
        return in_single(self.asked.values(fresh({**self.inputs, **moved})))


class Line:
    """psi(t) = sum(dout * (y(x + t v) - y(x))), subtracted before it is summed.

    All points share one set of arrays, written anew for each: a forward that spoils its
    inputs spoils nothing, and nothing is allocated. The direction is in our hands, too: it
    is multiplied in place by the step, which is exact from one power of two to another.
    """

    def __init__(self, point: Point, direction: Mapping[str, Array]) -> None:
        self.point, self.direction, self.length = point, direction, 1.0

    def __call__(self, t: float) -> float:
        if abs(t) != self.length:
            for v in self.direction.values():
                v *= abs(t) / self.length
            self.length = abs(t)
        here = self.point.copies(but=self.direction)
        move = np.add if t > 0 else np.subtract
        for name, v in self.direction.items():
            move(self.point.inputs[name], v, out=here[name])
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
    """Whether the numbers are those that float32 code gives: each fits float32, and not by chance.

    Ones, halves and small whole numbers fit it, too, and say nothing.
    """
    if a.dtype.kind == "f" and a.dtype.itemsize <= 4:
        return True
    head = a.reshape(-1)[:64]
    if not np.array_equal(head.astype(np.float32), head):
        return False
    digits = np.frexp(a)[0] * 2.0**SHORT
    return not np.array_equal(digits, np.rint(digits)) and np.array_equal(a.astype(np.float32), a)


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
