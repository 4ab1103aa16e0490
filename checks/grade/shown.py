"""What a student may read of a record: the policy says how much, the secret how soon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.grade.policy import ANYBODY, DETAILS, Policy
from checks.grade.records import Record
from checks.model import Exercise
from checks.show.problems import MORE_TIME

STOPPED_BY = {  # what is said of a hidden check: which of these it was, and nothing more
    "missing": "No function of this name was found.",
    "not_started": "It is still the stub.",
    "syntax": "Its file is not Python there.",
    "import": "What it needs cannot be imported.",
    "raised": "It raised an exception.",
    "timeout": "It did not come to an end in time, and was stopped.",
    "unfinished": "What it needs had not come to an end in time, and was left out.",
    "died": "It ended the whole process that it ran in.",
    "refused": "It uses the book's own answers, which are not there while code is judged.",
    "not_callable": "Its name stands for something that cannot be called.",
}
STATES = {"pass": "passes", "fail": "not yet", "not started": "not started"}


def hidden(record: Record) -> bool:
    """Whether its inputs were drawn from a secret."""
    return not str(record["rules"]).endswith("/public")


def level(record: Record, policy: Policy, reveal: bool) -> int:
    """How much is shown: a position in ``DETAILS``."""
    return 0 if hidden(record) and not reveal else DETAILS.index(policy.detail)


def lines(record: Record, policy: Policy, reveal: bool = False) -> dict[str, list[str]]:
    """For each exercise, what its student may read.

    Of a check on hidden inputs nothing is shown that came out of the student's code: an
    exception's message can carry the inputs.
    """
    much = level(record, policy, reveal)
    known = {one.name: one for one in policy.chosen_for(record.get("variant", ANYBODY))}
    return {
        told["name"]: _exercise(
            told, known.get(told["name"]), _statement(told, known, policy), much
        )
        for told in record.get("report", {}).get("exercises", ())
    }


def _statement(told: Mapping[str, Any], known: Mapping[str, Exercise], policy: Policy) -> str:
    """What a student's own task asks for; empty for what the book asks of everybody."""
    name = str(told["name"])
    forward = known.get(f"{name.removesuffix('_backward')}_forward", known.get(name))
    return forward.statement if forward is not None and name in policy.tasks else ""


def _exercise(
    told: Mapping[str, Any], exercise: Exercise | None, statement: str, much: int
) -> list[str]:
    name = str(told["name"])
    failed = [check for check in told["checks"] if check["state"] == "fail"]
    if not failed:
        return [f"{name}: {STATES.get(str(told['state']), str(told['state']))}."]
    first = failed[0]
    evidence = first.get("evidence", {})
    said = [f"{name} / {first['name']}: not yet. {_not_yet(first, evidence, much)}".rstrip()]
    said += [f"The statement: {statement}."] if statement else []
    if much >= DETAILS.index("evidence"):
        said += [line for line in evidence.get("says", []) if line != MORE_TIME]
    if much >= DETAILS.index("hint") and "diagnosis" in first:
        said.append(first["diagnosis"]["says"])
    if much >= DETAILS.index("equation"):
        said += _equation(exercise, str(first["equation"]))
    others = [str(check["name"]) for check in failed[1:]]
    if others:
        said.append(f"Also not yet: {', '.join(others)}.")
    return said


def _not_yet(check: Mapping[str, Any], evidence: Mapping[str, Any], much: int) -> str:
    """What would be true; where the code gave no value at all, which kind of thing stopped it."""
    if evidence.get("kind") != "problem":
        return f"It would be: {check['sentence']}"
    if much >= DETAILS.index("evidence"):
        return ""  # the evidence says it whole
    return STOPPED_BY.get(str(evidence["detail"].get("problem")), "It gave no value.")


def _equation(exercise: Exercise | None, label: str) -> list[str]:
    chapter = exercise.chapter if exercise is not None else ""
    places = [label, f'the chapter "{chapter}"' if chapter else ""]
    where = ", in ".join(filter(None, places))
    return [f"Read {where}."] if where else []
