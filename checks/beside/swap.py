"""Put other functions in the place of a stranger's while their code runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any

import numpy as np

from .standins import StandIn, path_of
from .wire import Code

Scope = dict[Any, Any]


def functions_in(code: Code) -> dict[str, Callable[..., object]]:
    """Compile the functions of a text; they see ``np`` and one another."""
    space: dict[str, Any] = {"np": np}
    exec(_compiled(code.source), space)
    return {name: value for name, value in space.items() if isinstance(value, FunctionType)}


@lru_cache(maxsize=64)
def _compiled(source: str) -> CodeType:
    return compile(source, "<the check>", "exec")


@contextmanager
def swapped(scopes: Iterable[Scope], code: Code | None, lent: Code | None) -> Iterator[None]:
    """Change what names mean in these scopes, and put it back.

    Args:
        scopes: the global names of a stranger's modules.
        code: functions, of which those that ``code.name`` lists take the place of theirs.
        lent: functions for what they import from a module that is not there;
            ``lent.name`` is how the module's name ends.
    """
    if code is None and lent is None:
        yield
        return
    instead = functions_in(code) if code else {}
    instead = {name: instead[name] for name in (code.name.split() if code else ())}
    helping = functions_in(lent) if lent else {}
    scopes = list(scopes)
    theirs = {
        id(scope[name]): name for scope in scopes for name in instead if _is_own(scope.get(name))
    }

    def other(value: object) -> object:
        if id(value) in theirs:
            return instead[theirs[id(value)]]
        if lent is not None and isinstance(value, StandIn):
            return _lent(path_of(value), lent.name, helping | instead, value)
        return value

    changes = list(_changes(scopes, other))
    for scope, name, _, new in changes:
        scope[name] = new
    try:
        yield
    finally:
        for scope, name, old, _ in changes:
            scope[name] = old


def _changes(
    scopes: Iterable[Scope], other: Callable[[object], object]
) -> Iterator[tuple[Scope, Any, object, object]]:
    """What is to change: names, and entries of dicts that names stand for."""
    for scope in scopes:
        inner = [value for value in scope.values() if type(value) is dict and value is not scope]
        for place in [scope, *inner]:
            for name, old in list(place.items()):
                new = other(old)
                if new is not old:
                    yield place, name, old, new


def _is_own(value: object) -> bool:
    return isinstance(value, FunctionType)


def _lent(path: str, module: str, helping: Mapping[str, object], value: object) -> object:
    """The lent module, or a function of it, for a stand-in that stands for one of them."""
    before, _, last = path.rpartition(".")
    if last == module:
        return SimpleNamespace(**helping)
    if before.rpartition(".")[2] == module:
        return helping.get(last, value)
    return value
