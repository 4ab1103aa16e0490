"""A page for each student and one for the class: files that need nothing else.

Whatever a student could have written, a name, a file, an exception, is escaped.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np

from checks.grade import statistics
from checks.grade.bodies import of_the_book
from checks.grade.policy import Policy
from checks.grade.records import Record
from checks.grade.shown import STATES, hidden, lines
from checks.grade.tables import UNPRINTABLE, file_name, number

STYLE = Path(__file__).with_name("page.css").read_text("utf-8")
THE_BOOKS = "the book's"
MOST = 20  # mistakes that are shown at once


def text(value: object) -> str:
    """Anything as text of a page."""
    return escape(UNPRINTABLE.sub("?", str(value)))


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def student(record: Record, policy: Policy, reveal: bool = False) -> str:
    """One student's page: the mark, and what may be said of each exercise."""
    name, title = text(record["name"]), text(policy.title)
    mark = f"{number(record['score'])} of {number(record['max'])} points"
    head = f"<h1>{name}</h1><p>{title}: <strong>{mark}</strong></p>"
    if "fault" in record:
        return page(policy.title, f"{head}<p>It could not be graded: {text(record['fault'])}</p>")
    parts = [head, *(f"<p>{text(remark)}</p>" for remark in record.get("remarks", ()))]
    if hidden(record) and not reveal:
        parts.append(
            '<p class="small">The inputs of these checks are hidden. <code>checks</code>, run on '
            "your own code, draws others and says more.</p>"
        )
    said = lines(record, policy, reveal)
    for exercise, part in record["exercises"].items():
        state = part["state"]
        word = f"{STATES.get(state, state)}, {number(part['score'])} of {number(part['max'])}"
        told = said.get(exercise, []) if state == "fail" else []
        inside = "".join(_line(line) for line in told)
        kind = state if state in ("pass", "fail") else "none"
        title = f"<h3>{text(exercise)}: {text(word)}</h3>"
        parts.append(f'<section class="card {kind}">{title}{inside}</section>')
    return page(f"{record['name']}: {policy.title}", "\n".join(parts))


def _line(line: str) -> str:
    """A sentence, or a line of code, which begins with spaces."""
    return f"<pre>{text(line)}</pre>" if line.startswith("  ") else f"<p>{text(line)}</p>"


def whole_class(records: Sequence[Record], policy: Policy, links: bool = True) -> str:
    """The class: marks, exercises, mistakes, bodies in common.

    Without ``links`` it stands alone, where there are no pages of students beside it.
    """
    graded = [record for record in records if "fault" not in record]
    parts = [f"<h1>{text(policy.title)}</h1>", _summary(records, graded)]
    parts.append(_remarks(records))
    if graded:
        parts += ["<h2>Marks</h2>", _histogram(graded), _marks(records, links)]
        parts += ["<h2>Exercises</h2>", _exercises(graded, policy)]
        parts += ["<h2>Mistakes with a name</h2>", _mistakes(graded)]
        parts += ["<h2>Bodies in common</h2>", _shared(graded)]
    return page(policy.title, "\n".join(parts))


def _summary(records: Sequence[Record], graded: Sequence[Record]) -> str:
    if not graded:
        return f"<p>{len(records)} handed in, and none could be graded.</p>"
    scores = [record["score"] for record in graded]
    full = sum(record["score"] == record["max"] for record in graded)
    faults = len(records) - len(graded)
    lost = f" {faults} could not be graded." if faults else ""
    return (
        f"<p>{len(records)} handed in.{lost} The mean is {np.mean(scores):.1f} of "
        f"{number(graded[0]['max'])} points and the median {number(float(np.median(scores)))}; "
        f"{full} have all.</p>"
    )


def _remarks(records: Sequence[Record]) -> str:
    """What was noticed while reading and running them; nothing where nothing was."""
    rows = []
    for record in records:
        said = [record["fault"]] if "fault" in record else record.get("remarks", ())
        if said:
            lines = "<br>".join(map(text, said))
            rows.append(f"<tr><td>{text(record['name'])}</td><td>{lines}</td></tr>")
    table = _table(("student", "remarks"), rows, ())
    return _folded(f"Remarks on {len(rows)} of them", table)


def _histogram(graded: Sequence[Record]) -> str:
    """How many have which mark, as bars with their numbers."""
    most = float(graded[0]["max"]) or 1.0
    bins = min(20, max(1, math.ceil(most)))
    scores = [record["score"] for record in graded]
    counts, edges = np.histogram(scores, bins, (0, most))
    wide, high, gap = 640, 180, 3
    each, top = (wide - 40) / bins, max(1, int(counts.max()))
    bars = []
    for i, count in enumerate(counts):
        tall = (high - 50) * int(count) / top
        x, y = 30 + i * each, high - 25 - tall
        label = f"{int(count)} with {number(edges[i])} to {number(edges[i + 1])} points"
        bars.append(
            f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{each - gap:.1f}" '
            f'height="{tall:.1f}"><title>{label}</title></rect>'
        )
        if count:
            at = f'x="{x + (each - gap) / 2:.1f}" y="{y - 4:.1f}"'
            bars.append(f'<text {at} text-anchor="middle">{int(count)}</text>')
    base = high - 25
    axis = f'<line x1="30" y1="{base}" x2="{wide - 10}" y2="{base}"/>'
    ends = (
        f'<text x="30" y="{high - 8}">0</text>'
        f'<text x="{wide - 10}" y="{high - 8}" text-anchor="end">{number(most)} points</text>'
    )
    half = int((np.array(scores) >= most / 2).sum())
    story = f"Of {len(graded)} students {half} have at least half of the points."
    return (
        f'<div class="scroll" tabindex="0"><svg viewBox="0 0 {wide} {high}" width="{wide}" '
        f'role="img" aria-label="{escape(story)}">'
        f"{axis}{''.join(bars)}{ends}</svg></div>"
    )


