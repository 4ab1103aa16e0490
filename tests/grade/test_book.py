"""What the book hands out and what is right gets full marks, whatever the secret."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from checks.exercises import EXERCISES, by_name
from checks.files import read
from checks.grade.intake import submissions
from checks.grade.judge import Rules, graded
from checks.grade.policy import Policy, load
from checks.grade.zygote import Zygote
from prove.grading import wrong
from tests.test_notebooks import JUDGED, reader, solve

VARIANTS = Path(__file__).parent.parent / "variants"
OTHERS = ("_", "drawn_for_")  # caches, and the tasks of one ID
LAYOUTS = [
    path
    for path in sorted(VARIANTS.iterdir())
    if path.is_dir() and not path.stem.startswith(OTHERS)
]


@pytest.mark.parametrize("stem", JUDGED)
def test_the_book_s_notebooks_get_full_marks(stem: str, tmp_path: Path, zygote: Zygote) -> None:
    """A downloaded notebook with the solutions typed in gets every point, on hidden draws."""
    notebook = reader(stem)
    filled = solve(notebook)
    nbformat.write(notebook, tmp_path / f"{stem}.ipynb")
    (submission,) = submissions(tmp_path)
    rules = Rules(Policy("", tuple(filled)), b"a secret that nobody knows")
    record = graded("k", "n", submission.files(), rules, zygote.spawn, "")
    assert filled
    assert record["score"] == record["max"], record["exercises"]


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.name)
def test_layouts_of_the_course_get_full_marks(path: Path, zygote: Zygote) -> None:
    """Folders as the course lays them out lose nothing for what is in them."""
    files = read(path)
    names = [one.name for one in EXERCISES if not one.variation]
    record = graded("k", "n", files, Rules(load(None)), zygote.spawn, "")
    begun = [name for name in names if record["exercises"][name]["state"] != "not started"]
    assert begun
    assert all(record["exercises"][name]["score"] == by_name(name).points for name in begun)


def test_no_secret_changes_a_verdict(zygote: Zygote) -> None:
    """The book's own code has full marks under each of four secrets (a hundred: make prove)."""
    assert wrong(range(4), zygote) == []
