"""One peer in a process of its own, which takes steps when it is told to and says what they cost.

Processes keep the peers from each other's threads, memory and settings. Parent and process speak
in lines of JSON: a call, an answer.
"""

import dataclasses
import json
import resource
import subprocess
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks import adam_peers
from benchmarks.changes import CHANGES
from benchmarks.measure import ROOT, environment
from benchmarks.peers import PEERS, Batch, Step, Task

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}
WARM = 3
"""Steps before each timed stretch, which bring the data back into the processor's caches."""


class Worker:
    """The parent's end."""

    def __init__(self, name: str) -> None:
        """Start the process of one of ``PEERS``, ``CHANGES`` or ``adam_peers.PEERS``."""
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", name],
            cwd=ROOT,
            env={**environment(), **ONE_THREAD},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # which closes its input, and so ends it

    def start(self, task: Task, batches: int = 4) -> None:
        """Make the net of this task and so many batches, and forget those before."""
        self._ask("start", dataclasses.asdict(task), batches)

    def losses(self, steps: int) -> list[float]:
        """Take so many steps, and give the loss before each."""
        return list(self._ask("losses", steps))

    def seconds(self, steps: int) -> float:
        """Take so many steps, and give the processor time of all threads."""
        return float(self._ask("seconds", steps))

    def memory(self) -> tuple[float, float]:
        """The peak of the process so far in MB, and how much of it came after the imports."""
        peak, imported = self._ask("memory")
        return peak, peak - imported

    def _ask(self, *request: object) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise RuntimeError(f"the process of {self.name} ended; what it said stands above")
        return json.loads(answer)


class _Serving:
    """The process's end: the methods that can be called."""

    def __init__(self, name: str) -> None:
        peer = (PEERS | CHANGES | adam_peers.PEERS)[name]
        import_module(peer.module)
        self.make = peer.make
        self.imported = _peak()
        self.batches: list[Batch] = []
        self.step: Step = lambda number: float("nan")

    def start(self, task: dict[str, Any], batches: int) -> None:
        _settle()
        made = Task(**{**task, "hidden": tuple(task["hidden"])})
        self.batches = made.batches(batches)
        self.step = self.make(made, self.batches)

    def losses(self, steps: int) -> list[float]:
        return [self.step(i % len(self.batches)) for i in range(steps)]

    def seconds(self, steps: int) -> float:
        self.losses(WARM)
        begin = time.process_time()
        self.losses(steps)
        return time.process_time() - begin

    def memory(self) -> tuple[float, float]:
        return _peak(), self.imported


def _settle() -> None:
    """Free an array of 25 MB, as a Solver's first look at a thousand images does.

    glibc then keeps freed memory for the next array of that size; before, it may hand memory back
    and fetch it again at every step, or not, as addresses happen to fall: half a step's time.
    """
    np.empty(25 * 2**17)


def _peak() -> float:
    """The most memory that this process has had, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak / (2**20 if sys.platform == "darwin" else 2**10))


def main(name: str) -> None:
    """Answer calls until there are no more."""
    serving = _Serving(name)
    for line in sys.stdin:
        call, *arguments = json.loads(line)
        print(json.dumps(getattr(serving, call)(*arguments)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
