"""What it costs to grade one submission, beside nbgrader and otter on the same task.

The task is one function, ``affine_backward``. Each peer is used as its manual says: a
notebook with one cell to fill in and one cell of tests. ``python -m benchmarks.grading
--peers BIN`` names the folder that holds their commands.

A run has a start that its submissions share, and nbgrader's is long: so it is measured with
one submission in a run, as otter always is, and with many. Ours are a whole class, and one.
The task is to grade strangers: no submission may change another's mark. So the target is held
against what keeps them apart, and whether many in a run are apart is tried: one of two
submissions writes into the other's file.

Processor time is that of the whole machine while a tool runs, from ``/proc/stat``: a worker
ends in a namespace of its own, and what it has used is added to nobody's account. So nothing
else may run meanwhile. All tools are kept on one core, so that nobody pays for waking
somebody on another.
"""

import argparse
import csv
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import nbformat
from nbformat import v4

from benchmarks.measure import at_least, at_most, once, progress, record
from checks.files import Files
from checks.grade import sandbox
from checks.grade.cluster import Carried
from checks.grade.judge import Rules, judged
from checks.grade.policy import Policy, load
from checks.grade.pool import Bench, Shelter
from checks.grade.records import Records
from checks.grade.zygote import Zygote
from checks.student import Worker

TIMES = 100  # less processor time than either peer
SECOND = 1.0  # of processor, for all exercises of a correct submission
SOME, MANY = 20, 400  # submissions in a long run of nbgrader, and in one of ours

PART = "one function, a submission"
NEIGHBOURS = "a submission that writes into another's, in one run"

