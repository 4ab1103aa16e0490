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
from datetime import date
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
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


def installed(distribution: str) -> str:
    """The version of a library, empty where it is missing."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def at_least(target: float, value: float) -> dict[str, object]:
    """The cells of a row that say what was to be reached, and whether it was."""
    return {"target": target, "bound": "at least", "reached": bool(value >= target)}


def at_most(target: float, value: float) -> dict[str, object]:
    """The same where less is better."""
    return {"target": target, "bound": "at most", "reached": bool(value <= target)}


def blas() -> dict[str, str]:
    """What computes NumPy's matrix products, and the kind of processor that it is set for."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return {}
    import_module("numpy")  # only what is loaded is told
    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    return {b["internal_api"]: f"{b['version']} for {b['architecture']}" for b in found}


def machine(*libraries: str) -> dict[str, str]:
    """What the numbers were measured on: this computer, Python, NumPy and other libraries."""
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
        **blas(),
        **{name: installed(name) for name in libraries if installed(name)},
    }


def as_text(rows: Sequence[Mapping[str, object]]) -> str:
    """The rows as a table for each ``part``, its columns in line."""
    parts: dict[object, list[dict[str, str]]] = {}
    for row in rows:
        cells = {name: str(value) for name, value in row.items() if name != "part"}
        parts.setdefault(row.get("part", ""), []).append(cells)
    lines: list[str] = []
    for part, inside in parts.items():
        names = dict.fromkeys(name for cells in inside for name in cells)
        table = [dict(zip(names, names, strict=True)), *inside]
        wide = {name: max(len(cells.get(name, "")) for cells in table) for name in names}
        lines += ["", str(part)] if part else [""]
        for cells in table:
            line = "  ".join(cells.get(name, "").ljust(wide[name]) for name in names)
            lines.append(f"  {line}".rstrip())
    return "\n".join(lines)


def record(
    name: str,
    rows: list[dict[str, object]],
    libraries: Sequence[str] = (),
    command: str = "",
    keep: bool = True,
) -> None:
    """Print a table, and write it beside the others as JSON: `measured NAME` shows it on a page.

    Args:
        name: of the file in ``benchmarks/results``.
        rows: the table. ``part`` in a row names the table that it belongs to, where there are
            several; ``at_least`` and ``at_most`` make the cells of a target.
        libraries: distributions other than NumPy whose versions belong to the numbers.
        command: what to type to measure it again; by default, what was typed.
        keep: whether it is written.
    """
    print(f"\n{name}{as_text(rows)}")
    if not keep:
        return
    RESULTS.mkdir(exist_ok=True)
    results = {
        "date": date.today().isoformat(),
        "command": command or " ".join(["python", *sys.orig_argv[1:]]),
        "machine": machine(*libraries),
        "rows": rows,
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
