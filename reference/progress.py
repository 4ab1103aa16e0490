"""Say how far a long run has come: one line that is rewritten, or a line now and then."""

import sys
import time
from typing import TextIO

WIDE = 24  # characters of the bar
OFTEN = 0.1  # seconds between two bars


class Progress:
    """The voice of a run of ``total`` steps.

    In a terminal a bar with the time left is rewritten under the lines that stay. Anywhere else,
    in a notebook or a log, only those lines are printed.

    Args:
        total: how many steps there are.
        verbose: whether anything is said at all.
        out: where to; standard output by default.
    """

    def __init__(self, total: int, verbose: bool = True, out: TextIO | None = None) -> None:
        self.total = total
        self.verbose = verbose
        self.out = sys.stdout if out is None else out
        self.live = verbose and self.out.isatty()
        self.began: float | None = None
        self.first = 0
        self.shown = 0.0

    def say(self, line: str) -> None:
        """Print a line that stays."""
        if self.verbose:
            self._write(f"\r\x1b[K{line}\n" if self.live else f"{line}\n")

    def at(self, done: int, text: str = "") -> None:
        """Show that ``done`` steps are behind us; ``text`` stands behind the bar."""
        if not self.live:
            return
        now = time.monotonic()
        if self.began is None:
            self.began, self.first = now, done
        if now - self.shown < OFTEN and done < self.total:
            return
        self.shown = now
        share = done / max(self.total, 1)
        bar = "#" * round(share * WIDE)
        self._write(f"\r\x1b[K[{bar:.<{WIDE}}] {share:4.0%}  {text}{self._left(now, done)}")

    def end(self) -> None:
        """Take the bar away."""
        if self.live:
            self._write("\r\x1b[K")

    def _left(self, now: float, done: int) -> str:
        if self.began is None or done <= self.first or now - self.began < 1:
            return ""
        seconds = (now - self.began) / (done - self.first) * (self.total - done)
        minutes, seconds = divmod(round(seconds), 60)
        return f"  {minutes}:{seconds:02d} left"

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
