"""``--html``: a report as one page that asks for nothing outside and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from checks.model import FAIL, NOT_STARTED, PASS, Exercise, Outcome, Report
from checks.show.cards import Card, Row, Ways, cards, closing, hints_of, rows, unsaid
from checks.show.maps import error_map, numbers_table
from checks.show.problems import problem

WORDS = {PASS: "passes", FAIL: "not yet", NOT_STARTED: "not started"}
ENTRIES = 24  # that are given in numbers
MARKS = {PASS: "\u2713", FAIL: "\u2717", NOT_STARTED: "\u25cb"}

STYLE = """\
:root { color-scheme: light dark; --ink: #1d1d1f; --paper: #fff; --soft: #f3f2ef;
  --line: #c9c6bf; --pass: #17692f; --fail: #a3320b; --link: #0b57a4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e7e3; --paper: #17181a;
  --soft: #232528; --line: #4a4d52; --pass: #7bd197; --fail: #ffab8a; --link: #8fc1ff; } }
body { margin: 0 auto; max-width: 56rem; padding: 1.5rem 1rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
  outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 0; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .3rem; } p { margin: .35rem 0; max-width: 44rem; }
.sum { border-collapse: collapse; width: 100%; margin: 1rem 0; }
.sum th, .sum td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
.sum th { font-weight: normal; } .sum :is(th, td):last-child { text-align: right; }
.sum td { white-space: nowrap; }
section { background: var(--soft); border-left: 5px solid var(--line); padding: .8rem 1rem;
  margin: 1rem 0; } section.fail { border-color: var(--fail); }
section.pass { border-color: var(--pass); }
.word-pass { color: var(--pass); } .word-fail { color: var(--fail); font-weight: bold; }
code, pre { font: .9em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { overflow-x: auto; margin: .4rem 0; } summary { cursor: pointer; padding: .2rem 0; }
ul { margin: .3rem 0; padding-left: 1.2rem; }
@media print { section { break-inside: avoid; } details { display: block; } }"""


def html(report: Report, exercises: Mapping[str, Exercise], ways: Ways, path: str) -> str:
    """Lay out a report as a whole page.

    Args:
        report: what is shown.
        exercises: by name, for their hints and chapters.
        ways: the commands that tell more.
        path: what was judged, as it was named.
    """
    title = f"What the checks say about {path}"
    made = {card.exercise: card for card in cards(report, exercises, ways, show_inputs=True)}
    table = rows(report)
    shown = [row for row in table if row.exercise in made or row.state != NOT_STARTED]
    sections = [_section(report, row, made.get(row.exercise), exercises) for row in shown]
    told = "".join(f"<p>{escape(line)}</p>" for line in closing(report, exercises))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>
{STYLE}
</style>
</head>
<body>
<a class="skip" href="#cards">To the functions</a>
<header>
<h1>{escape(title)}</h1>
{told}
</header>
{_table(table, {row.exercise for row in shown})}
<main id="cards">
{"".join(sections)}{_remarks(report)}</main>
<footer><p>All inputs were drawn from the seed {report.seed}. The same again:
<code>checks {escape(path)} --seed {report.seed}</code></p></footer>
</body>
</html>
"""


def _table(table: Sequence[Row], shown: set[str]) -> str:
    lines = []
    for row in table:
        name, text = escape(row.exercise), escape(row.exercise).replace("_", "_<wbr>")
        link = f'<a href="#{name}">{text}</a>' if row.exercise in shown else text
        begun = row.state == NOT_STARTED and row.earned
        lines.append(
            f'<tr><th scope="row">{link}</th><td>{_word(row.state, "begun" if begun else "")}</td>'
            f"<td>{row.earned} of {row.points}</td></tr>"
        )
    head = '<th scope="col">function</th><th scope="col">verdict</th><th scope="col">points</th>'
    return (
        '<nav aria-label="Functions"><table class="sum"><thead><tr>'
        f"{head}</tr></thead><tbody>\n{chr(10).join(lines)}\n</tbody></table></nav>"
    )


def _word(state: str, instead: str = "") -> str:
    """A verdict: a mark for the eye, and the word that says the same."""
    kind = {PASS: "pass", FAIL: "fail"}.get(state, "other")
    word = instead or WORDS.get(state, state)
    mark = f'<span aria-hidden="true">{MARKS.get(state, "?")} </span>'
    return f'<span class="word-{kind}">{mark}{escape(word)}</span>'


def _section(report: Report, row: Row, card: Card | None, exercises: Mapping[str, Exercise]) -> str:
    name = escape(row.exercise)
    kind = {PASS: "pass", FAIL: "fail"}.get(row.state, "other")
    title = escape(card.title) if card else f"{name}: {WORDS.get(row.state, row.state)}"
    parts = [f'<h2 id="{name}-title">{title}</h2>']
    if card is not None:
        parts += [_line(told) for told in card.evidence]
        parts.append(error_map(card.arrays) if card.arrays else "")
        parts += [_line(told) for told in card.advice]
        parts += _folded(report, card, exercises[row.exercise])
    parts.append(_fold("Its checks", _checks(report.of(row.exercise))))
    return (
        f'<section id="{name}" class="{kind}" aria-labelledby="{name}-title">\n'
        f"{chr(10).join(filter(None, parts))}\n</section>\n"
    )


def _folded(report: Report, card: Card, exercise: Exercise) -> list[str]:
    """What a reader unfolds when they want it: both hints, and the inputs."""
    first = next(one for one in report.of(card.exercise) if one.state == card.state)
    names = ("What does it mean?", "Which equation?")
    parts = [
        _fold(name, "".join(_line(hint) for hint in hints_of(exercise, first, which)))
        for which, name in enumerate(names, 1)
    ]
    if card.arrays is not None and card.arrays.wrong is not None:
        parts.append(_fold("Yours and right, in numbers", numbers_table(card.arrays, ENTRIES)))
    if card.inputs:
        parts.append(_fold("The inputs", f'<pre tabindex="0">{escape(card.inputs)}</pre>'))
    return parts


def _fold(title: str, body: str) -> str:
    return f"<details><summary>{escape(title)}</summary>\n{body}\n</details>"


def _checks(outcomes: Sequence[Outcome]) -> str:
    lines = []
    for one in outcomes:
        points = f" ({one.earned} of {one.points} points)" if one.points else ""
        told = f"<b>{escape(one.check)}</b>: {_word(one.state)}{points}. {escape(one.sentence)}"
        lines.append(f"<li>{told}</li>")
    return f"<ul>{''.join(lines)}</ul>"


def _line(told: str) -> str:
    if told.startswith("    "):
        return f"<pre>{escape(told.strip())}</pre>"
    return f"<p>{escape(told)}</p>"


def _remarks(report: Report) -> str:
    said = [" ".join(problem(one.kind, one.where, one.detail)) for one in unsaid(report)]
    if not said:
        return ""
    told = "".join(f"<li>{escape(line)}</li>" for line in said)
    return (
        '<section aria-labelledby="remarks"><h2 id="remarks">Noticed on the way</h2>'
        f"<ul>{told}</ul></section>\n"
    )
