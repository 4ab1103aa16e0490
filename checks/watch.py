"""``checks watch``: judge again after each save, and stay with the function that is worked on."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from checks.files import BIGGEST, NOT_THEIRS
from checks.model import FAIL, PASS, Report
from checks.refusal import RefusalError
from checks.show.cards import rows

EVERY = 0.3  # seconds between two looks at the files
CLEAR = "\x1b[H\x1b[2J"
FOOT = 4  # lines below a report
NOTHING = 3  # the exit code of a watch that never judged anything

Stamp = tuple[tuple[str, int, int], ...]


def watch(
    path: Path,
    judge: Callable[[], Report],
    lay_out: Callable[[Report, str], str],
    code_of: Callable[[Report], int],
) -> int:
    """Judge, print, wait for a change, and begin again, until Ctrl-C.

    Args:
        path: a folder, a file or a notebook.
        judge: reads the files and judges what is in them.
        lay_out: the text of a report; of one function's card alone, where one is named.
        code_of: the exit code of a report.

    Returns:
        The exit code of the last report.

    Raises:
        RefusalError: there was nothing at ``path`` to begin with, or the options ask
            for what is not there.
    """
    if not path.exists():
        raise RefusalError(f"there is no {path} to watch. To begin:  checks start {_quoted(path)}")
    code, seen, times, place = NOTHING, None, 0, Place()
    before: Report | None = None
    try:
        while True:
            seen = _change(path, seen)
            times += 1
            try:
                report = judge()
                code = code_of(report)
                text = "\n\n".join([_fitting(report, lay_out, place), *_news(before, report)])
                before = report
            except RefusalError as refusal:  # no file for a moment, while an editor saves
                if times == 1 and refusal.code != NOTHING:
                    raise
                text, code = f"checks: {refusal}", refusal.code
            _show(text, path, times)
    except KeyboardInterrupt:
        print(flush=True)
        return code


class Place:
    """Where a reader is: at one function that fails, until it passes."""

    def __init__(self) -> None:
        self.exercise = ""

    def in_(self, report: Report) -> str:
        """The function to stay at; once it passes, the next one that fails; or ""."""
        failing = [row.exercise for row in rows(report) if row.state == FAIL]
        if self.exercise not in failing:
            names = list(report.exercises)
            begin = names.index(self.exercise) if self.exercise in names else 0
            later = [one for one in failing if names.index(one) >= begin]
            self.exercise = (later or failing or [""])[0]
        return self.exercise


def _fitting(report: Report, lay_out: Callable[[Report, str], str], place: Place) -> str:
    """The whole report, where the terminal is high enough; else the card of the place."""
    text, here = lay_out(report, ""), place.in_(report)
    too_long = text.count("\n") + FOOT >= shutil.get_terminal_size().lines
    return lay_out(report, here) if here and too_long and sys.stdout.isatty() else text


def _news(before: Report | None, report: Report) -> list[str]:
    """What passes since the last save, and what no longer does."""
    if before is None:
        return []
    was, now = ({r.exercise for r in rows(one) if r.state == PASS} for one in (before, report))
    news = [("Passes now", sorted(now - was)), ("Passes no longer", sorted(was - now))]
    told = [f"{what}: {', '.join(names)}." for what, names in news if names]
    return ["\n".join(told)] if told else []


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def stamp(path: Path) -> Stamp:
    """Name, time and size of each file that may be judged: another one after each save."""
    found = []
    places = [path] if path.is_file() else _files(path)
    for place in places:
        try:
            status = os.stat(place)
        except OSError:  # gone between two looks
            continue
        found.append((str(place), status.st_mtime_ns, status.st_size))
    return tuple(sorted(found))


def _files(folder: Path) -> list[str]:
    """What ``files.read`` would look at, without opening anything."""
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if one not in NOT_THEIRS and one[:1] != "."]
        found += [os.path.join(here, one) for one in names if os.path.splitext(one)[1] in BIGGEST]
    return found


def _change(path: Path, seen: Stamp | None) -> Stamp:
    """Wait until something is other than it was, and then until it stays as it is."""
    now = stamp(path)
    while now == seen:
        time.sleep(EVERY)
        now = stamp(path)
    if seen is None:
        return now
    while True:  # an editor may write in several steps
        time.sleep(EVERY / 3)
        later = stamp(path)
        if later == now:
            return now
        now = later


def _show(text: str, path: Path, times: int) -> None:
    """Print in the place of what was there; one below the other where nothing can be cleared."""
    clear = CLEAR if sys.stdout.isatty() and os.environ.get("TERM") != "dumb" else ""
    when = time.strftime("%H:%M:%S")
    again = "" if times == 1 else f", {times} times so far"
    foot = f"Judged at {when}{again}. Waiting for a change in {path}; Ctrl-C ends."
    print(f"{clear}{text}\n\n{foot}", flush=True)
