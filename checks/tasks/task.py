"""A task that differs from student to student, and how an ID becomes one of its versions.

What an ID draws is fixed for good: a constant is the entry of its tuple of choices at

    int.from_bytes(sha256(b"backprop-by-the-book/1/ID/TASK/CONSTANT").digest()[:8], "big") % n

with ``n`` choices, UTF-8, and the ID as ``tidy`` leaves it. So the same ID has the same task on
every machine, and with every later version: the choices of a task that was once handed out stay
as they are, or the task gets another name.
"""

from __future__ import annotations

import hashlib
import math
import textwrap
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

from checks.model import Exercise

EDITION = "backprop-by-the-book/1"
FILE = "variant.py"
LONGEST = 80

Constants = SimpleNamespace  # the constants of one version, by name


def tidy(variant: str) -> str:
    """Write an ID as it counts: case and space do not, nor how an accent is encoded.

    Raises:
        ValueError: with a sentence, where it cannot stand in one line of a file.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", variant).casefold())
    found = " ".join(folded.split())
    if not found:
        raise ValueError("a variant needs an ID: a student's number, or a name")
    if len(found) > LONGEST:
        raise ValueError(f"this ID has {len(found)} characters; {LONGEST} are the most")
    if not found.isprintable():
        raise ValueError(f"the ID {found!a} holds a character that cannot be printed")
    return found


def pick(variant: str, task: str, constant: str, count: int) -> int:
    """Draw one of ``count`` choices for an ID that is tidy."""
    key = "/".join((EDITION, variant, task, constant)).encode()
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big") % count


@dataclass(frozen=True)
class Part:
    """One function of a task; ``{name}`` in a text stands for what was drawn.

    Args:
        name: the function to write.
        statement: one line, for the list.
        stub: signature and docstring, with a body that raises.
        hints: what to think of, then the equation to begin from.
        minutes: how long it usually takes.
        after: functions of the same task that it builds on.
    """

    name: str
    statement: str
    stub: str
    hints: tuple[str, ...]
    minutes: int = 10
    after: tuple[str, ...] = ()

    def exercise(self, chapter: str, words: Mapping[str, object]) -> Exercise:
        """Write the exercise with what was drawn in the place of the names."""
        return Exercise(
            self.name,
            chapter=chapter,
            statement=self.statement.format(**words),
            stub=self.stub.format(**words),
            hints=tuple(hint.format(**words) for hint in self.hints),
            minutes=self.minutes,
            after=self.after,
            file=FILE,
            variation=True,
        )


Judge = Callable[[Constants, Sequence[Exercise]], None]
Words = Callable[[Constants], Mapping[str, str]]


@dataclass(frozen=True)
class Task:
    """A family of exercises, of which every ID has one version.

    Args:
        name: what its draws are keyed by.
        chapter: the stem of the chapter that it goes with.
        choices: for each constant what it may be: a number, or a word for a way to do it.
        parts: its functions.
        judge: adds the checks of one version to its exercises, one for each part.
        words: what else the texts say of a version, by name.
    """

    name: str
    chapter: str
    choices: Mapping[str, tuple[object, ...]]
    parts: tuple[Part, ...]
    judge: Judge
    words: Words = lambda drawn: {}
    made: dict[str, tuple[Exercise, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def versions(self) -> int:
        """How many different tasks may be drawn."""
        return math.prod(len(choices) for choices in self.choices.values())

    def drawn(self, variant: str) -> Constants:
        """What an ID draws."""
        return Constants(
            **{
                name: choices[pick(variant, self.name, name, len(choices))]
                for name, choices in self.choices.items()
            }
        )

    def exercises(self, variant: str) -> tuple[Exercise, ...]:
        """The exercises of an ID, with their checks."""
        if variant not in self.made:
            drawn = self.drawn(variant)
            words = {**vars(drawn), **self.words(drawn)}
            found = tuple(part.exercise(self.chapter, words) for part in self.parts)
            self.judge(drawn, found)
            self.made[variant] = found
        return self.made[variant]


def filled(text: str) -> str:
    """Lay out a paragraph of a docstring, without the indent of its first line."""
    indent = "    "
    return textwrap.fill(
        text, 76, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    ).strip()


def steps(low: float, high: float, step: float, without: Sequence[float] = ()) -> tuple[float, ...]:
    """Numbers from low to high, written with as few digits as the step has."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    count = round((high - low) / step) + 1
    found = (round(low + i * step, digits) for i in range(count))
    return tuple(one for one in found if one not in without)
