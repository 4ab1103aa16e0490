"""A student whose answers are remembered, for checks that ask about the same call.

dx, dw and db come out of one call of a backward pass: three checks that each made it would
cost three times as much and say no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from checks.model import Answer, Array, Code, Handle, Path, Problem, Student


class Recall:
    """Answers a call from memory that was made before, with equal arguments.

    A Handle stands for one object, whatever has become of it: a call on what an earlier
    call may have used up is the same call. When the code's process has ended, and what it
    kept with it, everything is asked anew.

    Args:
        student: who is asked what was not asked before.
    """

    def __init__(self, student: Student) -> None:
        self.student = student
        self.drawn: dict[object, Any] = {}
        self.answers: dict[object, Told] = {}
        self.made = 0
        self.last: Told | None = None
        self.known = student.deaths

    @property
    def deaths(self) -> int:
        """See ``model.Student``."""
        return self.student.deaths

    def defines(self, name: str) -> Problem | None:
        """See ``model.Student``."""
        return self.student.defines(name)

    def call(
        self,
        name: str,
        *args: object,
        keep: Sequence[int] = (),
        names: Sequence[str] = (),
        seconds: float | None = None,
        instead: Code | None = None,
        lent: Code | None = None,
    ) -> Answer:
        """Remember, or call; see ``model.Student``. Nobody may change what comes back."""
        if self.known != self.deaths:
            self.answers.clear()
            self.known = self.deaths
        asked = (name, _sign(args), tuple(keep), tuple(names), instead, lent)
        if asked not in self.answers:
            answer = self.student.call(
                name, *args, keep=keep, names=names, seconds=seconds, instead=instead, lent=lent
            )
            self.made += 1
            self.answers[asked] = Told(answer, self.made)
        self.last = self.answers[asked]
        return self.last.answer

    def slopes(
        self,
        name: str,
        args: Sequence[object],
        move: Mapping[Path, Array],
        steps: Sequence[float],
        weigh: Array | None = None,
        take: int = 0,
    ) -> Answer:
        """Measure slopes; see ``model.Student``."""
        return self.student.slopes(name, args, move, steps, weigh, take)

    def remarks(self) -> tuple[Problem, ...]:
        """See ``model.Student``."""
        return self.student.remarks()

    def close(self) -> None:
        """Forget the answers; the student is not closed."""
        self.answers.clear()


@dataclass(frozen=True)
class Told:
    """An answer, and which of all that were asked for it was."""

    answer: Answer
    number: int


def _sign(value: object) -> object:
    """Something that is equal for equal arguments, to the last bit and in their types."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, tuple | list):
        return (type(value), *map(_sign, value))
    if isinstance(value, dict):
        return dict, tuple((key, _sign(part)) for key, part in value.items())
    if isinstance(value, Handle | Code):
        return value
    return type(value), repr(value)


def afresh(student: Student) -> Student:
    """The student without a memory: what is called is called once more."""
    if not isinstance(student, Recall):
        return student
    student.made += 1
    return student.student


def is_last(student: Student) -> bool:
    """Whether nothing has been called since the call that was last asked for."""
    if not isinstance(student, Recall) or student.last is None:
        return True
    return student.last.number == student.made
