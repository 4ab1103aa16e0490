"""Killed at any moment, a run loses nothing, grades nothing twice and leaves no process."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import checks
from checks.__main__ import main
from checks.grade.records import read
from tests.grade.conftest import AFFINE

SECONDS = 120  # at most, for what should take ten


def a_class(folder: Path, count: int) -> Path:
    for i in range(count):
        (folder / f"s{i:03}").mkdir(parents=True)
        (folder / f"s{i:03}" / "layers.py").write_text(f"# {i}\n{AFFINE}")
    return folder


def processes() -> dict[int, tuple[int, str]]:
    """Every process that lives: its parent, and its command."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("latin-1")
        except (OSError, ValueError):
            continue
        if fields[0] != "Z":
            found[int(place.name)] = (int(fields[1]), command)
    return found


def below(root: int) -> list[int]:
    """The processes that descend from this one."""
    known = processes()
    found: list[int] = []
    new = {root}
    while new:
        new = {one for one, (parent, _) in known.items() if parent in new}
        found += sorted(new)
    return found


def run_and_kill(command: list[str], rng: random.Random, everyone: bool) -> int:
    """Run a command and kill processes of it now and then; its exit code.

    With ``everyone`` the one that was started is among them.
    """
    run = subprocess.Popen(
        [sys.executable, "-m", "checks", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + SECONDS
    try:
        while run.poll() is None and time.monotonic() < deadline:
            time.sleep(rng.uniform(0.05, 0.4))
            targets = [*below(run.pid), *([run.pid] if everyone else [])]
            if targets:
                try:
                    os.kill(rng.choice(targets), signal.SIGKILL)
                except ProcessLookupError:
                    continue
    finally:
        if run.poll() is None:
            run.kill()
    return run.wait()


def survives(tmp_path: Path, policy: Path, count: int, kills: int, seed: int) -> None:
    """Grade a class while its processes are killed at random; then look at everything."""
    rng = random.Random(seed)
    subs, out = a_class(tmp_path / "in", count), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "2"]
    for _ in range(kills):
        run_and_kill(command, rng, everyone=True)
    assert main(command) == 0
    with (out / "grades.csv").open() as file:
        marks = {row["key"]: float(row["score"]) for row in csv.DictReader(file)}
    assert len(marks) == count
    assert set(marks.values()) == {4.0}
    lines = [json.loads(line) for line in (out / "records.jsonl").read_bytes().splitlines()]
    whole = [line["key"] for line in lines if "fault" not in line]
    assert sorted(whole) == sorted(marks)
    deadline = time.monotonic() + 10
    while left(policy) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left(policy)


def left(policy: Path) -> list[str]:
    """Commands that still run for this test, or workers whose parent is gone."""
    return [
        command
        for parent, command in processes().values()
        if str(policy) in command or ("worker.py" in command and parent == 1)
    ]


def test_killing_at_random_loses_nothing(tmp_path: Path, policy: Path) -> None:
    """Judge, zygote, worker, whichever is killed, every submission is graded once and rightly."""
    survives(tmp_path, policy, 60, 3, seed=1)


def test_a_class_that_hangs_takes_its_time_and_no_more(tmp_path: Path, policy: Path) -> None:
    """Where every submission hangs, each costs its limit, and is told so."""
    subs, out = tmp_path / "in", tmp_path / "out"
    for i in range(6):
        (subs / f"s{i}").mkdir(parents=True)
        (subs / f"s{i}" / "a.py").write_text(f"# {i}\n{AFFINE}\nwhile True: pass\n")
    began = time.monotonic()
    assert main(["grade", str(subs), "--out", str(out), "--policy", str(policy)]) == 0
    assert time.monotonic() - began < 6 * 6 + 10
    assert {record["score"] for record in read(out)} == {0.0}
    page = next((out / "students").iterdir()).read_text()
    assert "had not come to an end after 1 second" in page


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
