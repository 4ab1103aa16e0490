"""Many submissions at once: processes that grade, and one that writes down what they say.

Each grading process has a zygote of its own and forks a worker from it for every
submission. The one that writes is the only one that touches records, so that a grading
process that is killed costs one submission a second try and nothing else.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Protocol

from checks.files import Files
from checks.grade import sandbox, seeds
from checks.grade.intake import Submission
from checks.grade.judge import KilledError, Rules, fault, graded
from checks.grade.policy import ANYBODY
from checks.grade.records import Record
from checks.grade.zygote import Zygote
from checks.process import NoProcessError, Start
from checks.refusal import RefusalError
from checks.tasks import tidy

AHEAD = 2  # submissions that wait for each process, beside the one that it has
TRIES = 2  # of a submission whose grading process was lost
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Shelter:
    """How code is kept from doing harm.

    Args:
        settings: those of the sandbox; None where every submission is trusted.
        wall: put a wall of namespaces around it where that is to be had.
    """

    settings: Mapping[str, object] | None
    wall: bool = True


class HandedIn(Protocol):
    """What can be graded: who it is of, and its text."""

    @property
    def key(self) -> str:
        """Names it."""

    @property
    def name(self) -> str:
        """Whose it is."""

    @property
    def ids(self) -> tuple[str, ...]:
        """By which a course system knows the student."""

    def files(self) -> Files:
        """Read it."""


class Bench:
    """Where submissions are graded one after the other: a zygote, if there is a sandbox.

    No code can send a signal from within the sandbox, so a worker that was killed was
    killed from outside: by somebody, by the system that ran out of memory, or with its
    zygote. Its submission gets another try, and only what ends so each time counts.
    """

    def __init__(self, rules: Rules, shelter: Shelter) -> None:
        self.rules = rules
        self.shelter = shelter
        self.zygote: Zygote | None = None
        self.sandbox = "none: a plain process"
        self._open()

    def _open(self) -> None:
        if self.shelter.settings is not None:
            self.zygote = Zygote(self.shelter.settings, self.shelter.wall)
            self.sandbox = self.zygote.described
            try:
                sandbox.insist(self.zygote)
            except BaseException:
                self.close()
                raise

    def grade(self, submission: HandedIn) -> Record:
        """Grade one; a fault of ours is a record as well."""
        files, why = Files({}), ""
        for _ in range(TRIES + 1):
            try:
                files = submission.files()
                start: Start | None = self.zygote.spawn if self.zygote else None
                return graded(
                    submission.key,
                    submission.name,
                    files,
                    self.rules,
                    start,
                    self.sandbox,
                    self._variant(submission),
                )
            except KilledError as error:
                why = f"{error}, each time"
            except NoProcessError as error:
                why = str(error)
                self.close()
                self._open()
            except RefusalError:
                raise
            except Exception as error:  # whatever it is, it costs this submission alone
                why = f"{type(error).__name__}: {error}"[:300]
                break
        return fault(submission.key, submission.name, seeds.digest(files), self.rules, why)

    def _variant(self, submission: HandedIn) -> str:
        """The ID that draws a student's tasks; ValueError where it can be none."""
        policy = self.rules.policy
        if not policy.tasks:
            return ANYBODY
        if policy.variant == "id" and not submission.ids:
            raise ValueError("the policy draws tasks by id, and this submission has none")
        first = (*submission.ids, "")[0]
        return tidy({"key": submission.key, "name": submission.name, "id": first}[policy.variant])

    def close(self) -> None:
        """End the zygote."""
        if self.zygote is not None:
            self.zygote.close()


_bench: Bench | None = None


def _begin(rules: Rules, shelter: Shelter, parent: int) -> None:
    """In a grading process: end with the one that writes, and leave Ctrl-C to it."""
    global _bench
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    _bench = Bench(rules, shelter)


def _grade(submission: Submission) -> Record:
    assert _bench is not None
    return _bench.grade(submission)


def grade_all(
    todo: Sequence[Submission], rules: Rules, shelter: Shelter, processes: int
) -> Iterator[Record]:
    """Grade submissions in parallel; their records as they come.

    Raises:
        RefusalError: no process that grades stays alive.
    """
    waiting = deque((one, 1) for one in todo)
    lost_in_a_row = 0
    while waiting:
        done = 0
        pool = ProcessPoolExecutor(
            processes,
            multiprocessing.get_context("spawn"),
            _begin,
            (rules, shelter, os.getpid()),
        )
        running: dict[Future[Record], tuple[Submission, int]] = {}
        try:
            while waiting or running:
                while waiting and len(running) < processes * (1 + AHEAD):
                    running[pool.submit(_grade, waiting[0][0])] = waiting[0]
                    waiting.popleft()
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    record = future.result()  # or BrokenProcessPool, and it is still among them
                    del running[future]
                    done += 1
                    yield record
        except BrokenProcessPool:
            lost_in_a_row = 0 if done else lost_in_a_row + 1
            if lost_in_a_row > TRIES:
                raise RefusalError(
                    "the processes that grade end as soon as they begin; one alone says why: "
                    "--processes 0"
                ) from None
            for one, tries in running.values():
                if tries < TRIES + processes:
                    waiting.append((one, tries + 1))
                else:
                    why = "the process that graded it was lost, each time"
                    yield fault(one.key, one.name, "", rules, why)
        finally:
            _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    """Leave no process behind, whatever it is busy with."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with contextlib.suppress(ProcessLookupError, ValueError):
            process.terminate()
            process.join(2)
            if process.is_alive():
                process.kill()


def grade_here(todo: Sequence[Submission], rules: Rules, shelter: Shelter) -> Iterator[Record]:
    """Grade submissions one after the other in this very process."""
    bench = Bench(rules, shelter)
    try:
        for one in todo:
            yield bench.grade(one)
    finally:
        bench.close()
