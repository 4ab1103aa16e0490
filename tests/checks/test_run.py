"""The judge: what decides, how points are given, and what importing it costs."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import reference
from checks.__main__ import main
from checks.exercises import EXERCISES, by_name, matching
from checks.model import (
    FAIL,
    NOT_REACHED,
    PASS,
    UNDETERMINED,
    Evidence,
    Exercise,
    Probe,
    Student,
    once,
)
from checks.refusal import RefusalError
from checks.run import run, verdict
from checks.student import Files, InProcess, Worker, read

BOOK = Path(__file__).parent.parent.parent / "book"


def made(*looks: tuple[str, Evidence, dict[str, object]]) -> Exercise:
    exercise = Exercise("made", "affine", "", "", ("", ""))
    for name, seen, options in looks:

        def look(student: Student, probe: Probe, seen: Evidence = seen) -> Evidence:
            """A sentence."""
            return seen

        exercise.check(name, **options)(look)  # type: ignore[arg-type]
    return exercise


GOOD = Evidence("value", measured=0.0, bound=1.0)
BAD = Evidence("value", measured=2.0, bound=1.0)


def test_numbers_decide() -> None:
    """Within the bound passes; beyond it, and nan, fail."""
    assert verdict(GOOD) == PASS
    assert verdict(BAD) == FAIL
    assert verdict(Evidence("value", measured=float("nan"), bound=1.0)) == FAIL
    assert verdict(Evidence("shape")) == FAIL


def test_costs_never_go_below_nothing() -> None:
    """What failed conduct takes away ends at zero, and earns nothing where nothing is right."""
    exercise = made(
        ("inputs", BAD, {"costs": 2}), ("out", GOOD, {"points": 1}), ("dx", BAD, {"points": 3})
    )
    report = run([exercise], InProcess({}), 7)
    assert [one.earned for one in report.outcomes] == [0, 0, 0]


def test_undetermined_costs_nothing_and_is_no_failure() -> None:
    """A check that decides nothing after its redraws keeps its points and is flagged."""
    exercise = made(("out", Evidence("undetermined"), {"points": 2}))
    (one,) = run([exercise], InProcess({}), 7).outcomes
    assert (one.state, one.earned) == (UNDETERMINED, 2)


def test_what_explains_the_rest_stops_it() -> None:
    """After a call that failed, the other checks are not reached."""
    raised = Evidence("problem", {"problem": "raised", "where": "", "function": "made"})
    exercise = made(("inputs", raised, {"costs": 1}), ("out", GOOD, {"points": 1}))
    states = [one.state for one in run([exercise], InProcess({}), 7).outcomes]
    assert states == [FAIL, NOT_REACHED]


def test_check_that_builds_on_another_waits_for_it() -> None:
    """A check that says nothing without another is not reached where that one failed."""
    exercise = made(("out", BAD, {"points": 1}), ("far", GOOD, {"points": 1, "after": ("out",)}))
    states = [one.state for one in run([exercise], InProcess({}), 7).outcomes]
    assert states == [FAIL, NOT_REACHED]


def test_lost_function_is_called_once(tmp_path: Path) -> None:
    """A forward pass that never ends costs its time limit once, not once a check."""
    log = tmp_path / "log"
    endless = f"""
def affine_forward(x, w, b):
    with open({str(log)!r}, "a") as log: log.write("f")
    while True: pass
