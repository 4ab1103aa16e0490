"""Grading at length: secrets that change nothing, attacks, kills, and classes that hang."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from checks.files import Files, read
from checks.grade import sandbox
from checks.grade.judge import Rules, graded
from checks.grade.policy import load
from checks.grade.zygote import Zygote
from prove.part import Found, Job, Part, Result, blocks
from prove.sources import ROOT
from tests.attacks.catalogue import ATTACKS
from tests.attacks.world import WORLDS, attempt, opened
from tests.grade import faults

CLASS, KILLS, TIMES = 200, 6, 8  # submissions, runs cut short, and how often that is done
WHAT = {
    "secrets": "secrets under which the book's own code keeps all its points",
    "root": "attacks on the sandbox with all its walls",
    "nobody": "attacks on the sandbox without namespaces, by a user without rights",
    "killed": f"classes of {CLASS}, graded through {KILLS} runs that were killed at random",
    "hanging": "submissions of one class that all hang",
}


def jobs(seeds: int) -> list[Job]:
    """The longest first: a class that hangs, classes that are killed, then what is short."""
    return [
        ("hanging", 0, CLASS),
        *(("killed", first, end) for first, end in blocks(TIMES, 1)),
        *(("secrets", *block) for block in blocks(seeds, 5)),
        *((world, *block) for world in WORLDS for block in blocks(len(ATTACKS), 10)),
    ]


def do(job: Job) -> Result:
    """Do one job; what is not as it has to be is a sentence."""
    kind, first, end = job
    if kind == "secrets":
        with Zygote(sandbox.settings({})) as zygote:
            sandbox.insist(zygote)
            return [f"secret {which}: {name}" for which, name in wrong(range(first, end), zygote)]
    if kind in WORLDS:
        with opened(kind) as world:
            return [
                f"{one.kind}, {one.name}: {said}"
                for one in ATTACKS[first:end]
                for said in attempt(one, world)
            ]
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "policy.toml"
        policy.write_text(faults.POLICY)
        if kind == "hanging":
            return faults.hanging(Path(folder), policy, end)
        return faults.killed(Path(folder), policy, CLASS, KILLS, first)


def wrong(secrets: Iterable[int], zygote: Zygote) -> list[tuple[int, str]]:
    """Which exercises of the book's own code lose a point under which of these secrets."""
    texts = {
        name: text.replace("from reference.", "from ").replace("from reference import", "import")
        for name, text in read(ROOT / "reference").texts.items()
        if "/" not in name and name != "__init__.py"
    }
    found = []
    for number in secrets:
        rules = Rules(load(None), f"secret number {number:09}".encode())
        record = graded("k", "n", Files(texts), rules, zygote.spawn, "")
        parts = record["exercises"].items()
        found += [(number, name) for name, part in parts if part["score"] != part["max"]]
    return found


def found(results: Sequence[tuple[Job, Result]]) -> Found:
    """How often each was done, and how often it was not as it has to be."""
    rows, against = [], []
    for kind, what in WHAT.items():
        having = [(job, result) for job, result in results if job[0] == kind]
        said = [sentence for _, result in having for sentence in result]
        runs = sum(job[2] - job[1] for job, _ in having)
        rows.append({"what": what, "runs": runs, "not so": min(runs, len(said))})
        against += [f"{kind}: {sentence}" for sentence in said]
    return Found(rows, against)


PART = Part("grading", jobs, do, found, seeds=100)