def _marks(records: Sequence[Record], links: bool) -> str:
    rows = []
    for record in sorted(records, key=lambda one: (-one["score"], str(one["key"]))):
        link = f"students/{escape(file_name(str(record['key'])), quote=True)}.html"
        said = "not graded" if "fault" in record else number(record["score"])
        name = f'<a href="{link}">{text(record["name"])}</a>' if links else text(record["name"])
        rows.append(f'<tr><td>{name}</td><td class="n">{said}</td></tr>')
    table = _table(("student", "points"), rows, (1,))
    return f"<details><summary>Every student</summary>{table}</details>"


def _exercises(graded: Sequence[Record], policy: Policy) -> str:
    rows = []
    for item in statistics.items(graded, policy):
        tells = "" if math.isnan(item.discrimination) else f"{item.discrimination:.2f}"
        counts = (item.states[state] for state in ("pass", "fail", "not started"))
        cells = "".join(f'<td class="n">{count}</td>' for count in counts)
        rows.append(
            f'<tr><td><code>{text(item.name)}</code></td>{cells}<td class="n">{item.share:.0%}</td>'
            f'<td class="n">{tells}</td></tr>'
        )
    heads = ("exercise", "passes", "not yet", "not started", "points", "tells apart")
    note = (
        '<p class="small">Points: the mean share that was earned. Tells apart: the correlation of '
        "an exercise's points with those of all others; near 0, it says little of a student.</p>"
    )
    return _table(heads, rows, (1, 2, 3, 4, 5)) + note


def _mistakes(graded: Sequence[Record]) -> str:
    found = statistics.mistakes(graded)
    if not found:
        return "<p>No failure is one of the known mistakes.</p>"
    rows = [
        f'<tr><td class="n">{count}</td><td><code>{text(name)}</code></td>'
        f"<td>{text(says)}</td></tr>"
        for name, says, count in found
    ]
    heads = ("students", "exercise", "mistake")
    table = _table(heads, rows[:MOST], (0,))
    return table + _folded(f"{len(rows) - MOST} rarer ones", _table(heads, rows[MOST:], (0,)))


def _folded(title: str, inside: str) -> str:
    """A part that is there when asked for; nothing where it would be empty."""
    if "<tbody></tbody>" in inside:
        return ""
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"


def _shared(graded: Sequence[Record]) -> str:
    found = statistics.shared(graded)
    if not found:
        return "<p>No two students wrote the same body.</p>"
    note = (
        '<p class="small">Alike are two bodies whose syntax trees are, docstrings aside. Functions '
        "of three lines coincide by themselves: this informs, and accuses nobody.</p>"
    )
    groups = []
    for one in found:
        who = ", ".join(text(key) for key in one.keys[:8])
        more = f" and {len(one.keys) - 8} more" if len(one.keys) > 8 else ""
        groups.append(
            f'<tr><td class="n">{len(one.keys)}</td><td><code>{text(one.exercise)}</code></td>'
            f"<td>{THE_BOOKS if one.book else ''}</td><td>{who}{more}</td></tr>"
        )
    heads = ("students", "exercise", "", "who")
    return note + _bodies(graded) + _folded("Who shares which", _table(heads, groups, (0,)))


def _bodies(graded: Sequence[Record]) -> str:
    """For each exercise: how many bodies there are, and how many students have the commonest."""
    rows = []
    for name in graded[0]["exercises"]:
        counts = Counter(one["bodies"][name] for one in graded if one["bodies"].get(name))
        if counts:
            ours = counts.get(of_the_book(name), 0)
            numbers = (counts.total(), len(counts), counts.most_common(1)[0][1], ours)
            cells = "".join(f'<td class="n">{number}</td>' for number in numbers)
            rows.append(f"<tr><td><code>{text(name)}</code></td>{cells}</tr>")
    return _table(("exercise", "written", "bodies", "commonest", THE_BOOKS), rows, (1, 2, 3, 4))


def _table(heads: Sequence[str], rows: Sequence[str], numbers: Sequence[int]) -> str:
    cells = "".join(
        f'<th scope="col"{" class=n" if i in numbers else ""}>{escape(head)}</th>'
        for i, head in enumerate(heads)
    )
    table = f"<thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll" tabindex="0"><table>{table}</table></div>'


def shown(record: Record, policy: Policy, reveal: bool) -> Mapping[str, str]:
    """What a student may read of each exercise, as plain text."""
    return {name: "\n".join(said) for name, said in lines(record, policy, reveal).items()}
