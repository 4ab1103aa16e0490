"""The plan of a course is counted from chapters and checks."""

from book._ext import syllabus
from checks.exercises import EXERCISES


def test_a_week_counts_what_is_asked() -> None:
    """Functions, minutes and points of a week are those of its chapters' exercises."""
    title, chapters, own, reading, writing, points = syllabus.week("1. A line", ["affine"])
    asked = [one for one in EXERCISES if one.chapter == "affine"]
    assert (title, chapters) == ("1. A line", "affine")
    assert own == "affine_forward, affine_backward"
    assert points == str(sum(one.points for one in asked))
    assert reading.endswith(" h")
    assert float(writing.removesuffix(" h")) >= 0.5


def test_a_week_without_writing_says_so() -> None:
    """Chapters that ask for no function ask for nothing to be written."""
    assert syllabus.week("0", ["notation"])[2] == "nothing"
