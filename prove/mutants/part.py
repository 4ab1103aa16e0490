"""The mutation run: every mutant is rejected, or it is written down why it need not be."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import cache

from checks.mistakes import MISTAKES
from prove.mutants.banks import first_difference
from prove.mutants.course import CELLS, seen_by
from prove.mutants.equivalents import CLASSES, EQUIVALENT, REASONS, reason_for
from prove.mutants.judge import quietly, rejected_by, with_little_memory
from prove.mutants.make import Mutant, mutants_of
from prove.part import Found, Job, Part, Result

SEEDS = (1, 2, 3)  # a mutant counts as rejected where every one of them rejects it
CHUNK = 25
NAMES = list(dict.fromkeys(one.function for one in MISTAKES if one.function != "top_k_accuracy"))

mutants = cache(mutants_of)


def jobs(seeds: int) -> list[Job]:
    """The mutants of every function of the contract, some at a time."""
    return [
        (name, first, first + CHUNK)
        for name in NAMES
        for first in range(0, len(mutants(name)), CHUNK)
    ]


def do(job: Job) -> Result:
    """Judge some mutants of one function."""
    name, first, end = job
    with_little_memory()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # some write files
        return [_judged(mutant) for mutant in mutants(name)[first:end]]


def _judged(mutant: Mutant) -> dict[str, object]:
    """Which check rejects a mutant, what the course's cells show, and why it may live."""
    rejected = [rejected_by(mutant, seed) for seed in SEEDS]
    reason = reason_for(mutant.function, f"{mutant.old} -> {mutant.new}")
    told: dict[str, object] = {
        "name": mutant.name,
        "operator": mutant.operator,
        "rejected": rejected,
        "cells": _shown_by_cells(mutant),
        "reason": REASONS.index(reason) if reason else None,
    }
    if reason and reason.kind == EQUIVALENT and not any(rejected):
        told["differs"] = first_difference(mutant.function, mutant.code())
    return told


def _shown_by_cells(mutant: Mutant) -> str | None:
    """What the course's cells show; None where it has none."""
    if mutant.function not in CELLS:
        return None
    return quietly(lambda: seen_by(mutant.function, mutant.code()), late="no end")


def found(results: Sequence[tuple[Job, Result]]) -> Found:
    """The share that is rejected, function by function, beside what the cells show."""
    judged = {name: _of(name, results) for name in NAMES}
    rows = [_row(name, mutants) for name, mutants in judged.items()]
    rows.append(_row("all", [one for mutants in judged.values() for one in mutants]))
    every = [one for mutants in judged.values() for one in mutants]
    living = [one for one in every if not any(one["rejected"])]
    used = {one["reason"] for one in living}
    against = [text for one in every if (text := _against(one))]
    against += [
        f"no mutant that lives needs this reason: {reason.why} ({reason.change})"
        for i, reason in enumerate(REASONS)
        if i not in used
    ]
    kinds = Counter(REASONS[one["reason"]].kind for one in living if one["reason"] is not None)
    more = {
        "may live": {kind: kinds[kind] for kind in CLASSES},
        "by operator": _by_operator(every),
        "living": [_lives(one) for one in living],
    }
    return Found(rows, against, more)


def _of(name: str, results: Sequence[tuple[Job, Result]]) -> list[Result]:
    return [one for job, result in results if job[0] == name for one in result]


def _row(name: str, mutants: Sequence[Result]) -> dict[str, object]:
    """One line of the table."""
    due = [one for one in mutants if any(one["rejected"]) or one["reason"] is None]
    killed = sum(all(one["rejected"]) for one in due)
    asked = [one for one in due if one["cells"] is not None]
    shown = sum(bool(one["cells"]) for one in asked)
    cells: object = (
        f"{shown} of {len(asked)}: {_percent(shown, len(asked))}" if asked else "no cell"
    )
    return {
        "function": name,
        "changes": len(mutants),
        "may live": len(mutants) - len(due),
        "has to be rejected": len(due),
        "rejected by the checks": f"{killed}: {_percent(killed, len(due))}",
        "shown by the course's cells": cells,
    }


def _percent(part: int, whole: int) -> str:
    """A share, never rounded up to all of it."""
    return f"{int(1000 * part / whole) / 10:g} %" if whole else "-"


def _by_operator(every: Sequence[Result]) -> dict[str, list[int]]:
    """How many of each kind there are, have to be rejected, are, and are shown by the cells."""
    table: dict[str, list[int]] = {}
    for one in every:
        due = any(one["rejected"]) or one["reason"] is None
        counts = table.setdefault(one["operator"], [0, 0, 0, 0])
        shown = due and bool(one["cells"])
        for i, counted in enumerate((True, due, due and all(one["rejected"]), shown)):
            counts[i] += counted
    return table


def _against(one: Result) -> str:
    """What is not as it has to be about one mutant; "" where all is well."""
    if any(one["rejected"]):
        missed = [seed for seed, by in zip(SEEDS, one["rejected"], strict=True) if not by]
        return f"{one['name']} is not rejected at seed {missed[0]}" if missed else ""
    if one["reason"] is None:
        return f"{one['name']} is rejected by nothing"
    if one.get("differs") is not None:
        return f"{one['name']} is called equivalent and differs on input {one['differs']}"
    return ""


def _lives(one: Result) -> dict[str, str]:
    """The entry of a mutant that may live, or of one that should not."""
    reason = None if one["reason"] is None else REASONS[one["reason"]]
    kind, why = (reason.kind, reason.why) if reason else ("survivor", "")
    return {"mutant": one["name"], "class": kind, "why": why}


PART = Part("mutants", jobs, do, found)
