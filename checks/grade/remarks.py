"""What is said of a submission beside its marks, to its student and in the tables.

A student reads these while the inputs are hidden. So they come from the files, which the
judge has read itself, and from what it has measured; of what the code's process told,
only names are taken, and only those that were in the files before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.files import Files
from checks.model import Problem, Report
from checks.show.numbers import listed
from checks.show.problems import problem

MOST = 12  # remarks, and
LONGEST = 240  # characters of each
STOPPED = ("timeout", "unfinished")
LINE = re.compile(r"(?::|, cell \d+, line )\d+", re.ASCII)


def remarks(files: Files, errors: Mapping[str, Exception], report: Report) -> list[str]:
    """Say what was set aside, what could not be read, and what was stopped by the clock.

    Args:
        files: what was handed in, with what reading it gave.
        errors: by file, why it is not Python.
        report: what came of it.
    """
    found = [
        *(" ".join(problem(one.kind, one.where, one.detail)) for one in files.remarks),
        *(_not_python(files, path, error) for path, error in errors.items()),
        *_chosen(files, report),
        *_stopped(files, report),
    ]
    found = [one if len(one) <= LONGEST else f"{one[: LONGEST - 3]}..." for one in found]
    more = len(found) - MOST
    return [*found[:MOST], f"And {more} more of this kind."] if more > 0 else found


def _not_python(files: Files, path: str, error: Exception) -> str:
    line = getattr(error, "lineno", None)
    said = str(getattr(error, "msg", error)).partition(". Did you mean")[0]
    return f"{files.place(f'{path}:{line}') if line else path} is not Python: {said}."


def _chosen(files: Files, report: Report) -> Iterator[str]:
    """Which of several files counts, and for what."""
    names: dict[tuple[str, str], list[str]] = {}
    for one in report.remarks:
        if one.kind == "ambiguous" and _is_known(one, files, report):
            file, others = str(one.detail["file"]), listed(_others(one))
            names.setdefault((file, others), []).append(str(one.detail["function"]))
    for (file, others), functions in names.items():
        yield f"{file} counts, and not {others}, for {listed(functions)}."


def _is_known(remark: Problem, files: Files, report: Report) -> bool:
    paths = (str(remark.detail.get("file")), *_others(remark))
    named = str(remark.detail.get("function"))
    return named in report.exercises and all(path in files.texts for path in paths)


def _others(remark: Problem) -> list[str]:
    others = remark.detail.get("others")
    return [str(other) for other in others] if isinstance(others, tuple) else []


def _stopped(files: Files, report: Report) -> Iterator[str]:
    """What the clock has decided: a mark that may be looked at again."""
    names = {
        one.exercise
        for one in report.outcomes
        if one.evidence is not None and one.evidence.detail.get("problem") in STOPPED
    }
    if names:
        yield f"Stopped by the clock: {', '.join(sorted(names))}."
    for one in report.remarks:
        if one.kind in STOPPED and _is_in(files, one.where):
            yield f"Left out, since it had not come to an end in time: {one.where}."


def _is_in(files: Files, where: str) -> bool:
    """Whether this names a line of one of the files, and says nothing else."""
    found = LINE.search(where)
    if found is None or found.end() < len(where):
        return False
    return where[: found.start()] in files.texts
