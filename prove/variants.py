"""Correct code in every style is accepted, at every seed."""

from __future__ import annotations

from collections.abc import Sequence

from checks.exercises import EXERCISES, by_name
from checks.model import PASS, UNDETERMINED
from checks.run import run
from checks.student import InProcess, read
from prove.part import Found, Job, Part, Result, at_most, blocks
from prove.sources import ROOT

VARIANTS = ROOT / "tests" / "variants"


def jobs(seeds: int) -> list[Job]:
    """Every style, so many seeds at a time."""
    styles = [path for path in sorted(VARIANTS.iterdir()) if path.name != "__pycache__"]
    return [(path.name, *block) for block in blocks(seeds, 20) for path in styles]


def do(job: Job) -> Result:
    """Judge all that a style defines; what did not pass is told by check and seed."""
    name, first, end = job
    student = InProcess(read(VARIANTS / name))
    counts: dict[str, int] = {}
    against: list[list[object]] = []
    try:
        for one in EXERCISES:
            if student.defines(one.name) is not None:
                continue
            for seed in range(first, end):
                states = [o.state for o in run([by_name(one.name)], student, seed).outcomes]
                counts[one.name] = counts.get(one.name, 0) + 1
                worst = next((state for state in states if state != PASS), None)
                if worst:
                    against.append([one.name, seed, worst])
    finally:
        student.close()
    return {"runs": counts, "against": against}


def found(results: Sequence[tuple[Job, Result]]) -> Found:
    """How many runs of each exercise there were, and how many were not accepted."""
    rows = []
    against = []
    for one in EXERCISES:
        having = [(job, result) for job, result in results if one.name in result["runs"]]
        runs = sum(result["runs"][one.name] for _, result in having)
        wrong = [
            (job[0], seed, state)
            for job, result in having
            for name, seed, state in result["against"]
            if name == one.name
        ]
        unsure = sum(state == UNDETERMINED for *_, state in wrong)
        rows.append(
            {
                "exercise": one.name,
                "styles": len({job[0] for job, _ in having}),
                "runs": runs,
                "refused": len(wrong) - unsure,
                "undetermined": unsure,
            }
        )
        against += [
            f"{style}: {one.name} is right, and at seed {seed} it is {state}"
            for style, seed, state in wrong
        ]
    runs = sum(int(str(row["runs"])) for row in rows)
    more = {"runs": runs, "a right exercise is refused in at most": at_most(runs)}
    return Found(rows, against, more)


PART = Part("variants", jobs, do, found)
