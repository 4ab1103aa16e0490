"""What one step of Adam costs, alone: no net and no loss, only the rule on given gradients.

The arrays are one of 3072 x 100, and all parameters of the nets of two and six layers. As in
``benchmarks.training``, whose harness this uses, each peer is a process of its own, they take
short turns, and no time counts before a peer has gone our way to rounding.
"""

import argparse
import statistics
from contextlib import ExitStack

from benchmarks.adam_peers import RIVALS, called
from benchmarks.measure import at_least, installed, record
from benchmarks.peers import OURS, Task
from benchmarks.training import Row, Times, measure, ratio
from benchmarks.worker import Worker

ALL = "one step of Adam, alone"
TARGET = "Adam alone, on 3072 x 100"
ONE = "one array, 3072 x 100"
TASKS = {
    (where, dtype): Task(hidden=hidden, classes=classes, rule="adam", dtype=dtype, batch=1)
    for dtype in ("float32", "float64")
    for where, hidden, classes in (
        (ONE, (), 100),
        ("all of 2 layers", (100,), 10),
        ("all of 6 layers", (100,) * 5, 10),
    )
}
TARGETS = {"torch eager": 1.2, "course style": 1.6}
"""The least of a peer's time by ours, for the one array, in either precision."""


def row(where: str, task: Task, times: Times) -> Row:
    """Our time for a step, and how many of our steps a peer's step takes."""
    found: Row = {"arrays": where, "precision": task.dtype}
    found["our_ms"] = round(1e3 * statistics.median(times[OURS]), 3)
    for name in RIVALS:
        found[name] = round(ratio(times, name), 2) if name in times else "not installed"
    return found


def target_rows(dtype: str, times: Times) -> list[Row]:
    """For the one array, what was to be reached against whom, and what was."""
    rows: list[Row] = []
    for name, target in TARGETS.items():
        found: Row = {"part": TARGET, "precision": dtype, "peer": name}
        if name not in times:
            rows.append({**found, "its_by_ours": "not installed"})
            continue
        value = round(ratio(times, name), 2)
        rows.append({**found, "its_by_ours": value, **at_least(target, value)})
    return rows


def main(rounds: int = 25, quick: bool = False) -> None:
    """Measure all arrays in both precisions; a quick run prints and records nothing."""
    rows: list[Row] = []
    targets: list[Row] = []
    with ExitStack() as stack:
        there = [name for name, peer in RIVALS.items() if installed(peer.distribution)]
        workers = {name: stack.enter_context(Worker(called(name))) for name in (OURS, *there)}
        for (where, dtype), task in TASKS.items():
            times = measure(task, rounds, workers, steps=12)
            rows.append({"part": ALL, **row(where, task, times)})
            targets += target_rows(dtype, times) if where == ONE else []
    libraries = dict.fromkeys(peer.distribution for peer in RIVALS.values())
    record("adam", targets + rows, [*libraries][1:], keep=not quick)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m benchmarks.adam", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="turns of each peer (default: 25)")
    parser.add_argument("--quick", action="store_true", help="3 rounds; nothing is recorded")
    options = parser.parse_args()
    main(3 if options.quick else options.rounds, options.quick)
