"""Each chapter has the exercises that it should have, and they are counted right."""

from __future__ import annotations

from itertools import chain

import pytest

from book._ext import exercises
from book._ext.chapters import order, parts
from checks.exercises import EXERCISES

FOUR = """\
:::{your-turn} affine_forward
:::

**1.** *Predict, then run* (3 min).
**2.** *Find the bug* (5 min; a question of the course).
**3.** *Prove* (10 min).
**4.** *Extend* (15 min).

:::{your-turn} affine_transposed_forward
:::
"""
CHAPTERS = [
    page for part, pages in parts().items() if part not in exercises.ASIDE for page in pages
]


def test_the_parts_are_the_order() -> None:
    """The pages by part are those of the book, in its order."""
    assert list(chain(*parts().values())) == order()
    assert {"Start", "Measure", "Back"} <= set(parts())


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_four_exercises_of_four_kinds(chapter: str) -> None:
    """A prediction, a bug, a proof and an extension, numbered, each with its minutes."""
    assert exercises.missing(exercises.count(chapter)) == []


def test_an_extension_is_a_variation() -> None:
    """Each chapter of the book's own list asks for at least one function without an answer."""
    for chapter in CHAPTERS:
        assert exercises.count(chapter).variations


def test_every_function_is_asked_for_once() -> None:
    """Each exercise of the checks has one box in the book, in its chapter."""
    asked = {one.name: one.chapter for one in EXERCISES}
    found = [
        (name, page)
        for page in order()
        if page not in parts()["Back"]
        for count in [exercises.count(page)]
        for name in (*count.turns, *count.variations)
    ]
    assert dict(found) == asked
    assert len(found) == len(asked)


def test_exercises_are_counted() -> None:
    """Kinds, boxes and minutes of a page are what is in it, and a page with all four lacks none."""
    one = exercises.count("affine", FOUR)
    assert dict(one.kinds) == dict.fromkeys(exercises.KINDS, 1)
    assert (one.turns, one.variations) == (("affine_forward",), ("affine_transposed_forward",))
    assert one.minutes == 3 + 5 + 10 + 15 + 10  # the last is of the first box
    assert set(one.drawn) == {"stored_affine_forward", "stored_affine_backward"}
    assert exercises.missing(one) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("*Prove*", "*Predict, then run*", "no 'Prove'"),
        ("**4.** *Extend* (15 min).", "", "no 'Extend'"),
        ("*Prove* (10 min)", "*Prove* (ten minutes)", "no minutes"),
        ("*Prove*", "*Show*", "no kind"),
        ("**3.**", "**4.**", "numbered"),
    ],
)
def test_what_is_missing_is_told(old: str, new: str, what: str) -> None:
    """A chapter that lacks a kind, a time or a number is told so by name."""
    said = exercises.missing(exercises.count("affine", FOUR.replace(old, new)))
    assert any(what in sentence for sentence in said)
    assert all(sentence.startswith("book/affine.md: ") for sentence in said)


def test_the_table_adds_up() -> None:
    """The table has four exercises and more for each chapter, and one box for each function."""
    found = exercises.counted()
    assert {one.chapter for one in found} >= set(CHAPTERS)
    assert sum(one.kinds.total() for one in found) >= 4 * len(CHAPTERS)
    turns = sum(exercises.numbers(one)[0] for one in found)
    assert turns == sum(not one.variation for one in EXERCISES)
