"""What a student may read of a record: the policy says how much, the secret how soon."""

from __future__ import annotations

from collections.abc import Mapping

from checks.exercises import EXERCISES
from checks.grade.policy import DETAILS, Policy
from checks.grade.records import Record

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
    return {
        exercise["name"]: _exercise(exercise, much)
        for exercise in record.get("report", {}).get("exercises", ())
    }


def _exercise(exercise: Mapping[str, object], much: int) -> list[str]:
    name = str(exercise["name"])
    checks = exercise["checks"]
    assert isinstance(checks, list)
    failed = [check for check in checks if check["state"] == "fail"]
    if not failed:
        return [f"{name}: {STATES.get(str(exercise['state']), str(exercise['state']))}."]
    said = [f"{name} / {failed[0]['name']}: not yet. It would be: {failed[0]['sentence']}"]
    evidence = failed[0].get("evidence", {})
    if much >= DETAILS.index("evidence"):
        said += evidence.get("says", [])
    if much >= DETAILS.index("hint") and "diagnosis" in failed[0]:
        said.append(failed[0]["diagnosis"]["says"])
    if much >= DETAILS.index("equation"):
        said.append(_equation(name, str(failed[0]["equation"])))
    others = [str(check["name"]) for check in failed[1:]]
    if others:
        said.append(f"Also not yet: {', '.join(others)}.")
    return said


def _equation(name: str, label: str) -> str:
    chapter = next((one.chapter for one in EXERCISES if one.name == name), "")
    of = f"{label}, in " if label else ""
    return f'Read {of}the chapter "{chapter}".'
