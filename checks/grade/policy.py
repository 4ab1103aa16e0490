"""What is graded and how: one TOML file, whose default is ``policy.toml`` beside this."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from checks.exercises import EXERCISES, matching
from checks.model import Exercise
from checks.refusal import RefusalError

DEFAULT = Path(__file__).with_name("policy.toml")
DETAILS = ("state", "evidence", "hint", "equation")
FORM: dict[str, dict[str, type | tuple[type, ...]]] = {
    "": {"title": str, "exercises": list, "points": dict, "limits": dict, "show": dict},
    "limits": {"seconds_per_call": (int, float), "seconds": (int, float), "memory_mib": int},
    "show": {"detail": str},
}


@dataclass(frozen=True)
class Policy:
    """What is graded and how.

    Args:
        title: what the reports are called.
        exercises: names, in the order of the book.
        points: what an exercise is worth, where that is not what its checks are worth.
        seconds_per_call, seconds: limits of one call and of a whole submission.
        memory: bytes of address space.
        detail: what a student is shown of a failure: one of ``DETAILS``.
    """

    title: str = ""
    exercises: tuple[str, ...] = ()
    points: Mapping[str, float] = field(default_factory=dict)
    seconds_per_call: float = 5.0
    seconds: float = 120.0
    memory: int = 2 << 30
    detail: str = "evidence"

    @property
    def hash(self) -> str:
        """A name for exactly these rules, for the record."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def chosen(self) -> tuple[Exercise, ...]:
        """The exercises that are graded."""
        return tuple(one for one in EXERCISES if one.name in self.exercises)

    def worth(self, exercise: Exercise) -> float:
        """What one of them is worth."""
        return float(self.points.get(exercise.name, exercise.points))


def load(path: Path | None) -> Policy:
    """Read a policy; what it leaves out is as in the default.

    Raises:
        RefusalError: it cannot be read, or asks for what there is not; the sentence says
            what was found and what is known.
    """
    rules = _read(DEFAULT)
    if path is not None:
        for key, value in _read(path).items():
            rules[key] = {**rules[key], **value} if isinstance(value, dict) else value
    limits, show = rules["limits"], rules["show"]
    if show["detail"] not in DETAILS:
        raise RefusalError(
            f'{path}: detail = "{show["detail"]}" is unknown; there are {", ".join(DETAILS)}'
        )
    for key, value in limits.items():
        if value <= 0:
            raise RefusalError(f"{path}: {key} = {value} leaves nothing; it must be above 0")
    exercises = _exercises(rules["exercises"], path)
    for name, points in rules["points"].items():
        if name not in exercises:
            raise RefusalError(f"{path}: points for {name}, which is not among the exercises")
        if isinstance(points, bool) or not isinstance(points, int | float) or points < 0:
            raise RefusalError(f"{path}: {name} = {points!r} is no number of points")
    return Policy(
        rules["title"],
        exercises,
        {name: float(points) for name, points in rules["points"].items()},
        float(limits["seconds_per_call"]),
        float(limits["seconds"]),
        int(limits["memory_mib"]) << 20,
        show["detail"],
    )


def _read(path: Path) -> dict[str, Any]:
    """Read one file and hold it against the form."""
    try:
        rules = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RefusalError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RefusalError(f"{path} is not TOML: {error}") from None
    for table, form in FORM.items():
        given = rules.get(table, {}) if table else rules
        for key, value in given.items():
            if key not in form:
                where = f"[{table}] " if table else ""
                raise RefusalError(f"{path}: {where}{key} is unknown; there are {', '.join(form)}")
            if not isinstance(value, form[key]) or isinstance(value, bool):
                raise RefusalError(
                    f"{path}: {key} = {value!r} is of another kind than is asked for"
                )
    return rules


def _exercises(asked: list[object], path: Path | None) -> tuple[str, ...]:
    """The names that are meant, in the order of the book; a variation by its own name alone."""
    if not asked:
        return tuple(one.name for one in EXERCISES if not one.variation)
    names: set[str] = set()
    for pattern in asked:
        found = matching(str(pattern))
        if not found:
            raise RefusalError(
                f"{path}: {pattern!r} matches no exercise. All of them:  checks list"
            )
        names |= {one.name for one in found if not one.variation or one.name == pattern}
    return tuple(one.name for one in EXERCISES if one.name in names)
