"""The directive ``syllabus``: a plan of weeks with what is asked in each, counted and not typed.

Each line of it is ``title: chapter chapter ...``. Minutes and points of "Your turn" come from the
exercises in ``checks``, those of the other exercises from the chapters, and reading is counted by
words.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book._ext.chapters import BOOK, order
from checks.exercises import EXERCISES

WORDS_PER_MINUTE = 100  # of a text with formulas to follow, pencil in hand
MINUTES = re.compile(r"\((\d+) min\b[^)]*\)")  # "(5 min; a question of the course)", too
_HEAD = ("week", "chapters", "you write", "reading", "writing", "points")


class Syllabus(SphinxDirective):
    """A table with one row for each week."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Build the table; a chapter that is not in the book is an error with a sentence."""
        rows = []
        for line in self.content:
            title, _, names = line.partition(":")
            chapters = names.split()
            unknown = [name for name in chapters if name not in order()]
            if unknown or not chapters:
                raise self.error(
                    f"syllabus: {line!r} is to be `title: chapter ...`; no chapter: {unknown}"
                )
            rows.append(week(title.strip(), chapters))
        return [table(_HEAD, rows)]


def week(title: str, chapters: list[str]) -> tuple[str, ...]:
    """One row: the chapters, what is written, hours of reading and writing, points."""
    asked = [one for one in EXERCISES if one.chapter in chapters]
    own = [f"{one.name}" for one in asked if not one.variation]
    texts = [(BOOK / f"{name}.md").read_text("utf-8") for name in chapters]
    words = sum(len(re.sub(r"```.*?```", "", text, flags=re.S).split()) for text in texts)
    writing = sum(one.minutes for one in asked if not one.variation)
    writing += sum(int(minutes) for text in texts for minutes in MINUTES.findall(text))
    return (
        title,
        ", ".join(chapters),
        ", ".join(own) or "nothing",
        hours(words / WORDS_PER_MINUTE),
        hours(writing),
        str(sum(one.points for one in asked)),
    )


def hours(minutes: float) -> str:
    """Minutes as hours, to the half."""
    return f"{max(round(minutes / 30) / 2, 0.5):g} h"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> nodes.table:
    """A table of plain texts."""
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    top, body = nodes.thead(), nodes.tbody()
    top += _row(head)
    body += [_row(row) for row in rows]
    group += [top, body]
    made = nodes.table(classes=["table"])
    made += group
    return made


def _row(cells: tuple[str, ...]) -> nodes.row:
    row = nodes.row()
    for text in cells:
        entry = nodes.entry()
        entry += nodes.paragraph("", text)
        row += entry
    return row


def setup(app: Any) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("syllabus", Syllabus)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
