"""The sentences: what each kind of evidence says to a learner.

Evidence carries ids and plain parameters; this is the only place where they become
words. Every sentence states what was found and what was asked for; what it may mean
is left to the hints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from checks.model import Evidence
from checks.show import training
from checks.show.numbers import entry, listed, number, pair, shape
from checks.show.patterns import pattern
from checks.show.problems import Detail, problem

MOST = 7  # names of checks that are listed


def says(seen: Evidence) -> list[str]:
    """Say what a check saw: the evidence, then the pattern, one sentence a line."""
    if seen.kind == "problem":
        kind = str(seen.detail.get("problem"))
        lines = problem(kind, str(seen.detail["where"]), seen.detail)
        told = kind != "raised" or seen.detail.get("shapes")
        lines += [] if told else _called_with(seen.detail, seen.inputs)
    elif seen.kind == "fault":
        lines = problem(seen.kind, "", seen.detail)
    else:
        lines = _SENTENCES[seen.kind](seen.detail)
    return [*lines, *_right_with(seen.detail)]


OF_SHAPES = ("ValueError", "IndexError")


def _called_with(d: Detail, inputs: Mapping[str, object]) -> list[str]:
    """The shapes of the call, where the exception may be about two of them."""
    if d.get("error") not in OF_SHAPES:
        return []
    shapes = [
        f"{name} {getattr(value, 'shape', '')}"
        for name, value in inputs.items()
        if getattr(value, "shape", ())
    ]
    return [f"The shapes were {listed(shapes)}."] if shapes else []


def _right_with(d: Detail) -> list[str]:
    """Say which functions that it calls are to blame, where the book's would be right."""
    names = [str(name) for name in d.get("right_with", ())]
    yours = "yours comes" if len(names) == 1 else "yours come"
    return [f"With the book's {listed(names)} it would be right: {yours} first."] if names else []


# Values


def _value(d: Detail) -> list[str]:
    right, what = (d["slope"], _slope_of(d)) if "slope" in d else (d["right"], "")
    mine, theirs = pair(d["yours"], right)
    name = entry(d["name"], d["index"])
    lines = [f"{_at(d)}{name} is {mine}; {what or 'right'} is {theirs}.", *_beside(d)]
    fits = pattern(d, "slope" if what else "right one")
    return [*_begin_with(d), *lines, *([fits] if fits else []), *_cache(d)]


def _slope_of(d: Detail) -> str:
    if "of_statement" in d:
        return f"the slope of {d['of_statement']}"
    forward = str(d.get("forward", "loss"))
    if "slope" in d.get("beside", {}):  # an argument of that name: two slopes would be one
        return f"the gradient measured on your {forward}"
    return f"the slope of your {forward}"


def _cache(d: Detail) -> list[str]:
    if "right_on" in d:
        return [
            f"With the cache ({d['right_on']}) it would be right: "
            f"your {d['forward']} puts something else into its cache."
        ]
    if "cache" in d:
        return [f"(Judged on the cache ({d['cache']}), since the forward pass is not right yet.)"]
    return []


def _beside(d: Detail) -> list[str]:
    """Say what went into the entry, where that is one number each."""
    given = [f"{name} is {number(value)}" for name, value in d.get("beside", {}).items()]
    return [f"There {listed(given)}."] if given else []


def _begin_with(d: Detail) -> list[str]:
    """Say which layer, of those that it may be made of, does not pass by itself."""
    if "begin_with" not in d:
        return []
    return [f"{d['begin_with']} by itself is not right yet: begin with that one."]


def _at(d: Detail) -> str:
    return f"For {d['at']}: " if "at" in d else ""


def _nonfinite(d: Detail) -> list[str]:
    line = f"{_at(d)}{entry(d['name'], d['index'])} is {d['value']}"
    if d["size"] > 1:
        line += f"; {d['count']} of {d['size']} entries are not finite"
    warned = [f"NumPy warned: {text}." for text in d.get("warned", ())]
    return [line + ".", *warned]


# Shapes and types


def _shape(d: Detail) -> list[str]:
    asked = f"{d['of']} has {shape(d['shape'])}" if d["of"] else f"asked for is {shape(d['shape'])}"
    if "letters" in d:
        asked = f"asked for is {d['letters']} = {shape(d['shape'])}"
    lines = [f"{_at(d)}{d['name']} has shape {shape(d['got'])}; {asked}."]
    fits = pattern({"size": 0, "sizes": {}, **d}, "right one")
    if fits:
        lines.append(fits)
    elif d.get("shape_of"):
        lines.append(f"That is the shape of {d['shape_of']}. Are the results in their order?")
    return [*_begin_with(d), *lines, *_cache(d)]


