"""What ``gradient_check`` found, in words: a card for what is wrong, a line for what is right."""

from __future__ import annotations

from html import escape

from checks.show import numbers
from checks.show.cards import Card
from checks.show.notebook import BARS, STYLE
from checks.show.terminal import card_text
from checks.verdict.result import MATCH, MISMATCH, GradientCheck, Verdict

_STATE = {MATCH: "pass", MISMATCH: "fail"}


def text(result: GradientCheck) -> str:
    """Lay out a result for a terminal."""
    return "\n\n".join(card_text(card) for card in cards(result))


def html(result: GradientCheck) -> str:
    """Lay out a result for a notebook."""
    made = "".join(_card(card) for card in cards(result))
    return f'<div role="region" aria-label="What the slopes say">{made}</div>'


def cards(result: GradientCheck) -> list[Card]:
    """A card for each array that does not match, and one for those that do."""
    wrong = [one for one in result.verdicts if one.state != MATCH]
    right = [one for one in result.verdicts if one.state == MATCH]
    made = [_not_matching(result, one) for one in wrong]
    if right:
        made.append(_matching(result, right))
    return made


def _matching(result: GradientCheck, right: list[Verdict]) -> Card:
    names = numbers.listed([_grad(one) for one in right])
    verb = "matches" if len(right) == 1 else "match"
    lines = [_would_show(one) for one in right]
    moved = max(one.moved for one in right)
    if moved:
        lines.append(_beside(moved))
    return Card(
        result.function,
        f"{result.function} / {names}: {verb}",
        "pass",
        tuple(lines),
        (_looked(result),),
    )


def _looked(result: GradientCheck) -> str:
    points = f"{result.points} points" if result.points > 1 else "one point"
    along = f"{result.directions} random directions" if result.directions > 1 else "one direction"
    return (
        f"Measured at {points} along {along}, in {result.forwards} forward "
        f"passes (seed {result.seed}); a larger error passes with a probability below 1e-9."
    )


def _would_show(one: Verdict) -> str:
    if one.kind == "empty":
        return f"{_grad(one)} is empty, as {one.name} is."
    if one.norm == 0:
        return f"{_grad(one)} is zero; an error of norm {one.bound:.1e} would have shown."
    if one.relative > 1:
        return (
            f"{_grad(one)} is nothing but rounding beside the rest; an error of norm "
            f"{one.bound:.1e} would have shown."
        )
    return f"{_grad(one)}: an error of {one.relative:.1e} of its norm would have shown."


def _not_matching(result: GradientCheck, one: Verdict) -> Card:
    state = "not yet" if one.state == MISMATCH else "undetermined"
    title = f"{result.function} / {_grad(one)}: {state}"
    lines = _SAYS[one.kind](result, one)
    if one.moved and one.state == MISMATCH:
        lines.append(_beside(one.moved))
    if result.points > 1:
        lines.append(f"Seen at point {one.point + 1} of {result.points} (seed {result.seed}).")
    return Card(result.function, title, _STATE.get(one.state, "undetermined"), tuple(lines))


def _beside(moved: float) -> str:
    return (
        "At your point no slope could be measured, as on a kink; this was checked beside it, "
        f"{moved:g} of each array's size away."
    )


def _slope(result: GradientCheck, one: Verdict) -> list[str]:
    entries = one.found.entries
    if not entries:
        return [_no_entry(result, one)]
    first = entries[0]
    yours, right = numbers.pair(first.yours, first.slope)
    lines = [
        f"{numbers.entry(_grad(one), first.index)} is {yours}; the slope of {result.function} "
        f"is {right}, give or take {first.bound:.0e}."
    ]
    lines.append(_extent(one))
    pattern = _pattern(one)
    return [*lines, pattern] if pattern else lines


def _no_entry(result: GradientCheck, one: Verdict) -> str:
    where = ""
    if one.found.within:
        low, high = one.found.within
        where = f" The error lies in {_grad(one)}.flat[{low}:{high + 1}]."
    return (
        f"Along random directions {_grad(one)} and the slope of {result.function} differ by "
        f"{one.apart:.1e} of their size; no single entry shows it.{where}"
    )


