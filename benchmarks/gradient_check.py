"""What a check of gradients costs and finds, beside other tools, by running them.

Time is that of an affine layer of 10 x 3072 x 100 with all its 338,020 entries: the tools take
turns in one process with one thread, and a ratio is the median over the rounds of their processor
time by ours. A tool that nudges each entry would take minutes, and is timed on some entries of w.

Alarms are counted on correct code at kinks (``prove.kinks.cases``) and on the wrong backward passes
of the catalogue (``prove.kinks.wrong``), each tool with the rule that it has by default.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from benchmarks.gradient_tools import MATCH, MISMATCH, OURS, TOOLS, UNDETERMINED, Layer, Tool
from benchmarks.measure import at_least, environment, installed, progress, record
from benchmarks.worker import ONE_THREAD
from prove.kinks.cases import CASES, Case, drawn, layer
from prove.kinks.wrong import of_catalogue
from reference import affine_backward, affine_forward

TIME = "an affine layer of 10 x 3072 x 100, all entries"
KINDS = "correct code called wrong"
FOUND = "wrong code found"

TARGETS = {"torch gradcheck, fast": 5.0, "jax check_grads": 5.0, "the course's loop": 10_000.0}
"""The least of a tool's time by ours."""

SAMPLES = (50, 200)
"""Entries on which a tool is timed that nudges them one by one; the line through both times, drawn
out to all entries, is its time, as far as that can be known in a minute."""

SELDOM = 5
"""Such a tool takes part in each fifth round."""

Row = dict[str, object]
Times = Mapping[str, Mapping[int, float]]


def large() -> Layer:
    """The layer whose check is timed: images of 32 by 32 in three colours, 100 units."""
    rng = np.random.default_rng(0)
    w = rng.standard_normal((3072, 100)) * np.sqrt(2 / 3072)
    b, dout = rng.standard_normal(100), rng.standard_normal((10, 100))
    return Layer(rng.standard_normal((10, 3072)), w, b, dout)


def present() -> dict[str, Tool]:
    """The tools that can be run here."""
    return {name: tool for name, tool in TOOLS.items() if installed(tool.distribution)}


def seconds(run: Callable[[], object]) -> float:
    """The processor time of one call."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


def measure(tools: Mapping[str, Tool], rounds: int) -> Times:
    """Seconds of a check of the whole layer, by tool and round, after two that do not count."""
    np.empty(25 * 2**17)  # the C library then keeps freed memory, as it does in any longer run
    at = large()
    runs = {name: _timed(tool, at) for name, tool in tools.items()}
    times: dict[str, dict[int, float]] = {name: {} for name in runs}
    for number in range(rounds + 2):
        for name, timed in runs.items():
            if tools[name].large is None and number % SELDOM != 2:
                continue
            progress(f"round {number - 1} of {rounds}: {name}")
            took = timed()
            if number > 1:
                times[name][number] = took
    progress("")
    return times


def _timed(tool: Tool, at: Layer) -> Callable[[], float]:
    """Make what times one check of the whole layer."""
    if tool.large is not None:
        run = tool.large(at)
        return lambda: seconds(run)
    assert tool.sample is not None
    few, more = (tool.sample(at, entries) for entries in SAMPLES)
    return lambda: drawn_out(seconds(few), seconds(more), at.entries)


def drawn_out(few: float, more: float, entries: int) -> float:
    """The time for so many entries, from the times for the two numbers of ``SAMPLES``."""
    each = (more - few) / (SAMPLES[1] - SAMPLES[0])
    return few + each * (entries - SAMPLES[0])


def ratio(times: Times, name: str, ours: str = OURS) -> float:
    """A tool's time by ours: the median over the rounds."""
    return statistics.median(t / times[ours][number] for number, t in times[name].items())


def scaled_case(off: float, seed: int) -> Case:
    """A small affine layer whose dw is too large by this part of itself."""

    def backward(dout: object, cache: object) -> object:
        dx, dw, db = affine_backward(dout, cache)
        return dx, (1 + off) * dw, db

    return _small(backward, seed)


def single_case(seed: int) -> Case:
    """A layer of 1,520 entries, in dw of which one entry has the wrong sign."""

    def backward(dout: object, cache: object) -> object:
        dx, dw, db = affine_backward(dout, cache)
        dw.reshape(-1)[seed * 37 % dw.size] *= -1
        return dx, dw, db

    return _small(backward, seed, (10, 50, 20))


def _small(
    backward: Callable[..., object], seed: int, sizes: tuple[int, int, int] = (4, 6, 5)
) -> Case:
    N, D, M = sizes
    rng = np.random.default_rng(seed)
    inputs = {"x": rng.standard_normal((N, D)), "w": rng.standard_normal((D, M))}
    inputs["b"] = rng.standard_normal(M)
    return layer("small", affine_forward, backward, inputs, rng.standard_normal((N, M)))


