"""What it costs to judge a submission that is right. Target: at most 3 s of processor time.

Each round is a process of its own, so that its start, the imports and, across the pipe,
the start of the worker are counted as well: it is what a reader waits for.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import ROOT, Cost, at_most, in_turn, record

TARGET = 3.0
VARIANTS = ROOT / "tests" / "variants"
BOOK = """\
import reference
from checks.exercises import EXERCISES
from checks.run import run
from checks.student import InProcess

student = InProcess({name: getattr(reference, name) for name in reference.__all__})
report = run([one for one in EXERCISES if not one.variation], student, 7)
assert {one.state for one in report.outcomes} == {"pass"}
"""
COMMAND = "import sys; from checks.__main__ import main; sys.exit(main(sys.argv[1:]) > 1)"


def main(rounds: int = 9) -> None:
    """Judge all of the book's exercises, in the three ways in which that is done."""
    with tempfile.TemporaryDirectory() as folder:
        mine = written(Path(folder))
        run = [sys.executable, "-c", COMMAND]
        ways = {
            "the book's own code, as objects": [sys.executable, "-c", BOOK],
            "checks mine --in-process": [*run, mine, "--in-process"],
            "checks mine": [*run, mine],
            "checks course": [*run, str(VARIANTS / "course")],
        }
        costs = in_turn(ways, rounds)
    record("checks", [row(way, costs[way]) for way in ways])


def row(way: str, costs: list[Cost]) -> dict[str, object]:
    """One way to judge: processor and waiting time, both medians."""
    processor = statistics.median(one.processor for one in costs)
    waiting = statistics.median(one.wall for one in costs)
    return {
        "judged": way,
        "processor_s": round(processor, 2),
        "waiting_s": round(waiting, 2),
        **at_most(TARGET, processor),
    }


def written(folder: Path) -> str:
    """The book's modules as a reader's own files, one folder of them."""
    for path in sorted((ROOT / "reference").glob("*.py")):
        if path.name not in {"__init__.py", "pictures.py"}:
            text = path.read_text("utf-8")
            text = text.replace("from reference.", "from ").replace(
                "from reference import", "import"
            )
            (folder / path.name).write_text(text, "utf-8")
    return str(folder)


if __name__ == "__main__":
    main()
