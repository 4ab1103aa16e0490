"""A report as text for a terminal, readable in black and white and 80 columns."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TextIO

from checks.model import FAIL, NOT_STARTED, PASS, Exercise, Problem, Report
from checks.show.cards import Card, Ways, cards, closing, rows, unsaid
from checks.show.compare import Comparison, sentence
from checks.show.picture import picture
from checks.show.problems import problem

WIDTH = 88
NARROWEST = 40
SHADES = {PASS: "32", FAIL: "31", NOT_STARTED: "2", "title": "1"}
WORDS = {PASS: "passes", FAIL: "not yet", NOT_STARTED: "not started"}


def in_colour(stream: TextIO) -> bool:
    """Whether a stream takes colours: a terminal, unless NO_COLOR or TERM=dumb say no."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return hasattr(stream, "isatty") and stream.isatty()


def text(
    report: Report,
    exercises: Mapping[str, Exercise],
    ways: Ways,
    *,
    hints: int = 0,
    show_inputs: bool = False,
    detail: str = "pattern",
    explain: Sequence[Comparison] = (),
    colour: bool = False,
    width: int = WIDTH,
    only: str = "",
) -> str:
    """Lay out a whole report; below the card of an exercise, its arrays of ``explain``.

    ``only`` names the exercise whose card is shown, where there is no room for all.
    """
    parts = []
    table = rows(report)
    if not only and not all(row.state == NOT_STARTED for row in table):
        parts.append("\n".join(_table(report, colour)))
    for card in cards(report, exercises, ways, hints, show_inputs, detail):
        if only and card.exercise != only:
            continue
        parts.append(card_text(card, colour, width))
        parts += [explained(one, colour) for one in explain if one.exercise == card.exercise]
    others = [row.exercise for row in table if row.state == FAIL and row.exercise != only]
    if only and others:
        parts.append(textwrap.fill(f"Not yet either: {', '.join(others)}.", width))
    remarks = unsaid(report)
    if remarks:
        parts.append("\n".join(_remarks(remarks, width)))
    parts.append("\n".join(textwrap.fill(line, width) for line in closing(report, exercises)))
    return _ascii("\n\n".join(parts))


def width_of(stream: TextIO) -> int:
    """How wide to write: as wide as a terminal is, within reason; 80 columns elsewhere."""
    wide = shutil.get_terminal_size().columns if stream.isatty() else 80
    return max(NARROWEST, min(wide, WIDTH))


def card_text(card: Card, colour: bool = False, width: int = WIDTH) -> str:
    """Lay out one card: the title, the evidence, then advice and where to ask."""
    lines = [_shade(card.title, "title", colour), ""]
    lines += [line for told in card.evidence for line in _wrapped(told, width)]
    below = [line for told in card.advice for line in _wrapped(told, width)]
    asks = [f"  {question}  {command}" for question, command in card.asks]
    if below or asks:
        lines += ["", *below, *asks]
    if card.inputs:
        lines += ["", textwrap.indent(card.inputs, "    ")]
    return "\n".join(lines)


def explained(one: Comparison, colour: bool = False) -> str:
    """Lay out the picture of an array, with the sentence that says what is on it."""
    lines = [_shade(one.title, "title", colour), "", *_wrapped(sentence(one), 80), ""]
    return "\n".join([*lines, *picture(one, blocks=_holds("\u2591\u2588"), colour=colour)])


def plain(report: Report, exercises: Mapping[str, Exercise], ways: Ways, hints: int = 0) -> str:
    """Lay out the cards alone and one line for what passes, as a notebook's text shows it."""
    parts = [card_text(card) for card in cards(report, exercises, ways, hints)]
    parts.append("\n".join(closing(report, exercises)))
    return _ascii("\n\n".join(parts))


def _table(report: Report, colour: bool) -> list[str]:
    table = rows(report)
    wide = max(len(row.exercise) for row in table)
    lines = []
    for row in table:
        begun = row.state == NOT_STARTED and row.earned
        word = "begun" if begun else WORDS.get(row.state, row.state)
        word = _shade(f"{word:<12}", row.state, colour)
        lines.append(f"  {row.exercise:<{wide}}  {word} {row.earned} of {row.points} points")
    return lines


def _remarks(remarks: Sequence[Problem], width: int) -> list[str]:
    lines = ["Noticed on the way:"]
    for one in remarks:
        for told in problem(one.kind, one.where, one.detail):
            lines += _wrapped(told, width)
    return lines


def _wrapped(told: str, width: int = WIDTH) -> list[str]:
    """Break a sentence into indented lines; what is indented already is code and stays."""
    told = _clean(told)
    if told.startswith("    "):
        return [told]
    wrapper = textwrap.TextWrapper(width, initial_indent="  ", subsequent_indent="  ")
    wrapper.break_long_words = wrapper.break_on_hyphens = False  # a label stays in one piece
    return wrapper.wrap(told)


def _shade(text: str, kind: str, colour: bool) -> str:
    code = SHADES.get(kind)
    return f"\x1b[{code}m{text}\x1b[0m" if colour and code else text


def _clean(text: str) -> str:
    """Take out what would move the cursor: a stranger's message may hold anything."""
    return "".join(c if c.isprintable() else " " for c in text)


def _holds(text: str) -> bool:
    """Whether the output has these characters."""
    return _ascii(text) == text


def _ascii(text: str) -> str:
    """Keep to what the output can hold."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)
