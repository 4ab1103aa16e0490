"""The directive ``measured``: what a benchmark recorded, as the table of a page."""

import json
from pathlib import Path

import pytest
from sphinx.testing.util import SphinxTestApp

from book._ext import measured

ROWS = [
    {"against": "torch", "ratio": 1.4567, "target": 1.4, "bound": "at least", "reached": True},
    {"against": "jax", "ratio": 0.9312, "target": 1.2, "bound": "at least", "reached": False},
    {"against": "sklearn", "ratio": "not installed"},
]
RESULTS = {
    "date": "2026-01-31",
    "command": "python -m benchmarks.speed",
    "machine": {"processor": "An Old One", "cores": "2", "python": "3.11.7", "numpy": "2.4.6"},
    "rows": ROWS,
}


@pytest.fixture
def page(tmp_path: Path, monkeypatch):
    """Builds a page of this text, beside results of this content; returns HTML and complaints."""

    def build(text: str, results: dict) -> tuple[str, str]:
        monkeypatch.setattr(measured, "RESULTS", tmp_path / "results")
        (tmp_path / "results").mkdir()
        (tmp_path / "results" / "speed.json").write_text(json.dumps(results), "utf-8")
        source = tmp_path / "source"
        source.mkdir()
        (source / "index.md").write_text(f"# Page\n\n{text}\n", "utf-8")
        settings = {
            "extensions": ["myst_parser", "book._ext.measured"],
            "myst_enable_extensions": ["colon_fence"],
        }
        (source / "conf.py").write_text("", "utf-8")
        app = SphinxTestApp("html", srcdir=source, confoverrides=settings)
        try:
            app.build()
            return (Path(app.outdir) / "index.html").read_text("utf-8"), app.warning.getvalue()
        finally:
            app.cleanup()

    return build


def test_a_table_says_in_words_what_was_reached(page):
    """The page shows each row, both verdicts, a missing peer, and the conditions."""
    html, complaints = page(":::{measured} speed\n:::", RESULTS)
    assert complaints == ""
    assert html.count("<table") == 1
    for words in (
        *("torch", "1.46", "at least 1.40: reached", "0.93", "at least 1.20: missed"),
        *("not installed", "2026-01-31", "benchmarks.speed", "An Old One, 2 cores"),
        "numpy 2.4.6",
    ):
        assert words in html
    assert "bound" not in html


def test_parts_are_tables_of_their_own(page):
    """Each part has its own columns and title, and one of them can be shown alone."""
    rows = [{"part": "speed", **ROWS[0]}, {"part": "memory", "megabytes": 98}]
    text = ":::{measured} speed\n:::\n\n:::{measured} speed\n:part: memory\n:same-run:\n:::"
    html, complaints = page(text, {**RESULTS, "rows": rows})
    assert complaints == ""
    assert html.count("<table") == 3
    assert html.count("megabytes") == 2
    assert html.count("An Old One") == 1
    assert html.count("From the same run.") == 1


def test_a_picture_is_described_by_its_own_numbers(page, tmp_path):
    """Dots of the ratios stand above the table, and their alternative text is the finding."""
    rows = [{"kind": kind, **row} for kind in ("short", "long") for row in ROWS]
    text = ":::{measured} speed\n:dots: kind against ratio its time by ours\n:::"
    html, complaints = page(text, {**RESULTS, "rows": rows})
    assert complaints == ""
    words = "slower than ours torch 1.46; quicker than ours jax 0.93."
    assert f'alt="short: {words} long: {words}"' in html
    (picture,) = (tmp_path / "source" / "_build" / "html" / "_images").glob("*.svg")
    assert picture.read_text("utf-8").count("<svg") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (":::{measured} sped\n:::", "no benchmarks/results/sped.json, which a benchmark writes"),
        (":::{measured} speed\n:part: heat\n:::", "has no part 'heat'; it has no parts"),
    ],
)
def test_results_that_are_not_there_are_an_error(page, text, words):
    """A page about numbers that nobody measured is refused, with what there is."""
    _, complaints = page(text, RESULTS)
    assert "ERROR" in complaints
    assert words in complaints


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.4567, "1.46"), (15.47, "15.5"), (384.2, "384"), (0.6312, "0.63"), (0.00123, "0.0012")],
)
def test_numbers_keep_the_digits_that_mean_something(value, text):
    """About three digits are shown of what a second measurement would repeat."""
    assert measured.digits(value) == text