SOLUTION = """\
def affine_backward(dout, cache):
    x, w, b = cache
    X = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), X.T @ dout, dout.sum(axis=0)
"""
FORWARD = """\
import numpy as np

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)

"""
TESTS = """\
rng = np.random.default_rng(0)
x, w, b = rng.standard_normal((4, 2, 3)), rng.standard_normal((6, 5)), rng.standard_normal(5)
dout = rng.standard_normal((4, 5))
dx, dw, db = affine_backward(dout, (x, w, b))
np.testing.assert_allclose(dx, (dout @ w.T).reshape(x.shape))
np.testing.assert_allclose(dw, x.reshape(4, -1).T @ dout)
np.testing.assert_allclose(db, dout.sum(axis=0))
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, metavar="BIN")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=10_000, help="for the judge's memory")
    asked = parser.parse_args(arguments)
    os.environ["PATH"] = f"{asked.peers}{os.pathsep}{os.environ['PATH']}"  # they call one another
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows = [*neighbours(asked.peers)]
    rows = [*one_function(asked.peers, asked.rounds, _apart(rows)), *rows]
    rows += [*whole_book(asked.rounds)]
    rows += [*wire(), *memory(asked.many)]
    record("grade", rows, ["pyseccomp"], "python -m benchmarks.grading --peers PEERS/bin")


# One function, with each tool


def one_function(peers: Path, rounds: int, apart: set[object]) -> list[dict[str, object]]:
    """Processor and wall time of a submission, with each tool, in turn.

    ``apart`` are the tools that keep the submissions of one run from one another.
    """
    missing = [name for name in PEERS if shutil.which(name, path=str(peers)) is None]
    with tempfile.TemporaryDirectory() as folder:
        tools = _ours(Path(folder))
        for name, prepare in PEERS.items():
            tools += [] if name in missing else prepare(Path(folder), peers)
        for number in range(rounds + 1):
            for tool in tools:
                progress(f"round {number} of {rounds}: {tool.name}, {tool.count} in a run")
                cost = _spent(partial(tool.run, number), tool.count)
                if number:
                    tool.costs.append(cost)
        progress("")
    rows = [_row(tool, tools[0], tool.count == 1 or tool.name in apart) for tool in tools]
    absent: dict[str, object] = {"part": PART, "processor_ms": "not installed"}
    return [*rows, *({**absent, "tool": name} for name in missing)]


@dataclass
class Tool:
    """A tool as it is measured.

    Args:
        name: of the tool.
        count: how many submissions one run of it grades.
        run: grades them; the argument is the number of the round.
        costs: processor and wall time of a submission, for each round.
    """

    name: str
    count: int
    run: Callable[[int], object]
    costs: list[tuple[float, float]] = field(default_factory=list)


def _row(tool: Tool, ours: Tool, apart: bool) -> dict[str, object]:
    """What a submission costs; the target holds for what keeps it from the others."""
    processor, wall = (statistics.median(values) for values in zip(*tool.costs, strict=True))
    row: dict[str, object] = {
        "part": PART,
        "tool": tool.name,
        "submissions_in_a_run": tool.count,
        "apart": "yes" if apart else "no",
        "processor_ms": round(1e3 * processor, 1),
        "wall_ms": round(1e3 * wall, 1),
    }
    if tool.name == ours.name:
        return row
    pairs = zip(tool.costs, ours.costs, strict=True)
    ratio = statistics.median(theirs[0] / mine[0] for theirs, mine in pairs)
    return {**row, "by_ours": round(ratio), **(at_least(TIMES, ratio) if apart else {})}


def _ours(place: Path) -> list[Tool]:
    """``checks grade``, with its pages and tables, in one process: for a class, and for one."""
    policy = place / "policy.toml"
    policy.write_text('title = "one"\nexercises = ["affine_backward"]\n')

    def tool(count: int) -> Tool:
        subs = place / f"ours{count}"
        subs.mkdir()
        for i in range(count):
            text = f"# {i}\nimport numpy as np\n\n{SOLUTION}"
            (subs / f"s{i:03}.py").write_text(text)
        command = [sys.executable, "-m", "checks", "grade", str(subs), "--policy", str(policy)]

        def run(number: int) -> None:
            out = str(place / f"out{count}-{number}")
            once([*command, "--out", out, "--processes", "0"])

        return Tool("checks grade", count, run)

    return [tool(MANY), tool(1)]


def _nbgrader(place: Path, peers: Path) -> list[Tool]:
    """``nbgrader autograde`` on one notebook, and on many."""
    course = place / "course"
    (course / "source" / "one").mkdir(parents=True)
    config = "c = get_config()\nc.CourseDirectory.course_id = 'c'\n"
    (course / "nbgrader_config.py").write_text(config)
    cells = [
        v4.new_code_cell("import numpy as np"),
        v4.new_code_cell(
            f"### BEGIN SOLUTION\n{SOLUTION}### END SOLUTION",
            metadata={"nbgrader": _cell("solution", solution=True)},
        ),
        v4.new_code_cell(TESTS, metadata={"nbgrader": _cell("tests", grade=True)}),
    ]
    nbformat.write(_notebook(cells), course / "source" / "one" / "one.ipynb")
    nbgrader = str(peers / "nbgrader")
    once([nbgrader, "generate_assignment", "one", "--create"], course)
    for i in range(SOME):
        target = course / "submitted" / f"s{i}" / "one"
        target.mkdir(parents=True)
        released = nbformat.read(course / "release" / "one" / "one.ipynb", 4)
        released.cells[1].source = SOLUTION
        nbformat.write(released, target / "one.ipynb")
    command = [nbgrader, "autograde", "one", "--create", "--force"]

    return [
        Tool("nbgrader", 1, lambda _: once([*command, "--student", "s0"], course)),
        Tool("nbgrader", SOME, lambda _: once(command, course)),
    ]


def _cell(name: str, solution: bool = False, grade: bool = False) -> dict[str, object]:
    kind = {"grade": grade, "solution": solution, "locked": grade, "task": False}
    points = {"points": 3} if grade else {}
    return {"grade_id": name, "schema_version": 3, "cell_type": "code", **kind, **points}


def _otter(place: Path, peers: Path) -> list[Tool]:
    """``otter run`` on one notebook: it takes no more."""
    course = place / "otter"
    (course / "tests").mkdir(parents=True)
    (course / "tests" / "q1.py").write_text(
        "OK_FORMAT = False\nfrom otter.test_files import test_case\n"
        "import numpy as np\nname = 'q1'\npoints = 3\n\n"
        "@test_case(points=3, hidden=False)\ndef test_one(affine_backward):\n"
        + "".join(f"    {line}\n" for line in TESTS.splitlines())
    )
    cells = [v4.new_code_cell("import numpy as np"), v4.new_code_cell(SOLUTION)]
    nbformat.write(_notebook(cells), course / "one.ipynb")
    otter = str(peers / "otter")
    once([otter, "generate", "-t", "tests", "-o", "auto.zip", "--no-environment"], course)
    command = [otter, "run", "one.ipynb", "-a", "auto.zip", "-o", str(course)]
    return [Tool("otter", 1, lambda _: once(command, course))]


PEERS = {"nbgrader": _nbgrader, "otter": _otter}


def _notebook(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


# Neighbours


def neighbours(peers: Path) -> list[dict[str, object]]:
    """What is left of a right submission's mark where another one in the same run attacks it.

    Otter takes one in a run, and has no neighbours there.
    """
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        kept, most = _attacked_here(Path(folder))
        rows.append({"part": NEIGHBOURS, "tool": "checks grade", "mark": kept, "of": most})
        if shutil.which("nbgrader", path=str(peers)):
            kept, most = _attacked_there(Path(folder), peers)
            rows.append({"part": NEIGHBOURS, "tool": "nbgrader", "mark": kept, "of": most})
    return rows


def _apart(rows: Sequence[dict[str, object]]) -> set[object]:
    """The tools in which the neighbour kept its mark."""
    return {row["tool"] for row in rows if row["mark"] == row["of"]}


def _attack(place: Path) -> str:
    """Code that spoils the file of a neighbour, if it may, and says nothing if it may not."""
    return f"""\
