"""Correct code is accepted with full points, in every style that students write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reference
from checks.exercises import EXERCISES, by_name
from checks.model import PASS, Exercise, Report
from checks.run import run
from checks.student import InProcess, Worker, read
from checks.tasks import exercises_of, marks_in

VARIANTS = Path(__file__).parent.parent / "variants"
FOLDERS = [path for path in VARIANTS.iterdir() if path.is_dir() and path.name != "__pycache__"]
STYLES = sorted([*VARIANTS.glob("*.py"), *FOLDERS])
SEEDS = range(2)  # `make prove` takes two hundred


def wrong(report: Report) -> list[tuple[str, str, object]]:
    """What did not pass, short enough to read in a failure."""
    return [(o.exercise, o.check, o.evidence) for o in report.outcomes if o.state != PASS]


def of(path: Path) -> list[Exercise]:
    """What a variant answers: exercises of the book, and tasks of the ID that it names."""
    files = read(path)
    drawn = [exercises_of(mark) for mark in set(marks_in(files.texts).values())]
    student = InProcess(files)
    try:
        known = (*EXERCISES, *sum(drawn, ()))
        return [one for one in known if student.defines(one.name) is None]
    finally:
        student.close()


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_style_is_accepted_for_every_seed(path: Path) -> None:
    """A correct implementation gets every point, whatever its style and the seed."""
    exercises = of(path)
    student = InProcess(read(path))
    assert exercises
    try:
        for seed in SEEDS:
            report = run(exercises, student, seed)
            assert not wrong(report)
            earned = sum(outcome.earned for outcome in report.outcomes)
            assert earned == sum(exercise.points for exercise in exercises)
    finally:
        student.close()


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_style_is_accepted_across_the_pipe(path: Path) -> None:
    """A correct implementation gets every point in a process of its own."""
    student = Worker(read(path))
    try:
        report = run(of(path), student, 7)
        assert not wrong(report)
    finally:
        student.close()


def test_at_least_ten_styles_cover_every_exercise() -> None:
    """Each exercise has a correct variant, and the layers and losses have nine or ten."""
    covered = [{one.name for one in of(path)} for path in STYLES]
    assert set().union(*covered) >= {one.name for one in EXERCISES}
    assert sum("affine_backward" in names for names in covered) >= 10
    assert sum("softmax_loss" in names for names in covered) >= 9
    assert sum("svm_loss" in names for names in covered) >= 9
    assert sum("relu_backward" in names for names in covered) >= 10
    assert sum("affine_relu_backward" in names for names in covered) >= 8
    for rule in ("sgd_momentum", "rmsprop", "adam"):
        assert sum(rule in names for names in covered) >= 9


def test_reference_is_accepted() -> None:
    """The book's own code gets every point."""
    namespace = {name: getattr(reference, name) for name in reference.__all__}
    exercises = [one for one in EXERCISES if not one.variation]
    for seed in SEEDS:
        assert not wrong(run(exercises, InProcess(namespace), seed))


def test_caches_need_not_be_documented_ones_where_forward_is_not_right() -> None:
    """A right backward keeps its points where its forward is wrong but its cache is its own."""
    text = (Path(__file__).parent.parent / "variants" / "einsum.py").read_text()
    scope: dict[str, object] = {}
    exec(text.replace("+ b[None, :]", ""), scope)
    report = run([by_name("affine_forward"), by_name("affine_backward")], InProcess(scope), 7)
    assert [one.check for one in report.outcomes if one.state != PASS] == ["out"]


def judged(name: str, **code: object) -> Report:
    right = {name: getattr(reference, name) for name in reference.__all__}
    return run([by_name(name)], InProcess({**right, **code}), 7)


@pytest.mark.parametrize("part", [0.0, 0.3, 1.0])
def test_any_subgradient_is_accepted(part: float) -> None:
    """At a bend every share of the step between the two slopes is right, for ReLU and hinge."""

    def relu_backward(dout: Any, cache: Any) -> Any:
        return dout * np.where(cache == 0, part, cache > 0)

    def svm_loss(x: Any, y: Any) -> Any:
        loss, _ = reference.svm_loss(x, y)
        rows = np.arange(len(x))
        gap = x - x[rows, y][:, None] + 1
        dx = np.where(gap == 0, part, gap > 0) / len(x)
        dx[rows, y] = 0
        dx[rows, y] = -dx.sum(axis=1)
        return loss, dx

    assert not wrong(judged("relu_backward", relu_backward=relu_backward))
    assert not wrong(judged("svm_loss", svm_loss=svm_loss))


def test_writing_into_dout_is_a_remark() -> None:
    """A backward pass that gives dout back, changed, keeps its points and is told about it."""

    def relu_backward(dout: Any, cache: Any) -> Any:
        dout[cache <= 0] = 0
        return dout

    report = judged("relu_backward", relu_backward=relu_backward)
    assert not wrong(report)
    (remark,) = report.remarks
    assert (remark.kind, remark.detail["changed"]) == ("in_place", ("dout",))
    assert not judged("relu_backward").remarks


def test_sandwich_is_judged_on_caches_that_its_own_layers_make() -> None:
    """Where the sandwich's forward pass is missing, its backward gets both layers' own caches."""

    def relu_forward(x: Any) -> Any:
        return np.maximum(x, 0), {"on": x > 0}

    def affine_relu_backward(dout: Any, cache: Any) -> Any:
        first, second = cache
        return reference.affine_backward(dout * second["on"], first)

    for forward in (None, lambda x, w, b: (x, None)):
        code = {
            "relu_forward": relu_forward,
            "affine_relu_backward": affine_relu_backward,
            "affine_forward": reference.affine_forward,
        }
        if forward is not None:
            code["affine_relu_forward"] = forward
        assert not wrong(run([by_name("affine_relu_backward")], InProcess(code), 7))


def test_count_from_one_is_a_remark() -> None:
    """Adam that starts at t = 1 and counts up first, as a course once did, is told so once."""

    def adam(w: Any, dw: Any, config: Any = None) -> Any:
        return reference.adam(w, dw, {"t": 1, **(config or {})})

    report = judged("adam", adam=adam)
    assert not wrong(report)
    (remark,) = report.remarks
    assert (remark.kind, remark.detail["function"]) == ("late_start", "adam")
    assert not judged("adam").remarks


def test_memory_may_hold_more_than_arrays() -> None:
    """A config with objects of the rule's own in it, lists or functions, comes back to it."""

    def rmsprop(w: Any, dw: Any, config: Any = None) -> Any:
        config = {} if config is None else config
        config.setdefault("losses", []).append(float(dw.sum()))
        config.setdefault("root", np.sqrt)
        config.setdefault(3, object())
        next_w, after = reference.rmsprop(w, dw, config)
        return next_w, config | after

    assert not wrong(judged("rmsprop", rmsprop=rmsprop))
