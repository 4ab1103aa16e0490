"""What a class's records say together: how hard, how telling, which mistakes, which bodies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from checks.grade.bodies import of_the_book
from checks.grade.policy import Policy
from checks.grade.records import Record


@dataclass(frozen=True)
class Item:
    """One exercise in a class.

    Args:
        name: of the exercise.
        states: how many students it passes, fails, and is not started by.
        share: mean of the points earned, as a share; of all students.
        discrimination: correlation of its points with those of all others; nan where
            every student has the same.
    """

    name: str
    states: Counter[str]
    share: float
    discrimination: float


@dataclass(frozen=True)
class Shared:
    """A body that several students wrote alike."""

    exercise: str
    keys: tuple[str, ...]
    book: bool


def items(records: Sequence[Record], policy: Policy) -> list[Item]:
    """Each exercise's difficulty and discrimination."""
    names = [one.name for one in policy.chosen]
    table = np.array(
        [[record["exercises"][name]["score"] for name in names] for record in records], float
    ).reshape(len(records), len(names))
    most = np.array([policy.worth(one) for one in policy.chosen])
    found = []
    for column, name in enumerate(names):
        states = Counter(record["exercises"][name]["state"] for record in records)
        own, rest = table[:, column], table.sum(axis=1) - table[:, column]
        tells = own.size > 1 and own.std() > 0 and rest.std() > 0
        between = float(np.corrcoef(own, rest)[0, 1]) if tells else float("nan")
        share = float(own.mean() / most[column]) if own.size and most[column] else 0.0
        found.append(Item(name, states, share, between))
    return found


def mistakes(records: Sequence[Record]) -> list[tuple[str, str, int]]:
    """The named mistakes, the most common first: function, sentence, students."""
    counts: Counter[tuple[str, str]] = Counter()
    for record in records:
        counts.update((name, says) for name, says in record.get("mistakes", ()))
    return [(name, says, count) for (name, says), count in counts.most_common()]


def shared(records: Sequence[Record]) -> list[Shared]:
    """Bodies that two or more students have, or that are the book's; the most shared first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for record in records:
        for name, body in record.get("bodies", {}).items():
            if body:
                groups.setdefault((name, body), []).append(record["key"])
    found = [
        Shared(name, tuple(keys), body == of_the_book(name))
        for (name, body), keys in groups.items()
        if len(keys) > 1 or body == of_the_book(name)
    ]
    return sorted(found, key=lambda one: (-len(one.keys), one.exercise))
