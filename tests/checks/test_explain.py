"""``--explain``: yours, right and their ratio as a picture, true to the numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reference
from checks import __main__ as command
from checks.exercises import by_name
from checks.mistakes import MISTAKES
from checks.model import FAIL, Evidence, Outcome, Report
from checks.run import run
from checks.show import compare
from checks.show.picture import picture
from checks.student import InProcess

RIGHT = {name: getattr(reference, name) for name in reference.__all__}
ONE_EACH = list({one.function: one for one in MISTAKES}.values())


def of(yours: Any, right: Any, **seen: Any) -> compare.Comparison:
    """The comparison of two arrays that a check called out."""
    evidence = Evidence("value", {"name": "out"}, yours=np.array(yours), right=np.array(right))
    outcome = Outcome("f", "out", FAIL, evidence=evidence)
    made = compare.compared(outcome)
    assert made is not None
    return made


def report_of(name: str, code: object) -> Report:
    return run([by_name(name)], InProcess({**RIGHT, name: code}), 7)


def row_is_small(dout: Any, cache: Any) -> Any:
    dx, dw, db = reference.affine_backward(dout, cache)
    dw[2] *= 0.25
    return dx, dw, db


# What is drawn


@pytest.mark.parametrize("mistake", ONE_EACH, ids=lambda one: one.function)
def test_picture_of_a_real_mistake_fits_and_counts(mistake: Any) -> None:
    """A picture has 80 columns, its sentence one thought, and a mark for each wrong entry."""
    for outcome in report_of(mistake.function, mistake.code).outcomes:
        one = compare.compared(outcome)
        if one is None:
            continue
        lines = picture(one)
        assert max(map(len, lines)) <= 80, lines
        assert compare.sentence(one).endswith(".")
        if one.wrong is not None:
            assert int((compare.marks(one) != ".").sum()) == int(one.wrong.sum())


def test_wrong_row_is_seen_and_said() -> None:
    """One wrong row of dw is that row of the picture, with its ratio in the legend."""
    (one,) = compare.explained(report_of("affine_backward", row_is_small), "dw")
    assert compare.sentence(one) == "9 of 54 entries are wrong: all of row 2."
    rows = ["".join(row) for row in compare.marks(one)]
    assert rows == ["." * 9, "." * 9, "a" * 9, "." * 9, "." * 9, "." * 9]
    assert compare.legend(one) == [(".", "right"), ("a", "0.25 times")]
    text = "\n".join(picture(one))
    assert "a 0.25 times." in text
    assert len(re.findall(r"^  \* dw\[2, \d\]", text, re.MULTILINE)) == 5
    assert "and 4 more that are wrong" in text


def test_wrong_columns_are_said_and_scattered_entries_are_not_called_so() -> None:
    """Columns are named where they hold all that is wrong, and only then."""
    right = np.arange(1.0, 37.0).reshape(6, 6)
    columns, scattered = right.copy(), right.copy()
    columns[:, [1, 4]] *= -1
    scattered[range(6), range(6)] *= 3
    assert compare.sentence(of(columns, right)).endswith("all of columns 1 and 4.")
    assert compare.sentence(of(scattered, right)) == "6 of 36 entries are wrong."


def test_marks_tell_zeros_numbers_that_are_not_finite_and_ratios_apart() -> None:
    """0, +, !, a letter and x are each what the legend says."""
    one = of([0.0, 2.0, np.nan, 6.0, 9.0, 5.0, 7.0], [4.0, 0.0, 1.0, 2.0, 3.0, 1.0, 7.0])
    assert "".join(compare.marks(one)) == "0+!aax."
    assert dict(compare.legend(one))["a"] == "3 times"
    table = {row[0]: row[3] for row in compare.table(one, 12)}
    assert table["out[1]"] == "+2"
    assert table["out[2]"] == "-"
    assert "1 is not finite" in compare.sentence(one)


def test_every_entry_off_by_one_size_is_said_with_its_letter() -> None:
    """Where one ratio explains all, the sentence says which size it is."""
    mean = {one.name: one for one in MISTAKES if one.function == "affine_backward"}["db_is_a_mean"]
    (one,) = compare.explained(report_of("affine_backward", mean.code), "db")
    assert compare.sentence(one) == (
        "All 9 entries are wrong: each is exactly 1/8 of the right one (N = 8)."
    )


def test_ratio_close_to_one_is_not_written_as_one() -> None:
    """A wrong entry never has the ratio 1."""
    one = of([1.000001, 2.0], [1.0, 2.0])
    assert one.ratio((0,)) == "1.000001"
    assert one.ratio((1,)) == "1"


def test_arrays_of_two_shapes_have_no_ratio() -> None:
    """Where the shapes differ both are drawn, and nothing is divided."""
    lines = picture(of(np.ones((2, 3)), np.ones((3, 2))))
    assert "ratio" not in "\n".join(lines)
    assert "(2, 3)" in compare.sentence(of(np.ones((2, 3)), np.ones((3, 2))))


def test_empty_arrays_are_drawn_as_nothing() -> None:
    """An array without entries, beside one that has some, raises nothing."""
    for shape in ((0,), (0, 5), (5, 0)):
        lines = picture(of(np.ones(shape), np.ones((2, 2))))
        assert "yours" in lines[0]
        assert str(shape) in compare.sentence(of(np.ones(shape), np.ones((2, 2))))


def test_large_array_is_gathered_into_a_screen() -> None:
    """However large, a picture is 80 columns wide and under 30 lines, and no error is lost."""
    right = np.random.default_rng(5).normal(size=(300, 700))
    yours = right.copy()
    yours[123, 456] += 1
    lines = picture(of(yours, right))
    assert max(map(len, lines)) <= 80
    assert len(lines) < 30
    assert "Each mark stands for 19 x 35 entries" in "\n".join(lines)
    assert sum(line.count("x") for line in lines if line.endswith("|")) == 1


def test_colour_adds_nothing_that_words_do_not_say() -> None:
    """Without colour and in ASCII the picture still says the same."""
    one = of([[1.0, 2.0], [3.0, -4.0]], [[1.0, 2.0], [3.0, 4.0]])
    plain = picture(one)
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in picture(one, colour=True)] == plain
    assert "\n".join(picture(one, blocks=False)).isascii()
    assert "- is below 0" in "\n".join(plain)


def test_step_of_a_rule_is_shown_and_not_where_it_led() -> None:
    """Of an update, the picture is about the steps: their ratio tells, that of w does not."""

    def sgd(w: Any, dw: Any, config: Any = None) -> Any:
        return w - 3 * config["learning_rate"] * dw, config

    one = next(c for c in map(compare.compared, report_of("sgd", sgd).outcomes) if c)
    assert one.start == "w"
    assert {row[3] for row in compare.table(one, 100)} == {"3"}


# The option


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    text = """
import numpy as np
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    dw = x.reshape(len(x), -1).T @ dout
    dw[2] *= .25
    return (dout @ w.T).reshape(x.shape), dw, dout.sum(axis=0)
