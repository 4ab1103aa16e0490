"""The student's side of a judgement: their code in this process, or in one of its own.

Both satisfy ``model.Student`` and stand on the same modules (``beside``), so that they
say the same. ``Worker`` is the usual one: there an endless loop, a crash or an exit is
a sentence. ``InProcess`` is for debuggers, and for functions that exist only as objects.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from checks import heard
from checks.beside.clock import MOST
from checks.beside.desk import Desk
from checks.beside.load import Library
from checks.files import Files, read
from checks.model import Answer, Array, Code, Path, Problem
from checks.process import STARTING, Conversation, Dead, Late, Process, Start

__all__ = ["Files", "InProcess", "Worker", "read"]

SECONDS = 10.0
GRACE = 0.5  # for a worker to say where it is stuck
MEMORY = 2 << 30
NO_SENSE = "its answer made no sense"
LIVES = 1 << 20
LIFE = 1 << 32  # handles of one process, told apart from those of the next


class InProcess:
    """Code that runs in this very process, without a limit.

    Args:
        code: files, or a namespace that holds functions.
        homes: for a function, the stem of the file that the book keeps it in.
    """

    deaths = 0  # what would end this process ends the judge

    def __init__(
        self, code: Files | Mapping[str, object], homes: Mapping[str, str] | None = None
    ) -> None:
        self.files = code if isinstance(code, Files) else Files({})
        namespace = Library(code.texts, homes, code.root) if isinstance(code, Files) else code
        self.desk = Desk(namespace)

    def defines(self, name: str) -> Problem | None:
        """None where a function of that name is there to be called, else why not."""
        with _interruptible():
            return self._problem(self.desk.defines(name), name)

    def call(
        self,
        name: str,
        *args: object,
        keep: Sequence[int] = (),
        names: Sequence[str] = (),
        seconds: float | None = None,
        instead: Code | None = None,
        lent: Code | None = None,
    ) -> Answer:
        """Call a function on copies of ``args``; ``seconds`` is not held against it."""
        with _interruptible():
            told = self.desk.call(name, args, keep, names, instead, lent)
            return heard.answer(told, self._problem(told, name), self.files)

    def slopes(
        self,
        name: str,
        args: Sequence[object],
        move: Mapping[Path, Array],
        steps: Sequence[float],
        weigh: Array | None = None,
        take: int = 0,
    ) -> Answer:
        """Measure slopes; see ``model.Student``."""
        with _interruptible():
            told = self.desk.slopes(name, args, move, steps, weigh, take)
            return heard.answer(told, self._problem(told, name), self.files)

    def remarks(self) -> tuple[Problem, ...]:
        """What was found on the way and costs nothing."""
        return (*self.files.remarks, *heard.remarks(self.desk.remarks(), self.files))

    def close(self) -> None:
        """Forget the code."""
        self.desk.close()

    def _problem(self, told: Mapping[str, object], name: str) -> Problem | None:
        if "problem" not in told:
            return None
        problem = heard.problem(told["problem"], name, self.files)
        return problem or Problem("died", "", {"function": name, "status": NO_SENSE})


class Worker:
    """Code that runs in a process of its own, which is started when it is needed.

    A call that outlasts its time, or that takes the process with it, is a Problem; the
    next call starts another process. A file or function that did so is not run again: the
    same Problem comes back at once, so that a forward pass without an end costs its time
    limit once and not once for every check that stands on it.

    Args:
        files: what ``read`` has found.
        seconds: the limit of one call, and of the import of one file; what it only waited for
            a processor does not count, where that can be told.
        homes: for a function, the stem of the file that the book keeps it in.
        memory: how many bytes the process may map.
        budget: seconds from now on for all calls together; after that none is begun.
        start: starts a process, where it is not the usual one.

    Attributes:
        killed: whether a process was killed, as far as can be told not by its code.
    """

    def __init__(
        self,
        files: Files,
        seconds: float = SECONDS,
        homes: Mapping[str, str] | None = None,
        memory: int = MEMORY,
        budget: float = float("inf"),
        start: Start | None = None,
    ) -> None:
        self.files = files
        self.budget = budget
        self.end = time.monotonic() + budget
        self.latest = time.monotonic() + MOST * budget
        self.seconds = seconds
        self.homes = " ".join(f"{name}={stem}" for name, stem in (homes or {}).items())
        self.start = start or (lambda: Process(memory))
        self.process: Conversation | None = None
        self.lives = 0
        self.deaths = 0
        self.asked = 0
        self.killed = False
        self.loaded: dict[str, Problem | None] = {}
        self.broken: dict[str, Problem] = {}
        self.lost: dict[str, Problem] = {}
        self.notes: list[Problem] = list(files.remarks)
        self.apart: Worker | None = None
        self.noted: set[object] = set()

    def defines(self, name: str) -> Problem | None:
        """None where a function of that name is there to be called, else why not."""
        if time.monotonic() >= self.end:
            detail = {"function": name, "doing": "everything", "seconds": self.budget}
            return Problem("timeout", "", detail)
        if name in self.loaded:
            return self.loaded[name]
        located, problem = self._ask(name, "locate", {"name": name}, STARTING)
        if problem is not None:
            if self.process is not None:
                self.loaded[name] = problem
            return problem
        path = heard.text(located.get("path"), heard.LONG) or ""
        if path not in self.broken:
            _, problem = self._ask(name, "defines", {"name": name}, self.seconds, path)
            if self.process is None and problem is not None:
                self.broken[path] = problem
            else:
                self.loaded[name] = problem
        if path in self.broken:
            broken = self.broken[path]
            return replace(broken, detail={**broken.detail, "function": name})
        return problem

    def call(
        self,
        name: str,
        *args: object,
        keep: Sequence[int] = (),
        names: Sequence[str] = (),
        seconds: float | None = None,
        instead: Code | None = None,
        lent: Code | None = None,
    ) -> Answer:
        """Call a function on copies of ``args``; see ``model.Student``."""
        detail: dict[str, object] = {"args": args, "keep": tuple(keep), "names": tuple(names)}
        swap = {"instead": instead, "lent": lent}
        detail.update({name: code for name, code in swap.items() if code is not None})
        if instead is lent is None:
            return self._run(name, "call", detail, seconds)
        apart = self._apart()
        apart.end = self.end
        answer = apart._run(name, "call", detail, seconds)
        self.end = apart.end
        self.killed |= apart.killed
        return answer

    def slopes(
        self,
        name: str,
        args: Sequence[object],
        move: Mapping[Path, Array],
        steps: Sequence[float],
        weigh: Array | None = None,
        take: int = 0,
    ) -> Answer:
        """Measure slopes; see ``model.Student``."""
        detail = {
            "args": tuple(args),
            "move": tuple(move.items()),
            "steps": tuple(map(float, steps)),
            "weigh": weigh,
            "take": take,
        }
        return self._run(name, "slopes", detail, None)

    def remarks(self) -> tuple[Problem, ...]:
        """What was found on the way and costs nothing."""
        if self.process is None and time.monotonic() < self.end:
            self._ask("", "remarks", {}, STARTING)  # a process that runs has told its own
        apart = self.apart.notes if self.apart is not None else []
        return tuple(self.notes) + tuple(note for note in apart if note not in self.notes)

    def close(self) -> None:
        """End the process, and whatever it has started."""
        if self.process is not None:
            self.process.end()
            self.deaths += 1
        self.process = None
        self.loaded.clear()
        if self.apart is not None:
            self.apart.close()

    def _apart(self) -> Worker:
        """The same code in a process of its own, for calls that are lent code of the book.

        What was lent could be kept, and answer for functions that are asked for later.
        """
        if self.apart is None:
            self.apart = Worker(self.files, self.seconds, budget=self.budget, start=self.start)
            self.apart.homes, self.apart.latest = self.homes, self.latest
            self.apart.broken = self.broken
            self.apart.lives = LIVES  # so that no handle of one is one of the other
        return self.apart

    def _run(
        self, name: str, request: str, detail: Mapping[str, object], seconds: float | None
    ) -> Answer:
        """Have a function called, unless it has hung or died: it would only take its time again."""
        if name in self.lost:
            return Answer(problem=self.lost[name])
        problem = self.defines(name)
        if problem is not None:
            return Answer(problem=problem)
        limit = self.seconds if seconds is None else seconds
        told, problem = self._ask(name, request, {"name": name, **detail}, limit)
        if self.process is None and problem is not None:
            self.lost[name] = problem
        return heard.answer(told, problem, self.files)

    def _ask(
        self, name: str, request: str, detail: Mapping[str, object], seconds: float, path: str = ""
    ) -> tuple[dict[str, Any], Problem | None]:
        """Send a request; a process that fails to answer is ended, and its end the problem.

        It has ``seconds``, or what is left of the budget where that is less. An answer
        carries the number of its request: a child that the code forked answers as well.
        """
        about: dict[str, object] = {"function": name, "doing": "import" if path else "call"}
        over: dict[str, object] = {**about, "seconds": seconds}
        self.asked += 1
        try:
            process = self._started()
            limit = self._at_most(seconds)
            if limit < seconds:  # it is not this call that took too long
                over = {"function": name, "doing": "everything", "seconds": self.budget}
            message = (request, _plain({**detail, "seconds": limit, "number": self.asked}))
            told = self._answered(process, message, limit + GRACE)
        except Late:
            self.close()
            return {}, self._late(path, over)
        except Dead as death:
            self.close()
            self.killed |= death.killed
            return {}, self._died(path, about, death.status)
        except BaseException:  # an answer that nobody waits for would be taken for the next one
            self.close()
            raise
        if not isinstance(told, dict) or not self._is_awaited(told.get("number")):
            self.close()
            return {}, self._died(path, about, NO_SENSE)
        if "stuck" in told:
            self.close()
            over["source"] = heard.text(told.get("source")) or ""
            return {}, self._late(heard.text(told["stuck"], heard.LONG) or path, over)
        problem = None
        if "problem" in told:
            problem = heard.problem(told["problem"], name, self.files)
            if problem is None:
                self.close()
                return {}, self._died(path, about, NO_SENSE)
        self._remember(told.get("remarks"))
        return told, problem

    def _answered(self, process: Conversation, message: object, seconds: float) -> object:
        """What it answers; the budget does not pay for what it only waited for a processor."""
        try:
            return process.ask(message, seconds)
        finally:
            self.end = min(self.end + process.spared, self.latest)

    def _is_awaited(self, number: object) -> bool:
        return type(number) is int and number == self.asked

    def _started(self) -> Conversation:
        if self.process is None:
            self.process = self.start()
            self.lives += 1
            files = {
                "texts": dict(self.files.texts),
                "homes": self.homes,
                "first": self.lives * LIFE,
            }
            self.process.ask(("files", files), self._at_most(STARTING))
        return self.process

    def _at_most(self, seconds: float) -> float:
        """That long, or what is left of the budget."""
        return min(seconds, max(GRACE, round(self.end - time.monotonic(), 1)))

    def _remember(self, told: object) -> None:
        for note in heard.remarks(told, self.files):
            known = note.kind, note.where, frozenset(note.detail.items())
            if known not in self.noted and len(self.noted) < heard.REMARKS:
                self.noted.add(known)
                self.notes.append(note)

    def _late(self, where: str, detail: Mapping[str, object]) -> Problem:
        return Problem("timeout", heard.place(where, self.files), detail)

    def _died(self, path: str, about: Mapping[str, object], status: str) -> Problem:
        detail = {**about, "status": heard.text(status)}
        return Problem("died", heard.place(path, self.files), detail)


def _plain(value: object) -> object:
    """Turn NumPy's numbers into Python's, for the wire."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple | list):
        return type(value)(_plain(part) for part in value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return value


@contextmanager
def _interruptible() -> Iterator[None]:
    """Tell Ctrl-C from a KeyboardInterrupt that the code raises, which is a Problem."""
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield  # where Ctrl-C is ignored, or not Python's to hear, there is nothing to tell apart
        return
    pressed: list[int] = []

    def press(number: int, frame: Any) -> None:
        pressed.append(number)
        before(number, frame)

    signal.signal(signal.SIGINT, press)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
