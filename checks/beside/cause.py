"""What lay about where an exception was raised: shapes, keys and names that are nearly right.

Nothing of a stranger's code is run for it: names are looked up in the frame, and read
only where they are arrays and dicts themselves, not classes made from these.
"""

from __future__ import annotations

import builtins
import difflib
import re
from types import FrameType
from typing import Any

import numpy as np

MOST = 8  # keys, and shapes, that are told
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
TEXTS = re.compile(r"'[^']*'|\"[^\"]*\"")


def circumstances(error: BaseException, frame: FrameType | None, source: str) -> dict[str, object]:
    """Give the plain parameters of a sentence about the cause; none where nothing is known."""
    if frame is None:
        return {}
    try:
        return _found(error, frame, source)
    except Exception:  # a stranger's object may do anything when it is looked at
        return {}


def _found(error: BaseException, frame: FrameType, source: str) -> dict[str, object]:
    if isinstance(error, UnboundLocalError):
        return {}
    if isinstance(error, NameError):
        return _close(str(error.name or ""), _names(frame))
    if isinstance(error, AttributeError):
        held = getattr(error.obj, "__dict__", None)
        has = tuple(str(one)[:40] for one in list(held)[:MOST]) if type(held) is dict else ()
        return {**_close(str(error.name or ""), dir(error.obj)), "has": has}
    if isinstance(error, KeyError) and error.args:
        return _keys(error.args[0], frame, source)
    if isinstance(error, ValueError | TypeError | IndexError):
        shapes = _shapes(frame, source)
        return {"shapes": shapes} if shapes else {}
    return {}


def _names(frame: FrameType) -> list[str]:
    return [*frame.f_locals, *frame.f_globals, *dir(builtins)]


def _close(name: str, names: list[str]) -> dict[str, object]:
    near = [one for one in difflib.get_close_matches(name, names, 2, 0.75) if one != name]
    return {"name": name[:80], "near": near[0][:80]} if near else {"name": name[:80]}


def _keys(key: object, frame: FrameType, source: str) -> dict[str, object]:
    """The keys of the dict that was asked: the one in the line that has no such key."""
    for path in DOTTED.findall(source):
        value = _value(frame, path)
        if type(value) is dict and not any(one is key or one == key for one in value):
            return {"of": path[:80], "keys": tuple(repr(one)[:40] for one in list(value)[:MOST])}
    return {}


def _shapes(frame: FrameType, source: str) -> tuple[tuple[str, str], ...]:
    """The shapes of the arrays that the line names, in its order."""
    found: dict[str, str] = {}
    for path in DOTTED.findall(TEXTS.sub("", source)):
        for name in (path, path.rpartition(".")[0]):  # x of x.shape, and of x.dot
            value = _value(frame, name) if name else None
            if type(value) is np.ndarray:
                found.setdefault(name[:80], str(value.shape))
    return tuple(found.items())[:MOST]


def _value(frame: FrameType, path: str) -> Any:
    """What a dotted name stands for: parts of plain objects, without a call of theirs."""
    first, *parts = path.split(".")
    value = frame.f_locals.get(first, frame.f_globals.get(first))
    for part in parts:
        held = getattr(value, "__dict__", None)
        value = held.get(part) if type(held) is dict else None
    return value