"""
    (tmp_path / "mine" / "affine.py").write_text(text)
    return tmp_path / "mine"


def said(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    code = command.main(["mine", "--in-process", "-k", "affine", *args])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def test_explain_draws_below_the_card(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The picture stands below the card that offered it, which offers it no more."""
    assert "checks mine -k affine_backward --explain dw" in said(capsys)[1]
    code, text = said(capsys, "--explain", "dw")
    assert code == 1
    assert text.index("dw: not yet") < text.index("dw: yours, right and their ratio")
    assert "A picture:" not in text


def test_explain_of_what_is_not_there_names_what_is(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown array is a usage error that names the arrays; one that passes is said so."""
    code, text = said(capsys, "--explain", "dv")
    assert code == 2
    assert "there is no array of that name. What differs: dw." in text
    code, text = said(capsys, "--explain", "db")
    assert code == 1
    assert "affine_backward / db passes, and nothing differs. What differs: dw." in text


def test_watch_goes_on_where_the_array_is_gone(
    mine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While watching, an array that is not there is a sentence below the report."""
    (mine / "affine.py").write_text("def affine_backward(\n")

    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", stop)
    assert command.main(["watch", "mine", "-k", "affine_backward", "--explain", "grads[W1]"]) == 1
    printed = capsys.readouterr().out
    assert "affine.py:1 is not Python" in printed
    assert "--explain grads[W1]: there is no array of that name." in printed


def test_array_of_a_dict_may_be_named_as_a_shell_leaves_it() -> None:
    """grads[W1] finds grads['W1'], and the card writes it so."""
    mistakes = [one for one in MISTAKES if one.function == "TwoLayerNet"]
    reports = (report_of(wrong.function, wrong.code) for wrong in mistakes)
    one = next(found[0] for each in reports if (found := compare.explained(each, "grads[W1]")))
    assert one.name == "grads['W1']"
    assert one.asked == "'grads[W1]'"


def test_detail_goes_from_one_number_to_the_equation(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """evidence leaves the pattern out, equation adds both hints, pattern is what one gets."""
    pattern, hint, equation = (
        "It is right in rows 0, 1, 3, 4 and 5",
        "which product of X",
        "eq-affine-dw",
    )
    texts = {level: said(capsys, "--detail", level)[1] for level in command_levels()}
    assert [pattern in text for text in texts.values()] == [False, True, True]
    assert [equation in text for text in texts.values()] == [False, False, True]
    assert hint in " ".join(texts["equation"].split())
    assert all("dw[2, 0] is -1.315497" in text for text in texts.values())
    assert texts["pattern"] == said(capsys)[1]


def command_levels() -> tuple[str, ...]:
    from checks.options import DETAILS
    from checks.show.cards import DETAILS as SHOWN

    assert DETAILS == SHOWN
    return DETAILS


def test_help_fits_80_columns_and_names_each_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every option is in the help with a word about it, in 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    for args in (["mine", "--help"], ["watch", "--help"]):
        with pytest.raises(SystemExit) as stop:
            command.main(args)
        assert stop.value.code == 0
        out = capsys.readouterr().out
        assert max(map(len, out.splitlines())) <= 80
        for option in ("-k", "--seed", "--hint", "--explain", "--detail", "--json", "--html"):
            assert re.search(rf"^  {option}\b.*\S", out, re.MULTILINE)
        assert "exit codes" in out
