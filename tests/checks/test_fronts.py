"""The fronts show one report: the same verdict, in the same words, wherever it is read."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reference
from checks.exercises import EXERCISES, by_name
from checks.mistakes import MISTAKES
from checks.model import FAIL
from checks.naming import named
from checks.run import run
from checks.show import notebook, page, terminal
from checks.show.cards import Ways, cards
from checks.show.plain import plain, to_json
from checks.student import InProcess

SCHEMA = json.loads(Path(page.__file__).with_name("report.schema.json").read_text("utf-8"))
VALID = jsonschema.Draft202012Validator(SCHEMA)
NAMED = {one.name: one for one in EXERCISES}
RIGHT = {name: getattr(reference, name) for name in reference.__all__}
ONE_EACH = list({one.function: one for one in reversed(MISTAKES)}.values())


def words(text: str) -> str:
    """The words of a front, without its layout."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.mark.parametrize("mistake", ONE_EACH, ids=lambda one: one.function)
def test_every_front_says_the_same(mistake: Any) -> None:
    """Terminal, notebook, page and data hold the card's title, its evidence and its hints."""
    student = InProcess({**RIGHT, mistake.function: mistake.code})
    report = run([by_name(mistake.function)], student, 7, name=named)
    (card,) = cards(report, NAMED, Ways(), hints=3)
    fronts = {
        "terminal": terminal.text(report, NAMED, Ways(), detail="equation", colour=False),
        "notebook": notebook.html(report, NAMED, hints=3),
        "page": page.html(report, NAMED, Ways(), "mine"),
    }
    for front, text in fronts.items():
        for sentence in (card.title, *card.evidence, *card.advice):
            assert words(sentence) in words(text), front
    VALID.validate(json.loads(to_json(report)))
    (exercise,) = plain(report)["exercises"]  # type: ignore[misc, attr-defined]
    failed = next(one for one in exercise["checks"] if one["state"] == FAIL)
    assert failed["evidence"]["says"] == list(card.evidence)
    if "diagnosis" in failed:
        assert failed["diagnosis"]["mistake"].startswith(f"{mistake.function}/")
        assert failed["diagnosis"]["says"] in card.advice
    assert (exercise["earned"], exercise["points"]) == (
        sum(one.earned for one in report.outcomes),
        sum(one.points for one in report.outcomes),
    )
