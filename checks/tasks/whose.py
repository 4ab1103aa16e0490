"""Whose tasks are judged: those of ``--variant``, else of the ID that the files name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from checks.exercises import EXERCISES
from checks.model import Exercise, Problem, Report
from checks.refusal import RefusalError
from checks.tasks import FILE, exercises_of, marks_in, named_in, tidy

ASK = "Whose tasks are they?  --variant ID"


@dataclass(frozen=True)
class Whose:
    """Whose tasks are judged, and how that is known.

    Args:
        variant: an ID as ``tidy`` gives it, or "" for nobody's.
        told: whether the one who asked said so: then every task is due, begun or not.
        remarks: files that say something else.
    """

    variant: str = ""
    told: bool = False
    remarks: tuple[Problem, ...] = ()

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """All that may be judged: the book's, and this ID's."""
        return known_with(self.variant)

    @property
    def due(self) -> tuple[Exercise, ...]:
        """Tasks that count even where they are not begun."""
        return exercises_of(self.variant) if self.told else ()

    def stamped(self, report: Report) -> Report:
        """The report with the ID on it, and with the remarks."""
        remarks = (*self.remarks, *report.remarks)
        return replace(report, variant=self.variant, remarks=remarks)


def known_with(variant: str) -> tuple[Exercise, ...]:
    """The exercises of the book, and those that an ID draws."""
    return (*EXERCISES, *exercises_of(variant))


def known(variant: str | None) -> str:
    """An ID as it counts, "" where none was given; or a refusal that says what is wrong with it."""
    if variant is None:
        return ""
    try:
        return tidy(variant)
    except ValueError as error:
        raise RefusalError(f"--variant: {error}") from None


def whose(asked: str | None, texts: Mapping[str, str]) -> Whose:
    """Find out whose tasks a submission answers.

    Args:
        asked: what ``--variant`` says, which counts more than any file; None for nothing.
        texts: the files of the submission.

    Raises:
        RefusalError: nobody said it and the files say two things, or something that is no ID.
    """
    variant = known(asked)
    try:
        marks = marks_in(texts)
    except ValueError as error:
        if not variant:
            raise RefusalError(f"{error}. {ASK}") from None
        return Whose(variant, told=True)
    if variant:
        others = {path: mark for path, mark in marks.items() if mark != variant}
        return Whose(variant, True, tuple(_remark(variant, *one) for one in others.items()))
    if len(set(marks.values())) > 1:
        said = ", ".join(f"{path} says {mark}" for path, mark in marks.items())
        raise RefusalError(f"{said}. {ASK}")
    return Whose(next(iter(marks.values()), ""))


def _remark(variant: str, path: str, mark: str) -> Problem:
    return Problem("other_variant", path, {"found": mark, "asked": variant})


def needs_an_id(pattern: str) -> str:
    """A sentence for ``-k`` with the name of a task where nobody's are judged, else ""."""
    if named_in(pattern) or pattern == FILE:
        return f"-k {pattern} is drawn from an ID, and no file here names one. {ASK}"
    return ""
