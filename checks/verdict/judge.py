"""One point, all arrays: together first, then each alone, beside the point where it must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from checks.model import Array
from checks.verdict.asked import Asked
from checks.verdict.certificate import draw, smallest_seen
from checks.verdict.direction import (
    AGREES,
    BLUNT,
    DIFFERS,
    KINK,
    NOWHERE,
    SHARP,
    Claim,
    Slope,
    along,
)
from checks.verdict.localise import wrong_entries
from checks.verdict.point import EPS, Point, norm
from checks.verdict.result import (
    DIRECTIONS,
    MATCH,
    MISMATCH,
    UNDETERMINED,
    Verdict,
)

BESIDE = (0.0, 1e-2, 0.1, 0.3, 1.0)  # how far off, by each array's size
STEP, SINGLE_STEP = 1e-4, 3e-2


@np.errstate(all="ignore")  # what a stranger's numbers do on the way is told in the end
def judge(asked: Asked, inputs: Mapping[str, Any], rng: np.random.Generator) -> list[Verdict]:
    """Say of every input in question whether its gradient is the slope.

    Args:
        asked: the two functions.
        inputs: the point, as ``asked.settled`` gives it.
        rng: draws the directions, after the gradients have been computed.
    """
    decided: dict[str, Verdict] = {}
    origin = here = Point(asked, inputs)
    for amount in BESIDE:
        if amount:
            here = Point(asked, origin.beside(amount, rng))
        for name, verdict in _at(here, rng, [n for n in asked.names if not _final(decided, n)]):
            decided[name] = replace(verdict, moved=amount, shape=np.shape(inputs[name]))
        if all(_final(decided, name) for name in asked.names):
            break
    if not all(_final(decided, name) for name in asked.names) and _is_random(origin):
        for name, verdict in decided.items():
            decided[name] = replace(verdict, state=UNDETERMINED, kind="random")
    return [decided[name] for name in asked.names]


def _final(decided: Mapping[str, Verdict], name: str) -> bool:
    return name in decided and decided[name].state != UNDETERMINED


def _at(point: Point, rng: np.random.Generator, names: list[str]) -> list[tuple[str, Verdict]]:
    """Judge these arrays at one point."""
    found = {name: fault for name, fault in point.faults.items() if name in names}
    open_ones = [name for name in names if name not in found]
    if not point.finite:
        return [(n, found.get(n, Verdict(n, UNDETERMINED, "forward"))) for n in names]
    for name in open_ones:
        if point.inputs[name].size == 0:
            found[name] = Verdict(name, MATCH, "empty", bound=0.0)
    open_ones = [name for name in open_ones if name not in found]
    if len(open_ones) > 1:
        found |= _together(point, rng, open_ones)
    for name in open_ones:
        if name not in found:
            found[name] = _alone(point, rng, name)
    return [(name, found[name]) for name in names]


def _together(point: Point, rng: np.random.Generator, names: list[str]) -> dict[str, Verdict]:
    """Move all arrays at once; of those for which that is sharp enough, give the matches."""
    size = float(np.linalg.norm([point.size(name) for name in names]))
    bounds = []
    for _ in range(DIRECTIONS):
        slope = _measured(point, _isotropic(point, rng, names), size)
        if slope.state != AGREES:
            return {}
        bounds.append(2 * slope.bound)
    usual = float(np.exp(np.mean(np.log(bounds)))) / 2
    sharp = [n for n in names if usual <= _wanted(point) * point.size(n)]
    return {name: _matching(point, name, bounds) for name in sharp}


@dataclass
class _Tally:
    """What the directions of one array said so far."""

    bounds: list[float] = field(default_factory=list)
    differing: list[tuple[Slope, Mapping[str, Array]]] = field(default_factory=list)
    lost: list[Slope] = field(default_factory=list)


def _alone(point: Point, rng: np.random.Generator, name: str) -> Verdict:
    """Move one array: three directions for the certificate, and one that favours small slopes."""
    tally = _Tally()
    kinds = [*["isotropic"] * DIRECTIONS, "balanced"]
    while kinds:
        direction = _isotropic(point, rng, [name])
        size = point.size(name)
        if kinds[0] == "balanced":
            direction = {name: direction[name] * _balance(point.grads[name])}
            size = norm(point.grads[name] * direction[name])
        slope = _measured(point, direction, size)
        if slope.state == DIFFERS:
            tally.differing.append((slope, direction))
            if len(tally.differing) == 2:
                return _mismatch(point, rng, name, tally)
        elif slope.state != AGREES:
            if not _is_zero(point, name, slope):
                tally.lost.append(slope)
                if len(tally.lost) == 2:
                    return _lost(point, name, tally)
                continue
            tally.bounds.append(2 * slope.bound)
        elif kinds[0] == "isotropic":
            tally.bounds.append(2 * slope.bound)
        kinds.pop(0)
    if tally.differing:
        return _lost(point, name, tally)
    return _matching(point, name, tally.bounds[:DIRECTIONS])


def _measured(point: Point, direction: Mapping[str, Array], size: float) -> Slope:
    names = list(direction)
    along_it = {name: point.grads[name] * v for name, v in direction.items()}
    single = point.eps > EPS
    claim = Claim(
        slope=float(sum(part.sum() for part in along_it.values())),
        size=size,
        floor=point.floor(names),
        ground=sum(16 * point.grad_eps[name] * norm(part) for name, part in along_it.items()),
        start=SINGLE_STEP if single else STEP,
        sharp=_wanted(point),
    )
    return along(point.line(direction), claim)


def _wanted(point: Point) -> float:
    return BLUNT if point.eps > EPS else SHARP


def _isotropic(point: Point, rng: np.random.Generator, names: list[str]) -> dict[str, Array]:
    """No entry is favoured; every array moves in proportion to its own size."""
    made = {}
    for name in names:
        made[name] = draw(rng, point.inputs[name].shape)
        made[name] *= point.scale[name]
    return made


def _balance(grad: Array) -> Array:
    """Weights that let small slopes count as much as large ones."""
    sizes = np.abs(grad)
    if not sizes.any():
        return np.ones_like(grad)
    weights = 1 / np.maximum(sizes, 1e-2 * np.median(sizes[sizes > 0]))
    return weights * (np.sqrt(grad.size) / norm(weights))


def _is_zero(point: Point, name: str, slope: Slope) -> bool:
    """Whether the slope is nothing beside those of the other arrays and the loss itself.

    A gradient that is zero but for rounding, as that of a bias before softmax's shift, is
    within no small part of itself; beside the rest it is known as sharply as any.
    """
    if not abs(slope.value - 0.0) <= slope.bound or slope.state in (KINK, NOWHERE):
        return False
    rest = max([point.size(other) for other in point.grads] + [point.height])
    return point.size(name) <= slope.bound <= SHARP * rest


def _matching(point: Point, name: str, bounds: list[float]) -> Verdict:
    bound = smallest_seen(bounds) / point.scale[name]
    return Verdict(name, MATCH, bound=bound, norm=norm(point.grads[name]))


def _mismatch(point: Point, rng: np.random.Generator, name: str, tally: _Tally) -> Verdict:
    slope, direction = tally.differing[0]
    claimed = float((point.grads[name] * direction[name]).sum())
    apart = abs(claimed - slope.value) / max(point.size(name), abs(slope.value))
    found = wrong_entries(point, name, rng, slope.h)
    return Verdict(name, MISMATCH, norm=norm(point.grads[name]), apart=apart, found=found)


def _lost(point: Point, name: str, tally: _Tally) -> Verdict:
    """Nothing can be told here, and why."""
    states = {slope.state for slope in tally.lost}
    kind = "kink" if KINK in states or not states else "noise"
    if NOWHERE in states:
        kind = "forward"
    if point.eps > EPS:
        kind = "single"
    return Verdict(name, UNDETERMINED, kind, norm=norm(point.grads[name]))


def _is_random(point: Point) -> bool:
    """Whether forward gives another result for the same inputs."""
    again = point.asked.slopes(point.inputs)[0]
    return not np.array_equal(again, point.y, equal_nan=True)
