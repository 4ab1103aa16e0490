"""The sandbox is closed, says when it is not, and is not needed to be believed."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from checks.beside.load import Library
from checks.beside.zygote import UIDS
from checks.files import Files
from checks.grade import sandbox
from checks.grade.judge import Rules
from checks.grade.policy import Policy
from checks.grade.pool import Bench, Shelter
from checks.grade.zygote import Zygote
from checks.process import NoProcessError
from checks.refusal import RefusalError
from checks.student import Worker
from tests.attacks.catalogue import HONEST as AFFINE
from tests.attacks.world import NOBODY

ONE = "def affine_forward(x): return 1\n"
CROWD = """
import threading, time
def affine_forward(x):
    try:
        for count in range(60):
            threading.Thread(target=time.sleep, args=(8,), daemon=True).start()
    except RuntimeError:
        return count
    return 60
"""


def without_rights() -> dict[str, object]:
    """What a zygote is told where somebody without rights grades."""
    return {**sandbox.settings({}), **({"become": NOBODY} if os.geteuid() == 0 else {})}


def descriptors() -> list[str]:
    """What this process has open."""
    return os.listdir("/proc/self/fd")


def called(zygote: Zygote, text: str, seconds: float = 5.0) -> object:
    """What ``affine_forward(1)`` of a submission gives, or its Problem."""
    worker = Worker(Files({"layers.py": text}), seconds, start=zygote.spawn)
    try:
        answer = worker.call("affine_forward", 1)
        return answer.value if answer.problem is None else answer.problem
    finally:
        worker.close()


def test_the_probe_can_do_nothing(zygote: Zygote) -> None:
    """A worker that tries to open, list, write, connect, fork, kill, run or import gets nowhere."""
    sandbox.insist(zygote)


def test_the_probe_finds_what_is_there() -> None:
    """Where our modules can be imported, the probe imports them, past the student's own import."""
    with closing(Library(sandbox.PROBE.texts)) as library:
        for name in ("_import", "_checks", "_reference"):
            library.find(name)()
    assert "ftplib" in sys.modules


def test_the_probe_would_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a worker can open files, the run is refused and the sentence says what it could do."""
    monkeypatch.setattr(sandbox, "ALLOWED", sandbox.ALLOWED + " socket socketpair")
    refused = pytest.raises(RefusalError, match="a worker could socket, pair")
    with Zygote(sandbox.settings({}), wall=False) as zygote, refused:
        sandbox.insist(zygote)


def test_a_sandbox_that_cannot_be_closed_stops_the_run() -> None:
    """A worker whose filter is refused by the kernel ends before any code of a student runs."""
    broken: Mapping[str, object] = {**sandbox.settings({}), "filter": "00" * 8}
    refused = pytest.raises(RefusalError, match="no worker could be shut in")
    with Zygote(broken, wall=False) as zygote, refused:
        sandbox.insist(zygote)


def test_workers_share_nothing(zygote: Zygote) -> None:
    """What one submission does to NumPy or to random numbers, the next one does not see."""
    spoil = "import numpy as np\nnp.dot = None\nnp.random.seed(3)\n"
    draw = "import numpy as np\ndef affine_forward(x): return float(np.random.rand())\n"
    first = called(zygote, draw)
    called(zygote, spoil + draw)
    assert called(zygote, draw) == first
    assert (
        called(zygote, "import numpy as np\ndef affine_forward(x): return np.dot is None") is False
    )


def test_nothing_of_ours_is_there(zygote: Zygote) -> None:
    """Neither the checks nor the book's code can be found from a worker."""
    text = (
        "import os, sys\n"
        "def affine_forward(x):\n"
        "    names = [n for n in sys.modules if n.split('.')[0] in ('reference', 'checks')]\n"
        "    return (*names, *sys.path, *os.environ)\n"
    )
    assert called(zygote, text) == ()


