"""The kink suite's full counts: no right code is called wrong, and no wrong code right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from prove.kinks.cases import CASES
from prove.kinks.counts import right_ones, wrong_ones
from prove.part import Found, Job, Part, Result, at_most, blocks

STATES = ("match", "mismatch", "undetermined")
WRONG = 20  # the catalogue is run at one seed where right code is run at so many


def jobs(seeds: int) -> list[Job]:
    """So many seeds at a time."""
    right = [("right", *block) for block in blocks(seeds, 5)]
    return [*right, *(("wrong", *block) for block in blocks(max(1, seeds // WRONG), 1))]


def do(job: Job) -> Result:
    """Count the verdicts over some seeds, case by case."""
    kind, first, end = job
    seeds = range(first, end)
    if kind == "right":
        return {name: dict(right_ones(seeds, [name])) for name in CASES}
    return {"the catalogue": dict(Counter(state for _, state in wrong_ones(seeds)))}


def found(results: Sequence[tuple[Job, Result]]) -> Found:
    """The verdicts on right code, case by case, and on wrong code."""
    rows: list[dict[str, object]] = []
    against: list[str] = []
    runs = Counter[str]()
    for kind, case in dict.fromkeys((job[0], case) for job, told in results for case in told):
        having = [told[case] for job, told in results if job[0] == kind]
        counts = {state: sum(one.get(state, 0) for one in having) for state in STATES}
        rows.append({"code": kind, "case": case, "runs": sum(counts.values()), **counts})
        runs[kind] += sum(counts.values())
        called = "mismatch" if kind == "right" else "match"
        if counts[called]:
            against.append(f"{case}: {kind} code is called the opposite {counts[called]} times")
    more = {
        "right runs": runs["right"],
        "right code is called wrong in at most": at_most(runs["right"]),
        "wrong runs": runs["wrong"],
        "wrong code is called right in at most": at_most(runs["wrong"]),
    }
    return Found(rows, against, more)


PART = Part("kinks", jobs, do, found)
