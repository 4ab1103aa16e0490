"""What a step of training costs, beside others that do the same training, in one run.

Each peer is a process of its own (``benchmarks.worker``); they take short turns, so that a slow
moment of the machine hits neighbours alike, and a ratio is the median over the rounds of the
peer's processor time by ours in the same round. No time counts before a peer has given our losses
to rounding, step by step. Everything runs on one thread.
"""

import argparse
import math
import statistics
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

from benchmarks.changes import CHANGES
from benchmarks.measure import at_least, at_most, installed, progress, record
from benchmarks.peers import OURS, PEERS, PRODUCTS, RIVALS, TORCH_PRODUCTS, Task
from benchmarks.worker import Worker

STEP = "a step of each net"
MEDIAN = "the median over all nets"
BOUND = "how much of a step is matrix products"
CHANGED = "our step with one thing changed"
LOSING = "where NumPy loses"
MEMORY = "peak memory"

RATES = {"sgd": 1e-2, "sgd_momentum": 1e-2, "rmsprop": 1e-4, "adam": 1e-4}
BASE = [Task(batch=n, dtype=dtype) for dtype in ("float32", "float64") for n in (100, 256)]
TASKS = [
    replace(task, hidden=hidden, rule=rule, learning_rate=rate)
    for task in BASE
    for hidden in ((100,), (100,) * 5)
    for rule, rate in RATES.items()
]
WIDE = [Task(hidden=(512,), batch=100, dtype=dtype) for dtype in ("float32", "float64")]
SMALL = [Task(batch=16, dtype=dtype) for dtype in ("float32", "float64")]

TARGETS = {
    "float32": {"torch eager": 1.4, "jax jit": 1.2, "course style": 1.45, "scikit-learn": 1.8},
    "float64": {"torch eager": 1.2, "jax jit": 0.95, "course style": 1.4},
}
"""The least of a peer's time by ours, as the median over ``TASKS``."""

MEMORY_TARGETS = {"course style": 1.05, "torch eager": 0.45}
"""The most of our peak by a peer's."""

IMAGES = 4000
TURN = 0.03
"""Seconds of a turn: long against the clock's grain, short against the machine's moods."""

Row = dict[str, object]
Times = Mapping[str, Sequence[float]]


def missing() -> list[str]:
    """The peers that cannot be measured here."""
    return [name for name, peer in PEERS.items() if not installed(peer.distribution)]


def agree(name: str, losses: Sequence[float], ours: Sequence[float], task: Task) -> None:
    """Refuse a peer that does not do the same training.

    Sums of thousands of products, in another order, differ by some units in the last place, and
    each step starts from the difference before it; a wrong rule or penalty shows in the third
    digit. The allowance is 64 units, and 1024 for the rules that divide each entry by its own
    size: there an entry which is all rounding moves as far as any other.

    Raises:
        RuntimeError: at some step, its loss is not ours.
    """
    units = 1024 if task.rule in ("rmsprop", "adam") else 64
    room = units * {"float32": 2**-23, "float64": 2**-52}[task.dtype]
    for number, (theirs, own) in enumerate(zip(losses, ours, strict=True)):
        if not abs(theirs - own) <= room * abs(own):
            raise RuntimeError(
                f"{name} does not do our training: before step {number + 1} its loss is"
                f" {theirs!r}, and ours {own!r}"
            )


def can(name: str, task: Task) -> bool:
    """Whether a peer has the rule of a task at all."""
    return name not in PEERS or task.rule not in PEERS[name].lacks


def measure(task: Task, rounds: int, workers: Mapping[str, Worker], steps: int = 8) -> Times:
    """Seconds of a step for each peer and round, all having been seen to do the same."""
    workers = {name: w for name, w in workers.items() if can(name, task)}
    for worker in workers.values():
        worker.start(task)
    ours = workers[OURS].losses(steps)
    for name, worker in workers.items():
        if name not in (OURS, PRODUCTS, TORCH_PRODUCTS):
            agree(f"{name} ({task.net}, {task.dtype})", worker.losses(steps), ours, task)

    turn = {name: max(3, math.ceil(TURN * 10 / w.seconds(10))) for name, w in workers.items()}
    times: dict[str, list[float]] = {name: [] for name in workers}
    names = list(workers)
    for number in range(rounds):
        progress(f"{task.net}, {task.batch}, {task.dtype}: round {number + 1} of {rounds}")
        for name in names[number % len(names) :] + names[: number % len(names)]:
            times[name].append(workers[name].seconds(turn[name]) / turn[name])
    progress("")
    return times


def ratio(times: Times, name: str) -> float:
    """How many of our steps a peer's step takes: the median over the rounds."""
    return statistics.median(t / own for t, own in zip(times[name], times[OURS], strict=True))


