"""A report as a card in a notebook: HTML that needs nothing else, with plain text beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from checks.model import FAIL, NOT_STARTED, PASS, Exercise, Report
from checks.show import compare, terminal
from checks.show.cards import Card, Ways, cards, closing, rows
from checks.show.maps import error_map

NOTEBOOK = Ways(hint="check({name}, hint=1)", more="check({name}, hint=2)")

# Colours come from the page: only a bar at the left says what the words say too.
STYLE = (
    "border-left:4px solid {bar};padding:.5em .9em;margin:.4em 0;max-width:46em;"
    "background:rgba(127,127,127,.08);color:inherit;line-height:1.45"
)
BARS = {PASS: "#2e8b57", FAIL: "#c77700", NOT_STARTED: "#808080"}
TITLE = "margin:0 0 .4em;font-weight:bold"
CODE = "font-family:monospace;white-space:pre-wrap"


@dataclass(frozen=True)
class ShownReport(Report):
    """A report that a notebook, and an interactive session, shows as its cards."""

    named: Mapping[str, Exercise] = field(default_factory=dict, repr=False)
    hints: int = 0

    def __repr__(self) -> str:
        return terminal.plain(self, self.named, NOTEBOOK, self.hints)

    def explain(self, array: str) -> str:
        """The picture of an array that differs, to be printed: yours, right and their ratio.

        Raises:
            ValueError: it does not differ, or there is none of that name.
        """
        found = compare.explained(self, array)
        if not found:
            raise ValueError(compare.nothing_to_explain(self, array)[0])
        return "\n\n".join(terminal.explained(one) for one in found)

    def _repr_html_(self) -> str:
        return html(self, self.named, self.hints)


def shown(report: Report, exercises: Mapping[str, Exercise], hints: int = 0) -> ShownReport:
    """The same report, with a face."""
    return ShownReport(**vars(report), named=exercises, hints=hints)


def html(report: Report, exercises: Mapping[str, Exercise], hints: int = 0) -> str:
    """Lay out a report: a card for each exercise that fails, and a closing line."""
    made = [_card(card) for card in cards(report, exercises, NOTEBOOK, hints)]
    states = {row.state for row in rows(report)}
    state = next((one for one in (FAIL, NOT_STARTED) if one in states), PASS)
    lines = "<br>".join(escape(line) for line in closing(report, exercises))
    made.append(f'<p style="{STYLE.format(bar=BARS[state])}">{lines}</p>')
    return f'<div role="region" aria-label="What the checks say">{"".join(made)}</div>'


def _card(card: Card) -> str:
    title = f'<p role="heading" aria-level="4" style="{TITLE}">{escape(card.title)}</p>'
    parts = [title, *(_line(sentence) for sentence in card.evidence)]
    parts.append(error_map(card.arrays) if card.arrays is not None else "")
    parts += [_line(sentence) for sentence in card.advice]
    for question, command in card.asks:
        code = f'<code style="{CODE}">{escape(command)}</code>'
        parts.append(f'<p style="margin:.2em 0">{escape(question)} {code}</p>')
    bar = BARS.get(card.state, BARS[FAIL])
    named = f'role="group" aria-label="{escape(card.title)}"'
    return f'<section {named} style="{STYLE.format(bar=bar)}">{"".join(parts)}</section>'


def _line(sentence: str) -> str:
    if sentence.startswith("    "):
        return f'<pre style="{CODE};margin:.2em 0;background:none">{escape(sentence)}</pre>'
    return f'<p style="margin:.2em 0">{escape(sentence)}</p>'
