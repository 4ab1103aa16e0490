"""What the chapter "optimizer-race" asks for, as checks."""

from __future__ import annotations

import math

import numpy as np

from checks.exercises.agree import Drawn, one_result
from checks.model import Evidence, Exercise, Probe, Student

cosine_rate = Exercise(
    "cosine_rate",
    chapter="optimizer-race",
    statement="a rate that climbs for a few steps and then falls along a cosine",
    minutes=10,
    variation=True,
    stub='''\
def cosine_rate(t, T, rate, warmup=0):
    """Give the rate of step t of T: up a line, then down half a cosine.

    In the first warmup steps it is rate * (t + 1) / warmup. After them it
    is rate * (1 + cos(pi * u)) / 2 with u = (t - warmup) / (T - warmup).

    Args:
        t: the step, from 0 to T; T itself is the place where the rate is 0.
        T: how many steps there are.
        rate: the largest rate.
        warmup: how many of the T steps it climbs, fewer than T.

    Returns:
        The rate, one number.
    """
    raise NotImplementedError
''',
    hints=(
        "Two formulas, and one question that decides between them. At which t does the second "
        "begin, and what is u there?",
        "eq-optimizer-race-cosine: u runs from 0, where the rate is whole, to 1, where it is 0; "
        "the cosine takes radians.",
    ),
)

RESULTS = ("rate",)


def statement(t: int, T: int, rate: float, warmup: int) -> float:
    """The statement of the variation."""
    if t < warmup:
        return rate * (t + 1) / warmup
    u = (t - warmup) / (T - warmup)
    return rate * (1 + math.cos(math.pi * u)) / 2


def agrees(student: Student, t: int, T: int, rate: float, *warmup: int) -> Evidence:
    """Compare the student's rate with that of the statement."""
    given = dict(zip(("t", "T", "rate", "warmup"), (t, T, rate, *warmup), strict=False))
    return one_result(
        student.call("cosine_rate", t, T, rate, *warmup, names=tuple(given)),
        np.asarray(statement(t, T, rate, *(warmup or (0,)))),
        function="cosine_rate",
        results=RESULTS,
        drawn=Drawn({name: np.asarray(value) for name, value in given.items()}, {}),
        scale=rate,
    )


@cosine_rate.check("cosine", equation="eq-optimizer-race-cosine", points=1, draws=4)
def the_fall_is_right(student: Student, probe: Probe) -> Evidence:
    """Without a warm-up the rate is rate * (1 + cos(pi * t / T)) / 2, from 0 to T."""
    T = int(probe.rng.integers(20, 90))
    t = (0, T, int(probe.rng.integers(1, T // 2)), int(probe.rng.integers(T // 2, T)))
    return agrees(student, t[probe.draw % 4], T, probe.between(0.01, 0.3))


@cosine_rate.check(
    "warm-up", equation="eq-optimizer-race-cosine", points=1, after=("cosine",), draws=4
)
def the_climb_is_right(student: Student, probe: Probe) -> Evidence:
    """In the first warmup steps the rate is rate * (t + 1) / warmup, and the fall begins there."""
    T, warmup = int(probe.rng.integers(20, 90)), int(probe.rng.integers(4, 9))
    t = (0, warmup - 1, warmup, int(probe.rng.integers(warmup + 1, T)))
    return agrees(student, t[probe.draw % 4], T, probe.between(0.01, 0.3), warmup)
