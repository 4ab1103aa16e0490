"""What goes wrong around a run: processes that are killed, submissions that hang."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from checks.grade.records import read
from tests.attacks.catalogue import HONEST as AFFINE

SECONDS = 120  # at most, for what should take ten
POLICY = """\
title = "Affine"
exercises = ["affine"]
[limits]
seconds_per_call = 1
seconds = 6
"""


def a_class(folder: Path, count: int, also: str = "") -> Path:
    """Submissions of the affine layer, all right, and what else is to be in their files."""
    for i in range(count):
        (folder / f"s{i:03}").mkdir(parents=True)
        (folder / f"s{i:03}" / "layers.py").write_text(f"# {i}\n{AFFINE}{also}")
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


def killed(place: Path, policy: Path, count: int, kills: int, seed: int) -> list[str]:
    """Grade a class while its processes are killed at random; say what was lost, or is left.

    Args:
        place: an empty folder.
        policy: what is graded.
        count: submissions.
        kills: runs that are cut short, before one that may come to its end.
        seed: draws who is killed, and when.
    """
    rng = random.Random(seed)
    subs, out = a_class(place / "in", count), place / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "2"]
    for _ in range(kills):
        run_and_kill(command, rng, everyone=True)
    last = subprocess.run(
        [sys.executable, "-m", "checks", *command], capture_output=True, text=True, timeout=1800
    )
    if last.returncode != 0:
        return [f"the last run ended with {last.returncode}: {last.stderr}"]
    with (out / "grades.csv").open() as file:
        marks = {row["key"]: float(row["score"]) for row in csv.DictReader(file)}
    lines = [json.loads(line) for line in (out / "records.jsonl").read_bytes().splitlines()]
    whole = [line["key"] for line in lines if "fault" not in line]
    found = []
    if len(marks) != count or set(marks.values()) != {4.0}:
        found.append(f"{len(marks)} marks of {count}, and they are {sorted(set(marks.values()))}")
    if sorted(whole) != sorted(marks):
        found.append(f"{len(whole)} records of {count} submissions: some lost, or graded twice")
    return found + left(policy)


def left(policy: Path) -> list[str]:
    """What still runs for this policy after ten seconds, or is a worker whose parent is gone."""
    deadline = time.monotonic() + 10
    while True:
        found = [
            f"still running: {command}"
            for parent, command in processes().values()
            if str(policy) in command or ("worker.py" in command and parent == 1)
        ]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def hanging(place: Path, policy: Path, count: int) -> list[str]:
    """Grade a class in which every submission hangs; say what is not as it has to be.

    Args:
        place: an empty folder.
        policy: what is graded, with a limit of 1 second for a call and 6 for all.
        count: submissions.
    """
    subs, out = a_class(place / "in", count, "\nsum(iter(int, 1))\n"), place / "out"
    began = time.monotonic()
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "checks", *command], capture_output=True, text=True, timeout=1800
    )
    took = time.monotonic() - began
    if done.returncode != 0:
        return [f"the run ended with {done.returncode}: {done.stderr}"]
    found = []
    if took > 3 * count + 10:  # two at a time
        found.append(f"{count} submissions took {took:.0f} seconds")
    records = read(out)
    if len(records) != count or {record["score"] for record in records} != {0.0}:
        found.append(f"{len(records)} records, with {sorted({one['score'] for one in records})}")
    pages = list((out / "students").iterdir())
    told = [one for one in pages if "had not come to an end after 1 second" in one.read_text()]
    if len(told) != count:
        found.append(f"{len(told)} of {len(pages)} pages say what has happened")
    return found + left(policy)
