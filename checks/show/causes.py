"""What usually causes an exception, in one sentence: of its type, its message and its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from checks.show.numbers import listed

Detail = Mapping[str, Any]

_OF_MESSAGES: tuple[tuple[str, str, str], ...] = (
    ("TypeError", r"cannot unpack non-iterable NoneType", "A function called there returns None."),
    ("TypeError", r"'NoneType'", "Something there is None: a config left out, a missing return?"),
    (
        "TypeError",
        r"'tuple' and '|'tuple' object|(and|,) 'tuple'",
        "A tuple stands where an array belongs: are caches unpacked in the order of packing?",
    ),
    (
        "TypeError",
        r"'list' and '|and 'list'|can't multiply sequence",
        "A list stands where an array belongs: lists join and repeat, and do not add up.",
    ),
    (
        "TypeError",
        r"missing \d+ required|takes .* positional|unexpected keyword",
        "Compare the arguments with those of the docstring, in their order.",
    ),
    (
        "TypeError",
        r"not callable",
        "A name in front of ( is no function there: was it given a value before?",
    ),
    ("TypeError", r"[Cc]annot cast ufunc", "The array holds whole numbers: make a new one."),
    ("UFuncTypeError", r"", "The array holds whole numbers: make a new one, x = x - ..."),
    (
        "ValueError",
        r"values to unpack",
        "Left of the = stands another number of names than there are parts on the right.",
    ),
    (
        "ValueError",
        r"truth value of an array",
        "if takes one number: a whole array is compared with np.where or a mask.",
    ),
    ("ValueError", r"read-only", "That array belongs to the caller: make a new one."),
    ("ValueError", r"reshape array of size", "The new shape holds another number of entries."),
    (
        "IndexError",
        r"tuple index out of range|too many indices",
        "The array has fewer axes than that line counts on.",
    ),
    ("IndexError", r"out of bounds", "The index runs past the end: is it one of another axis?"),
    ("UnboundLocalError", r"", "The name gets its value further down, or in a branch not taken."),
    ("RecursionError", r"", "It calls itself, and nothing ends that."),
    ("ZeroDivisionError", r"", "The number below is 0: is it a size, counted in whole numbers?"),
    ("AssertionError", r"", "It is an assert of your own."),
)


def cause(d: Detail) -> list[str]:
    """Say what the exception is usually caused by; nothing where that is not known."""
    error, message = str(d.get("error", "")), str(d.get("message") or "")
    if error == "NameError":
        return _name(d, message)
    if error == "AttributeError" and d.get("near"):
        return [f"There is one called {d['near']}."]
    if error == "AttributeError" and d.get("has"):
        return [f"It has {listed([str(name) for name in d['has']])}."]
    if error == "KeyError" and "keys" in d:
        keys = [str(key) for key in d["keys"]]
        return [f"{d['of']} has {listed(keys) if keys else 'no keys at all'}."]
    for name, words, sentence in _OF_MESSAGES:
        if error.endswith(name) and re.search(words, message):
            return [sentence]
    return []


def _name(d: Detail, message: str) -> list[str]:
    name = str(d.get("name") or "")
    if name in ("np", "numpy"):
        return ["Its file needs a line at its top:  import numpy as np"]
    if f"[{name}]" in str(d.get("source") or ""):
        return [f'A key of a dict stands in quotes:  ["{name}"]']
    if d.get("near"):
        return [f"There is one called {d['near']}."]
    return ["It has been given no value, and no import brings it."] if name else []


def shapes(d: Detail) -> list[str]:
    """Say what shapes the arrays of that line had."""
    if d.get("error") not in ("ValueError", "IndexError"):
        return []
    found = [f"{name} {shape}" for name, shape in d.get("shapes", ())]
    return [f"In that line: {listed(found)}."] if found else []
