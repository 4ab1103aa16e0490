"""Stop a statement at the top level of a file that does not end, so that the rest is read.

Only Python's own steps can be stopped so, and only by an exception: code that swallows
it, or that never comes back from C, is the judge's to end.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType

from .clock import Clock, Waited
from .state import is_main

SOON = 0.01  # seconds
LONGEST = 86_400.0

set_handler = signal.signal
set_timer = getattr(signal, "setitimer", None)  # Windows has none


class TooLong(BaseException):
    """A statement at the top level was not at its end in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = float(f"{seconds:.2g}")


class Alarm:
    """Goes off in a file's text after half of the time that is left for the request.

    So the other half is there for what comes after, whether it is the rest of the file or
    the file that imports it, and half of that for the next statement that does not end.

    Args:
        left: how many seconds are left.
        waited: by this process.
        loader: the file of the code that loads, which is not to be stopped.
    """

    def __init__(self, left: Callable[[], float], waited: Waited, loader: str) -> None:
        self.left = left
        self.waited = waited
        self.loader = loader
        self.running: list[CodeType] = []
        self.is_set = False
        self.clock = Clock(LONGEST, waited)

    @contextmanager
    def within(self, code: CodeType) -> Iterator[None]:
        """Raise TooLong in the text of a file that is run meanwhile, once."""
        if set_timer is None or not is_main():
            yield
            return
        before = signal.getsignal(signal.SIGALRM)
        self.running.append(code)
        self._set()
        try:
            yield
        finally:
            self.is_set = False  # a signal that has come may still be on its way to Python
            set_timer(signal.ITIMER_REAL, 0)
            self.running.pop()
            set_handler(signal.SIGALRM, before or signal.SIG_DFL)
            if self.running:
                self._set()

    def _set(self) -> None:
        seconds = min(max(self.left() / 2, SOON), LONGEST)
        self.clock = Clock(seconds, self.waited)
        self.clock.look()
        set_handler(signal.SIGALRM, self._ring)
        self.is_set = True
        _after(seconds)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        """Raise, unless time was only waited; not while the next file is being fetched."""
        if not self.is_set:
            return
        left = self.clock.look()
        if left > 0:
            _after(left)
            return
        while frame is not None and frame.f_code is not self.running[-1]:  # nor one that is equal
            if frame.f_code.co_filename == self.loader:
                _after(SOON)
                return
            frame = frame.f_back
        if frame is not None:
            raise TooLong(self.clock.seconds)


def _after(seconds: float) -> None:
    assert set_timer is not None
    set_timer(signal.ITIMER_REAL, seconds)
