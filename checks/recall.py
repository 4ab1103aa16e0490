"""A student whose answers are remembered, for checks that ask about the same call.

dx, dw and db come out of one call of a backward pass: three checks that each made it would
cost three times as much and say no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checks.beside import wire
from checks.model import Answer, Array, Code, Path, Problem, Student


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
        self.answers: dict[bytes, Answer] = {}
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
        asked = wire.encode((name, args, tuple(keep), tuple(names), instead, lent))
        if asked not in self.answers:
            self.answers[asked] = self.student.call(
                name, *args, keep=keep, names=names, seconds=seconds, instead=instead, lent=lent
            )
        return self.answers[asked]

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


def afresh(student: Student) -> Student:
    """The student without a memory: what is called is called once more."""
    return student.student if isinstance(student, Recall) else student
