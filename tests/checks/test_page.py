"""``--html`` and the notebook's card: whole, safe, and readable without sight or colour."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reference
from checks import __main__ as command
from checks.exercises import EXERCISES, by_name
from checks.model import FAIL, Evidence, Outcome, Report
from checks.refusal import RefusalError, write, writing
from checks.run import run
from checks.show import notebook, page
from checks.show.cards import Ways
from checks.show.compare import Comparison, compared
from checks.show.maps import MOST, error_map
from checks.student import InProcess

NAMED = {one.name: one for one in EXERCISES}
ALONE = ("meta", "wbr", "br")


class Outline(HTMLParser):
    """The tags of a page, opened and closed in order, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, attribute: str) -> list[str | None]:
        return [attrs[attribute] for _, attrs in self.tags if attribute in attrs]


def affine_backward(dout: Any, cache: Any) -> Any:
    dx, dw, db = reference.affine_backward(dout, cache)
    dw[2] *= 0.25
    return dx, dw, db


def sgd(w: Any, dw: Any, config: Any = None) -> Any:
    raise ValueError("<script>alert('&')</script>")


@pytest.fixture(scope="module")
def report() -> Report:
    """Two functions that fail, one that passes and one that is not there."""
    names = ("affine_forward", "affine_backward", "sgd", "rmsprop")
    code = {"affine_forward": reference.affine_forward, "sgd": sgd}
    student = InProcess({**code, "affine_backward": affine_backward})
    return run([by_name(name) for name in names], student, 7)


@pytest.fixture(scope="module")
def text(report: Report) -> str:
    return page.html(report, NAMED, Ways(), "mine & <yours>")


def test_page_asks_for_nothing_and_runs_nothing(text: str) -> None:
    """The page holds all that it needs, and a stranger's text stays text."""
    for outside in ("http", "src=", "url(", "<link", "@import", "<script", "onload"):
        assert outside not in text.replace("http-equiv", "")
    assert "&lt;script&gt;alert(&#x27;&amp;&#x27;)" in text
    assert "<title>What the checks say about mine &amp; &lt;yours&gt;</title>" in text
    assert "default-src 'none'" in text


def test_page_is_well_formed_and_every_link_arrives(text: str) -> None:
    """Tags close in order; a link's target and a label's source exist, once."""
    outline = Outline(text)
    ids = outline.all("id")
    assert len(ids) == len(set(ids))
    for href in outline.all("href"):
        assert href is not None
        assert href[0] == "#"
        assert href[1:] in ids
    assert set(outline.all("aria-labelledby")) <= set(ids)
    assert ("html", {"lang": "en"}) in outline.tags


def test_page_shows_what_the_report_says(text: str) -> None:
    """Each failure has its section, hints and inputs; what is not started has a line alone."""
    outline = Outline(text)
    assert {"affine_forward", "affine_backward", "sgd"} <= set(outline.all("id"))
    assert "rmsprop" not in outline.all("id")
    assert "affine_backward / dw: not yet (the numbers of dw)" in text
    for folded in ("What does it mean?", "Which equation?", "The inputs", "Its checks"):
        assert f"<summary>{folded}</summary>" in text
    assert re.search(r"rmsprop</th><td><span[^>]*><span[^>]*>\S </span>not started", text)


def test_page_follows_light_and_dark_and_shows_the_focus(text: str) -> None:
    """The page takes the reader's scheme, and what has the focus is marked."""
    assert "color-scheme: light dark" in text
    assert "prefers-color-scheme: dark" in text
    assert ":focus-visible" in text


def of(yours: Any, right: Any) -> Comparison:
    evidence = Evidence("value", {"name": "<out>"}, yours=np.array(yours), right=np.array(right))
    made = compared(Outcome("f", "out", FAIL, evidence=evidence))
    assert made is not None
    return made


def test_error_map_says_in_text_what_its_tint_says() -> None:
    """Wrong entries are bold ratios, right ones are 1, and the whole has a name and the focus."""
    text = error_map(of([[1.0, 2.0], [3.0, -8.0]], [[1.0, 0.0], [3.0, 4.0]]))
    outline = Outline(text)
    assert re.findall(r"<b>([^<]*)</b>", text) == ["+2", "-2"]
    assert len(re.findall(r">1</td>", text)) == 2
    assert outline.all("tabindex") == ["0"]
    assert outline.all("scope") == ["col", "col", "row", "row"]
    assert outline.all("aria-label") == ["<out>: 2 of 4 entries are wrong: all of column 1."]
    assert "where right is 0" in text


def test_error_map_of_a_row_has_both_numbers() -> None:
    """An array of one axis shows yours, right and the ratio below one another."""
    text = error_map(of([1.5, 2.0, np.nan], [3.0, 2.0, 1.0]))
    rows = re.findall(r'scope="row"[^>]*>(\w+)</th>(.*?)</tr>', text)
    shown = {name: re.sub(r"<[^>]+>", " ", cells).split() for name, cells in rows}
    assert shown["yours"] == ["1.500000", "2", "nan"]
    assert shown["right"] == ["3", "2", "1"]
    assert shown["ratio"] == ["0.5", "1", "nan"]


def test_error_map_of_a_large_array_keeps_what_is_furthest_off() -> None:
    """Of many rows and columns those with errors stay, and the rest is counted."""
    right = np.ones((50, 40))
    yours = right.copy()
    yours[37, 21] = 7.0
    text = error_map(of(yours, right))
    assert "<b>7</b>" in text
    assert '">37</th>' in text
    assert f"{50 - MOST} rows and {40 - MOST} columns" in text


def test_no_map_where_there_is_nothing_to_compare() -> None:
    """One number, and arrays of two shapes, have no map."""
    assert error_map(of(1.0, 2.0)) == ""
    assert error_map(of(np.ones(3), np.ones((1, 3)))) == ""


def test_notebook_card_holds_the_map(report: Report) -> None:
    """The notebook's card has the map, a heading and a name, and nothing from outside."""
    card = notebook.html(report, NAMED)
    outline = Outline(card)
    assert card.count("<b>0.25</b>") == 9
    assert "affine_backward / dw: not yet (the numbers of dw)" in outline.all("aria-label")
    assert outline.all("aria-level") == ["4", "4"]
    for outside in ("<script", "http", "src=", "url(", "<link", "<style"):
        assert outside not in card


# The file


def test_command_writes_the_page_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--html leaves one whole file beside what the terminal says."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("def affine_forward(x, w, b):\n    return 1\n")
    assert command.main(["mine.py", "-k", "affine_forward", "--html", "out/report.html"]) == 1
    assert "affine_forward: not yet" in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.html"]
    Outline((tmp_path / "out" / "report.html").read_text("utf-8"))


def _half(place: Path, fail: Callable[[], None]) -> None:
    with writing(place) as file:
        file.write("ne")
        fail()


def test_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where writing fails, the old file is as it was and nothing is left beside it."""
    place = tmp_path / "report.html"
    write(place, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(RefusalError, match="cannot be written: No space left"):
            write(place, "new")
    with pytest.raises(RefusalError, match="No space left"):
        _half(place, full)
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]
    write(place, "new")
    assert place.read_text() == "new"


def test_link_and_device_are_written_through(tmp_path: Path) -> None:
    """A link stays a link, and a device is written to and not replaced."""
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    write(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"
    write(Path("/dev/null"), "gone")
    assert Path("/dev/null").is_char_device()
