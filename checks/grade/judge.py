"""Grade one submission: a report in, a record out, whatever the code does."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata

import numpy as np

from checks.exercises import EXERCISES
from checks.files import Files
from checks.grade import seeds
from checks.grade.bodies import bodies, parsed
from checks.grade.policy import ANYBODY, Policy
from checks.grade.records import SCHEMA, Record
from checks.grade.remarks import remarks
from checks.model import NOT_STARTED, Diagnosis, Exercise, Outcome, Report, Student
from checks.process import Start
from checks.run import run
from checks.show.cards import rows
from checks.show.plain import plain
from checks.student import Worker

PUBLIC = 7
HOMES = {one.name: one.file.removesuffix(".py") for one in EXERCISES}


class KilledError(Exception):
    """The process of the code was killed from outside: this says nothing about the code."""


@dataclass(frozen=True)
class Rules:
    """Everything that a grade depends on beside the submission.

    Args:
        policy: what is graded and how.
        secret: of the hidden draws; empty for the public ones.
    """

    policy: Policy
    secret: bytes = b""

    def seed(self, digest: str) -> int:
        """What a submission's checks are drawn from."""
        return seeds.hidden(self.secret, digest) if self.secret else PUBLIC

    @property
    def name(self) -> str:
        """Names these rules in a record; a secret is named, not told."""
        return f"{self.policy.hash}/{seeds.name_of(self.secret) if self.secret else 'public'}"


def versions() -> dict[str, str]:
    """What a grade was made with."""
    package = "backprop-by-the-book"
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        package: _version(package),
    }


@cache
def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


def judged(
    files: Files,
    rules: Rules,
    start: Start | None,
    variant: str = ANYBODY,
) -> Report:
    """Run the checks on a submission.

    Args:
        files: what was handed in.
        rules: what it is held against.
        start: starts a process for the code; None for the plain one, which is no sandbox.
        variant: whose tasks it answers.

    Raises:
        KilledError: somebody killed the process.
    """
    policy = rules.policy
    student = Worker(files, policy.seconds_per_call, HOMES, policy.memory, policy.seconds, start)
    try:
        exercises = policy.chosen_for(variant)
        report = run(exercises, student, rules.seed(seeds.digest(files)), name=_named)
        if student.killed:
            raise KilledError("its process was killed from outside")
        return report
    finally:
        student.close()
        if rules.secret:
            _forget()  # the next submission is drawn from a seed of its own


def _named(
    exercise: Exercise, outcomes: Sequence[Outcome], student: Student, seed: int
) -> Diagnosis | None:
    """Name a mistake; what knows them all is loaded when there is one."""
    from checks.naming import named

    return named(exercise, outcomes, student, seed)


def _forget() -> None:
    naming = sys.modules.get("checks.naming")
    if naming is not None:
        naming.forget()


def graded(
    key: str,
    name: str,
    files: Files,
    rules: Rules,
    start: Start | None,
    sandbox: str,
    variant: str = ANYBODY,
) -> Record:
    """Grade a submission.

    Args:
        key, name: whose it is.
        files: what was handed in.
        rules: what it is held against.
        start: starts a process for the code.
        sandbox: what that process is shut in with, for the record.
        variant: whose tasks it answers.

    Returns:
        A record: plain data that says what came of it and what it depends on.

    Raises:
        KilledError: somebody killed the process.
    """
    began, cpu = time.perf_counter(), time.process_time()
    report = judged(files, rules, start, variant)
    exercises, score, most = scored(report, rules.policy)
    trees, errors = parsed(files.texts)
    begun = [name for name, part in exercises.items() if part["state"] != NOT_STARTED]
    return {
        "schema": SCHEMA,
        "key": key,
        "name": name,
        "digest": seeds.digest(files),
        "rules": rules.name,
        "versions": versions(),
        "sandbox": sandbox,
        **({"variant": variant} if rules.policy.tasks else {}),
        "score": score,
        "max": most,
        "exercises": exercises,
        "remarks": remarks(files, trees, errors, report, HOMES),
        "mistakes": [
            (one.exercise, one.diagnosis.sentence) for one in report.outcomes if one.diagnosis
        ],
        "bodies": bodies(trees.values(), frozenset(begun)),
        "seconds": round(time.perf_counter() - began, 4),
        "judge_cpu": round(time.process_time() - cpu, 4),
        "report": {**plain(report), "seed": None if rules.secret else report.seed},
    }


def scored(report: Report, policy: Policy) -> tuple[dict[str, dict[str, object]], float, float]:
    """Turn checks' points into those of the policy; per exercise, and their sums."""
    found: dict[str, dict[str, object]] = {}
    score = most = 0.0
    for exercise, row in zip(policy.chosen, rows(report), strict=True):
        worth = policy.worth(exercise)
        earned = round(worth * row.earned / row.points, 6) if row.points else 0.0
        found[exercise.name] = {"state": row.state, "score": earned, "max": worth}
        score, most = score + earned, most + worth
    return found, round(score, 6), round(most, 6)


def fault(key: str, name: str, digest: str, rules: Rules, why: str) -> Record:
    """The record of a submission that could not be graded: nobody's points, and a reason."""
    most = sum(rules.policy.worth(one) for one in rules.policy.chosen)
    return {
        "schema": SCHEMA,
        "key": key,
        "name": name,
        "digest": digest,
        "rules": rules.name,
        "versions": versions(),
        "sandbox": "",
        "score": 0.0,
        "max": most,
        "exercises": {},
        "seconds": 0.0,
        "judge_cpu": 0.0,
        "fault": why,
    }
