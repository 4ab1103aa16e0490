"""Killed at any moment, a run loses nothing, grades nothing twice and leaves no process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import checks
from checks.__main__ import main
from checks.grade.records import read
from tests.grade.faults import a_class, hanging, killed


def test_killing_at_random_loses_nothing(tmp_path: Path, policy: Path) -> None:
    """Judge, zygote, worker, whichever is killed, every submission is graded once and rightly."""
    assert killed(tmp_path, policy, 60, 3, seed=1) == []


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
