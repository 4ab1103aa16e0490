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
import difflib
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
    from checks.files import Files
    from checks.model import Check, Exercise, Report, Student
    from checks.show.cards import Ways
    from checks.tasks.whose import Whose

ALL_PASSED, NOT_ALL, USAGE, NOTHING, OUR_FAULT = range(5)
SEED = 7

HELP = """\
checks judges the code that you write along the book, and says what is wrong with it.

  checks start mine     write the stubs of every chapter into the folder mine
                        (--variant ID: and tasks that only this ID has)
  checks mine           judge everything in it (also one .py file, or a notebook)
  checks mine -k NAME   judge one exercise or one chapter
  checks list           what there is to write

checks PATH --help names the other options.
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
        if args[0] == "list":
            from checks.handout import table

            table(args[1:])
            return ALL_PASSED
        return _judge(args)
    except RefusalError as refusal:
        print(f"checks: {refusal}", file=sys.stderr)
        return refusal.code
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
    from checks.naming import named
    from checks.run import run
    from checks.show import terminal
    from checks.show.plain import to_json
    from checks.tasks.whose import whose

    asked = _options().parse_args(args)
    files = _files(asked)
    of = whose(asked.variant, files.texts)
    with closing(_student(asked, files, of)) as student:
        chosen = _chosen(asked.k, student, of)
        with _Progress(sys.stderr) as progress:
            report = run(chosen, student, asked.seed, progress, named)
    report = of.stamped(report)
    if asked.json:
        write(Path(asked.json), to_json(report))
    shown = terminal.text(
        report,
        {one.name: one for one in of.exercises},
        _ways(asked.path, asked.seed, of.option),
        hints=asked.hint,
        show_inputs=asked.show_inputs,
        colour=terminal.in_colour(sys.stdout),
    )
    try:
        print(shown, flush=True)
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _exit_code(report)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="checks", allow_abbrev=False, usage="checks PATH [...]")
    parser.add_argument("path", metavar="PATH", help="a folder, a .py file or a notebook")
    parser.add_argument("-k", metavar="NAME", default="", help="only this exercise or chapter")
    parser.add_argument("--seed", type=int, default=SEED, help=f"draws the inputs ({SEED})")
    parser.add_argument(
        "--hint", action="count", default=0, help="say what it may mean; twice: which equation"
    )
    parser.add_argument(
        "--variant", metavar="ID", help="whose tasks these are; counts more than the files' word"
    )
    parser.add_argument("--show-inputs", action="store_true", help="print the inputs as Python")
    parser.add_argument("--seconds", type=float, default=10.0, help="limit of one call (10)")
    parser.add_argument(
        "--in-process", action="store_true", help="run your code right here, for a debugger"
    )
    parser.add_argument("--json", metavar="FILE", help="write the report to a file as well")
    return parser


def _files(asked: argparse.Namespace) -> Files:
    """Find the code."""
    from checks.student import read

    path = Path(asked.path)
    if not path.exists():
        raise RefusalError(f"there is no {path}. To begin:  checks start {shlex.quote(str(path))}")
    if asked.seconds <= 0:
        raise RefusalError(f"--seconds {asked.seconds:g} leaves no time; it must be above 0")
    files = read(path)
    if not files.texts:
        why = f" {files.remarks[0].detail.get('message')}." if files.remarks else ""
        raise RefusalError(
            f"there is no Python file and no notebook in {path}.{why} "
            f"To begin:  checks start {shlex.quote(str(path))}",
            NOTHING,
        )
    return files


def _student(asked: argparse.Namespace, files: Files, of: Whose) -> Student:
    """Something that runs the code."""
    from checks.student import InProcess, Worker

    homes = {one.name: Path(one.file).stem for one in of.exercises}
    if asked.in_process:
        return InProcess(files, homes)
    return Worker(files, asked.seconds, homes)


def _chosen(pattern: str, student: Student, of: Whose) -> tuple[Exercise, ...]:
    """The exercises that are meant: the book's own, what is due, and variations once begun."""
    from checks.exercises import matching
    from checks.run import UNWRITTEN
    from checks.tasks.whose import needs_an_id

    found = matching(pattern, of.exercises) if pattern else of.exercises
    if not found:
        near = difflib.get_close_matches(pattern, [one.name for one in of.exercises], n=1)
        guess = f" Is it {near[0]}?" if near else ""
        no_match = f"-k {pattern} matches no exercise.{guess} All of them:  checks list"
        raise RefusalError(needs_an_id(pattern) or no_match)
    if len(found) == 1:
        return found

    def begun(exercise: Exercise) -> bool:
        problem = student.defines(exercise.name) or student.call(exercise.name).problem
        return problem is None or problem.kind not in UNWRITTEN

    return tuple(one for one in found if not one.variation or one in of.due or begun(one)) or found


def _ways(path: str, seed: int, variant: str) -> Ways:
    from checks.show.cards import Ways

    whose = f" --variant {shlex.quote(variant)}" if variant else ""
    place = f"{shlex.quote(path)}{whose}".replace("{", "{{").replace("}", "}}")
    command = f"checks {place} -k {{name}}"
    return Ways(
        hint=f"{command} --hint",
        more=f"{command} --hint --hint",
        again=command,
        inputs=f"{command} --seed {seed} --show-inputs",
    )


def _exit_code(report: Report) -> int:
    from checks.model import FAIL, NOT_STARTED, UNDETERMINED

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