def test_no_worker_takes_anothers_threads() -> None:
    """A worker that has all the threads it may have hurts none of another zygote's."""
    with Zygote(sandbox.settings({})) as one, Zygote(sandbox.settings({})) as other:
        hostile = Worker(Files({"a.py": CROWD}), start=one.spawn)
        try:
            count = hostile.call("affine_forward", 1).value
            assert called(other, ONE) == 1
        finally:
            hostile.close()
        if one.said["uids"]:
            assert isinstance(count, int)
            assert count < sandbox.LIMITS["NPROC"]
            assert abs(one.said["uids"] - other.said["uids"]) >= UIDS


def test_what_a_user_runs_takes_no_threads() -> None:
    """Who grades without rights may have many processes of their own beside."""
    user = NOBODY if os.geteuid() == 0 else None
    many = [subprocess.Popen(["sleep", "60"], user=user) for _ in range(40)]
    try:
        with Zygote(without_rights(), wall=False) as zygote:
            assert called(zygote, ONE) == 1
    finally:
        for one in many:
            one.kill()
            one.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can grade as a user who has nothing else")
def test_a_failed_fork_is_told_and_survived() -> None:
    """Where no more processes may be, the zygote says so, and forks the next when there may."""
    settings = {**sandbox.settings({}), "become": (1 << 30) + os.getpid()}
    usual = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (2, usual[1]))
    try:
        zygote = Zygote(settings, wall=False)
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, usual)
    with zygote:
        worker = zygote.spawn()
        before = descriptors()
        with pytest.raises(NoProcessError, match=r"no worker could be forked: BlockingIOError"):
            zygote.spawn()
        assert descriptors() == before
        worker.end()
        assert called(zygote, ONE) == 1


@pytest.mark.parametrize("room", [0, 1, 2])
def test_too_many_open_are_told_and_survived(room: int) -> None:
    """Where a zygote has no room for the pipes, or to hold a worker, it says so and goes on."""
    with Zygote(sandbox.settings({}), wall=False) as zygote:
        number = zygote.child.pid
        free = (i for i in itertools.count() if not os.path.lexists(f"/proc/{number}/fd/{i}"))
        most = next(itertools.islice(free, room, None))
        usual = resource.prlimit(number, resource.RLIMIT_NOFILE)
        before = descriptors()
        resource.prlimit(number, resource.RLIMIT_NOFILE, (most, usual[1]))
        with pytest.raises(NoProcessError, match="Too many open files"):
            zygote.spawn()
        assert descriptors() == before
        resource.prlimit(number, resource.RLIMIT_NOFILE, usual)
        assert called(zygote, ONE) == 1


def test_a_zygote_that_is_gone_gives_no_worker() -> None:
    """Its workers end with it, no other is to be had, and nothing stays open."""
    with Zygote(sandbox.settings({}), wall=False) as zygote:
        before = descriptors()
        worker = zygote.spawn()
        os.kill(zygote.child.pid, signal.SIGKILL)
        worker.end()
        assert worker.status() == "SIGKILL"
        with pytest.raises(NoProcessError, match="no worker could be forked"):
            zygote.spawn()
        assert descriptors() == before


def test_a_refused_zygote_is_closed() -> None:
    """Where the probe refuses, no process stays and nothing is left open."""
    broken = {**sandbox.settings({}), "filter": "00" * 8}
    before = descriptors()
    rules = Rules(Policy("", ("affine_forward",)))
    with pytest.raises(RefusalError, match="no worker could be shut in") as caught:
        Bench(rules, Shelter(broken, wall=False))
    zygote = next(
        one.frame.f_locals["self"].zygote for one in caught.traceback if one.name == "_open"
    )
    assert zygote.child.returncode is not None
    assert descriptors() == before