"""
    backward = "import numpy as np\n" + inspect.getsource(reference.affine_backward)
    (tmp_path / "affine.py").write_text(endless + "\n" + backward)
    student = Worker(read(tmp_path / "affine.py"), seconds=0.5)
    try:
        report = run([by_name("affine_forward"), by_name("affine_backward")], student, 7)
    finally:
        student.close()
    assert log.read_text() == "f"
    assert sum(one.earned for one in report.outcomes) == 3


def test_probe_is_the_same_everywhere() -> None:
    """A seed and a name draw these numbers, on every machine and version."""
    probe = Probe(7, "affine_backward", "db")
    assert probe.sizes(3) == [8, 5, 4]
    assert float(probe.normal(1)[0]) == pytest.approx(1.3620138720205497, rel=1e-12)


@once
def _pair(probe: Probe, times: int = 1) -> list[np.ndarray]:
    return [times * probe.normal(2), probe.normal(3)]


def test_what_is_drawn_once_is_what_each_would_have_drawn() -> None:
    """A probe that takes from another goes on as if it had drawn all by itself."""
    for draw in range(3):
        drawn: dict[object, object] = {}
        alone = Probe(7, "x", draw=draw)
        expected = [_pair(alone), _pair(alone, 5), alone.normal(4)]
        for _ in range(2):
            probe = Probe(7, "x", draw=draw, drawn=drawn)
            found = [_pair(probe), _pair(probe, 5), probe.normal(4)]
            for one, other in zip(found[:2], expected[:2], strict=True):
                assert all(map(np.array_equal, one, other))
            assert np.array_equal(found[2], expected[2])
        later = Probe(7, "x", draw=draw, drawn=drawn)
        assert _pair(later) is _pair(Probe(7, "x", draw=draw, drawn=drawn))
        assert not np.array_equal(_pair(later)[0], _pair(Probe(8, "x", draw=draw, drawn=drawn))[0])


def test_probe_draws_nothing_too_small_to_matter() -> None:
    """Sizes differ pairwise, and no number is so small that a mistake in it would hide."""
    for seed in range(50):
        probe = Probe(seed, "x")
        assert len(set(probe.sizes(3, avoid=[4]))) == 3
        assert np.abs(probe.normal(20)).min() >= 0.05


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_exercise_is_complete(exercise: Exercise) -> None:
    """Every exercise has a stub that runs, two hints, points, and sentences to its checks."""
    scope: dict[str, object] = {"np": np}  # as the files of `checks start` import it
    exec(exercise.stub, scope)
    assert callable(scope[exercise.name])
    assert len(exercise.hints) == 2
    assert exercise.points > 0
    assert exercise.minutes > 0
    assert (BOOK / f"{exercise.chapter}.md").exists()
    names = [check.name for check in exercise.checks]
    assert len(set(names)) == len(names)
    for check in exercise.checks:
        assert check.sentence.endswith(".")
        assert set(check.after) <= set(names)
        assert check.points == 0 or check.stage in ("value", "gradient")
        assert check.points == 0 or check.costs == 0


def test_equations_exist() -> None:
    """Every label that a check or a hint names is the label of a formula in the book."""
    book = "\n".join(path.read_text() for path in BOOK.glob("*.md"))
    defined = set(re.findall(r"^\$\$ \((eq-[\w-]+)\)", book, re.MULTILINE))
    named = {check.equation for exercise in EXERCISES for check in exercise.checks}
    for exercise in EXERCISES:
        named |= {label for hint in exercise.hints for label in re.findall(r"eq-[a-z-]+", hint)}
    assert named - {""} <= defined


def test_names_and_chapters_are_found() -> None:
    """-k takes a name before a chapter, and a chapter before a part of a name."""
    assert [one.name for one in matching("affine_forward")] == ["affine_forward"]
    assert {one.chapter for one in matching("affine")} == {"affine"}
    assert [one.name for one in matching("smoothed")] == ["smoothed_softmax_loss"]
    assert matching("nothing") == ()


def test_import_is_light() -> None:
    """import checks loads nothing but the standard library, and its names only NumPy besides."""
    script = (
        "import sys; import checks; light = set(sys.modules);"
        "from checks import check, rel_error, eval_numerical_gradient;"
        "tops = {name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names;"
        "print(sorted(tops)); print('numpy' in light, 'checks.run' in light)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", PATHS + script], capture_output=True, text=True, check=True
    )
    tops, light = done.stdout.splitlines()
    loaded = {name for name in ast.literal_eval(tops) if "cython" not in name}
    assert loaded <= {"__main__", "checks", "reference", "numpy"}
    assert light == "False False"


PATHS = (
    f"import sys; sys.path[:0] = [{str(BOOK.parent)!r}, {str(Path(np.__file__).parent.parent)!r}];"
)


def broken() -> Exercise:
    """An exercise whose first check breaks, with two checks of which one stands on it."""
    exercise = Exercise("made", "affine", "", "", ("", ""))

    @exercise.check("out", points=2)
    def out(student: Student, probe: Probe) -> Evidence:
        """A sentence."""
        return Evidence(str(np.zeros(3)[7]))

    for name, after in (("cache", ()), ("dx", ("out",))):

        @exercise.check(name, points=1, after=after)
        def good(student: Student, probe: Probe) -> Evidence:
            """A sentence."""
            return GOOD

    return exercise


def test_a_check_that_breaks_is_our_fault() -> None:
    """A check that raises says so, earns and costs nothing, and leaves the other checks theirs."""
    report = run([broken(), made(("out", BAD, {"points": 1}))], InProcess({}), 7)
    assert [one.state for one in report.outcomes] == [UNDETERMINED, PASS, NOT_REACHED, FAIL]
    assert [one.earned for one in report.outcomes] == [0, 1, 0, 0]
    (fault,) = report.remarks
    assert fault.kind == "fault"
    assert (fault.detail["check"], fault.detail["error"]) == ("made / out", "IndexError")
    assert str(fault.detail["line"]).startswith("test_run.py:")


def test_naming_that_breaks_costs_only_the_name() -> None:
    """Where putting a name to a mistake breaks, the outcomes stand, and that it broke is told."""

    def name(*_: object) -> None:
        raise ZeroDivisionError

    report = run([made(("out", BAD, {"points": 1}))], InProcess({}), 7, name=name)
    assert [one.state for one in report.outcomes] == [FAIL]
    assert [one.detail["error"] for one in report.remarks] == ["ZeroDivisionError"]
    assert report.remarks[0].detail["check"] == "the name of the mistake in made"


def test_our_fault_has_its_sentence_and_its_exit_code(monkeypatch, capsys, tmp_path) -> None:
    """The command tells a fault of ours, with where and the seed, and exits with 4."""
    monkeypatch.setattr("checks.tasks.whose.EXERCISES", (broken(),))
    (tmp_path / "mine.py").write_text("def made(): return 1")
    code = main([str(tmp_path), "--in-process", "--json", str(tmp_path / "report.json")])
    told = " ".join(capsys.readouterr().out.split())
    assert code == 4
    assert "made / out could not be judged: a check of ours broke (IndexError" in told
    assert "not of your code" in told
    assert "seed 7" in told
    assert json.loads((tmp_path / "report.json").read_text())["remarks"][0]["kind"] == "fault"


def test_nothing_to_run_code_in_stops_the_run(monkeypatch, tmp_path) -> None:
    """Where no process can be started, no check is asked to try that again."""
    script = tmp_path / "worker.py"
    script.write_text("raise SystemExit(3)")
    monkeypatch.setattr("checks.process.WORKER", script)
    student = Worker(Files({"a.py": "def affine_forward(): pass"}))
    with pytest.raises(RefusalError, match="exit status 3") as caught:
        run([by_name("affine_forward")], student, 7)
    assert caught.value.code == 4
