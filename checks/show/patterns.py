"""The sentences about patterns: what a wrong array is, as a whole, where that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.show.numbers import factor, listed, number, pair

Detail = Mapping[str, Any]


def pattern(d: Detail, than: str) -> str:
    """Say which pattern the array of some evidence is; empty where one number says it all.

    Args:
        d: the detail of the evidence, with the claim under "pattern".
        than: what it was compared with: "slope" or "right one".
    """
    claim = d.get("pattern")
    if claim is None:
        return _not_rounding(d)
    small = d.get("apart", 1.0) < 1e-3 and claim["kind"] in ("none", "some", "factor")
    if small and not _named_factor(claim, d):
        return _not_rounding(d)
    return _SENTENCES[claim["kind"]](claim, d, than)


def _not_rounding(d: Detail) -> str:
    apart = d.get("apart", 1.0)
    if apart >= 1e-3:
        return ""
    return f"Close, but this is not rounding: beside its size it is {apart:.0e} off."


def _named_factor(claim: Detail, d: Detail) -> bool:
    return claim["kind"] == "factor" and bool(factor(claim["ratio"], _letters(d))[0])


def _letters(d: Detail) -> Mapping[str, int]:
    return {} if d.get("step") else d["sizes"]


def times(value: float, d: Detail) -> str:
    """Say a factor before a noun: nothing for 1, "exactly 1/4 of ", "0.3 times "."""
    if abs(value - 1) < 1e-6:
        return ""
    text, letters = factor(value, _letters(d))
    return f"{text or f'{value:.6g} times'}{f' ({letters})' if letters else ''} "


# The array as a whole


def _as_it_came(c: Detail, d: Detail, than: str) -> str:
    return f"It is {c['of']} as it came in."


def _nothing(c: Detail, d: Detail, than: str) -> str:
    if d.get("step"):
        return "It has not moved."
    return "" if d["size"] == 1 else f"Every entry is 0; the {than} is not."


def _factor(c: Detail, d: Detail, than: str) -> str:
    ratio, one = c["ratio"], d["size"] == 1
    text, letters = factor(ratio, _letters(d))
    if d.get("step"):
        return f"The step is {text or f'{ratio:.6g} times'} the right one."
    if text:
        subject = "It" if one else "Every entry"
        return f"{subject} is {text} the {than}{f', and {letters}' if letters else ''}."
    return "" if one else f"Every entry is {ratio:.6g} times the {than}."


def _one_number(c: Detail, d: Detail, than: str) -> str:
    return f"Every entry is the same number, {number(c['value'])}."


def _other(c: Detail, d: Detail, than: str) -> str:
    if c["of"].startswith("grads") or c["of"] in ("dx", "dw", "db"):
        return f"It is what {c['of']} should be. Are the results in their order?"
    return f"It is {c['of']}, to rounding."


def _turned(c: Detail, d: Detail, than: str) -> str:
    step, right = ("The step", "right one") if d.get("step") else ("It", "right array")
    return f"{step} is the {right}, {_TURNS[c['how']]}."


_TURNS = {
    "transposed": "transposed",
    "rows reversed": "its rows in reverse order",
    "columns reversed": "its columns in reverse order",
    "both reversed": "turned upside down and left to right",
    "entries reversed": "in reverse order",
    "laid out by columns": "laid out column by column and filled in row by row",
    "read by columns": "laid out row by row and filled in column by column",
    "abs": "without its signs",
    "positive": "its negative entries set to 0",
    "negative": "its positive entries set to 0",
    "squared": "squared",
    "cut": "cut off to whole numbers",
}


def _numbers(c: Detail, d: Detail, than: str) -> str:
    if c["how"] == "same":
        return "The numbers are right; only their shape is not."
    return "Transposed, it holds the right numbers."


# Sums


def _not_summed(c: Detail, d: Detail, than: str) -> str:
    which = "Summed" if c["how"] == "sum" else "Averaged"
    return f"{which} over its axis {c['axis']}, it would be right: that sum is still to be taken."


def _spread(c: Detail, d: Detail, than: str) -> str:
    which = "summed" if c["how"] == "sum" else "averaged"
    return f"It is the right array, {which} over axis {c['axis']} and spread out again."


def _plus(c: Detail, d: Detail, than: str) -> str:
    value = c["times"]
    sign, size = ("plus", value) if value > 0 else ("minus", -value)
    return f"It is the right array {sign} {times(size, d)}{c['of']}."


def _plus_number(c: Detail, d: Detail, than: str) -> str:
    sign = "plus" if c["value"] > 0 else "minus"
    return f"It is the right one {sign} {abs(c['value'])}."


def _two_terms(c: Detail, d: Detail, than: str) -> str:
    (one, two), (a, b) = c["of"], c["times"]
    sign = "+" if b > 0 else "-"
    return f"It equals {a:.6g} * {one} {sign} {abs(b):.6g} * {two}."


def _share(c: Detail, d: Detail, than: str) -> str:
    share, of = float(c["share"]), f"reg * {c['parameter']}"
    if str(c["parameter"]).startswith("b"):
        return f"It holds {_shares(share)}{of}, and biases are not regularised."
    if abs(share) < 1e-6:
        return f"It lacks {of}: without a regulariser it would be right."
    return f"It holds {_shares(share)}{of}, where once is right; the rest is right."


def _shares(share: float) -> str:
    known = {1.0: "", 2.0: "twice ", 0.5: "half of ", -1.0: "minus "}
    for value, text in known.items():
        if abs(share - value) < 1e-4:
            return text
    return f"{share:.3g} times "


def _term(c: Detail, d: Detail, than: str) -> str:
    mine, right = pair(c["term"], c["asked_term"])
    of = [str(name) for name in c.get("of", ())]
    if of:
        alone = "" if any(name.startswith("b") for name in of) else " alone"
        return f"The regulariser adds {mine}, of {listed(of)}{alone}; right is {right}."
    ratio = c["term"] / c["asked_term"] if c["asked_term"] else 0.0
    text, _ = factor(ratio, {})
    if text:
        return f"The regulariser adds {mine}, {text} the right {right}."
    return f"The regulariser adds {mine} to it; right is {right}."


def _as_if(c: Detail, d: Detail, than: str) -> str:
    return f"It would be right if {c['of']} were {c['were']}."


# Other inputs, formulas and parts


def _part(c: Detail, d: Detail, than: str) -> str:
    noun = "gradient" if d["name"].startswith(("d", "grads")) else d["name"]
    which = _PARTS[c["which"]].format(c["example"])
    return f"It is {times(c['times'], d)}the {noun} that {which}."


_PARTS = {
    "only": "only example {} gives",
    "but": "all examples but {} give",
    "first": "only the first {} examples give",
    "last": "only the last {} examples give",
}


def _instead(c: Detail, d: Detail, than: str) -> str:
    of = c["of"] if isinstance(c["of"], str) else listed(c["of"])
    changed = _CHANGES[c["change"]].format(**{"mask": "", "sign": "", **c, "of": of})
    if abs(c["times"] - 1) < 1e-6:
        return f"It would be right if {changed}."
    return f"It is {times(c['times'], d)}what would be right if {changed}."


_CHANGES = {
    "zeros": "every entry of {of} were 0",
    "ones": "every entry of {of} were 1",
    "abs": "{of} had no signs",
    "positive": "the negative entries of {of} were 0",
    "negative": "the positive entries of {of} were 0",
    "minus": "{of} had the other sign",
    "signs": "each entry of {of} were its sign alone",
    "reversed": "the rows of {of} came in reverse order",
    "squared": "{of} were squared",
    "none of them": "every entry of {of} were 0",
    "masked": "{of} were 0 wherever {mask} is not {sign} 0",
}


def _formula(c: Detail, d: Detail, than: str) -> str:
    if abs(c["times"] - 1) < 1e-6:
        return f"It equals {c['formula']}."
    text, letters = factor(c["times"], _letters(d))
    said = f"It equals {text or format(c['times'], '.6g') + ' times'} {c['formula']}"
    return f"{said}{f', and {letters}' if letters else ''}."


def _place(c: Detail, d: Detail, than: str) -> str:
    rest = _rest(c)
    if c["what"] == "no gradient":
        return "It is right only where no gradient has ever come."
    if c["what"] == "sign":
        where = f"{c['of']} {c['sign'].replace('==', 'is')} 0"
        return f"It is wrong exactly where {where}{f': there it is {rest}' if rest else ''}."
    right = list(c["right"])
    return f"It is right in {_runs(right, c['what'])}; the rest is {rest or 'not'}."


def _rest(c: Detail) -> str:
    if c.get("rest") == "zeros":
        return "0"
    if c.get("rest") == "same":
        return str(c["as"])
    if c.get("rest") == "factor":
        text, _ = factor(c["ratio"], {})
        return f"{text or format(c['ratio'], '.6g') + ' times'} the right one"
    return ""


def _runs(indices: list[int], what: str) -> str:
    """Write "row 3", "rows 0 to 3" or "rows 0, 2 and 5"."""
    if len(indices) == 1:
        return f"{what} {indices[0]}"
    if indices == list(range(indices[0], indices[-1] + 1)) and len(indices) > 2:
        return f"{what}s {indices[0]} to {indices[-1]}"
    return f"{what}s {listed([str(i) for i in indices])}"


def _some(c: Detail, d: Detail, than: str) -> str:
    rest = _rest(c)
    are = "is" if c["wrong"] == 1 else "are"
    said = f"{c['wrong']} of {c['size']} entries {are} wrong"
    return f"{said}{f', being {rest}' if rest else ''}; the others are right."


def _none(c: Detail, d: Detail, than: str) -> str:
    beside = f"cosine {c['cosine']:.2f}, {c['norms']:.3g} times as long"
    return f"All {d['size']} entries are wrong, in no pattern we know: {beside}."


_SENTENCES: dict[str, Callable[[Detail, Detail, str], str]] = {
    "as_it_came": _as_it_came,
    "nothing": _nothing,
    "factor": _factor,
    "one_number": _one_number,
    "other": _other,
    "turned": _turned,
    "numbers": _numbers,
    "not_summed": _not_summed,
    "spread": _spread,
    "plus": _plus,
    "two_terms": _two_terms,
    "share": _share,
    "term": _term,
    "as_if": _as_if,
    "part": _part,
    "instead": _instead,
    "formula": _formula,
    "place": _place,
    "some": _some,
    "none": _none,
    "decimals": lambda c, d, than: f"It is the right one, rounded to {c['decimals']} decimals.",
    "plus_number": _plus_number,
}
