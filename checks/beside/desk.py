"""What can be asked of a stranger's code: find, call, measure. Every answer is a plain map.

The same desk is used in the judge's own process and, behind the pipe, in a worker.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import PurePath
from types import FunctionType
from typing import Any

import numpy as np

from .adapters import ADAPTERS
from .load import Library
from .observe import Array, Seen, run, watch
from .slopes import fresh, measure
from .standins import top
from .started import definition, does_nothing, text_of
from .swap import swapped
from .trouble import Trouble, explain, name_of
from .wire import CODE_OF, MAX_DEPTH, MAX_DIMENSIONS, Code, Foreign, Handle

HELD = 4096  # handles; the oldest is let go
BIGGEST = 1 << 27  # bytes of one result
MOST = 20_000  # parts of one result of a tuple, or of one entry of a dict
WHOLE = 100_000  # parts of all of them
LONGEST = 10_000  # characters of a text in a result
FACTS = ("changed", "shares", "printed", "warned", "seconds")  # what is told unless it is nothing
NOT_THEIRS = (PurePath(__file__).parent, PurePath(np.__file__).parent, PurePath(os.__file__).parent)

Plain = dict[str, object]


class Desk:
    """A stranger's code, and what was kept of its results.

    Args:
        code: their files, or a namespace that holds their functions.
        first: the number of the first handle.
    """

    def __init__(self, code: Library | Mapping[str, object], first: int = 0) -> None:
        self.code = code
        self.next = first
        self.held: dict[int, object] = {}
        self.begun: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {}
        self.remarked = 0

    def locate(self, name: str) -> Plain:
        """Which file ``name`` is taken from; executes nothing."""
        try:
            return {"path": self.code.locate(top(name)) if isinstance(self.code, Library) else ""}
        except Trouble as trouble:
            return {"problem": trouble.plain()}

    def defines(self, name: str) -> Plain:
        """Whether ``name`` is there to be called; executes the file that defines it."""
        try:
            self._find(top(name))
        except Trouble as trouble:
            return {"problem": trouble.plain()}
        return {}

    def call(
        self,
        name: str,
        args: Sequence[object],
        keep: Sequence[int] = (),
        names: Sequence[str] = (),
        instead: Code | None = None,
        lent: Code | None = None,
    ) -> Plain:
        """Call a function on copies of ``args``; see model.Answer for what comes back."""
        try:
            function = self._begun(name)
            given = [self._given(arg) for arg in args]
            with swapped(self._scopes() if instead or lent else (), instead, lent):
                seen = watch(function, given, names, keep, self._place)
            return self._told(seen, keep)
        except BaseException as error:
            return {"problem": explain(error, self._place).plain()}

    def slopes(
        self,
        name: str,
        args: Sequence[object],
        move: Mapping[Any, Array],
        steps: Sequence[float],
        weigh: Array | None = None,
        take: int = 0,
    ) -> Plain:
        """Measure a function's slopes; see ``slopes.measure``."""
        try:
            function = self._begun(name)
            given = [self._given(arg) for arg in args]
            seen = run(lambda: measure(function, given, move, steps, weigh, take), self._place)
            return self._told(seen, ())
        except BaseException as error:
            return {"problem": explain(error, self._place).plain()}

    def remarks(self) -> tuple[Plain, ...]:
        """What was found in the files and costs nothing."""
        notes = self.code.notes if isinstance(self.code, Library) else []
        self.remarked = len(notes)
        return tuple(note.plain() for note in notes)

    def news(self) -> Plain:
        """The remarks, if there is one that was not told yet."""
        notes = self.code.notes if isinstance(self.code, Library) else []
        return {"remarks": self.remarks()} if len(notes) > self.remarked else {}

    def close(self) -> None:
        """Forget the code."""
        self.held.clear()
        if isinstance(self.code, Library):
            self.code.close()

    def _find(self, name: str) -> Callable[..., Any]:
        if isinstance(self.code, Library):
            return self.code.find(name)
        if name not in self.code:
            raise Trouble("missing", function=name)
        value = self.code[name]
        if not callable(value):
            raise Trouble("not_callable", function=name, type=name_of(value))
        return value

    def _begun(self, name: str) -> Callable[..., Any]:
        """The function, or the question to a class, unless it is still a stub."""
        found = self._find(top(name))
        known, ready = self.begun.get(name, (None, found))
        if known is found:
            return ready
        _, _, part = name.partition(".")
        if part:
            ready = partial(ADAPTERS[part].ask, found)
            for method in ADAPTERS[part].needs:
                self._insist_on(found, f"{top(name)}.{method}", method)
        else:
            self._insist_on_more(found, name)
        self.begun[name] = found, ready
        return ready

    def _insist_on(self, owner: object, name: str, method: str) -> None:
        """Raise Trouble where a class lacks a method, or has only its stub."""
        if isinstance(owner, type):
            function = getattr(owner, method, None)
            if function is None or function is getattr(object, method, None):
                raise Trouble("missing", function=name)
            self._insist_on_more(function, name)

    def _insist_on_more(self, function: object, name: str) -> None:
        """Raise Trouble where a function is still a stub."""
        if isinstance(self.code, Library):
            path = self._place(getattr(getattr(function, "__code__", None), "co_filename", ""))
            tree = self.code.index.trees.get(path)
            text = definition(tree, function) if tree else None
        else:
            path, text = "", text_of(function)
        if text is not None and does_nothing(text):
            where = f"{path}:{text.lineno}" if path else ""
            raise Trouble("not_started", where, function=name)

    def _scopes(self) -> Iterator[dict[str, object]]:
        """The global names of their modules, or of what their functions see."""
        if isinstance(self.code, Library):
            yield from self.code.scopes()
            return
        parts = [
            part
            for value in self.code.values()
            for part in (vars(value).values() if isinstance(value, type) else (value,))
        ]
        scopes = [part.__globals__ for part in parts if isinstance(part, FunctionType)]
        yield from {id(scope): scope for scope in scopes}.values()

    def _place(self, filename: str) -> str:
        if isinstance(self.code, Library):
            return self.code.place(filename)
        return _place_in_session(filename)

    def _given(self, value: object) -> object:
        """Make an argument out of what was sent: a copy, or what a handle stands for."""
        if isinstance(value, Handle):
            if value.number not in self.held:
                raise Trouble("died", status="what it had kept went with it")
            return self.held[value.number]
        if isinstance(value, Code):
            return compiled(value)
        if isinstance(value, np.generic):
            return value.item()
        if type(value) in (tuple, list):
            return type(value)(self._given(part) for part in value)  # type: ignore[call-arg, attr-defined]
        if isinstance(value, dict):
            return {key: self._given(part) for key, part in value.items()}
        return fresh(value)

    def _told(self, seen: Seen, keep: Sequence[int]) -> Plain:
        """Make plain what was seen."""
        facts = {name: getattr(seen, name) for name in FACTS}
        told: Plain = {name: fact for name, fact in facts.items() if fact}
        if seen.trouble is not None:
            told["problem"] = seen.trouble.plain()
        elif keep and isinstance(seen.value, tuple | list):
            told["value"] = tuple(
                self._hold(part) if i in keep else settle(part) for i, part in enumerate(seen.value)
            )
        else:
            told["value"] = settle(seen.value)
        return told

    def _hold(self, value: object) -> Handle:
        number = self.next
        self.next += 1
        self.held[number] = value
        if len(self.held) > HELD:
            del self.held[min(self.held)]
        return Handle(number, name_of(value))


