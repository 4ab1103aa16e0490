"""The directive ``exercises``: how many of which kind each chapter has, counted and not typed.

An exercise is a line such as ``**2.** *Find the bug* (5 min).``; a "Your turn" is a box of the
directive ``your-turn``. What a chapter has to have, and whether it does, is ``missing``.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book._ext.chapters import BOOK, parts
from book._ext.syllabus import MINUTES, hours, table
from checks.exercises import by_name
from checks.tasks import TASKS

KINDS = ("Predict, then run", "Find the bug", "Prove", "Extend")
ASIDE = ("", "Start", "Back")  # parts of the book whose pages need not have four
_EXERCISE = re.compile(r"^(?:\*\*(\d+)\.\*\*|(\d+)\.) \*([^*\n]+)\* (\(\d+ min[^)]*\))?", re.M)
_TURN = re.compile(r"^:{3,}\{your-turn\} (\w+)", re.M)


@dataclass(frozen=True)
class Count:
    """The exercises of one page.

    Args:
        chapter: its stem.
        turns: the functions that "Your turn" asks for and that the book has, too.
        variations: those to which the book has no answer.
        kinds: how many of each of the four kinds.
        drawn: the functions of tasks that go with it and differ from student to student.
        minutes: what all of these take, drawn ones left out.
        faults: what is wrong with their marks, each in a sentence.
    """

    chapter: str
    turns: tuple[str, ...]
    variations: tuple[str, ...]
    kinds: Counter[str]
    drawn: tuple[str, ...]
    minutes: int
    faults: tuple[str, ...]


def count(chapter: str, text: str | None = None) -> Count:
    """Count the exercises of one page; with a text, as if it held that."""
    text = (BOOK / f"{chapter}.md").read_text("utf-8") if text is None else text
    found = [(a or b, kind, time) for a, b, kind, time in _EXERCISE.findall(text)]
    faults = [f"{kind} has no minutes" for _, kind, time in found if not time]
    faults += [f"{kind} is no kind of exercise" for _, kind, _ in found if kind not in KINDS]
    numbers = [int(number) for number, _, _ in found]
    if numbers != list(range(1, len(found) + 1)):
        faults.append(f"the exercises are numbered {numbers}")
    asked = [by_name(name) for name in _TURN.findall(text)]
    minutes = sum(int(m) for _, _, time in found for m in MINUTES.findall(time))
    return Count(
        chapter,
        tuple(one.name for one in asked if not one.variation),
        tuple(one.name for one in asked if one.variation),
        Counter(kind for _, kind, _ in found),
        tuple(part.name for task in TASKS if task.chapter == chapter for part in task.parts),
        minutes + sum(one.minutes for one in asked if not one.variation),
        tuple(faults),
    )


def missing(found: Count) -> list[str]:
    """What a chapter lacks of the four that it should have: one of each kind, with its mark."""
    none = [f"there is no {kind!r}" for kind in KINDS if not found.kinds[kind]]
    few = ["fewer than four exercises"] if found.kinds.total() < len(KINDS) else []
    return [f"book/{found.chapter}.md: {what}" for what in (*found.faults, *none, *few)]


def counted() -> list[Count]:
    """The chapters that need four, and any other page that has exercises, in the book's order."""
    pages = [(part, count(page)) for part, listed in parts().items() for page in listed]
    return [one for part, one in pages if part not in ASIDE or one.kinds]


class Exercises(SphinxDirective):
    """A table with one row for each chapter, and one for all of them."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        found = counted()
        for one in found:
            self.env.note_dependency(f"{one.chapter}.md")
        head = ("chapter", "your turn", *(kind.lower() for kind in KINDS), "of an ID", "time")
        rows = [(one.chapter, *numbers(one), hours(one.minutes)) for one in found]
        sums = [sum(column) for column in zip(*map(numbers, found), strict=True)]
        total = ("all", *sums, hours(sum(one.minutes for one in found)))
        return [table(head, [tuple(map(str, row)) for row in (*rows, total)])]


def numbers(one: Count) -> tuple[int, ...]:
    """One row of the table, as numbers."""
    return len(one.turns), *(one.kinds[kind] for kind in KINDS), len(one.drawn)


def setup(app: Any) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("exercises", Exercises)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
