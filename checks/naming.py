"""Which known mistake is it? The one that gives a student's very numbers.

Every entry of the catalogue is put through the check that failed first, with the same
draws. What is left gives the same numbers there; it is then asked what else it gets
wrong, and at other seeds too, so that two mistakes which agree by chance are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

import reference
from checks.exercises import by_name
from checks.exercises.agree import in_single_precision
from checks.mistakes.catalogue import MISTAKES, mistakes_of
from checks.mistakes.entry import Mistake
from checks.model import FAIL, PASS, Array, Check, Diagnosis, Evidence, Exercise, Outcome, Student
from checks.patterns import explained
from checks.run import look, run, verdict
from checks.student import InProcess

SEEDS = (101, 211)  # added to the seed: other draws, on which namesakes must agree as well
SHARE = 1e-4  # of what is wrong: so much of it may be another
ROUNDING = {4: 1e-6, 8: 1e-12}  # of the array's own size, by the bytes of its numbers
SIGMAS = 8  # of a moment of a draw: so far two draws from one distribution may lie apart
BY_CHANCE = {"minibatch": ("wrong", "row", "step"), "afresh": ("batches",)}
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
    equation = like[0].equation or first.equation or _equation_of(exercise)
    return Diagnosis(f"{exercise.name}/{like[0].name}", like[0].sentence, equation)


def _equation_of(exercise: Exercise) -> str:
    """The equation of the first check that has one."""
    return next((one.equation for one in exercise.checks if one.equation), "")


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
    exercise = by_name(mistake.function)
    if mistake.remembers:
        return _after_all_before(mistake, seed).get(check.name, Evidence("not reached"))
    before = [one for one in exercise.checks if one.name in check.after]
    if any(verdict(_evidence(mistake, one, seed)) != PASS for one in before):
        return Evidence("not reached")
    student = InProcess({**_right(), mistake.function: mistake.code})
    return look(exercise, check, student, seed)


def _right() -> dict[str, object]:
    return {name: getattr(reference, name) for name in reference.__all__}


@lru_cache(maxsize=256)
def _after_all_before(mistake: Mistake, seed: int) -> Mapping[str, Evidence]:
    """What each check sees of a mistake whose next call depends on the last one."""
    student = InProcess({**_right(), mistake.function: mistake.fresh()})
    report = run([by_name(mistake.function)], student, seed)
    return {one.check: one.evidence for one in report.outcomes if one.evidence is not None}


def forget() -> None:
    """Let go of what was kept for the next question at the same seed, where none will come."""
    _evidence.cache_clear()
    _after_all_before.cache_clear()


def _same(mine: Evidence | None, theirs: Evidence) -> bool:
    """Whether two pieces of evidence are one, but for rounding and for where it was seen."""
    if mine is None or verdict(mine) != verdict(theirs):
        return False
    if verdict(mine) == PASS:
        return True
    if mine.kind != theirs.kind:
        return False
    if mine.kind in ("spread", "drawn"):
        return _same_draw(mine.detail, theirs.detail)
    if mine.detail.get("by_chance"):
        return _same_pattern(mine, theirs)
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


def _same_draw(mine: Mapping[str, object], theirs: Mapping[str, object]) -> bool:
    """Whether two draws come from one distribution, as far as their moments can tell."""
    if any(mine.get(key) != theirs.get(key) for key in ("what", "name", "as", "count")):
        return False
    if mine.get("what") in ("bias", "alike"):
        return True
    near = SIGMAS / float(str(mine["count"])) ** 0.5
    scale = float(str(mine["right"]))
    pairs = [(float(str(mine[key])), float(str(theirs[key]))) for key in ("yours", "mean", "form")]
    spread = max(scale, *(abs(one) for one in pairs[0]))
    sizes = (spread, spread, 1.0)
    return all(abs(a - b) <= near * size for (a, b), size in zip(pairs, sizes, strict=True))


def _same_pattern(mine: Evidence, theirs: Evidence) -> bool:
    """Whether two arrays that hang on draws of their own are wrong in one way that has a name."""
    if mine.detail.get("name") != theirs.detail.get("name"):
        return False
    one, two = (explained(seen).detail.get("pattern") for seen in (mine, theirs))
    if not isinstance(one, Mapping) or one.get("kind") in ("none", "some", "place"):
        return False
    return _same_plain(one, two)


def _telling(seen: Evidence) -> dict[str, object]:
    blind = (*BLIND, *BY_CHANCE.get(seen.kind, ()))
    told = {key: value for key, value in seen.detail.items() if key not in blind}
    if seen.kind == "afresh":
        batches, per_epoch = seen.detail.get("batches"), seen.detail.get("per_epoch")
        told["few"] = batches == 1, batches == per_epoch
    return told


def _same_plain(one: object, two: object) -> bool:
    """Whether two trees of plain values are equal but for rounding."""
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(_same_plain(one[key], two[key]) for key in one)
    if isinstance(one, tuple | list) and isinstance(two, tuple | list):
        return len(one) == len(two) and all(map(_same_plain, one, two))
    if isinstance(one, float | int) and isinstance(two, float | int):
        return bool(np.isclose(float(one), float(two), rtol=SHARE, atol=1e-9, equal_nan=True))
    return one == two


def misnamed(seeds: Iterable[int]) -> list[tuple[str, int, str]]:
    """Put every mistake of the catalogue beside all others of its function.

    Args:
        seeds: what the inputs are drawn from.

    Returns:
        ``(mistake, seed, what it was called)`` for each that is not called by its own
        sentence; "" where it was called nothing.
    """
    wrong = []
    for seed in seeds:
        for one in MISTAKES:
            student = InProcess({**_right(), one.function: one.fresh()})
            report = run([by_name(one.function)], student, seed, name=named)
            said = [out.diagnosis.sentence for out in report.outcomes if out.diagnosis]
            if said != [one.sentence]:
                wrong.append((f"{one.function}/{one.name}", seed, " ".join(said)))
    return wrong