def test_all_of_numpy_is_there_for_the_first_that_comes() -> None:
    """No file can be opened in there: what NumPy loads when it is asked for is there before."""
    text = (
        "from numpy import *\nimport numpy as np\nimport numpy.matlib\nimport unittest, zipfile\n"
    )
    text += "def f():\n    np.testing.assert_allclose(np.matlib.repmat(1, 2, 2), 1)\n"
    text += "    parts = np.char, np.rec, np.strings, np.core, np.polynomial.Polynomial\n"
    text += "    return float(maximum(1, 2)), float(random.rand()), len(parts)\n"
    with Zygote(sandbox.settings({})) as zygote:
        for _ in range(2):
            worker = Worker(Files({"a.py": text}), start=zygote.spawn)
            try:
                answer = worker.call("f")
                assert (answer.problem, worker.remarks()) == (None, ())
                assert answer.value == (2.0, 0.5488135039273248, 5)  # the first of seed 0
            finally:
                worker.close()


def test_a_loop_ends_and_the_next_one_is_graded(zygote: Zygote) -> None:
    """A call without an end costs its limit and nothing else."""
    began = time.monotonic()
    problem = called(zygote, "def affine_forward(x):\n    while True: pass\n", 0.5)
    assert getattr(problem, "kind", "") == "timeout"
    assert time.monotonic() - began < 5
    assert (
        called(
            zygote,
            AFFINE.replace(
                "def affine_forward(x, w, b):\n    return", "def affine_forward(x):\n    return 1 #"
            ),
        )
        == 1
    )


@pytest.mark.parametrize("line", ["while True: pass", "import time; time.sleep(60)"])
def test_a_statement_without_an_end_is_left_out(zygote: Zygote, line: str) -> None:
    """What does not end at the top level costs itself; the functions around it are called."""
    text = f"def g(): return 2\n{line}\ndef affine_forward(x): return g() + x\n"
    assert called(zygote, text, 0.4) == 3


def test_what_cannot_be_left_out_is_ended(zygote: Zygote) -> None:
    """A loop that swallows every exception costs its file."""
    text = "while True:\n    try:\n        x = 0\n        while True: x = 1\n"
    text += "    except BaseException: pass\ndef affine_forward(x): return x\n"
    assert getattr(called(zygote, text, 0.2), "kind", "") == "timeout"


def test_what_was_only_waited_is_known_inside_and_outside(zygote: Zygote) -> None:
    """A worker knows how long it waited for a processor, and so does its judge."""
    one = zygote.spawn()
    counted = Path(f"/proc/{one.pid}/schedstat")
    try:
        if counted.exists():  # not every kernel counts
            text = "import os\ndef affine_forward(x): return len(os.pread(5, 99, 0).split())\n"
            assert called(zygote, text) == 3
            assert one.waited() >= int(counted.read_text().split()[1]) / 1e9
        else:
            assert one.waited() == 0.0
    finally:
        one.end()
    assert one.waited() == 0.0


def test_grading_can_be_asked_for_where_there_is_no_sandbox() -> None:
    """The command is there without Unix's own modules, which only the sandbox needs."""
    text = (
        "import concurrent.futures.process, subprocess, sys, numpy\nsys.platform = 'win32'\n"
        "sys.modules.update({name: None for name in ('fcntl', 'resource')})\n"
        "import checks.grade.command, checks.grade.gradescope\n"
    )
    subprocess.run([sys.executable, "-c", text], check=True)


def test_other_systems_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no sandbox to be had, the sentence says so and what can be done."""
    with monkeypatch.context() as other:
        other.setattr(sandbox.sys, "platform", "darwin")
        with pytest.raises(RefusalError, match="--trust-submissions"):
            sandbox.settings({})
    with monkeypatch.context() as other:
        other.setattr(sandbox.platform, "machine", lambda: "aarch64")
        with pytest.raises(RefusalError, match="--untested-arch"):
            sandbox.settings({})
    with monkeypatch.context() as other:
        other.setitem(sandbox.sys.modules, "pyseccomp", None)
        with pytest.raises(RefusalError, match="needs pyseccomp"):
            sandbox.settings({})
