"""Killed at any moment, a run loses nothing, grades nothing twice and leaves no process."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

import checks
from checks.__main__ import main
from checks.files import Files
from checks.grade import sandbox
from checks.grade.cluster import Carried
from checks.grade.judge import Rules
from checks.grade.policy import Policy
from checks.grade.pool import TRIES, Bench, Shelter
from checks.grade.records import read
from checks.grade.zygote import Caged, Zygote
from checks.student import Worker
from tests.attacks.catalogue import FULL, HONEST
from tests.grade.faults import a_class, hanging, killed


def test_killing_at_random_loses_nothing(tmp_path: Path, policy: Path) -> None:
    """Judge, zygote, worker, whichever is killed, every submission is graded once and rightly."""
    assert killed(tmp_path, policy, 60, 3, seed=1) == []


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Where one submission after the other is graded, in a sandbox."""
    rules = Rules(Policy("", ("affine_forward", "affine_backward")))
    with closing(Bench(rules, Shelter(sandbox.settings({})))) as one:
        yield one


@pytest.mark.parametrize("deaths", [1, TRIES, 1000])
def test_a_worker_that_is_killed_has_another_try(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, deaths: int
) -> None:
    """What somebody kills is graded in the end, or nobody's points if it always is killed."""
    assert bench.zygote is not None
    spawn, lives = bench.zygote.spawn, count(1)

    def killed_at_first() -> Caged:
        caged = spawn()
        if next(lives) <= deaths:
            signal.pidfd_send_signal(caged.stands_for, signal.SIGKILL)
        return caged

    monkeypatch.setattr(bench.zygote, "spawn", killed_at_first)
    record = bench.grade(Carried("k", "n", Files({"a.py": HONEST})))
    if deaths <= TRIES:
        assert (record["score"], record.get("fault")) == (FULL, None)
    else:
        assert record["fault"] == "its process was killed from outside, each time"


@pytest.mark.parametrize("indent", ["", "    "])
def test_a_kill_that_is_only_said_is_a_failure(bench: Bench, indent: str) -> None:
    """Code that says that it was killed is graded by what it did, at import or in a call."""
    said = "raise sys.modules['beside.trouble'].Trouble('died', status='SIGKILL')"
    text = f"{HONEST}\nimport sys\ndef affine_forward(x, w, b):\n    pass\n{indent}{said}\n"
    record = bench.grade(Carried("k", "n", Files({"a.py": text})))
    assert "fault" not in record
    assert record["score"] < FULL


def test_a_processor_limit_that_is_ignored_is_no_kill() -> None:
    """Who stays beyond the limit on processor time is killed for it, and not from outside."""
    text = (
        "import signal\ndef affine_forward():\n"
        "    signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True: pass\n"
    )
    with (
        Zygote(sandbox.settings({"CPU": 1})) as zygote,
        closing(Worker(Files({"a.py": text}), 20.0, start=zygote.spawn)) as student,
    ):
        problem = student.call("affine_forward").problem
        assert problem is not None
        assert problem.detail["status"] == "SIGKILL"
        assert not student.killed


def test_a_class_that_hangs_takes_its_time_and_no_more(tmp_path: Path, policy: Path) -> None:
    """Where every submission hangs, each costs its limit, and is told so."""
    assert hanging(tmp_path, policy, 6) == []


def test_no_wall_clock_decides() -> None:
    """A clock that jumps changes nothing: no module of ours asks what time of day it is."""
    home = Path(str(checks.__file__)).parent
    asks = re.compile(r"\btime\.time\(|datetime\.(?:now|today|utcnow)|date\.today")
    assert [path.name for path in home.rglob("*.py") if asks.search(path.read_text())] == []


def test_a_full_disk_is_told(
    tmp_path: Path, policy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where nothing more can be written, the run ends with a sentence and goes on later."""
    subs, out = a_class(tmp_path / "in", 12), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "0"]
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))\n"
        "from checks.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "make room" in done.stderr
    graded = len(read(out))
    assert 0 < graded < 12
    assert main(command) == 0
    assert f"{graded} of 12 were graded before" in capfd.readouterr().out
