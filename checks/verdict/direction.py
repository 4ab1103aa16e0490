"""One direction: is the claimed slope the measured one, to within what can be known?

At a step h four values of psi give two central differences D(h) and D(h/2), and from them

    slope   R  = (4 D(h/2) - D(h)) / 3                      (eq-numeric-richardson)
    jump    J  = 4 (psi(h/2) + psi(-h/2)) / h - (psi(h) + psi(-h)) / h
    noise   d4 = |psi(h) - 4 psi(h/2) - 4 psi(-h/2) + psi(-h)| / sqrt(70)

J is the difference between the slopes on the two sides, as h goes to 0 (eq-numeric-jump,
with its curvature taken out): it shrinks with h where the function is smooth, and does not
on a kink. d4 is what rounding leaves of a fourth difference, psi(0) being 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

AGREES, DIFFERS, KINK, WEAK, NOWHERE = "agrees", "differs", "kink", "weak", "nowhere"

SURE = 12  # standard deviations of rounding that a bound allows for
IN_SLOPE, IN_JUMP = 1.9, 6.0  # how much larger an error of psi is in h R and in h J
SHARP, BLUNT = 1e-6, 1e-3  # how well a slope is to be known, and has to be, by its size
LEVELS = 8
CLOSER = 16.0
LARGEST, SMALLEST = 0.05, 1e-10


@dataclass(frozen=True)
class Claim:
    """What a direction is asked.

    Args:
        slope: along the direction, as the gradient in question has it.
        size: the gradient's own size along directions of this kind.
        floor: the rounding error of one psi.
        ground: the rounding error of ``slope`` itself.
        start: the first step.
        sharp: how well the slope is to be known, by its size.
    """

    slope: float
    size: float
    floor: float
    ground: float = 0.0
    start: float = 2.0**-13
    sharp: float = SHARP


@dataclass(frozen=True)
class Slope:
    """What a direction answered: how the claim stands, the slope, its bound, the step."""

    state: str
    value: float = math.nan
    bound: float = math.inf
    h: float = math.nan
    claimed: float = math.nan


@dataclass(frozen=True)
class Look:
    """What one step size shows."""

    h: float
    slope: float
    jump: float
    d4: float
    rough: float
    noise: float
    ground: float

    @property
    def bound(self) -> float:
        """How far off the slope may be."""
        return self.rough + self.noise + self.ground

    @property
    def jump_noise(self) -> float:
        """How much of the jump may be rounding."""
        return self.noise * IN_JUMP / IN_SLOPE


def along(psi: Callable[[float], float], claim: Claim) -> Slope:
    """Measure the slope of psi at 0, at steps that are chosen as it goes, and compare.

    Returns:
        "agrees": within the bound, and the bound is small. "differs": by more than four
        bounds, at two steps, where psi is smooth. "kink": no step is free of a jump.
        "weak": within the bound, which is too large to mean anything. "nowhere": psi is
        not finite at any step.
    """
    looks: list[Look] = []
    differed: Look | None = None
    h, floor, way = claim.start, claim.floor, 0
    for _ in range(LEVELS):
        up, down, half_up, half_down = psi(h), psi(-h), psi(h / 2), psi(-h / 2)
        values = up, half_up, half_down, down
        if not all(map(math.isfinite, values)):
            h, way = h / CLOSER, -1
            continue
        if not any(values) and claim.slope == 0:
            return Slope(AGREES, 0.0, claim.floor + claim.ground, h, 0.0)  # flat, to the last bit
        floor = _raised(floor, looks, h, _fourth(*values))
        seen = _look(h, values, floor, claim.ground)
        looks.append(seen)
        if _agrees(seen, claim, claim.sharp):
            return Slope(AGREES, seen.slope, seen.bound, h, claim.slope)
        if _differs(seen, claim):
            if differed and abs(seen.slope - differed.slope) <= 4 * (seen.bound + differed.bound):
                return Slope(DIFFERS, seen.slope, seen.bound, h, claim.slope)
            differed = seen
        if _stays(looks, claim):
            return Slope(KINK, seen.slope, seen.bound, h, claim.slope)
        if differed is seen:
            h /= 4
            continue
        turn = -1 if seen.rough >= seen.noise else 1
        if way == -turn:
            break
        h, way = h * CLOSER**turn, turn
        if not SMALLEST <= h <= LARGEST:
            break
    return _at_best(looks, claim)


def _at_best(looks: list[Look], claim: Claim) -> Slope:
    """What the best of all steps says, where none was sharp."""
    if not looks:
        return Slope(NOWHERE)
    best = min(looks, key=lambda look: look.bound)
    state = KINK
    if _agrees(best, claim, BLUNT):
        state = AGREES
    elif all(abs(each.jump) - 3 * each.jump_noise > BLUNT * _size(best, claim) for each in looks):
        state = KINK
    elif abs(claim.slope - best.slope) <= best.bound:
        state = WEAK
    return Slope(state, best.slope, best.bound, best.h, claim.slope)


def _look(h: float, values: tuple[float, ...], floor: float, ground: float) -> Look:
    up, half_up, half_down, down = values
    whole, half = (up - down) / (2 * h), (half_up - half_down) / h
    jump = 4 * (half_up + half_down) / h - (up + down) / h
    d4 = _fourth(*values)
    rough = abs(half - whole) / 3 + abs(jump) / 2
    if d4 > 20 * floor:
        rough += SURE * IN_SLOPE * d4 / h
    noise = SURE * IN_SLOPE * max(floor, min(d4, 20 * floor)) / h
    return Look(h, (4 * half - whole) / 3, jump, d4, rough, noise, ground)


def _fourth(up: float, half_up: float, half_down: float, down: float) -> float:
    return abs(up - 4 * half_up - 4 * half_down + down) / math.sqrt(70)


def _raised(floor: float, looks: list[Look], h: float, d4: float) -> float:
    """A fourth difference that does not shrink with h is rounding, more than was expected."""
    if looks and h < looks[-1].h and d4 > 20 * floor and d4 > 0.4 * looks[-1].d4:
        return d4
    return floor


def _size(look: Look, claim: Claim) -> float:
    return max(claim.size, abs(look.slope))


def _agrees(look: Look, claim: Claim, sharp: float) -> bool:
    close = abs(claim.slope - look.slope) <= look.bound
    return close and look.bound <= sharp * _size(look, claim)


def _differs(look: Look, claim: Claim) -> bool:
    """Far outside the bound, and not by a kink: the jump is rounding, or next to nothing."""
    gap = abs(claim.slope - look.slope)
    return gap > 4 * look.bound and abs(look.jump) / 2 <= max(look.jump_noise, BLUNT * gap)


def _stays(looks: list[Look], claim: Claim) -> bool:
    """Whether the jump is there, and not smaller, at three steps in a row."""
    last = looks[-3:]
    there = all(
        abs(each.jump) > max(3 * each.jump_noise, BLUNT * _size(each, claim)) for each in last
    )
    return len(last) == 3 and there and abs(last[-1].jump) > abs(last[0].jump) / 2