def step_row(part: str, task: Task, times: Times) -> Row:
    """Our time for a step, and the ratio of each peer."""
    row: Row = {"part": part, "net": task.net, "N": task.batch, "precision": task.dtype}
    row["our_ms"] = round(1e3 * statistics.median(times[OURS]), 3)
    for name in RIVALS:
        absent = "not installed" if can(name, task) else "has none"
        row[name] = round(ratio(times, name), 2) if name in times else absent
    return row


def median_rows(all_times: Mapping[Task, Times]) -> list[Row]:
    """For each precision and peer the median over the nets, and what was to be reached."""
    rows: list[Row] = []
    for dtype, targets in TARGETS.items():
        found = [times for task, times in all_times.items() if task.dtype == dtype]
        for name in RIVALS:
            row: Row = {"part": MEDIAN, "precision": dtype, "peer": name}
            able = [times for times in found if name in times]
            if not able:
                rows.append({**row, "its_by_ours": "not installed"})
                continue
            value = round(statistics.median(ratio(times, name) for times in able), 2)
            rows.append({**row, "its_by_ours": value})
            if name in targets:
                rows[-1] |= at_least(targets[name], value)
    return rows


def bound_row(task: Task, times: Times) -> Row:
    """How much of our step is matrix products, and how long PyTorch's library needs for them."""
    row: Row = {"part": BOUND, "net": task.net, "N": task.batch, "precision": task.dtype}
    for column, name in {
        "our_step": OURS,
        "products": PRODUCTS,
        "by_torch": TORCH_PRODUCTS,
    }.items():
        known = name in times
        row[f"{column}_ms"] = (
            round(1e3 * statistics.median(times[name]), 3) if known else "not installed"
        )
    return {**row, "products_percent": round(100 * ratio(times, PRODUCTS))}


def changed_rows(all_times: Mapping[Task, Times]) -> list[Row]:
    """What a change costs, by a step without it: above 1, our line is worth having."""
    return [
        {"part": CHANGED, "change": name}
        | {
            f"{task.dtype}, N = {task.batch}": round(ratio(t, name), 2)
            for task, t in all_times.items()
        }
        for name in CHANGES
    ]


def memory_rows(absent: Sequence[str], runs: int) -> list[Row]:
    """The peak of a process that trains on all images, one epoch; a new process each time."""
    task = Task()
    number = IMAGES // task.batch
    peaks: dict[str, tuple[float, float]] = {}
    for name in (n for n in (OURS, *RIVALS) if n not in absent):
        found = []
        for run in range(runs):
            progress(f"peak memory of {name}, run {run + 1} of {runs}")
            with Worker(name) as worker:
                worker.start(task, number)
                worker.losses(number)
                found.append(worker.memory())
        peaks[name] = sorted(found)[len(found) // 2]
    progress("")
    rows: list[Row] = []
    for name in (OURS, *RIVALS):
        row: Row = {"part": MEMORY, "who": name}
        if name not in peaks:
            rows.append({**row, "ours_by_its": "not installed"})
            continue
        share = round(peaks[OURS][0] / peaks[name][0], 2)
        row |= {"peak_MB": round(peaks[name][0]), "without_imports_MB": round(peaks[name][1])}
        row |= {"ours_by_its": share} if name != OURS else {}
        target = MEMORY_TARGETS.get(name)
        rows.append({**row, **(at_most(target, share) if target else {})})
    return rows


def main(rounds: int = 15, quick: bool = False) -> None:
    """Measure all parts; a quick run prints and records nothing."""
    absent = missing()
    with ExitStack() as stack:
        names = [name for name in PEERS if name not in absent]
        workers = {name: stack.enter_context(Worker(name)) for name in names}
        times = {task: measure(task, rounds, workers) for task in TASKS}
        losing = {task: measure(task, rounds, workers) for task in WIDE + SMALL}
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(name)) for name in (OURS, *CHANGES)}
        changed = {task: measure(task, rounds, workers) for task in BASE}
    rows = median_rows(times)
    rows += [step_row(STEP, task, found) for task, found in times.items()]
    plain = {task: found for task, found in times.items() if task.rule == "sgd"}
    rows += [bound_row(task, found) for task, found in (plain | losing).items()]
    rows += [step_row(LOSING, task, found) for task, found in losing.items()]
    rows += changed_rows(changed)
    rows += memory_rows(absent, 1 if quick else 3)
    libraries = dict.fromkeys(peer.distribution for peer in PEERS.values())
    record("training", rows, [*libraries][1:], keep=not quick)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m benchmarks.training", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns of each peer (default: 15)")
    parser.add_argument("--quick", action="store_true", help="3 rounds; nothing is recorded")
    options = parser.parse_args()
    main(3 if options.quick else options.rounds, options.quick)
