"""The time that counts against a limit: not what the code only waited for a processor.

Linux tells how long a thread stood ready to run and was not let (``schedstat``, the second
number). Where that cannot be read, all time counts.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic

MOST = 10  # times its limit is what anything may last in all, so that it ends
LINE = 99  # bytes, and more than three numbers take

Waited = Callable[[], float]
"""How many seconds a thread has waited for a processor since it began; 0.0 if not known."""


class Clock:
    """A limit that has begun to run.

    What was waited before is not asked for then, as most calls end at once: the first look
    takes all that it can for waited since. So it should come soon.

    Args:
        seconds: the limit.
        waited: by whom it has to be kept.
    """

    def __init__(self, seconds: float, waited: Waited) -> None:
        self.seconds = seconds
        self.waited = waited
        self.began = monotonic()
        self.over = self.began + seconds
        self.before: float | None = None
        self.spared = 0.0

    def look(self) -> float:
        """How many seconds are left, now that it is known how long was waited."""
        waited, now = self.waited(), monotonic()
        if self.before is None:
            self.before = max(0.0, waited - (now - self.began))
        self.spared = max(self.spared, waited - self.before)
        self.over = self.began + min(self.seconds + self.spared, MOST * self.seconds)
        return self.over - now

    def pause(self, longest: float) -> float:
        """How many seconds may pass until the next look."""
        return max(0.0, min(self.over - monotonic(), longest))


def unknown() -> float:
    """Where nothing is known, nothing was waited."""
    return 0.0


def own() -> Waited:
    """What this process waits, to be read from then on, when nothing can be opened any more."""
    try:
        descriptor = os.open("/proc/self/schedstat", os.O_RDONLY)
    except OSError:
        return unknown
    return lambda: _read(descriptor)


def of(pid: int) -> float:
    """What a process has waited, in its first thread."""
    try:
        descriptor = os.open(f"/proc/{pid}/schedstat", os.O_RDONLY)
    except OSError:
        return 0.0
    try:
        return _read(descriptor)
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> float:
    try:
        return int(os.pread(descriptor, LINE, 0).split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
