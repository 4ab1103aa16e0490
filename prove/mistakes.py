"""Every known mistake is rejected, and named by its own sentence, at every seed."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import reference
from checks import naming
from checks.exercises import by_name
from checks.mistakes import MISTAKES, mistakes_of
from checks.model import FAIL
from checks.run import run
from checks.student import InProcess
from prove.part import Found, Job, Part, Result, at_most, blocks

SIZE = {"Solver": 2, "TwoLayerNet": 4, "FullyConnectedNet": 4}  # seeds in a job of some seconds


def jobs(seeds: int) -> list[Job]:
    """Every function with known mistakes, so many seeds at a time, in the order of the seeds."""
    names = list(dict.fromkeys(one.function for one in MISTAKES))
    found = [(name, *block) for name in names for block in blocks(seeds, SIZE.get(name, 20))]
    return sorted(found, key=lambda job: job[1])


def do(job: Job) -> Result:
    """Judge the mistakes of one function; what passed or has another's name is told."""
    function, first, end = job
    passed, unnamed, misnamed = [], [], []
    for seed in range(first, end):
        for one in mistakes_of(function):
            said = _said(function, one.fresh(), seed)
            if said is None:
                passed.append([one.name, seed])
            elif not said:
                unnamed.append([one.name, seed])
            elif said != one.sentence:
                misnamed.append([one.name, seed, said])
        _forget()
    runs = (end - first) * len(mistakes_of(function))
    return {"runs": runs, "passed": passed, "unnamed": unnamed, "misnamed": misnamed}


def _said(function: str, code: object, seed: int) -> str | None:
    """The sentence that a mistake is named by; "" for none, None where it passed."""
    right = {name: getattr(reference, name) for name in reference.__all__}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        student = InProcess({**right, function: code})
        report = run([by_name(function)], student, seed, name=naming.named)
    if all(one.state != FAIL for one in report.outcomes):
        return None
    names = [one.diagnosis for one in report.outcomes if one.diagnosis]
    return names[0].sentence if names else ""


def _forget() -> None:
    """Let go of the evidence of a seed that does not come again."""
    for value in vars(naming).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()


def found(results: Sequence[tuple[Job, Result]]) -> Found:
    """How many mistakes of each function were rejected, and how many named."""
    rows: list[dict[str, object]] = []
    against: list[str] = []
    for function in dict.fromkeys(job[0] for job, _ in results):
        having = [result for job, result in results if job[0] == function]
        counted = {
            key: [entry for result in having for entry in result[key]]
            for key in ("passed", "unnamed", "misnamed")
        }
        rows.append(
            {
                "function": function,
                "mistakes": len(mistakes_of(function)),
                "runs": sum(result["runs"] for result in having),
                **{f"{'not rejected' if k == 'passed' else k}": len(v) for k, v in counted.items()},
            }
        )
        against += _sentences(function, counted)
    runs = sum(int(str(row["runs"])) for row in rows)
    more = {"runs": runs, "a known mistake passes in at most": at_most(runs)}
    return Found(sorted(rows, key=lambda row: str(row["function"])), against, more)


def _sentences(function: str, counted: dict[str, list[list[object]]]) -> list[str]:
    """What is wrong, once for each mistake, with its first seed."""
    words = {"passed": "passes", "unnamed": "has no name", "misnamed": "is called something else"}
    said = []
    for key, entries in counted.items():
        for name in dict.fromkeys(str(entry[0]) for entry in entries):
            seeds = [entry[1] for entry in entries if entry[0] == name]
            other = [str(entry[2]) for entry in entries if entry[0] == name and len(entry) > 2]
            more = f": {other[0]}" if other else ""
            times = f"at {len(seeds)} seeds, first at {seeds[0]}"
            said.append(f"{function}/{name} {words[key]} {times}{more}")
    return said


PART = Part("mistakes", jobs, do, found, seeds=200)
