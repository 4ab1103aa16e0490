"""What is said of a submission beside its marks, to its student and in the tables.

A student reads these while the inputs are hidden. So they come from the files, which the
judge has read itself, and from what it has measured; of what the code's process told, only
the names of files are taken.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from checks.beside.index import Index
from checks.files import Files
from checks.model import Report
from checks.show.numbers import listed
from checks.show.problems import problem

MOST = 12  # remarks, and
LONGEST = 240  # characters of each
STOPPED = ("timeout", "unfinished")


def remarks(
    files: Files,
    trees: Mapping[str, ast.Module],
    errors: Mapping[str, Exception],
    report: Report,
    homes: Mapping[str, str],
) -> list[str]:
    """Say what was set aside, what could not be read, and what was stopped by the clock.

    Args:
        files: what was handed in, with what reading it gave.
        trees, errors: by file, what it is as Python, or why it is not.
        report: what came of it.
        homes: for a function, the stem of the file that the book keeps it in.
    """
    found = [
        *(" ".join(problem(one.kind, one.where, one.detail)) for one in files.remarks),
        *(_not_python(files, path, error) for path, error in errors.items()),
        *_chosen(files, trees, report.exercises, homes),
        *_stopped(files, report),
    ]
    found = [one if len(one) <= LONGEST else f"{one[: LONGEST - 3]}..." for one in found]
    more = len(found) - MOST
    return [*found[:MOST], f"And {more} more of this kind."] if more > 0 else found


def _not_python(files: Files, path: str, error: Exception) -> str:
    line = getattr(error, "lineno", None)
    said = str(getattr(error, "msg", error)).partition(". Did you mean")[0]
    return f"{files.place(f'{path}:{line}') if line else path} is not Python: {said}."


def _chosen(
    files: Files, trees: Mapping[str, ast.Module], names: Iterable[str], homes: Mapping[str, str]
) -> Iterator[str]:
    """Which of several files counts, and for what; found here as it is beside the code."""
    twice = [name for name in names if sum(name in _defined(tree) for tree in trees.values()) > 1]
    if not twice or len(trees) < len(files.texts):
        return
    index = Index(files.texts, homes, "")
    functions: dict[tuple[str, str], list[str]] = {}
    for name in twice:
        file, others = index.locate(name)
        functions.setdefault((file, listed(others)), []).append(name)
    for (file, not_these), those in functions.items():
        yield f"{file} counts, and not {not_these}, for {listed(those)}."


def _defined(tree: ast.Module) -> set[str]:
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)}


def _stopped(files: Files, report: Report) -> Iterator[str]:
    """What the clock has decided: a mark that may be looked at again."""
    names = {
        one.exercise
        for one in report.outcomes
        if one.evidence is not None and one.evidence.detail.get("problem") in STOPPED
    }
    if names:
        yield f"Stopped by the clock: {', '.join(sorted(names))}."
    late = {re.split(r":|, cell ", one.where)[0] for one in report.remarks if one.kind in STOPPED}
    for path in sorted(late & set(files.texts)):
        yield f"What had not come to an end in time was left out of {path}."
