"""What the code's side tells, made into answers and problems: known words, cut short.

The code can write its answers itself, so nothing in them is believed but their types.
What is not of its type is left out; a sentence can be made of whatever is left, and a
record has room for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from checks.files import Files
from checks.model import Answer, Problem

KINDS = (
    *("missing", "syntax", "import", "not_started", "raised", "refused", "not_callable"),
    *("died", "ambiguous", "absent", "unfinished"),
)
LONG = 400  # characters of a message, and of a place
SHORT = 200  # of any other text
PRINTED = 4000
WHOLE = 4000  # of all that one problem has in its detail
MOST = 20  # parts of a tuple
MANY = 10**9
REMARKS = 100


def text(told: object, most: int = SHORT) -> str | None:
    """The beginning of a text; None where it is none."""
    return told[:most] if type(told) is str else None


def place(told: object, files: Files) -> str:
    """A place in a file as its author knows it; "" where none is told."""
    where = text(told, LONG) or ""
    line = where.rpartition(":")[2]
    return files.place(where) if line.isascii() else where  # "²" is a digit, and no number


def problem(told: object, name: str, files: Files) -> Problem | None:
    """The problem that is told; None where that makes no sense.

    Args:
        told: what came.
        name: the function that was asked for, where the problem does not say which.
        files: the code.
    """
    if not isinstance(told, dict):
        return None
    kind, where, detail = (told.get(key) for key in ("kind", "where", "detail"))
    if type(kind) is not str or kind not in KINDS:
        return None
    if type(where) is not str or not isinstance(detail, dict):
        return None
    found = _known(detail)
    if name:
        found.setdefault("function", name)
    return Problem(kind, place(where, files), found)


def remarks(told: object, files: Files) -> list[Problem]:
    """The first of the remarks that are told."""
    notes = told[:REMARKS] if isinstance(told, tuple) else ()
    found = [problem(note, "", files) for note in notes]
    return [note for note in found if note is not None]


def answer(told: Mapping[str, Any], why: Problem | None, files: Files) -> Answer:
    """What a call gave and did.

    Args:
        told: what came.
        why: there is no value.
        files: the code.
    """
    seconds = told.get("seconds")
    return Answer(
        value=told.get("value"),
        problem=why,
        changed=_texts(told.get("changed")) or (),
        shares=_pairs(told.get("shares")) or (),
        printed=text(told.get("printed"), PRINTED) or "",
        warned=tuple(
            f"{said}, {place(where, files)}" if where else said
            for said, where in _pairs(told.get("warned"), LONG) or ()
        ),
        seconds=seconds if type(seconds) is float and math.isfinite(seconds) else 0.0,
    )


def _known(detail: Mapping[str, object]) -> dict[str, object]:
    """What is known of a problem's detail, as far as it is of its type and there is room."""
    found: dict[str, object] = {}
    left = WHOLE
    for key, known in _KNOWN.items():
        value = known(detail[key]) if key in detail else None
        if value is not None and len(str(value)) <= left:
            found[key] = value
            left -= len(str(value))
    return {key: value for key, value in found.items() if _BESIDE.get(key, key) in found}


def _texts(told: object) -> tuple[str, ...] | None:
    if not isinstance(told, tuple):
        return None
    return tuple(one[:SHORT] for one in told[:MOST] if type(one) is str)


def _pairs(told: object, most: int = SHORT) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(told, tuple):
        return None
    return tuple((one[0][:most], one[1][:most]) for one in told[:MOST] if _is_pair(one))


def _is_pair(told: object) -> bool:
    return isinstance(told, tuple) and len(told) == 2 and all(type(one) is str for one in told)


def _count(told: object) -> int | None:
    return told if type(told) is int and 0 <= told < MANY else None


def _seconds(told: object) -> float | None:
    return told if type(told) is float and 0 <= told < MANY else None


def _flag(told: object) -> bool | None:
    return told if type(told) is bool else None


_KNOWN: dict[str, Callable[[object], object]] = {
    "message": partial(text, most=LONG),
    **dict.fromkeys(("error", "source", "function", "file", "module", "used", "borrowed"), text),
    **dict.fromkeys(("from", "inner", "name", "near", "of", "old", "status", "type"), text),
    **dict.fromkeys(("close", "has", "keys", "others"), _texts),
    "shapes": _pairs,
    "seconds": _seconds,
    **dict.fromkeys(("files", "more"), _count),
    **dict.fromkeys(("harmless", "left_out"), _flag),
}
_BESIDE = {"keys": "of", "from": "inner"}  # what is told only beside something else