def smallest_found(tool: Tool, seeds: Iterable[int] = range(5)) -> float | str:
    """The smallest power of ten by which dw may be off and is found for every seed."""
    if any(tool.verdict(scaled_case(0.0, seed), seed) != MATCH for seed in seeds):
        return "refuses 0"
    smallest: float | str = "none"
    for power in range(1, 13):
        off = 10.0**-power
        if any(tool.verdict(scaled_case(off, seed), seed) != MISMATCH for seed in seeds):
            break
        smallest = off
    return smallest


def time_rows(tools: Mapping[str, Tool], times: Times, seeds: int) -> list[Row]:
    """Time and error side by side, one row for each tool."""
    rows: list[Row] = []
    for name, tool in TOOLS.items():
        row: Row = {"part": TIME, "tool": name}
        if name not in tools:
            rows.append({**row, "ms": "not installed"})
            continue
        progress(f"errors that {name} finds")
        row["ms"] = round(1e3 * statistics.median(times[name].values()), 1)
        row["timed on"] = "all entries" if tool.large else f"{SAMPLES[1]} entries"
        row["by ours"] = round(ratio(times, name), 2)
        row["by ours, one direction"] = round(ratio(times, name, "ours, one direction"), 2)
        row["smallest error of dw found"] = smallest_found(tool)
        found = sum(tool.verdict(single_case(s), s) == MISMATCH for s in range(seeds))
        row["one wrong entry found"] = f"{found} of {seeds}"
        if name in TARGETS:
            row |= at_least(TARGETS[name], ratio(times, name))
        rows.append(row)
    progress("")
    return rows


def asked(tool: Tool, case: Case, seed: int) -> str:
    """The verdict of a tool; where it raises instead, that is no acceptance."""
    copies = {name: x.copy() for name, x in case.inputs.items()}
    try:
        return tool.verdict(replace(case, inputs=copies), seed)
    except Exception:
        return MISMATCH


def kind_rows(tools: Mapping[str, Tool], seeds: int) -> list[Row]:
    """For each kind of point, how many correct codes each tool calls wrong."""
    rows: list[Row] = []
    total: Counter[str] = Counter()
    for kind in CASES:
        row: Row = {"part": KINDS, "at": kind.replace("_", " "), "runs": seeds}
        for name, tool in tools.items():
            progress(f"{kind}: {name}")
            states = Counter(asked(tool, drawn(kind, seed), seed) for seed in range(seeds))
            row[name] = _count(states)
            total[name] += states[MISMATCH]
        rows.append(row)
    progress("")
    runs = seeds * len(CASES)
    rows.append({"part": KINDS, "at": "all", "runs": runs} | {n: total[n] for n in tools})
    return rows


def _count(states: Counter[str]) -> int | str:
    open_ones = states[UNDETERMINED]
    return f"{states[MISMATCH]}, {open_ones} undetermined" if open_ones else states[MISMATCH]


def found_rows(tools: Mapping[str, Tool], seeds: int) -> list[Row]:
    """How many of the catalogue's wrong backward passes each tool finds."""
    cases = [(seed, case) for seed in range(seeds) for _, case in of_catalogue(seed)]
    rows: list[Row] = []
    for name, tool in tools.items():
        progress(f"wrong backward passes: {name}")
        found = sum(asked(tool, case, seed) == MISMATCH for seed, case in cases)
        rows.append({"part": FOUND, "tool": name, "found": found, "of": len(cases)})
    progress("")
    return rows


def here(rounds: int, quick: bool) -> None:
    """Measure all parts in this process."""
    tools = present()
    rows = time_rows(tools, measure(tools, rounds), 5 if quick else 20)
    rows += kind_rows(tools, 2 if quick else 10)
    rows += found_rows(tools, 1 if quick else 2)
    libraries = dict.fromkeys(tool.distribution for tool in TOOLS.values())
    record(
        "gradient-check",
        rows,
        [name for name in libraries if name != "numpy"],
        command="python -m benchmarks.gradient_check",
        keep=not quick,
    )


def main(rounds: int = 15, quick: bool = False) -> None:
    """Measure in a process with one thread; a quick run prints and records nothing."""
    command = [sys.executable, "-m", "benchmarks.gradient_check", "--here", f"--rounds={rounds}"]
    command += ["--quick"] if quick else []
    subprocess.run(command, check=True, env={**environment(), **ONE_THREAD})


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m benchmarks.gradient_check", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns of each tool (default: 15)")
    parser.add_argument("--quick", action="store_true", help="few runs; nothing is recorded")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here and os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        here(options.rounds, options.quick)
    else:
        main(3 if options.quick else options.rounds, options.quick)
