"""What is graded and how: one TOML file, whose default is ``policy.toml`` beside this."""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from checks.exercises import EXERCISES, matching
from checks.model import Exercise
from checks.refusal import RefusalError
from checks.tasks import exercises_of

DEFAULT = Path(__file__).with_name("policy.toml")
DETAILS = ("state", "evidence", "hint", "equation")
SHOWN_ONLY = ("title", "detail")
LEAST = 256  # MiB in which Python and NumPy fit
IDS = ("key", "name", "id")
ANYBODY = "anybody"  # whose tasks have everybody's names and points
FORM: dict[str, dict[str, type | tuple[type, ...]]] = {
    "": {
        **{"title": str, "exercises": list, "tasks": list, "variant": str},
        **{"points": dict, "limits": dict, "show": dict},
    },
    "limits": {"seconds_per_call": (int, float), "seconds": (int, float), "memory_mib": int},
    "show": {"detail": str},
}


@dataclass(frozen=True)
class Policy:
    """What is graded and how.

    Args:
        title: what the reports are called.
        exercises: names, in the order of the book.
        tasks: names of functions that each student has a version of.
        variant: what draws it: "key", "name" or "id".
        points: what an exercise is worth, where that is not what its checks are worth.
        seconds_per_call, seconds: limits of one call and of a whole submission.
        memory: bytes of address space.
        detail: what a student is shown of a failure: one of ``DETAILS``.
    """

    title: str = ""
    exercises: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    variant: str = "key"
    points: Mapping[str, float] = field(default_factory=dict)
    seconds_per_call: float = 5.0
    seconds: float = 120.0
    memory: int = 2 << 30
    detail: str = "evidence"

    @property
    def hash(self) -> str:
        """A name for exactly these rules, for the record: for all that a mark depends on."""
        told = {name: value for name, value in asdict(self).items() if name not in SHOWN_ONLY}
        text = json.dumps(told, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def names(self) -> tuple[str, ...]:
        """All that is graded, by name."""
        return (*self.exercises, *self.tasks)

    @property
    def chosen(self) -> tuple[Exercise, ...]:
        """All that is graded, in anybody's version."""
        return self.chosen_for(ANYBODY)

    def chosen_for(self, variant: str) -> tuple[Exercise, ...]:
        """All that is graded, with the tasks of one ID."""
        own = {one.name: one for one in exercises_of(variant)} if self.tasks else {}
        book = [one for one in EXERCISES if one.name in self.exercises]
        return (*book, *(own[name] for name in self.tasks))

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
    if rules["variant"] not in IDS:
        raise RefusalError(
            f'{path}: variant = "{rules["variant"]}" is unknown; there are {", ".join(IDS)}'
        )
    for key, value in limits.items():
        if not 0 < value < math.inf:
            raise RefusalError(
                f"{path}: {key} = {value} is no limit; it must be above 0, and finite"
            )
    if limits["memory_mib"] < LEAST:
        raise RefusalError(
            f"{path}: memory_mib = {limits['memory_mib']} is too little for Python and NumPy "
            f"themselves; {LEAST} or more is asked for"
        )
    if not rules["title"].strip():
        raise RefusalError(f"{path}: title is empty; it is what every report is called")
    exercises = _exercises(rules["exercises"], path)
    tasks = _tasks(rules["tasks"], path)
    for name, points in rules["points"].items():
        if name not in (*exercises, *tasks):
            raise RefusalError(f"{path}: points for {name}, which is not among the exercises")
        right = isinstance(points, int | float) and not isinstance(points, bool)
        if not right or not 0 <= points < math.inf:
            raise RefusalError(f"{path}: {name} = {points!r} is no number of points")
    return Policy(
        rules["title"],
        exercises,
        tasks,
        rules["variant"],
        {name: float(points) for name, points in rules["points"].items()},
        float(limits["seconds_per_call"]),
        float(limits["seconds"]),
        int(limits["memory_mib"]) << 20,
        show["detail"],
    )


def _read(path: Path) -> dict[str, Any]:
    """Read one file and hold it against the form."""
    try:
        rules = tomllib.loads(path.read_text("utf-8-sig"))
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
        if not found and pattern in [one.name for one in exercises_of(ANYBODY)]:
            raise RefusalError(f"{path}: {pattern!r} is a task; name it under  tasks")
        if not found:
            raise RefusalError(
                f"{path}: {pattern!r} matches no exercise. All of them:  checks list"
            )
        meant = {one.name for one in found if not one.variation or one.name == pattern}
        if not meant:
            known = ", ".join(one.name for one in found)
            raise RefusalError(
                f"{path}: {pattern!r} matches variations alone, which are meant by their own "
                f"names: {known}"
            )
        names |= meant
    return tuple(one.name for one in EXERCISES if one.name in names)


def _tasks(asked: list[object], path: Path | None) -> tuple[str, ...]:
    """The names of tasks that are meant, in their order."""
    known = [one.name for one in exercises_of(ANYBODY)]
    for name in asked:
        if name not in known:
            raise RefusalError(f"{path}: {name!r} is no task; there are {', '.join(known)}")
    return tuple(name for name in known if name in asked)