def settle(value: object) -> object:
    """Turn any result into a tree that the wire carries; the rest is Foreign, by its type.

    A list becomes a tuple, a float64 scalar a float, an array of a subclass an array (a
    masked one Foreign), and a key that is not a text the text that Python prints for it.
    """
    left, total = MOST, WHOLE

    def visit(value: Any, depth: int) -> object:
        nonlocal left, total
        if depth == 1:
            left = min(MOST, total)  # one part of a result takes nothing from the next
        left, total = left - 1, total - 1
        if left < 0 or depth > MAX_DEPTH - 4:
            return Foreign(f"{name_of(value)} with too many parts")
        try:
            if isinstance(value, tuple | list):
                within = value[:left]
                rest = Foreign(f"{name_of(value)} with too many parts")
                over = (rest,) if len(value) > len(within) else ()
                return (*[visit(part, depth + 1) for part in within], *over)
            if isinstance(value, dict):
                return {
                    key if type(key) is str else repr(key)[:80]: visit(part, depth + 1)
                    for key, part in islice(value.items(), left + 1)
                }
            return _settled_leaf(value)
        except Exception:  # of their class's own making
            return Foreign(name_of(value))

    return visit(value, 0)


def _settled_leaf(value: Any) -> object:
    """Turn what holds nothing else into a plain value."""
    if value is None:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        whole = int(value)
        return whole if -(2**63) <= whole < 2**63 else Foreign("int beyond 64 bits")
    if isinstance(value, float):  # np.float64 is one
        return float(value)
    if isinstance(value, str):
        return str(value)[:LONGEST]
    if isinstance(value, np.ma.MaskedArray):
        return Foreign(name_of(value))  # what is masked is no result
    if isinstance(value, np.ndarray | np.generic):
        return _settled_array(value)
    return Foreign(name_of(value))


def compiled(code: Code) -> Callable[..., object]:
    """Make the function that an argument is the text of."""
    space: dict[str, Any] = {"np": np}
    exec(compile(code.source, "<the check>", "exec"), space)
    function: Callable[..., object] = space[code.name]
    return function


def _settled_array(value: Any) -> object:
    array = np.array(value, copy=None, subok=False)
    if array.dtype.newbyteorder("<") not in CODE_OF:
        return Foreign(f"{name_of(value)} of {array.dtype}"[:80])
    if array.nbytes > BIGGEST or array.ndim > MAX_DIMENSIONS:
        return Foreign(f"{name_of(value)} of shape {array.shape}"[:80])
    return array.copy()


def _place_in_session(filename: str) -> str:
    """Name the file of a function that was handed over as it is, in a notebook or a test."""
    place = PurePath(filename)
    if filename.startswith("<ipython") or place.parent.name.startswith("ipykernel_"):
        return "cell"
    if not filename or filename.startswith("<") or any(map(place.is_relative_to, NOT_THEIRS)):
        return ""
    return place.name
