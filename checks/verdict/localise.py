"""Which entries are wrong? Halve what holds an error, until it is one entry."""

from __future__ import annotations

import numpy as np

from checks.model import Array
from checks.verdict.certificate import draw
from checks.verdict.direction import AGREES, DIFFERS, Claim, Slope, along
from checks.verdict.point import Line, Point, norm
from checks.verdict.result import Entry, Found

MOST = 5  # wrong entries that are told one by one
TESTS = 120  # groups and entries that are measured at most
SMALL = 24  # entries of an array in which each is measured
GLANCES = 8  # entries of a larger one that are measured before it is halved


def wrong_entries(point: Point, name: str, rng: np.random.Generator, h: float) -> Found:
    """Find the wrong entries of a gradient that is known to hold some.

    Args:
        point: where it was judged.
        name: of the input.
        rng: draws the directions.
        h: a step that was good along a direction through all entries.
    """
    size = point.inputs[name].size
    seeker = _Seeker(point, name, rng, h)
    if size <= SMALL:
        entries = [seeker.entry(flat) for flat in range(size)]
        wrong = [each for each in entries if each is not None]
        return Found(tuple(wrong), size, size, whole=True)
    glances = sorted(int(i) for i in rng.choice(size, GLANCES, replace=False))
    wrong = [each for each in map(seeker.entry, glances) if each is not None]
    if len(wrong) > GLANCES // 2:
        return Found(tuple(wrong), GLANCES, size)
    return seeker.halve(size)


class _Seeker:
    """Measures parts of one array."""

    def __init__(self, point: Point, name: str, rng: np.random.Generator, h: float) -> None:
        self.point, self.name, self.rng, self.h = point, name, rng, h
        self.grad = point.grads[name].reshape(-1)

    def entry(self, flat: int) -> Entry | None:
        """The entry, where it is wrong by its own slope."""
        v = np.zeros(self.grad.size)
        v[flat] = 1.0
        slope = self._along(v * self.point.scale[self.name])
        if slope.state != DIFFERS:
            return None
        scale = self.point.scale[self.name]
        index = np.unravel_index(flat, self.point.inputs[self.name].shape)
        where = tuple(int(i) for i in index)
        return Entry(where, float(self.grad[flat]), slope.value / scale, slope.bound / scale)

    def halve(self, size: int) -> Found:
        """Follow the halves that do not agree, down to single entries."""
        groups, entries, tests = [(0, size)], list[Entry](), 0
        within: tuple[int, int] | None = None
        while groups and len(entries) < MOST and tests < TESTS:
            low, high = groups.pop()
            if high - low == 1:
                tests += 1
                found = self.entry(low)
                entries += [found] if found else []
                continue
            middle = (low + high) // 2
            halves = [(low, middle), (middle, high)]
            wrong = [half for half in halves if self._holds_error(*half)]
            tests += 2
            groups += wrong[::-1]
            if not wrong and within is None:
                within = (low, high - 1)  # its errors cannot be told from rounding, half by half
        whole = not groups and within is None
        return Found(tuple(entries), tests, size, whole, None if entries else within)

    def _holds_error(self, low: int, high: int) -> bool:
        v = np.zeros(self.grad.size)
        draw(self.rng, v[low:high])
        return self._along(v * self.point.scale[self.name]).state == DIFFERS

    def _along(self, flat: Array) -> Slope:
        v = flat.reshape(self.point.inputs[self.name].shape)
        part = self.point.grads[self.name] * v
        claim = Claim(
            slope=float(part.sum()),
            size=norm(part),
            floor=self.point.floor([self.name]),
            ground=16 * self.point.grad_eps[self.name] * norm(part),
            start=min(self.h * 4, 1e-2),
        )
        slope = along(Line(self.point, {self.name: v}), claim)
        return slope if slope.state in (AGREES, DIFFERS) else Slope(AGREES)
