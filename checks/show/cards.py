"""What is shown of a report, before it is laid out: cards, a table and a closing line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from checks.model import FAIL, NOT_STARTED, PASS, Evidence, Exercise, Outcome, Problem, Report
from checks.show import words
from checks.show.about import about
from checks.show.compare import Comparison, compared
from checks.show.hints import pattern_hint

DETAILS = ("evidence", "pattern", "equation")  # how far a card goes


@dataclass(frozen=True)
class Ways:
    """How a reader asks for more, as commands; "" where there is no way.

    Args:
        hint: with ``{name}`` for the exercise: the first hint.
        more: the second hint.
        again: the same exercise once more.
        inputs: the inputs that were drawn.
        picture: with ``{array}`` for what differs: yours and the right one as a picture.
    """

    hint: str = ""
    more: str = ""
    again: str = ""
    inputs: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Card:
    """One exercise: a title, what was seen, and where to go on."""

    exercise: str
    title: str
    state: str
    evidence: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    asks: tuple[tuple[str, str], ...] = ()  # a question and the command that answers it
    inputs: str = ""
    arrays: Comparison | None = None  # what was compared, for a picture of it


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    exercise: str
    state: str
    earned: int
    points: int


def state_of(outcomes: Sequence[Outcome]) -> str:
    """One word for an exercise: its first failure decides."""
    states = [one.state for one in outcomes]
    for state in (FAIL, NOT_STARTED):
        if state in states:
            return state
    return PASS if states and all(one == PASS for one in states) else "undetermined"


def rows(report: Report) -> list[Row]:
    """The table: one line per exercise."""
    table = []
    for name in report.exercises:
        outcomes = report.of(name)
        earned, points = sum(o.earned for o in outcomes), sum(o.points for o in outcomes)
        table.append(Row(name, state_of(outcomes), earned, points))
    return table


def cards(
    report: Report,
    exercises: Mapping[str, Exercise],
    ways: Ways,
    hints: int = 0,
    show_inputs: bool = False,
    detail: str = "pattern",
) -> list[Card]:
    """One card for each exercise that fails or is half begun; for others, if asked for hints.

    ``detail`` is one of DETAILS: "evidence" leaves out what the numbers look like,
    "equation" adds both hints.
    """
    made = []
    for name in report.exercises:
        outcomes = report.of(name)
        state = state_of(outcomes)
        if state not in (FAIL, NOT_STARTED):
            continue
        first = next(one for one in outcomes if one.state == state)
        first = _without_known_names(first, exercises)
        assert first.evidence is not None
        hints = 3 if detail == "equation" else hints
        begun = any(one.earned for one in outcomes)
        if state == FAIL or begun or hints or first.evidence.detail.get("close"):
            made.append(card_of(exercises[name], first, outcomes, ways, hints, show_inputs, detail))
    return made


def _without_known_names(first: Outcome, exercises: Mapping[str, Exercise]) -> Outcome:
    """Leave other exercises out of the names that a missing one may have been given."""
    seen = first.evidence
    close = seen.detail.get("close") if seen is not None else None
    if seen is None or not isinstance(close, tuple):
        return first
    detail = {**seen.detail, "close": tuple(name for name in close if name not in exercises)}
    return replace(first, evidence=replace(seen, detail=detail))


def card_of(
    exercise: Exercise,
    first: Outcome,
    outcomes: Sequence[Outcome],
    ways: Ways,
    hints: int = 0,
    show_inputs: bool = False,
    detail: str = "pattern",
) -> Card:
    """The card about one check that fails or is not started, out of all of its exercise's.

    ``hints`` is 1 for the first, 2 for the second and 3 for both.
    """
    seen = first.evidence
    assert seen is not None
    whole = seen.kind in ("problem", "returned_none", "count", "needs")
    place = exercise.name if whole else f"{exercise.name} / {first.check}"
    method = str(seen.detail.get("function", ""))
    if first.state == NOT_STARTED and method.startswith(f"{exercise.name}."):
        place = method
    look_at = about(seen)
    not_yet = f"not yet ({look_at})" if look_at else "not yet"
    state = "not started" if first.state == NOT_STARTED else not_yet
    right = words.right_ones([o.check for o in outcomes if o.state == PASS and o.points])
    if right and first.stage == "stability":
        right = f"Elsewhere {right}"
    wrong = [o.check for o in outcomes if o.state == FAIL and o is not first]
    advice = [right] if right else []
    if wrong:
        advice.append(f"Also not yet: {', '.join(wrong)}.")
    if hints:
        advice += hints_of(exercise, first, hints)
    return Card(
        exercise.name,
        f"{place}: {state}",
        first.state,
        tuple(_said(seen, detail)),
        tuple(advice),
        tuple(_asks(exercise, first, ways, hints, show_inputs)),
        inputs(seen.inputs) if show_inputs and seen.inputs else "",
        compared(first),
    )


def _said(seen: Evidence, detail: str) -> list[str]:
    """The sentences about what was seen; of numbers, if need be, the first alone."""
    lines = words.says(seen)
    if detail != "evidence" or seen.kind == "problem":
        return lines
    end = next((i for i, line in enumerate(lines) if line.endswith(".")), len(lines))
    return lines[: end + 1]


def _asks(
    exercise: Exercise, first: Outcome, ways: Ways, hints: int, show_inputs: bool
) -> list[tuple[str, str]]:
    """What a reader may ask next: only what would tell more."""
    seen, arrays = first.evidence, compared(first)
    assert seen is not None
    raised = seen.detail.get("problem") in (None, "raised")
    asks = []
    if hints and hints < len(exercise.hints):
        asks.append(("Still stuck?", ways.more))
    elif raised and not hints:
        asks.append(("What does it mean?", ways.hint))
    drawn = seen.kind not in ("count", "returned_none", "result_none", "config", "forgot")
    if raised and drawn and seen.inputs and not show_inputs and not hints:
        asks.append(("The inputs:", ways.inputs))
    claim = seen.detail.get("pattern")
    one_factor = isinstance(claim, dict) and claim["kind"] == "factor"
    tells = arrays is not None and arrays.right.size > 1 and not one_factor
    if tells and not hints:  # where one ratio explains every entry, a picture adds nothing
        asks.append(("A picture:", ways.picture))
    if not raised and not hints and seen.detail.get("problem") != "missing":
        asks.append(("Again:", ways.again))
    named = {"name": exercise.name, "array": arrays.asked if arrays is not None else ""}
    return [(question, way.format(**named)) for question, way in asks if way]


def hints_of(exercise: Exercise, first: Outcome, hints: int) -> list[str]:
    """The first hint says what the pattern may mean, the second names the equation; 3 is both."""
    assert first.evidence is not None
    if hints == 3:
        return [*hints_of(exercise, first, 1), *hints_of(exercise, first, 2)]
    if hints == 1:
        named = first.diagnosis.sentence if first.diagnosis is not None else ""
        return [named or pattern_hint(first.evidence) or exercise.hints[0]]
    hint = exercise.hints[1]
    equation = first.diagnosis.equation if first.diagnosis is not None else first.equation
    known = not equation or equation in hint
    which = "" if known else f"This check stands on {equation}. "
    if exercise.variation:  # derived nowhere: that is the point of it
        return [f"{which}{hint}"]
    return [hint, f'{which}The derivation is in the chapter "{exercise.chapter}".']


def unsaid(report: Report) -> list[Problem]:
    """The remarks that tell something and that no card has made already, each once."""
    said = {
        (one.evidence.detail.get("problem"), one.evidence.detail.get("where"))
        for one in report.outcomes
        if one.evidence is not None and one.evidence.kind == "problem"
    }
    asked_for = {one.evidence.detail.get("module") for one in report.outcomes if one.evidence}
    left = []
    for one in report.remarks:
        key = (one.kind, one.where)
        if one.kind == "absent" and one.detail.get("harmless"):
            continue  # plots and checks: not there while code is judged, and not missed
        if key not in said and (one.detail.get("module") or "-") not in asked_for:
            left.append(one)
            said.add(key)
    return left


def inputs(arrays: Mapping[str, object]) -> str:
    """Write the inputs as Python that can be pasted."""
    lines = ["import numpy as np", ""]
    for name, value in arrays.items():
        if isinstance(value, str):
            lines.append(value.rstrip())
        elif isinstance(value, np.ndarray) and value.ndim:
            text = np.array2string(
                value, separator=", ", threshold=10**6, prefix=f"{name} = np.array(", precision=17
            )
            lines.append(f"{name} = np.array({text})")
        else:
            lines.append(f"{name} = {np.asarray(value).item()!r}")
    return "\n".join(line.replace("nan", "np.nan") for line in lines)


def closing(report: Report, exercises: Mapping[str, Exercise]) -> list[str]:
    """The last lines: how many checks pass, how many points, and what comes next."""
    table = rows(report)
    whose = f" Variant: {report.variant}." if report.variant else ""
    waiting = [row for row in table if row.state == NOT_STARTED and not row.earned]
    if table and len(waiting) == len(table):
        first = exercises[waiting[0].exercise]
        if len(table) == 1:
            if _is_missing(report):
                return [f"{first.name}: not started; {_why_missing(report)}."]
            place = f'chapter "{first.chapter}", about {first.minutes} minutes'
            return [f"{first.name}: not started ({place})."]
        return [f"0 of {len(table)} started. Begin with {_place(first)}.{whose}"]
    passed = sum(one.state == PASS for one in report.outcomes)
    earned, points = sum(row.earned for row in table), sum(row.points for row in table)
    count = f"{passed} of {len(report.outcomes)} public checks pass"
    lines = [f"{count}; {earned} of {points} points.{whose}"]
    if waiting:
        more = f"{len(waiting)} of {len(table)} not started."
        lines.append(f"{more} Next: {_place(exercises[waiting[0].exercise])}.")
    return lines


def _is_missing(report: Report) -> bool:
    """Whether a report is about functions that are nowhere, not even as stubs."""
    seen = [one.evidence.detail.get("problem") for one in report.outcomes if one.evidence]
    return bool(seen) and all(problem == "missing" for problem in seen)


def _why_missing(report: Report) -> str:
    """What there is in place of a function that is not there: nothing, or an import of ours."""
    for detail in (one.evidence.detail for one in report.outcomes if one.evidence):
        if detail.get("borrowed"):
            return f"{detail.get('where')} only imports it, from {detail['borrowed']}"
    return "no file in there defines it"


def _place(exercise: Exercise) -> str:
    return f'{exercise.name} (chapter "{exercise.chapter}", about {exercise.minutes} minutes)'
