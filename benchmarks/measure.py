"""Time whole commands in turn, so that a slow moment of the machine hits all of them alike."""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"


@dataclass(frozen=True)
class Cost:
    """What one run of a command cost, in seconds; processor time includes its children."""

    wall: float
    processor: float


def environment() -> dict[str, str]:
    """One BLAS thread, and no setting that slows the BLAS down."""
    dropped = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def once(command: Sequence[str], cwd: Path = ROOT) -> Cost:
    """Run a command that must succeed, and measure it."""
    before, start = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True)
    wall, after = time.perf_counter() - start, getrusage(RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, used)


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Cost]]:
    """Run the commands in turn, after one round that does not count."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            progress(f"round {number} of {rounds}: {name}")
            cost = once(command)
            if number:
                costs[name].append(cost)
    progress("")
    return costs


def paired_ratio(ours: Sequence[Cost], other: Sequence[Cost]) -> float:
    """The median over rounds of our processor time by the other's."""
    return statistics.median(a.processor / b.processor for a, b in zip(ours, other, strict=True))


def progress(text: str) -> None:
    """One line that is written over, for a person who waits."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def machine() -> dict[str, str]:
    """What the numbers were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        rows = [row for row in cpuinfo.read_text().splitlines() if row.startswith("model name")]
        model = rows[0].split(":", 1)[1].strip() if rows else model
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "numpy": version("numpy"),
    }


def record(name: str, rows: list[dict[str, object]]) -> None:
    """Print a table, and write it beside the others as JSON."""
    print(f"\n{name}")
    for row in rows:
        print("  " + "  ".join(f"{key} {value}" for key, value in row.items()))
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), "rows": rows}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n", "utf-8")
