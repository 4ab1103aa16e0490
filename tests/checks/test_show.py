"""Messages: every kind of evidence has its sentence, short, plain and safe to print."""

from __future__ import annotations

import ast
import io
from dataclasses import replace
from pathlib import Path

import pytest

import checks
from checks.exercises import EXERCISES, by_name
from checks.mistakes import MISTAKES, Mistake, lineup
from checks.mistakes.puzzle import card, report_on
from checks.model import Evidence
from checks.run import run
from checks.show import numbers, terminal, words
from checks.show.cards import Ways
from checks.show.notebook import html
from checks.student import InProcess

NAMED = {one.name: one for one in EXERCISES}
ASKS = Ways(
    hint="checks mine -k {name} --hint",
    more="... --hint --hint",
    again="again",
    inputs="... --show-inputs",
    picture="... --explain {array}",
)


def test_every_kind_of_evidence_has_a_sentence() -> None:
    """Whatever kind a check writes down, show has words for it."""
    home = Path(checks.__file__).parent
    kinds = set()
    for path in [home / "contract.py", *(home / "exercises").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Evidence":
                kinds.add(ast.literal_eval(node.args[0]))
    assert kinds - {"problem"} <= set(words._SENTENCES)
    assert len(kinds) > 8


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.function}-{m.name}")
def test_card_is_short(mistake: Mistake) -> None:
    """A card has under 12 lines, none longer than a line of code, and is ASCII."""
    report = replace(report_on(mistake), remarks=())  # that it shadows the book's own
    for hints in (0, 1, 2):
        text = terminal.text(report, NAMED, ASKS, hints=hints)
        shown = text.split("\n\n", 1)[1].rsplit("\n\n", 1)[0].splitlines()
        assert len(shown) < 12, text
        assert max(map(len, shown)) <= 100
        assert text.isascii()


def test_cards_tell_mistakes_apart() -> None:
    """No two mistakes of one function have the same card."""
    for name in {one.function for one in MISTAKES}:
        texts = [card(one) for one in MISTAKES if one.function == name]
        assert len(set(texts)) == len(texts)


def test_lineup_is_the_same_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    """lineup prints the same variants in the same order, and its answers fit."""
    printed = []
    for _ in range(2):
        lineup("affine_backward", 3)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    lineup("affine_backward", 3, answers=True)
    answers = capsys.readouterr().out.splitlines()
    by_sentence = {one.sentence: one for one in MISTAKES}
    sections = printed[0].split("\n\n\n")[0]
    for line in answers:
        letter, number = line[0], line.split("card ")[1].split(".")[0]
        mistake = by_sentence[line.split(". ", 1)[1]]
        code = printed[0].split(f"{letter}\n", 1)[1]
        assert code.lstrip().startswith(f"def {mistake.function}(")
        assert mistake.source.splitlines()[-3].strip() in sections
        verdict = printed[0].split(f"\n{number}\n", 1)[1]
        assert card(mistake).splitlines()[2].strip() in verdict.split("\n\n")[1]


def test_factors_are_put_into_words() -> None:
    """A factor is named by the size that explains it, and by nothing that does not."""
    sizes = {"N": 4, "D": 6, "M": 5}
    assert numbers.factor(0.25, sizes) == ("exactly 1/4 of", "N = 4")
    assert numbers.factor(4.0, sizes) == ("exactly 4 times", "N = 4")
    assert numbers.factor(-1.0, sizes) == ("exactly -1 times", "")
    assert numbers.factor(0.8, sizes) == ("exactly 4/5 of", "N = 4, M = 5")
    assert numbers.factor(0.123, sizes) == ("", "")


def test_numbers_are_told_apart() -> None:
    """Two numbers that differ are never printed alike."""
    one, two = numbers.pair(1.0000000001, 1.0)
    assert one != two
    assert numbers.pair(-0.3682811, -1.4731257) == ("-0.368281", "-1.473126")


def test_control_codes_of_a_stranger_do_not_reach_the_terminal() -> None:
    """An exception's message cannot move the cursor or paint the screen."""

    def affine_forward(x: object, w: object, b: object) -> object:
        raise ValueError("\x1b[2J\x07 gone\r\n")

    report = run([by_name("affine_forward")], InProcess({"affine_forward": affine_forward}), 7)
    text = terminal.text(report, NAMED, ASKS)
    assert all(character.isprintable() or character == "\n" for character in text)


def test_colour_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours are for terminals, and not where NO_COLOR is set."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert terminal.in_colour(Terminal())
    assert not terminal.in_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal.in_colour(Terminal())


def test_notebook_card_is_self_contained_and_escaped() -> None:
    """The card's HTML asks for nothing outside, runs nothing, and escapes a stranger's text."""

    def sgd(w: object, dw: object, config: object = None) -> object:
        raise ValueError("<script>alert(1)</script>")

    page = html(run([by_name("sgd")], InProcess({"sgd": sgd}), 7), NAMED)
    assert "&lt;script&gt;" in page
    for outside in ("<script", "http", "src=", "url(", "<link", "<style"):
        assert outside not in page
    assert 'aria-label="What the checks say"' in page


def test_problem_of_an_unknown_kind_is_still_said() -> None:
    """A problem without words of its own is shown by its kind, and raises nothing."""
    seen = Evidence("problem", {"problem": "odd", "where": "x.py:3", "function": "f"})
    assert words.says(seen) == ["x.py:3: odd."]
