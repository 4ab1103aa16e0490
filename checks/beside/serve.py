"""The conversation with the judge: one request, one answer, until the pipe is closed.

It begins with ``{"ready": True}``. The first request is ``("files", {"texts": ...,
"homes": "affine_forward=affine ...", "first": ...})``; each later one names a method of
``Desk`` and its arguments. An answer carries the ``number`` of its request, and ``remarks``
where there are new ones. A request may carry ``seconds``: when half of them are over, a file
that is still being imported has to go on with its next statement; when all are, a thread
answers with the line that the code is at and ends the process.
Code that never lets the thread run is the judge's to end.
"""

from __future__ import annotations

import _thread
import os
import random
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import load, state
from .alarm import Alarm
from .clock import Clock, Waited
from .desk import Desk
from .load import Library
from .trouble import Trouble, frame_line
from .wire import WireError, receive, send

BEAT = 0.05  # seconds between two looks at the clock


def serve(requests: int, answers: int, waited: Waited) -> None:
    """Answer requests that come on one descriptor on the other one.

    Args:
        requests, answers: the descriptors.
        waited: for a processor, by this process.
    """
    try:
        send(answers, {"ready": True})
        _, files = request(requests)
        library = library_of(files)
        desk = Desk(library, files["first"])
        watch = _Watch(answers, library, waited)
        library.alarm = Alarm(watch.left, waited, load.__file__)
        watch.answer({})
        while True:
            name, detail = request(requests)
            watch.start(detail.pop("number", 0), detail.pop("seconds", None))
            watch.answer(do(desk, name, detail))
    except (EOFError, BrokenPipeError):
        return


def begin(shut_in: bool = False) -> None:
    """Let code that draws numbers draw the same ones each time, and know what to put back."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - it is what the code under test uses
    state.remember(shut_in)


def request(requests: int) -> tuple[str, dict[str, Any]]:
    """Read one: what is asked, and its details."""
    asked: Any = receive(requests)
    name, detail = asked
    return name, detail


def library_of(files: Mapping[str, Any]) -> Library:
    """The files of the first request, whose homes come as a line: a map costs more to send."""
    return Library(files["texts"], dict(pair.split("=") for pair in files["homes"].split()))


def do(desk: Desk, name: str, detail: dict[str, Any]) -> dict[str, object]:
    """What a request is answered with."""
    answer: dict[str, object] = {}
    if name == "slopes":
        detail["move"] = dict(detail["move"])
    if name in {"call", "slopes", "locate", "defines"}:
        answer = getattr(desk, name)(**detail)
    return {**answer, **desk.news()}


class _Watch:
    """A thread that speaks up when the time of a request is over."""

    def __init__(self, answers: int, library: Library, waited: Waited) -> None:
        self.answers = answers
        self.library = library
        self.waited = waited
        self.lock = threading.Lock()
        self.number = 0
        self.clock: Clock | None = None
        self.judge = os.getppid()
        self.main = threading.get_ident()
        _thread.start_new_thread(self._look, ())  # a Thread costs more, in each worker

    def start(self, number: int, seconds: float | None) -> None:
        """Begin to count, for the request of this number."""
        self.number = number
        self.clock = None if seconds is None else Clock(seconds, self.waited)

    def left(self) -> float:
        """How many seconds are left."""
        return float("inf") if self.clock is None else self.clock.look()

    def answer(self, value: dict[str, object]) -> None:
        """Send an answer, and count no more."""
        with self.lock:
            self.clock = None
            try:
                send(self.answers, {**value, "number": self.number})
            except WireError as error:
                trouble = Trouble("raised", error="OverflowError", message=str(error), source="")
                rest = {name: value[name] for name in ("remarks",) if name in value}
                rest["number"] = self.number
                send(self.answers, {"problem": trouble.plain(), **rest})

    def _look(self) -> None:
        while os.getppid() == self.judge:
            time.sleep(BEAT)
            with self.lock:
                if self.left() <= 0:
                    where, source = self._line()
                    told = {"stuck": where, "source": source, "number": self.number}
                    send(self.answers, told)
                    os._exit(0)
        os._exit(0)

    def _line(self) -> tuple[str, str]:
        """The innermost line of theirs that is being executed."""
        frame = sys._current_frames().get(self.main)
        while frame is not None:
            where, source = frame_line(frame, frame.f_lineno, self.library.place)
            if where:
                return where, source
            frame = frame.f_back
        return "", ""
