"""The nouns of a long count: a part of it, its jobs, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Job = tuple[Any, ...]  # plain values, the first of which are its name
Result = Any  # what JSON holds


@dataclass(frozen=True)
class Found:
    """What a part has shown.

    Args:
        rows: the table that a page shows.
        against: what is not as it has to be, a sentence each; empty where all is well.
        more: what else belongs to the record.
    """

    rows: Sequence[Mapping[str, object]]
    against: Sequence[str] = ()
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One of the counts.

    Args:
        name: of its result, and on the command line.
        jobs: what there is to do, given how many seeds; each takes some seconds.
        do: does one job, in a process of its own.
        found: puts all results together.
        seeds: over how many it is counted, unless the command says.
    """

    name: str
    jobs: Callable[[int], list[Job]]
    do: Callable[[Job], Result]
    found: Callable[[Sequence[tuple[Job, Result]]], Found]
    seeds: int = 200


def one(task: tuple[Callable[[Job], Result], Job]) -> tuple[Job, Result]:
    """Do one job, in the process that it was given to."""
    do, job = task
    return job, do(job)


def blocks(seeds: int, size: int) -> list[tuple[int, int]]:
    """The seeds from 0 up, in pieces: where each begins and ends."""
    return [(first, min(first + size, seeds)) for first in range(0, seeds, size)]


def at_most(runs: int) -> float:
    """The rule of three: where none of so many runs failed, 95 % sure that no larger share does."""
    return 3 / runs if runs else 1.0