try:
    import pathlib
    place = pathlib.Path({str(place)!r})
    place.write_text(place.read_text().replace("dout.sum(axis=0)", "0 * dout.sum(axis=0)"))
except Exception:
    pass
"""


def _attacked_here(place: Path) -> tuple[float, float]:
    (place / "two").mkdir()
    texts = {"s0": _attack(place / "two" / "s1.py"), "s1": ""}
    for name, text in texts.items():
        (place / "two" / f"{name}.py").write_text(f"{text}import numpy as np\n\n{SOLUTION}")
    policy, out = place / "two.toml", place / "two-out"
    policy.write_text('title = "one"\nexercises = ["affine_backward"]\n')
    command = [sys.executable, "-m", "checks", "grade", str(place / "two"), "--out", str(out)]
    once([*command, "--policy", str(policy), "--processes", "0"])
    return _mark(out / "grades.csv", "key", "max")


def _attacked_there(place: Path, peers: Path) -> tuple[float, float]:
    (place / "attacked").mkdir()
    _nbgrader(place / "attacked", peers)
    course = place / "attacked" / "course"
    for path in (course / "submitted").iterdir():
        if path.name not in ("s0", "s1"):
            shutil.rmtree(path)
    attacker, attacked = (course / "submitted" / s / "one" / "one.ipynb" for s in ("s0", "s1"))
    notebook = nbformat.read(attacker, 4)
    notebook.cells[1].source = f"{_attack(attacked)}{SOLUTION}"
    nbformat.write(notebook, attacker)
    nbgrader = str(peers / "nbgrader")
    once([nbgrader, "autograde", "one", "--create", "--force"], course)
    once([nbgrader, "export"], course)
    return _mark(course / "grades.csv", "student_id", "max_score")


def _mark(table: Path, key: str, most: str) -> tuple[float, float]:
    """The attacked one's mark, and the most that there is."""
    with table.open() as file:
        row = next(row for row in csv.DictReader(file) if row[key] == "s1")
    return float(row["score"]), float(row[most])


