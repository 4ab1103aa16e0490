"""The command ``checks``: judge what was written, hand out stubs, list what there is."""

from __future__ import annotations

# ruff: noqa: E402 - the path comes first
import os
import sys

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if __name__ == "__main__" and sys.path and os.path.abspath(sys.path[0]) != _HOME:
    # `python -m` puts the current folder first: a student's numpy.py would shadow NumPy.
    del sys.path[0]

import argparse
import importlib.util
import shlex
import time
import traceback
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from checks.refusal import RefusalError, write

if TYPE_CHECKING:
    from checks.model import Check, Exercise, Report
    from checks.show.cards import Ways

ALL_PASSED, NOT_ALL, USAGE, NOTHING, OUR_FAULT = range(5)
STOPPED = 130  # as shells say of Ctrl-C

HELP = """\
checks judges the code that you write along the book, and says what is wrong with it.

  checks start mine     write the stubs of every chapter into the folder mine
                        (--variant ID: and tasks that only this ID has)
  checks mine           judge everything in it (also one .py file, or a notebook)
  checks mine -k NAME   judge one exercise or one chapter
  checks watch mine     judge it again each time that you save
  checks list           what there is to write
  checks grade DIR      grade a class: checks grade --help

checks PATH --help names the other options: hints, pictures, inputs, files.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is what came of it.

    Returns:
        0 all selected passed, 1 something failed or is not started, 2 usage,
        3 nothing to judge or nothing decided, 4 our own fault.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    if not args or args == ["--help"] or args == ["-h"]:
        print(HELP, end="")
        return ALL_PASSED
    try:
        _insist_on_our_own()
        if args[0] == "start":
            from checks.handout import start

            start(args[1:])
            return ALL_PASSED
        if args[0] in ("grade", "merge", "regrade"):
            from checks.grade import command

            return int(getattr(command, args[0])(args[1:]))
        if args[0] in ("gradescope-zip", "gradescope"):
            from checks.grade import gradescope

            return int(getattr(gradescope, args[0].replace("-", "_"))(args[1:]))
        if args[0] == "list":
            from checks.handout import table

            table(args[1:])
            return ALL_PASSED
        if args[0] == "watch":
            return _watch(args[1:])
        return _judge(args)
    except RefusalError as refusal:
        print(f"checks: {refusal}", file=sys.stderr)
        return refusal.code
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED
    except KeyboardInterrupt:
        print("\nchecks: stopped before anything was decided", file=sys.stderr)
        return STOPPED
    except Exception:
        traceback.print_exc()
        print(
            "\nchecks: this is a fault of checks, not of your code. Please report the lines above.",
            file=sys.stderr,
        )
        return OUR_FAULT


def _insist_on_our_own() -> None:
    """Refuse to go on where somebody's file stands in the way of a module of ours."""
    for name in ("checks", "reference", "numpy"):
        found = importlib.util.find_spec(name)
        if found is not None and found.submodule_search_locations is None:
            raise RefusalError(
                f"{found.origin} hides the {name} that checks needs: your code may be called so, "
                "but run  checks  from another folder, or take this one out of PYTHONPATH"
            )


# checks PATH


def _judge(args: Sequence[str]) -> int:
    from checks.options import parser

    asked = parser().parse_args(args)
    if asked.json == asked.html == "-":
        raise RefusalError("--json - and --html - cannot both have the screen: name a file for one")
    report = _report(asked)
    shown = _text(asked, report)
    if "-" not in (asked.json, asked.html):
        _print(shown)
    return _exit_code(report)


def _print(text: str, encoding: str = "") -> None:
    try:
        if encoding:
            sys.stdout.buffer.write(text.encode(encoding))
            sys.stdout.flush()
        else:
            print(text, flush=True)
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _watch(args: Sequence[str]) -> int:
    from checks.options import parser
    from checks.watch import watch

    asked = parser(watching=True).parse_args(args)
    if "-" in (asked.json, asked.html):
        raise RefusalError("checks watch shows its cards on the screen: name a file instead of -")
    return watch(
        Path(asked.path),
        lambda: _report(asked),
        lambda report, only: _text(asked, report, only, strict=False),
        _exit_code,
    )