def _extent(one: Verdict) -> str:
    found = one.found
    wrong = len(found.entries)
    if found.size == 1:
        return "It is the only entry."
    if found.whole:
        if wrong == found.size:
            return f"All {found.size} entries are wrong."
        others = _places(one)
        return f"{wrong} of {found.size} entries {'is' if wrong == 1 else 'are'} wrong{others}."
    if found.measured < found.size and wrong > found.measured // 2:
        seen = "All" if wrong == found.measured else f"{wrong} of the"
        return f"{seen} {found.measured} entries that were measured are wrong, of {found.size}."
    return f"At least {wrong} of {found.size} entries are wrong{_places(one)}."


def _places(one: Verdict) -> str:
    rest = one.found.entries[1:4]
    if not rest:
        return ""
    more = ", ..." if len(one.found.entries) > 4 else ""
    return "; also " + ", ".join(numbers.entry(_grad(one), each.index) for each in rest) + more


def _pattern(one: Verdict) -> str:
    """The one factor between gradient and slope, where there is one."""
    entries = [each for each in one.found.entries if abs(each.slope) > 100 * each.bound]
    if len(entries) < 2 or len(entries) < len(one.found.entries):
        return ""
    if not any(each.yours for each in entries):
        return "Each of them is 0."
    ratios = [each.yours / each.slope for each in entries]
    spread = max(ratios) - min(ratios)
    if spread > 1e-4 * abs(ratios[0]):
        return ""
    return f"Each of them is {ratios[0]:.6g} times its slope."


def _missing(result: GradientCheck, one: Verdict) -> list[str]:
    return [f"No gradient came back for {one.name}."]


def _shape(result: GradientCheck, one: Verdict) -> list[str]:
    found = numbers.shape(one.detail["found"])
    return [f"{_grad(one)} has shape {found}, but {one.name} has {numbers.shape(one.shape)}."]


def _dtype(result: GradientCheck, one: Verdict) -> list[str]:
    return [f"{_grad(one)} holds {one.detail['found']}, and a gradient holds real numbers."]


def _nonfinite(result: GradientCheck, one: Verdict) -> list[str]:
    return [f"{numbers.entry(_grad(one), one.detail['index'])} is {one.detail['yours']}."]


def _kink(result: GradientCheck, one: Verdict) -> list[str]:
    return [
        f"Your point sits on a kink of {result.function}, or beside one, and so does every point "
        "near it that was tried: the slopes on two sides differ, however small the step."
    ]


def _noise(result: GradientCheck, one: Verdict) -> list[str]:
    return [
        f"The slope of {result.function} along {one.name} is lost in rounding: nothing that was "
        f"measured contradicts {_grad(one)}, and nothing supports it."
    ]


def _single(result: GradientCheck, one: Verdict) -> list[str]:
    return [
        f"{result.function} computes in float32, also where its inputs are float64; its slopes "
        "are too coarse to judge by. Let it keep the precision of its inputs."
    ]


def _forward(result: GradientCheck, one: Verdict) -> list[str]:
    return [f"{result.function} gives no finite numbers here, so there is no slope to measure."]


def _random(result: GradientCheck, one: Verdict) -> list[str]:
    return [
        f"{result.function} gives another result for the same inputs: make what it draws the "
        "same in each call, with a seed."
    ]


_SAYS = {
    "slope": _slope,
    "missing": _missing,
    "shape": _shape,
    "dtype": _dtype,
    "nonfinite": _nonfinite,
    "kink": _kink,
    "noise": _noise,
    "single": _single,
    "forward": _forward,
    "random": _random,
}


def _grad(one: Verdict) -> str:
    return f"d{one.name}"


def _card(card: Card) -> str:
    parts = [f'<p style="margin:0 0 .4em"><strong>{escape(card.title)}</strong></p>']
    for sentence in (*card.evidence, *card.advice):
        parts.append(f'<p style="margin:.2em 0">{escape(sentence)}</p>')
    bar = BARS.get(card.state, "#808080")
    return f'<section style="{STYLE.format(bar=bar)}">{"".join(parts)}</section>'
