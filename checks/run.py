"""The one judge: exercises, a student and a seed in, a Report out."""

from __future__ import annotations

import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from checks.model import (
    FAIL,
    NOT_REACHED,
    NOT_STARTED,
    PASS,
    UNDETERMINED,
    Check,
    Evidence,
    Exercise,
    Name,
    Outcome,
    Probe,
    Problem,
    Report,
    Student,
)
from checks.patterns import explained
from checks.recall import Recall
from checks.refusal import RefusalError

REDRAWS = 3  # of a draw that decided nothing
UNWRITTEN = ("missing", "not_started")
REMARKS = ("in_place", "late_start")
FAULT = "fault"  # evidence that a check of ours broke: it says nothing about the code

Watch = Callable[[Exercise, Check], None]


def run(
    exercises: Iterable[Exercise],
    student: Student,
    seed: int,
    watch: Watch | None = None,
    name: Name | None = None,
) -> Report:
    """Judge what a student wrote.

    Args:
        exercises: what to judge, in the order in which it is shown.
        student: the implementation under test; closing it is the caller's business.
        seed: draws every input; the same seed gives the same report.
        watch: told which check comes next.
        name: asked which known mistake the first failure of an exercise is.

    Returns:
        One outcome per check. An exercise earns the points of its passed checks,
        less what its failed ones cost, and never less than nothing. A check that
        raises is undetermined, earns nothing and is a remark; the others go on.
    """
    exercises = tuple(exercises)
    outcomes: list[Outcome] = []
    faults: list[Problem] = []
    for exercise in exercises:
        judged = _priced(_judge(exercise, student, seed, watch))
        if name is not None:
            judged, broke = _named(exercise, judged, student, seed, name)
            faults += broke
        outcomes += judged
    names = tuple(exercise.name for exercise in exercises)
    remarks = (*student.remarks(), *_free_of_charge(outcomes), *_faults(outcomes), *faults)
    return Report(seed, tuple(outcomes), remarks, names)


def verdict(seen: Evidence) -> str:
    """Decide, from the numbers alone."""
    if seen.kind == "problem":
        return NOT_STARTED if seen.detail.get("problem") in UNWRITTEN else FAIL
    if seen.kind in ("undetermined", FAULT):
        return UNDETERMINED
    return PASS if seen.measured <= seen.bound else FAIL


def _free_of_charge(outcomes: Iterable[Outcome]) -> list[Problem]:
    """What a check has seen and let pass, and is worth a word."""
    seen = [one.evidence for one in outcomes if one.state == PASS]
    return [Problem(one.kind, "", one.detail) for one in seen if one and one.kind in REMARKS]


def _faults(outcomes: Iterable[Outcome]) -> list[Problem]:
    """Where a check of ours broke: nobody can put that right but us."""
    seen = [one.evidence for one in outcomes]
    return [Problem(FAULT, "", one.detail) for one in seen if one and one.kind == FAULT]


def _fault(what: str, seed: int, error: Exception) -> Problem:
    """What was raised in ours, and at which line."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    line = f"{PurePath(last.filename).name}:{last.lineno}"
    raised = {"error": type(error).__name__, "message": str(error)[:200], "line": line}
    return Problem(FAULT, "", {"check": what, "seed": seed, **raised})


def _judge(exercise: Exercise, student: Student, seed: int, watch: Watch | None) -> list[Outcome]:
    """Look at one exercise, up to the first thing that explains the rest."""
    outcomes: list[Outcome] = []
    recall: defaultdict[str, Student] = defaultdict(lambda: Recall(student))
    stopped = ""
    for check in exercise.checks:
        if stopped:
            outcomes.append(_outcome(exercise, check, stopped))
            continue
        passed = {one.check for one in outcomes if one.state == PASS}
        if not passed.issuperset(check.after):
            outcomes.append(_outcome(exercise, check, NOT_REACHED))
            continue
        if watch is not None:
            watch(exercise, check)
        began = time.perf_counter()
        asked = recall[check.shares] if check.shares else student
        seen = _guarded(exercise, check, asked, seed)
        state = verdict(seen)
        seen = explained(seen) if state == FAIL else seen
        outcomes.append(_outcome(exercise, check, state, seen, time.perf_counter() - began))
        if state == NOT_STARTED:
            stopped = NOT_STARTED
        elif state == FAIL and seen.kind in ("problem", "returned_none", "count", "needs"):
            stopped = NOT_REACHED
    return outcomes


def _named(
    exercise: Exercise, outcomes: list[Outcome], student: Student, seed: int, name: Name
) -> tuple[list[Outcome], list[Problem]]:
    """Put the name of the mistake to the first failure, where it has one."""
    first = next((i for i, one in enumerate(outcomes) if one.state == FAIL), None)
    if first is None:
        return outcomes, []
    try:
        known = name(exercise, outcomes, student, seed)
    except RefusalError:
        raise
    except Exception as error:
        return outcomes, [_fault(f"the name of the mistake in {exercise.name}", seed, error)]
    named = replace(outcomes[first], diagnosis=known)
    return [*outcomes[:first], named, *outcomes[first + 1 :]], []


def _guarded(exercise: Exercise, check: Check, student: Student, seed: int) -> Evidence:
    """Look; what a check of ours raises is told, and costs no other check its outcome."""
    try:
        with np.errstate(all="ignore"):  # a stranger's numbers may be as large as they like
            return look(exercise, check, student, seed)
    except RefusalError:
        raise  # nothing can be judged at all
    except Exception as error:
        return Evidence(FAULT, _fault(f"{exercise.name} / {check.name}", seed, error).detail)


def look(exercise: Exercise, check: Check, student: Student, seed: int) -> Evidence:
    """Draw until something is wrong, or until every draw was right."""
    seen = Evidence("undetermined")
    for draw in range(check.draws):
        for redraw in range(1 + REDRAWS):
            key = check.shares or check.name
            drawn = student.drawn if isinstance(student, Recall) else None
            probe = Probe(seed + 7919 * redraw, exercise.name, key, draw=draw, drawn=drawn)
            seen = check.look(student, probe)
            if verdict(seen) != UNDETERMINED:
                break
        if verdict(seen) != PASS:
            return seen
    return seen


def _outcome(
    exercise: Exercise,
    check: Check,
    state: str,
    seen: Evidence | None = None,
    seconds: float = 0.0,
) -> Outcome:
    return Outcome(
        exercise.name,
        check.name,
        state,
        points=check.points,
        costs=check.costs,
        evidence=seen,
        equation=check.equation,
        stage=check.stage,
        sentence=check.sentence,
        seconds=seconds,
    )


def _priced(outcomes: list[Outcome]) -> list[Outcome]:
    """Give passed checks their points; what failed ones cost comes off the last earned."""
    owed = sum(one.costs for one in outcomes if one.state == FAIL)
    priced: list[Outcome] = []
    for one in reversed(outcomes):
        earned = one.points if one.state in (PASS, UNDETERMINED) and not _is_fault(one) else 0
        paid = min(earned, owed)
        owed -= paid
        priced.append(_with_points(one, earned - paid))
    return priced[::-1]


def _is_fault(one: Outcome) -> bool:
    """Whether it was our check that broke: a way to break it must not earn its points."""
    return one.evidence is not None and one.evidence.kind == FAULT


def _with_points(one: Outcome, earned: int) -> Outcome:
    return replace(one, earned=earned)
