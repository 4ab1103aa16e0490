"""One point, all arrays: together first, then each alone, beside the point where it must be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from checks.model import Array
from checks.verdict.asked import Asked
from checks.verdict.certificate import smallest_seen
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
from checks.verdict.point import EPS, Line, Point, norm
from checks.verdict.result import (
    DIRECTIONS,
    MATCH,
    MISMATCH,
    UNDETERMINED,
    Verdict,
)

BESIDE = (0.0, 1e-2, 0.1, 0.3, 1.0)  # how far off, by each array's size
STEP, SINGLE_STEP = 2.0**-13, 2.0**-5  # powers of two, by which a direction shrinks exactly


@np.errstate(all="ignore")  # what a stranger's numbers do on the way is told in the end
def judge(
    asked: Asked,
    inputs: Mapping[str, Any],
    rng: np.random.Generator,
    directions: int = DIRECTIONS,
) -> list[Verdict]:
    """Say of every input in question whether its gradient is the slope.

    Args:
        asked: the two functions.
        inputs: the point, as ``asked.settled`` gives it.
        rng: draws the directions, after the gradients have been computed.
        directions: how many a certificate stands on.
    """
    decided: dict[str, Verdict] = {}
    origin = here = Point(asked, inputs)
    for amount in BESIDE:
        if amount:
            here = Point(asked, origin.beside(amount, rng))
        waiting = [name for name in asked.names if not _final(decided, name)]
        for name, verdict in _at(here, rng, waiting, directions):
            decided[name] = replace(verdict, moved=amount, shape=np.shape(inputs[name]))
        if all(_final(decided, name) for name in asked.names):
            break
    if not all(_final(decided, name) for name in asked.names) and _is_random(origin):
        for name, verdict in decided.items():
            decided[name] = replace(verdict, state=UNDETERMINED, kind="random")
    return [decided[name] for name in asked.names]


def _final(decided: Mapping[str, Verdict], name: str) -> bool:
    return name in decided and decided[name].state != UNDETERMINED


def _at(
    point: Point, rng: np.random.Generator, names: list[str], directions: int
) -> list[tuple[str, Verdict]]:
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
        found |= _together(point, rng, open_ones, directions)
    for name in open_ones:
        if name not in found:
            found[name] = _alone(point, rng, name, directions)
    return [(name, found[name]) for name in names]


def _together(
    point: Point, rng: np.random.Generator, names: list[str], directions: int
) -> dict[str, Verdict]:
    """Move all arrays at once; of those for which that is sharp enough, give the matches."""
    size = math.hypot(*(point.sizes[name] for name in names))
    bounds = []
    for _ in range(directions):
        slope = _measured(point, point.isotropic(rng, names), size)
        if slope.state != AGREES:
            return {}
        bounds.append(2 * slope.bound)
    usual = float(np.exp(np.mean(np.log(bounds)))) / 2
    sharp = [n for n in names if usual <= _wanted(point) * point.sizes[n]]
    return {name: _matching(point, name, bounds) for name in sharp}


@dataclass
class _Tally:
    """What the directions of one array said so far."""

    bounds: list[float] = field(default_factory=list)
    differing: list[Slope] = field(default_factory=list)
    lost: list[Slope] = field(default_factory=list)


def _alone(point: Point, rng: np.random.Generator, name: str, directions: int) -> Verdict:
    """Move one array: some directions for the certificate, and one that favours small slopes."""
    tally = _Tally()
    kinds = [*[_isotropic] * directions, _balanced]
    while kinds:
        slope = kinds[0](point, rng, name)
        if slope.state == DIFFERS:
            tally.differing.append(slope)
            if len(tally.differing) == 2:
                return _mismatch(point, rng, name, tally)
        elif slope.state != AGREES:
            if not _is_zero(point, name, slope):
                tally.lost.append(slope)
                if len(tally.lost) == 2:
                    return _lost(point, name, tally)
                continue
            tally.bounds.append(2 * slope.bound)
        elif kinds[0] is _isotropic:
            tally.bounds.append(2 * slope.bound)
        kinds.pop(0)
    if tally.differing:
        return _lost(point, name, tally)
    return _matching(point, name, tally.bounds)


def _measured(point: Point, direction: Mapping[str, Array], size: float) -> Slope:
    slope, rounding = point.claimed(direction)
    claim = Claim(
        slope=slope,
        size=size,
        floor=point.floor(direction),
        ground=16 * rounding,
        start=SINGLE_STEP if point.eps > EPS else STEP,
        sharp=_wanted(point),
    )
    return along(Line(point, direction), claim)


def _wanted(point: Point) -> float:
    return BLUNT if point.eps > EPS else SHARP


def _isotropic(point: Point, rng: np.random.Generator, name: str) -> Slope:
    return _measured(point, point.isotropic(rng, [name]), point.sizes[name])


def _balanced(point: Point, rng: np.random.Generator, name: str) -> Slope:
    """Along a direction in which small slopes count as much as large ones."""
    direction = point.isotropic(rng, [name])
    sizes = np.abs(point.grads[name])
    if sizes.any():
        weights = 1 / np.maximum(sizes, 1e-2 * np.median(sizes[sizes > 0]))
        direction[name] *= weights * (math.sqrt(sizes.size) / norm(weights))
    return _measured(point, direction, norm(point.grads[name] * direction[name]))


def _is_zero(point: Point, name: str, slope: Slope) -> bool:
    """Whether the slope is nothing beside those of the other arrays and the loss itself.

    A gradient that is zero but for rounding, as that of a bias before softmax's shift, is
    within no small part of itself; beside the rest it is known as sharply as any.
    """
    if not abs(slope.value - 0.0) <= slope.bound or slope.state in (KINK, NOWHERE):
        return False
    rest = max([point.sizes[other] for other in point.grads] + [point.height])
    return point.sizes[name] <= slope.bound <= SHARP * rest


def _matching(point: Point, name: str, bounds: list[float]) -> Verdict:
    bound = smallest_seen(bounds) / point.scale[name]
    return Verdict(name, MATCH, bound=bound, norm=norm(point.grads[name]))


def _mismatch(point: Point, rng: np.random.Generator, name: str, tally: _Tally) -> Verdict:
    slope = tally.differing[0]
    apart = abs(slope.claimed - slope.value) / max(point.sizes[name], abs(slope.value))
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
    again = point.asked.values(point.copies())
    return not np.array_equal(again, point.y, equal_nan=True)
