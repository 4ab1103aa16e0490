"""What is judged: the code at a path, and the exercises that a name stands for."""

from __future__ import annotations

import difflib
import shlex
from pathlib import Path

from checks.exercises import matching
from checks.model import Exercise, Student
from checks.refusal import RefusalError
from checks.run import UNWRITTEN
from checks.student import InProcess, Worker, read
from checks.tasks.whose import Whose, needs_an_id, whose

NOTHING = 3  # the exit code where there is nothing to judge


def find(
    path: Path, seconds: float, in_process: bool = False, variant: str | None = None
) -> tuple[Student, Whose]:
    """Find the code at a path, something that runs it, and whose tasks it answers.

    Args:
        path: a folder, a ``.py`` file or a notebook.
        seconds: the limit of one call.
        in_process: run it right here, without a limit.
        variant: the ID whose tasks are judged, whatever the files say.

    Raises:
        RefusalError: there is nothing at ``path``, nothing to judge, or no telling whose.
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
    of = whose(variant, files.texts)
    homes = {one.name: Path(one.file).stem for one in of.exercises}
    if in_process:
        return InProcess(files, homes), of
    return Worker(files, seconds, homes), of


def chosen(pattern: str, student: Student, of: Whose) -> tuple[Exercise, ...]:
    """The exercises that are meant: the book's own, what is due, and variations once begun.

    Raises:
        RefusalError: no exercise and no chapter is called so.
    """
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
