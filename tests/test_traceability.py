"""Each equation leads to its code, its evaluation, its checks and what they reject."""

import subprocess
import sys
from pathlib import Path

import pytest

from book._ext import trace
from book._ext.trace import Equation, coded, formulas, lost, page
from checks.mistakes import mistakes_of
from checks.model import Evidence, Exercise


@pytest.fixture(scope="module")
def book() -> list[Equation]:
    """The whole book; of the catalogue, whose checks take the time, one function's mistakes."""
    return trace.traced(mistakes=mistakes_of("affine_backward"))


def test_no_equation_of_the_book_is_lost(book: list[Equation]) -> None:
    """Each equation has its code, its evaluation and its check, or says that it is a step."""
    assert lost(book) == []


def test_the_page_is_what_the_book_says() -> None:
    """book/traceability.md is not older than chapters, code and checks (`make trace` writes it).

    In a process of its own: some mistakes remember their last call, maybe one of another test.
    """
    done = subprocess.run(
        [sys.executable, "-m", "book._ext.trace", "--check"],
        cwd=trace.ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_known_equation_is_followed_all_the_way(book: list[Equation]) -> None:
    """eq-affine-db leads to its line, its section, its check and the mistakes of its bias."""
    db = next(one for one in book if one.label == "eq-affine-db")
    assert ("affine_backward in reference/affine.py", "db = dout.sum(axis=0)") in db.code
    assert any(chapter == "affine" for chapter, _ in db.evaluated)
    assert ("affine_backward", "db") in db.checks
    assert ("affine_backward", "dx") not in db.checks
    assert {"db_is_a_mean", "db_keeps_an_axis"} <= {mistake.name for mistake in db.kills}
    assert "dx_stays_flat" not in {mistake.name for mistake in db.kills}


def kept(**changes: object) -> Equation:
    whole = {
        "code": [("affine_backward in reference/affine.py", "db = dout.sum(axis=0)")],
        "evaluated": [("affine", "Is it the slope?")],
        "checks": [("affine_backward", "db")],
    }
    return Equation("eq-affine-db", "affine", **{**whole, **changes})


@pytest.mark.parametrize(
    ("equation", "words"),
    [
        (kept(code=[]), "no line of reference carries its label"),
        (kept(evaluated=[]), "no cell evaluates it"),
        (kept(checks=[]), "no check stands on it"),
        (kept(step=True), "more than a step"),
        (kept(step=True, checks=[], evaluated=[]), "no cell evaluates it"),
    ],
)
def test_what_is_lost_is_named(equation: Equation, words: str) -> None:
    """An equation without code, evaluation or check is told by its label and its page."""
    sentences = [one for one in lost([equation]) if equation.label in one]
    assert any(words in one and "book/affine.md" in one for one in sentences)


def test_what_is_kept_is_not_complained_about() -> None:
    """A whole equation, a step with its cell and a variation with its check pass."""
    variation = kept(code=[], evaluated=[], checks=[("affine_transposed_backward", "db")])
    for equation in (kept(), kept(step=True, checks=[], code=[]), variation):
        assert not [one for one in lost([equation]) if one.startswith("eq-affine-db (")]


def test_a_variation_is_not_said_to_reject_nothing() -> None:
    """Mistakes are counted where there are some to be known; a variation has none by design."""
    variation = kept(code=[], checks=[("affine_transposed_backward", "db")])
    assert "mistakes |" not in page([variation])
    assert "| the catalogue knows none, on purpose |" in page([variation])
    assert "| 0 mistakes |" in page([kept()])


def test_an_open_formula_is_listed_and_cannot_stay_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing check may be listed with its reason, and only while it is missing."""
    monkeypatch.setattr(trace, "OPEN", {"eq-affine-db": "no check yet"})
    unchecked = kept(checks=[])
    assert not [one for one in lost([unchecked]) if one.startswith("eq-affine-db (")]
    assert "{eq}`eq-affine-db`: no check yet." in page([unchecked])
    assert any("listed as open, but has a check" in one for one in lost([kept()]))
    monkeypatch.setattr(trace, "OPEN", {"eq-gone": "no check yet"})
    assert any("eq-gone is listed as open, and no page has it" in one for one in lost([kept()]))


def test_formulas_are_read_with_their_class() -> None:
    """A displayed formula is found by its label, and the line above it makes it a step."""
    text = "a\n\n{.step}\n$$\nx = 1\n$$ (eq-one)\n\n$$\ny = 2\n$$ (eq-two)\n"
    assert [(one.label, one.step) for one in formulas("page", text)] == [
        ("eq-one", True),
        ("eq-two", False),
    ]


def test_labels_are_read_from_comments_only(tmp_path: Path) -> None:
    """A label in a docstring is no line of code; a method is named with its class."""
    module = tmp_path / "module.py"
    module.write_text(
        '"""Of eq-doc."""\nclass A:\n    def f(self):\n        """eq-doc"""\n'
        '        return "# eq-text"  # eq-real, as in eq-other\n'
    )
    assert list(coded(module)) == [
        ("eq-real", "A.f", 'return "# eq-text"'),
        ("eq-other", "A.f", 'return "# eq-text"'),
    ]


def test_a_check_without_a_formula_is_told() -> None:
    """A check that stands on a label which no page has is named."""
    assert any("affine_backward / dx stands on eq-affine-dx" in one for one in lost([kept()]))


def test_a_check_of_numbers_without_an_equation_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of values that names no equation is told; one of conduct needs none."""
    exercise = Exercise("made", "affine", "a made one", "", ("", ""))
    exercise.check("value")(lambda student, probe: Evidence("value"))
    exercise.check("inputs", stage="mutation")(lambda student, probe: Evidence("changed"))
    monkeypatch.setattr(trace, "EXERCISES", (exercise,))
    sentences = lost([kept()])
    assert "made / value judges numbers, and stands on no equation" in sentences
    assert not [one for one in sentences if "inputs" in one]


def test_mistakes_are_run_and_not_guessed() -> None:
    """Which check rejects a mistake is seen by running it."""
    mean = [one for one in mistakes_of("affine_backward") if one.name == "db_is_a_mean"]
    assert [(name, check) for _, name, check in trace.killed(mean)] == [("affine_backward", "db")]
