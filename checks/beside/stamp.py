"""A number that changes whenever a dict does, where this Python keeps one (PEP 509).

CPython up to 3.13 stamps each dict anew when a name in it comes, goes or is bound to
something else. It is not meant to be read, so it is tried out before it is believed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

try:
    import ctypes
except ImportError:  # a Python that was built without it
    ctypes = None  # type: ignore[assignment]

Stamp = Callable[[], "int | None"]

WORD = object.__basicsize__ // 2  # a count of references, and a type
PLACE = -(-(object.__basicsize__ + WORD) // 8) * 8  # after the head and the number of names


def stamp_of(names: dict[str, Any]) -> Stamp:
    """What tells a dict's stamp; it tells None where there is none."""
    if not KEPT:
        return lambda: None
    word = _at(names)
    return lambda: word.value


def _at(names: dict[str, Any]) -> ctypes.c_uint64:
    return ctypes.c_uint64.from_address(id(names) + PLACE)


def _is_kept() -> bool:
    """Whether a stamp changes with its dict, each time, and at no other time."""
    if sys.implementation.name != "cpython" or ctypes is None:
        return False
    names: dict[str, Any] = {"a": 1, "b": 2}
    word = _at(names)

    def changes(act: Callable[[], object]) -> bool:
        before = word.value
        act()
        return word.value != before

    return (
        not changes(lambda: names["a"])
        and changes(lambda: names.update(a=3))
        and changes(lambda: names.__setitem__("c", 4))
        and changes(lambda: names.__delitem__("b"))
        and changes(lambda: names.pop("c"))
        and changes(names.clear)
        and changes(lambda: names.setdefault("a", 5))
        and not changes(lambda: [*names.items(), names.get("a"), dict(names)])
    )


KEPT = _is_kept()