def _dtype(d: Detail) -> list[str]:
    return [f"{d['name']} holds {d['dtype']}; asked for are real floating-point numbers."]


def _type(d: Detail) -> list[str]:
    asked = f"an array of shape {shape(d['shape'])}" if d["shape"] else "one number"
    asked = "a dict of arrays" if d["shape"] == "dict" else asked
    return [f"{d['name']} is of type {d['type']}; asked for is {asked}."]


def _returned_none(d: Detail) -> list[str]:
    what = f" {', '.join(d['asked'])}" if len(d["asked"]) > 1 else ""
    return [f"{d['function']} returned None. Does every way through it end in  return{what} ?"]


def _result_none(d: Detail) -> list[str]:
    return [f"{d['name']} is None; the other results of {d['function']} are not."]


def _count(d: Detail) -> list[str]:
    asked = d["asked"]
    if len(asked) == 1:
        return [f"{d['function']} returned a tuple; asked for is one result."]
    found = f"{d['got']} results" if d["tuple"] and d["got"] != 1 else "one result"
    if not d["tuple"]:
        found = "one result and no tuple"
    return [f"{d['function']} returned {found}; asked for are {len(asked)}: {', '.join(asked)}."]


# Conduct


def _changed(d: Detail) -> list[str]:
    names = listed(d["changed"])
    if all(str(name).startswith("params") for name in d["changed"]):
        return [f"{d['function']} changed {names}. It only looks; a Solver takes the steps."]
    belong = "belongs" if len(d["changed"]) == 1 else "belong"
    return [f"{d['function']} changed {names}, which {belong} to its caller."]


def _in_place(d: Detail) -> list[str]:
    return problem("in_place", "", d)


def _late_start(d: Detail) -> list[str]:
    return problem("late_start", "", d)


def _outside(d: Detail) -> list[str]:
    mine, low = pair(d["yours"], d["low"])
    _, high = pair(d["yours"], d["high"])
    among = "right is" if low == high else "there is a bend, and right is any number from"
    ends = low if low == high else f"{low} to {high}"
    return [f"{entry(d['name'], d['index'])} is {mine}, where {d['where']};", f"{among} {ends}."]


def _unsteady(d: Detail) -> list[str]:
    return [
        f"{d['function']} gave other results for the same arguments",
        "after another batch had gone through.",
    ]


def _refused(d: Detail) -> list[str]:
    if d["what"] == "whole numbers in x":
        return [
            f"{d['function']} took whole numbers in x and gave wrong slopes: the nudge was lost.",
            "Asked for is a TypeError, or the right slopes.",
        ]
    return [f"{d['function']} accepted {d['what']}; asked for is a ValueError."]


def _nan(d: Detail) -> list[str]:
    value = d["value"]
    shown = number(value) if isinstance(value, int | float) else str(value)
    return [f"{d['function']} gave {shown} for an array that holds nan; asked for is nan."]


def _config(d: Detail) -> list[str]:
    if not d["dict"]:
        return [f"The second result of {d['function']} is not a dict; asked for is config."]
    key, used = repr(d["key"]), number(d["used"])
    if d["held"] is None:
        return [f"The config that came back holds no {key}; {used} was used."]
    return [f"The config that came back holds {d['held']!r} as {key}; used was {used}."]


def _forgot(d: Detail) -> list[str]:
    keys = listed([repr(key) for key in d["keys"]])
    found = f"its keys are {keys}" if keys else "it is empty, or no dict"
    return [f"The config that came back holds no {d['key']!r}; {found}."]


_SENTENCES: dict[str, Callable[[Detail], list[str]]] = {
    "value": _value,
    "nonfinite": _nonfinite,
    "shape": _shape,
    "dtype": _dtype,
    "type": _type,
    "returned_none": _returned_none,
    "result_none": _result_none,
    "count": _count,
    "changed": _changed,
    "in_place": _in_place,
    "late_start": _late_start,
    "outside": _outside,
    "unsteady": _unsteady,
    "refused": _refused,
    "nan": _nan,
    "config": _config,
    "forgot": _forgot,
    **training.SENTENCES,
}


def right_ones(names: Sequence[str]) -> str:
    """Say which other arrays are right, or nothing."""
    if not names:
        return ""
    if len(names) > MOST:
        return f"{len(names)} other checks pass."
    many = len(names) > 1 or names[0] in ("initial weights", "scores", "steps", "configs")
    return f"{listed(names)} {'are' if many else 'is'} right."