# The whole book


def whole_book(rounds: int) -> list[dict[str, object]]:
    """Processor time of judge and worker for all exercises of a correct submission."""
    files, times = Files(_the_book()), 10

    def run() -> None:
        with Zygote(sandbox.settings({})) as zygote:
            for _ in range(times):
                judged(files, Rules(load(None)), zygote.spawn)

    seconds = statistics.median(_spent(run, times)[0] for _ in range(rounds))
    row = {"part": "every exercise of the book", "processor_ms": round(1e3 * seconds)}
    return [{**row, **at_most(1e3 * SECOND, 1e3 * seconds)}]


def _the_book() -> dict[str, str]:
    import reference

    home = Path(str(reference.__file__)).parent
    return {
        path.name: path.read_text("utf-8")
        .replace("from reference.", "from ")
        .replace("from reference import", "import")
        for path in home.glob("*.py")
        if path.name != "__init__.py"
    }


def _spent(run: Callable[[], object], count: int) -> tuple[float, float]:
    """Processor and wall time of a run, in seconds, by the number of its submissions."""
    os.sync()  # what was done before is not ours to write down
    begin, before = time.perf_counter(), _machine()
    run()
    return (_machine() - before) / count, (time.perf_counter() - begin) / count


def _machine() -> float:
    """What all processors together have worked since the machine began, in seconds."""
    user, nice, system, _, _, irq, soft, *_ = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


# Parts


def wire() -> list[dict[str, object]]:
    """Calls over the pipe, and workers forked, in a second."""
    part, calls, forks = "parts", 2000, 200
    files = Files({"a.py": "def affine_forward(x, w, b):\n    return x\n"})
    with Zygote(sandbox.settings({})) as zygote:
        worker = Worker(files, start=zygote.spawn)
        with closing(worker):
            worker.call("affine_forward", 1.0, 2.0, 3.0)
            begin = time.perf_counter()
            for _ in range(calls):
                worker.call("affine_forward", 1.0, 2.0, 3.0)
            each = (time.perf_counter() - begin) / calls
        begin = time.perf_counter()
        for _ in range(forks):
            zygote.spawn().end()
        fork = (time.perf_counter() - begin) / forks
    return [
        {"part": part, "what": "one call over the pipe", "wall_ms": round(1e3 * each, 3)},
        {"part": part, "what": "one worker, forked and ended", "wall_ms": round(1e3 * fork, 2)},
    ]


def memory(many: int) -> list[dict[str, object]]:
    """The judge's memory after a thousand submissions and after many, every other one wrong.

    It is that of the process that grades them all and keeps their records.
    """
    policy = Policy("", ("affine_forward", "affine_backward"))
    shelter = Shelter(sandbox.settings({}))
    wrong = SOLUTION.replace("sum(axis=0)", "mean(axis=0)")
    begin, sizes = time.perf_counter(), {}
    with (
        tempfile.TemporaryDirectory() as folder,
        Records(Path(folder)) as records,
        closing(Bench(Rules(policy, b"a secret of the benchmark"), shelter)) as bench,
    ):
        for i in range(1, many + 1):
            files = Files({"a.py": f"# {i}\n{FORWARD}{wrong if i % 2 else SOLUTION}"})
            records.add(bench.grade(Carried(f"s{i}", f"s{i}", files)))
            if i in (min(1000, many), many):
                sizes[i] = _resident()
            if i % 100 == 0:
                progress(f"{i} of {many} submissions")
    progress("")
    each = (time.perf_counter() - begin) / many
    first, last = sizes[min(1000, many)], sizes[many]
    part = "parts"
    return [
        {
            "part": part,
            "what": f"judge's memory after {many} submissions, by that after {min(1000, many)}",
            "ratio": round(last / first, 3),
            **at_most(1.05, last / first),
        },
        {
            "part": part,
            "what": "100,000 of these on one core, from the time of each",
            "minutes": round(1e5 * each / 60, 1),
        },
    ]


def _resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
