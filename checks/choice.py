"""What is judged: the code at a path, and the exercises that a name stands for."""

from __future__ import annotations

import difflib
import shlex
from pathlib import Path

from checks.exercises import EXERCISES, matching
from checks.model import Exercise, Student
from checks.refusal import RefusalError
from checks.run import UNWRITTEN
from checks.student import InProcess, Worker, read

NOTHING = 3  # the exit code where there is nothing to judge


def find(path: Path, seconds: float, in_process: bool = False) -> Student:
    """Find the code at a path, and something that runs it.

    Args:
        path: a folder, a ``.py`` file or a notebook.
        seconds: the limit of one call.
        in_process: run it right here, without a limit.

    Raises:
        RefusalError: there is nothing at ``path``, or nothing to judge.
    """
    if not path.exists():
        raise RefusalError(f"there is no {path}. To begin:  checks start {shlex.quote(str(path))}")
    if seconds <= 0:
        raise RefusalError(f"--seconds {seconds:g} leaves no time; it must be above 0")
    files = read(path)
    if not files.texts:
        why = f" {files.remarks[0].detail.get('message')}." if files.remarks else ""
        raise RefusalError(
            f"there is no Python file and no notebook in {path}.{why} "
            f"To begin:  checks start {shlex.quote(str(path))}",
            NOTHING,
        )
    homes = {one.name: Path(one.file).stem for one in EXERCISES}
    if in_process:
        return InProcess(files, homes)
    return Worker(files, seconds, homes)


def chosen(pattern: str, student: Student) -> tuple[Exercise, ...]:
    """The exercises that are meant: the book's own, and the variations that were begun.

    Raises:
        RefusalError: no exercise and no chapter is called so.
    """
    found = matching(pattern) if pattern else EXERCISES
    if not found:
        near = difflib.get_close_matches(pattern, [one.name for one in EXERCISES], n=1)
        guess = f" Is it {near[0]}?" if near else ""
        raise RefusalError(f"-k {pattern} matches no exercise.{guess} All of them:  checks list")
    if len(found) == 1:
        return found

    def begun(exercise: Exercise) -> bool:
        problem = student.defines(exercise.name) or student.call(exercise.name).problem
        return problem is None or problem.kind not in UNWRITTEN

    return tuple(one for one in found if not one.variation or begun(one)) or found
