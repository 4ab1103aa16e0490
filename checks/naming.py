"""Which known mistake is it? The one that gives a student's very numbers.

Every entry of the catalogue is put through the check that failed first, with the same
draws. What is left gives the same numbers there; it is then asked what else it gets
wrong, and at other seeds too, so that two mistakes which agree by chance are told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

import reference
from checks.exercises import by_name
from checks.exercises.agree import in_single_precision
from checks.mistakes.catalogue import mistakes_of
from checks.mistakes.entry import Mistake
from checks.model import FAIL, PASS, Array, Check, Diagnosis, Evidence, Exercise, Outcome, Student
from checks.run import look, verdict
from checks.student import InProcess

SEEDS = (101, 211)  # added to the seed: other draws, on which namesakes must agree as well
SHARE = 1e-4  # of what is wrong: so much of it may be another
ROUNDING = {4: 1e-6, 8: 1e-12}  # of the array's own size, by the bytes of its numbers
BLIND = (  # what a sentence says beside the evidence itself
    *("slope", "forward", "right_on", "cache", "right_with", "begin_with"),
    *("warned", "where", "source", "line", "path", "dtype"),
)


def named(
    exercise: Exercise, outcomes: Sequence[Outcome], student: Student, seed: int
) -> Diagnosis | None:
    """Find the known mistake that an exercise's failures are.

    Args:
        exercise: what was judged.
        outcomes: what came of it, one per check, of which one at least failed.
        student: the implementation, to be asked at other seeds.
        seed: what the outcomes were drawn from.

    Returns:
        Its name and sentence; None where no entry of the catalogue, or more than one
        sentence, gives the same evidence.
    """
    states = {one.check: one.state for one in outcomes}
    first = next(one for one in exercise.checks if states[one.name] == FAIL)
    mine = next(one.evidence for one in outcomes if one.check == first.name)
    like = [one for one in mistakes_of(exercise.name) if _same(mine, _evidence(one, first, seed))]
    for check, at in _further(exercise, first, states, seed):
        if len({one.sentence for one in like}) < 2:
            break
        mine = look(exercise, check, student, at)
        theirs = [(one, _evidence(one, check, at)) for one in like]
        like = [one for one, seen in theirs if _same(mine, seen)] or like
    if len({one.sentence for one in like}) != 1:
        return None
    return Diagnosis(f"{exercise.name}/{like[0].name}", like[0].sentence)


def _further(
    exercise: Exercise, first: Check, states: Mapping[str, str], seed: int
) -> Iterator[tuple[Check, int]]:
    """What tells namesakes apart: the other checks, then the same ones at other seeds."""
    looked = [one for one in exercise.checks if states[one.name] in (PASS, FAIL)]
    yield from ((one, seed) for one in looked if one is not first)
    for more in SEEDS:
        yield from ((one, seed + more) for one in looked)


@lru_cache(maxsize=2048)  # seeds may all differ: what is kept must stay small
def _evidence(mistake: Mistake, check: Check, seed: int) -> Evidence:
    """What a check sees of a mistake, with all that comes before it taken from the book."""
    right = {name: getattr(reference, name) for name in reference.__all__}
    exercise = by_name(mistake.function)
    before = [one for one in exercise.checks if one.name in check.after]
    if any(verdict(_evidence(mistake, one, seed)) != PASS for one in before):
        return Evidence("not reached")
    student = InProcess({**right, mistake.function: mistake.code})
    return look(exercise, check, student, seed)


def _same(mine: Evidence | None, theirs: Evidence) -> bool:
    """Whether two pieces of evidence are one, but for rounding and for where it was seen."""
    if mine is None or verdict(mine) != verdict(theirs):
        return False
    if verdict(mine) == PASS:
        return True
    if mine.kind != theirs.kind:
        return False
    if mine.kind != "nonfinite" and mine.yours is not None and theirs.yours is not None:
        return _same_array(mine, mine.yours, theirs.yours)
    return _same_plain(_telling(mine), _telling(theirs))


@np.errstate(all="ignore")  # a stranger's numbers may be as large as they like
def _same_array(mine: Evidence, yours: Array, theirs: Array) -> bool:
    """Whether two wrong arrays are wrong in the same way, beside how wrong they are."""
    if yours.shape != theirs.shape:
        return False
    single = in_single_precision(yours) or in_single_precision(theirs)
    rounding = ROUNDING[4 if single else 8] * float(np.linalg.norm(theirs))
    wrong = 0.0
    if mine.right is not None and mine.right.shape == yours.shape:
        wrong = float(np.linalg.norm(yours - mine.right))
    return float(np.linalg.norm(yours - theirs)) <= rounding + SHARE * wrong


def _telling(seen: Evidence) -> dict[str, object]:
    return {key: value for key, value in seen.detail.items() if key not in BLIND}


def _same_plain(one: object, two: object) -> bool:
    """Whether two trees of plain values are equal but for rounding."""
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(_same_plain(one[key], two[key]) for key in one)
    if isinstance(one, tuple | list) and isinstance(two, tuple | list):
        return len(one) == len(two) and all(map(_same_plain, one, two))
    if isinstance(one, float | int) and isinstance(two, float | int):
        return bool(np.isclose(float(one), float(two), rtol=SHARE, atol=1e-9, equal_nan=True))
    return one == two
