"""Give back what belongs to the whole process, whatever a stranger's code has done to it.

NumPy's functions and settings, the built-ins, the folder, the search path, signals, limits:
code that changes one of them would otherwise change its judge, or its neighbour's outcome.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .stamp import stamp_of

HELD = ("path", "meta_path", "path_hooks", "modules", "argv", "stdin", "displayhook", "excepthook")

Undo = Callable[[], object]


class Names:
    """What the names in a dict stood for, looked at and put back only where they have changed.

    To go through a thousand names takes longer than most calls, and in a process that
    was forked it copies the memory of whatever they stand for.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.stamp = stamp_of(names)
        self.taken: dict[str, Any] = {}
        self.known: int | None = None
        self.accepted: int | None = None
        self.spare: dict[str, Any] | None = None

    def take(self) -> Undo:
        """Remember what is there now, and hand out the way back to it; new names stay."""
        if self.known is None or self.stamp() != self.known:
            self.taken, self.known = dict(self.names), self.stamp()
        before, known = self.taken, self.known

        def undo() -> None:
            nonlocal known
            if known is None or self.stamp() not in (known, self.accepted):
                self.names.update(before)
                known = self.stamp()

        return undo

    def make_ready(self) -> None:
        """Make a copy for whoever asks for one, before a fork that would make it dear."""
        self.take()
        self.spare = dict(self.names)

    def copy(self) -> dict[str, Any]:
        """A copy of one's own."""
        spare, self.spare = self.spare, None
        if spare is None or self.known is None or self.stamp() != self.known:
            return dict(self.names)
        return spare

    def accept(self) -> None:
        """Take what has come since for new names that nobody needs to look at.

        Within a call nothing is accepted: who made it may have changed others before.
        """
        if _depth < 2:
            self.accepted = self.stamp()


BUILTINS = Names(vars(builtins))
NAMES = (*(Names(vars(module)) for module in (np, np.linalg, np.random)), BUILTINS)
LOADED = Names(sys.modules)
LISTS = (sys.path, sys.meta_path, sys.path_hooks, sys.argv)


_for_good: list[Undo] = []
_depth = 0  # of things that are done within things that are done


def remember(shut_in: bool = False) -> None:
    """Put back from now on what is there now, in a process where nobody else changes it.

    To look at it all before each call would cost more than most calls do.

    Args:
        shut_in: the process cannot change its folder.
    """
    _for_good[:] = [*_within(), *_alarm(), *(() if shut_in else _place())]
    BUILTINS.make_ready()


@contextlib.contextmanager
def builtins_kept() -> Iterator[None]:
    """Do something, and put back the built-ins, on which Python's own import stands as well."""
    undo = BUILTINS.take()
    try:
        yield
    finally:
        undo()


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Do something, and put the state of the process back as it was.

    New names in a module stay: ``np.float = float`` is how old code is kept alive.
    """
    global _depth
    undo = _changes() if _depth or not _for_good else _for_good
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1
        for each in undo:
            try:
                each()
            except Exception:
                continue  # what cannot be put back is let go


def _changes() -> list[Undo]:
    return [*_within(), *_alarm(), *_place()]


def _within() -> Iterator[Undo]:
    yield from _numpy()
    yield from _interpreter()
    yield from _signals()


def _numpy() -> Iterator[Undo]:
    """The functions of NumPy and Python, how errors in numbers and how arrays are shown."""
    yield from (names.take() for names in NAMES)
    errors, call = np.geterr(), np.geterrcall()
    yield lambda: np.seterr(**errors)
    yield lambda: np.seterrcall(call)
    printed = np.get_printoptions()
    yield lambda: _if(np.get_printoptions() != printed, lambda: np.set_printoptions(**printed))


def _interpreter() -> Iterator[Undo]:
    """Where Python looks, how deep it goes, and who follows it."""
    yield LOADED.take()
    for held in LISTS:
        before = list(held)
        yield lambda held=held, before=before: _if(  # type: ignore[misc]
            held != before, lambda: held.__setitem__(slice(None), before)
        )
    for name in HELD:
        value = getattr(sys, name)
        yield lambda name=name, value=value: setattr(sys, name, value)  # type: ignore[misc]
    depth, trace, profile = sys.getrecursionlimit(), sys.gettrace(), sys.getprofile()
    yield lambda: _if(sys.getrecursionlimit() != depth, lambda: sys.setrecursionlimit(depth))
    yield lambda: _if(sys.gettrace() is not trace, lambda: sys.settrace(trace))
    yield lambda: _if(sys.getprofile() is not profile, lambda: sys.setprofile(profile))


def _place() -> Iterator[Undo]:
    """The folder that the process is in."""
    with contextlib.suppress(OSError):  # it may have been deleted
        folder = os.getcwd()
        yield lambda: _if(_folder() != folder, lambda: os.chdir(folder))


def _alarm() -> Iterator[Undo]:
    """The alarm clock, which only the main thread may set."""
    with contextlib.suppress(OSError, AttributeError):  # a system without alarms
        if is_main() and signal.getitimer(signal.ITIMER_REAL)[0] == 0:
            yield lambda: signal.setitimer(signal.ITIMER_REAL, 0)


def _signals() -> Iterator[Undo]:
    """What interrupts the judge; only the main thread may say so."""
    if not is_main():
        return
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGALRM", signal.SIGTERM)):
        handler = signal.getsignal(number)
        yield lambda number=number, handler=handler: _if(  # type: ignore[misc]
            signal.getsignal(number) is not handler, lambda: signal.signal(number, handler)
        )


def is_main() -> bool:
    """Whether this is the thread that may set signals."""
    return threading.current_thread() is threading.main_thread()


def _if(changed: bool, undo: Undo) -> None:
    if changed:
        undo()


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""
