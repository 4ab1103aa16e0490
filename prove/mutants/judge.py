"""Put one mutant through the checks, with limits for those that do not end."""

from __future__ import annotations

import contextlib
import io
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import reference
from checks.exercises import by_name
from checks.model import FAIL, NOT_STARTED, UNDETERMINED
from checks.run import run
from checks.student import InProcess
from prove.mutants.make import Mutant

SECONDS = 4.0  # of processor time for one exercise; the slowest right one takes a tenth
MEMORY = 4 << 30
GOES_WITH = {  # what a cache is good for shows in the other pass
    "affine_forward": ("affine_backward",),
    "relu_forward": ("relu_backward",),
    "affine_relu_forward": ("affine_relu_backward",),
}


class OutOfTime(Exception):  # noqa: N818 - not an error of ours
    """The processor time is up."""


@contextlib.contextmanager
def limited(seconds: float | None = None) -> Iterator[None]:
    """Interrupt what takes longer, again and again where it goes on."""

    def interrupt(*_: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, SECONDS if seconds is None else seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def with_little_memory() -> None:
    """Let an array of a mutant's size be an error and not the machine's end."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))


def rejected_by(mutant: Mutant, seed: int) -> str:
    """The check that a mutant fails first, as in "affine_backward / db"; "" where none does."""
    return quietly(_rejected_by, mutant, seed, late="no end")


def quietly(look: Callable[..., str], *args: Any, late: str) -> str:
    """Call within the limits, without warnings and without what is printed."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            with limited():
                return look(*args)
        except (OutOfTime, MemoryError):
            return late


def _rejected_by(mutant: Mutant, seed: int) -> str:
    right = {name: getattr(reference, name) for name in reference.__all__}
    for name in (mutant.function, *GOES_WITH.get(mutant.function, ())):
        student = InProcess({**right, mutant.function: mutant.code()})
        for one in run([by_name(name)], student, seed).outcomes:
            if one.state in (FAIL, NOT_STARTED, UNDETERMINED):
                return f"{name} / {one.check}"
    return ""
