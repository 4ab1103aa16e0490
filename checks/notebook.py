"""``check`` and ``mine_or_reference``: the checks from inside a notebook or a session."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import reference
from checks.exercises import EXERCISES, by_name, matching
from checks.model import NOT_STARTED, PASS, Exercise, Report
from checks.naming import named
from checks.run import run
from checks.show.cards import state_of
from checks.show.notebook import ShownReport, shown
from checks.student import InProcess
from checks.tasks import MARK, exercises_of, named_in, tidy

SEED = 7
F = TypeVar("F", bound=Callable[..., Any])


def check(thing: object = None, hint: int = 0, seed: int = SEED, variant: str = "") -> ShownReport:
    """Judge a function, everything in a namespace, or what a name stands for.

    Args:
        thing: a function of the reader's own (the functions that come before it are
            taken from where it was defined); the name of an exercise or a chapter; a
            module or dict; nothing, for everything that is defined here.
        hint: 1 or 2 for the first hint or both.
        seed: draws the inputs.
        variant: whose tasks are meant, where a task is meant that differs from student
            to student; by default what CHECKS_VARIANT is where ``check`` is called.

    Returns:
        A report that shows itself as a card; a stub is "not started" and raises nothing.
    """
    here = sys._getframe(1).f_globals
    variant = variant or str(here.get(MARK, ""))
    variant = tidy(variant) if variant else ""
    known = (*EXERCISES, *exercises_of(variant))
    chosen, namespace = _asked(thing, here, known)
    report = replace(_judge(chosen, namespace, seed), variant=variant)
    return shown(report, {one.name: one for one in known}, hint)


def mine_or_reference(function: F) -> F:
    """Keep the reader's function where it passes its checks; else take the reference's.

    Prints which. So that the rest of a notebook runs, and runs the reader's code
    wherever that is right.
    """
    name = getattr(function, "__name__", str(function))
    exercise = by_name(name)
    if getattr(function, "__module__", "").split(".")[0] == "reference":
        print(f"{name}: the reference's")
        return function
    outcomes = _judge((exercise,), _namespace(function), SEED).of(name)
    state = state_of(outcomes)
    if state == PASS:
        print(f"{name}: yours ({len(outcomes)} of {len(outcomes)} checks pass)")
        return function
    if exercise.variation:
        print(f"{name}: yours, which does not pass yet; there is no other")
        return function
    begun = state != NOT_STARTED or any(one.earned for one in outcomes)
    why = "does not pass yet" if begun else "is not started"
    print(f"{name}: the reference's, since yours {why}")
    right: F = getattr(reference, name)
    return right


def _judge(chosen: tuple[Exercise, ...], namespace: Mapping[str, object], seed: int) -> Report:
    student = InProcess(dict(namespace))
    try:
        return run(chosen, student, seed, name=named)
    finally:
        student.close()


def _asked(
    thing: object, here: Mapping[str, object], known: Sequence[Exercise]
) -> tuple[tuple[Exercise, ...], Mapping[str, object]]:
    """The exercises that are meant, and where their functions are."""
    if isinstance(thing, str):
        return _known(thing, known), here
    if thing is None or isinstance(thing, Mapping | ModuleType):
        namespace = here if thing is None else _names_in(thing)
        found = tuple(one for one in known if one.name in namespace)
        if not found:
            names = ", ".join(one.name for one in EXERCISES if not one.variation)
            raise ValueError(f"there is nothing to check here: none of {names} is defined")
        return found, namespace
    name = getattr(thing, "__name__", "")
    if not name:
        raise TypeError(
            f"check takes a function, its name, or a module; this is a {type(thing).__name__}"
        )
    exact = tuple(one for one in known if one.name == name)
    return exact or _known(name, known), {**_namespace(thing), name: thing}


def _known(name: str, known: Sequence[Exercise]) -> tuple[Exercise, ...]:
    found = matching(name, known)
    if not found and named_in(name):
        raise ValueError(f"{name} differs from student to student: check(..., variant=ID)")
    if not found:
        names = ", ".join(one.name for one in EXERCISES)
        raise ValueError(f"there is no check for {name!r}; there are checks for {names}")
    return found


def _names_in(thing: Mapping[str, object] | ModuleType) -> Mapping[str, object]:
    return vars(thing) if isinstance(thing, ModuleType) else thing


def _namespace(function: object) -> dict[str, object]:
    """Where a function or class was defined: what comes before it is the reader's own too."""
    parts = vars(function).values() if isinstance(function, type) else (function,)
    found = [part for part in parts if isinstance(part, FunctionType)]
    return dict(found[0].__globals__) if found else {}
