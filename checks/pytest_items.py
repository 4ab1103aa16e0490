"""The tests of ``pytest --checks=PATH``: a check that fails, with its card; the others.

A check that is not started, not reached or undetermined is a skip that says so: it is
no failure. A student's files are never imported here, and never collected as tests.
"""

from __future__ import annotations

import shlex
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.choice import chosen, find
from checks.model import FAIL, PASS, Exercise, Outcome, Student
from checks.naming import named
from checks.refusal import RefusalError
from checks.run import run
from checks.show.cards import Ways, card_of
from checks.show.terminal import card_text

SECONDS = 10.0
OLDEST = (8, 0)  # pytest, which collects folders through a hook since then


def collecting(config: pytest.Config, path: str, seed: int) -> None:
    """Take a path into what is collected; it alone, where no other was named."""
    if pytest.version_tuple[:2] < OLDEST:
        raise pytest.UsageError(f"--checks needs pytest 8 or later; this is {pytest.__version__}")
    desk = Desk(path, seed)
    others = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    # Of a folder that pytest itself goes through, it imports the conftest.py.
    place = desk.path if others or desk.path.is_dir() else desk.path.parent
    config.pluginmanager.register(Collecting(desk, place), "checks-collecting")
    config.args = [*others, str(place)]


class Desk:
    """Judges each exercise once in a process, when the first of its checks is asked for.

    Args:
        path: what --checks named.
        seed: draws the inputs.
    """

    def __init__(self, path: str, seed: int) -> None:
        self.named, self.seed, self.path = path, seed, Path(path).resolve()
        self.judged: dict[str, tuple[Outcome, ...]] = {}
        try:
            student, self.of = find(Path(path), SECONDS)
        except RefusalError as refusal:
            raise pytest.UsageError(f"--checks={path}: {refusal}") from None
        self.student: Student = student

    def outcomes(self, exercise: Exercise) -> tuple[Outcome, ...]:
        """What came of all checks of an exercise."""
        if exercise.name not in self.judged:
            report = run([exercise], self.student, self.seed, name=named)
            self.judged[exercise.name] = report.outcomes
        return self.judged[exercise.name]

    def card(self, exercise: Exercise, one: Outcome) -> str:
        """The card about one check that failed."""
        command = f"checks {shlex.quote(self.named)} -k {{name}}"
        seeded = f"{command} --seed {self.seed}"
        ways = Ways(f"{command} --hint", "", command, f"{seeded} --show-inputs")
        return card_text(card_of(exercise, one, self.outcomes(exercise), ways))


class Collecting:
    """The hooks of a run with --checks.

    Args:
        desk: judges.
        place: the folder or file that stands for what it judges.
    """

    def __init__(self, desk: Desk, place: Path) -> None:
        self.desk, self.place = desk, place

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> Any:
        """Take the folder, with all that is in it, out of pytest's hands."""
        return Whole.of(self.desk, path, parent) if path == self.place else None

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, Any, Any]:
        """Take the file out of the hands of whoever else would collect it."""
        others = yield
        if file_path != self.place:
            return others
        return [Whole.of(self.desk, file_path, parent)]

    def pytest_unconfigure(self) -> None:
        """End the process that the code runs in."""
        self.desk.student.close()


class Whole(pytest.File):
    """What --checks named; no Directory, of which pytest would import the conftest.py."""

    desk: Desk

    @classmethod
    def of(cls, desk: Desk, place: Path, parent: pytest.Collector) -> Whole:
        """Make the collector of the desk's exercises."""
        made: Whole = cls.from_parent(parent, path=place)
        made.desk = desk
        return made

    def collect(self) -> Iterator[pytest.Collector]:
        """What ``checks PATH`` would judge, an exercise each."""
        for exercise in chosen("", self.desk.student, self.desk.of):
            yield Task.about(exercise, self.desk, self)


class Task(pytest.Collector):
    """One exercise."""

    exercise: Exercise
    desk: Desk

    @classmethod
    def about(cls, exercise: Exercise, desk: Desk, parent: pytest.Collector) -> Task:
        """Make the collector of an exercise's checks."""
        made: Task = cls.from_parent(parent, name=exercise.name)
        made.exercise, made.desk = exercise, desk
        return made

    def collect(self) -> Iterator[pytest.Item]:
        """One test for each check."""
        for check in self.exercise.checks:
            made: Item = Item.from_parent(self, name=check.name)
            made.task = self
            yield made


class Failed(Exception):  # noqa: N818 - not an error of ours
    """A check failed; its text is the card."""


class Item(pytest.Item):
    """One check."""

    task: Task

    def runtest(self) -> None:
        """Judge the exercise, unless it has been; pass, fail or skip as the check did."""
        desk, exercise = self.task.desk, self.task.exercise
        one = next(one for one in desk.outcomes(exercise) if one.check == self.name)
        if one.state == FAIL:
            raise Failed(desk.card(exercise, one))
        if one.state != PASS:
            pytest.skip(f"{exercise.name}: {one.state}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The card, and nothing of ours; a fault of ours is shown as pytest shows it."""
        if isinstance(excinfo.value, Failed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it belongs, and its name."""
        return self.task.desk.path, None, f"{self.task.exercise.name} / {self.name}"