def _report(asked: argparse.Namespace) -> Report:
    """Judge what is asked for, and write the files that are."""
    from checks.choice import chosen, find
    from checks.naming import named
    from checks.run import run
    from checks.show import page, plain

    found, of = find(Path(asked.path), asked.seconds, asked.in_process, asked.variant)
    with closing(found) as student:
        exercises = chosen(asked.k, student, of)
        with _Progress(sys.stderr) as progress:
            report = run(exercises, student, asked.seed, progress, named)
    report = of.stamped(report)
    if asked.json:
        _hand_out(asked.json, plain.to_json(report))
    if asked.html:
        known = {one.name: one for one in of.exercises}
        _hand_out(asked.html, page.html(report, known, _ways(asked), asked.path))
    return report


def _hand_out(place: str, text: str) -> None:
    """Write a file, or to the screen where its name is ``-``."""
    if place == "-":
        _print(text, "utf-8")
    else:
        write(Path(place), text)


def _text(asked: argparse.Namespace, report: Report, only: str = "", strict: bool = True) -> str:
    """What the terminal shows of a report, or of one exercise's card alone.

    Where no array is called as ``--explain`` says, that is refused, or else said below.
    """
    from checks.show import compare, terminal
    from checks.tasks.whose import known_with

    exercises = {one.name: one for one in known_with(report.variant)}
    ways = _ways(asked, pictures=not asked.explain)
    explained, nothing = compare.explained(report, asked.explain), ""
    if asked.explain and not explained:
        nothing, known = compare.nothing_to_explain(report, asked.explain)
        nothing = f"--explain {nothing}"
        if strict and not known:
            raise RefusalError(nothing)
    shown = terminal.text(
        report,
        exercises,
        ways,
        hints=asked.hint,
        show_inputs=asked.show_inputs,
        detail=asked.detail,
        explain=explained,
        colour=terminal.in_colour(sys.stdout),
        width=terminal.width_of(sys.stdout),
        only=only,
    )
    return f"{shown}\n\n{nothing}" if nothing else shown


def _ways(asked: argparse.Namespace, pictures: bool = True) -> Ways:
    from checks.show.cards import Ways
    from checks.tasks.whose import known

    whose = f" --variant {shlex.quote(known(asked.variant))}" if asked.variant else ""
    place = f"{shlex.quote(asked.path)}{whose}".replace("{", "{{").replace("}", "}}")
    command = f"checks {place} -k {{name}}"
    return Ways(
        hint=f"{command} --hint",
        more=f"{command} --hint --hint",
        again=command,
        inputs=f"{command} --seed {asked.seed} --show-inputs",
        picture=f"{command} --explain {{array}}" if pictures else "",
    )


def _exit_code(report: Report) -> int:
    from checks.model import FAIL, NOT_STARTED, UNDETERMINED
    from checks.run import FAULT

    if any(one.kind == FAULT for one in report.remarks):
        return OUR_FAULT
    states = {one.state for one in report.outcomes}
    if states & {FAIL, NOT_STARTED}:
        return NOT_ALL
    return NOTHING if states <= {UNDETERMINED} else ALL_PASSED


# Housekeeping


class _Progress:
    """Says on a terminal which check is running, once it has taken two seconds."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.began, self.wrote = stream, time.monotonic(), False

    def __enter__(self) -> _Progress:
        return self

    def __call__(self, exercise: Exercise, check: Check) -> None:
        if self.stream.isatty() and time.monotonic() - self.began > 2:
            self.stream.write(f"\r\x1b[K  {exercise.name} / {check.name} ...")
            self.stream.flush()
            self.wrote = True

    def __exit__(self, *raised: object) -> None:
        if self.wrote:
            self.stream.write("\r\x1b[K")
            self.stream.flush()


if __name__ == "__main__":
    sys.exit(main())
