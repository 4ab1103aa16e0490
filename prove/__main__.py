"""Make the long counts, two jobs at a time; what was done before is not done again.

Each job that is done leaves a file in ``_build/prove``, so that a run that was stopped goes on
where it was. Files belong to the sources that they stand on: after a change they count no more.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.measure import as_text, machine
from prove import grading, kink_counts, mistakes, variants
from prove.mutants import part as mutants
from prove.part import Found, Job, Part, Result, one
from prove.sources import ROOT, digest
from reference.files import sweep, write_whole
from reference.progress import Progress

MODULES = (mutants, variants, mistakes, kink_counts, grading)
PARTS = {module.PART.name: module.PART for module in MODULES}
RESULTS = ROOT / "prove" / "results"
DONE = ROOT / "_build" / "prove"
OFTEN = 30.0  # seconds between two lines where there is no terminal for a bar


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are named, or all; 1 where something is not as it has to be."""
    parser = argparse.ArgumentParser(prog="python -m prove", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="by default all of them")
    parser.add_argument("--seeds", type=int, help="how many (default 200; of secrets 100)")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args(arguments)
    against = 0
    for name in given.parts or PARTS:
        part = PARTS[name]
        seeds = given.seeds or part.seeds
        jobs = part.jobs(seeds)
        if not jobs:
            print(f"{name}: there is nothing to count")
            continue
        began, before = time.monotonic(), digest(name)
        found = part.found(done(part, jobs, before, given.processes))
        if digest(name) != before:
            print(f"{name}: its sources changed while it ran; nothing is recorded")
            return 1
        against += len(found.against)
        record(name, before, found, seeds)
        show(name, found, time.monotonic() - began)
    return 1 if against else 0


def done(part: Part, jobs: Sequence[Job], sources: str, processes: int) -> list[tuple[Job, Result]]:
    """Do what is not done yet, and read what is."""
    folder = DONE / f"{part.name}-{sources}"
    folder.mkdir(parents=True, exist_ok=True)
    left = [job for job in jobs if not _file(folder, job).exists()]
    progress = Progress(len(jobs))
    if left:
        ready = len(jobs) - len(left)
        progress.say(f"{part.name}: {len(jobs)} jobs" + (f", {ready} done before" if ready else ""))
        _work(part, left, folder, progress, ready, processes)
    progress.end()
    return [(job, json.loads(_file(folder, job).read_text("utf-8"))) for job in jobs]


def _work(
    part: Part, left: list[Job], folder: Path, progress: Progress, ready: int, processes: int
) -> None:
    spoke = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, maxtasksperchild=20) as pool:
        for number, (job, result) in enumerate(
            pool.imap_unordered(one, [(part.do, job) for job in left]), ready + 1
        ):
            path = _file(folder, job)
            sweep(path)
            write_whole(path, json.dumps(result).encode())
            progress.at(number, f"{part.name}: {job[0]}")
            if not progress.live and time.monotonic() - spoke > OFTEN:
                spoke = time.monotonic()
                progress.say(f"{part.name}: {number} of {progress.total} jobs")


def _file(folder: Path, job: Job) -> Path:
    return folder / ("-".join(str(word) for word in job) + ".json")


def record(name: str, sources: str, found: Found, seeds: int) -> None:
    """Write the result, with what it stands on, where `make test` and the pages look for it."""
    result = {
        "date": date.today().isoformat(),
        "command": "make prove",
        "machine": machine(),
        "sources": sources,
        "seeds": seeds,
        "rows": list(found.rows),
        "against": list(found.against),
        **found.more,
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    write_whole(RESULTS / f"{name}.json", text.encode())


def show(name: str, found: Found, seconds: float) -> None:
    """Print the table, what else was counted, and what is not as it has to be."""
    print(f"\n{name}, {seconds / 60:.1f} minutes{as_text(found.rows)}")
    for key, value in found.more.items():
        if isinstance(value, int | float):
            print(f"  {key}: {value:.3g}" if isinstance(value, float) else f"  {key}: {value}")
    for sentence in found.against:
        print(f"  NOT SO: {sentence}")


if __name__ == "__main__":
    sys.exit(main())
