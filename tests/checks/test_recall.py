"""Calls that are made once, and those that are made again."""

from collections import Counter
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np

import reference
from checks.exercises import by_name
from checks.files import Files
from checks.model import FAIL, PASS, Handle
from checks.recall import Recall, afresh, is_last
from checks.run import run
from checks.student import InProcess, Worker


class Counted(InProcess):
    """A student who counts what is called."""

    def __init__(self, namespace: dict[str, object]) -> None:
        super().__init__(namespace)
        self.calls: Counter[str] = Counter()

    def call(self, name: str, *args: object, **more: Any) -> Any:
        """Count, and call."""
        self.calls[name] += 1
        return super().call(name, *args, **more)


def right() -> dict[str, object]:
    """The book's own functions."""
    return {name: getattr(reference, name) for name in reference.__all__}


def test_an_equal_call_is_made_once_and_another_is_not() -> None:
    """Arguments count by their numbers, shapes and types; so do names, and what is kept."""
    student = Counted(right())
    asked = Recall(student)
    x = np.arange(6.0).reshape(2, 3)
    first = asked.call("relu_forward", x, keep=(1,), names=("x",))
    assert asked.call("relu_forward", x.copy(), keep=(1,), names=("x",)) is first
    assert student.calls["relu_forward"] == 1
    for other in (x + 1, x.reshape(3, 2), x.astype(np.float32), -0.0 * x):
        asked.call("relu_forward", other, keep=(1,), names=("x",))
    asked.call("relu_forward", x, names=("x",))
    assert student.calls["relu_forward"] == 6
    assert afresh(asked) is student
    assert afresh(student) is student


def test_numbers_and_settings_count_by_value() -> None:
    """An equal dict around an equal array is the same; 0.0 is not -0.0, nor 1 the same as 1.0."""
    student = Counted({"f": lambda x, settings: 1})
    asked = Recall(student)
    w = np.ones(2)
    for settings in ({"w": w, "rate": 0.5}, {"w": w.copy(), "rate": 0.5}):
        asked.call("f", 0.0, settings)
    assert student.calls["f"] == 1
    for number in (-0.0, 0, 1.0, 1, True, "1", None):
        asked.call("f", number, {"w": w, "rate": 0.5})
    assert student.calls["f"] == 8
    for k in range(20):
        asked.call("f", np.full(3, k), {})  # each where the last one was
    assert student.calls["f"] == 28


def test_a_call_is_the_last_one_until_another_is_made() -> None:
    """What "again" asks: has the code seen anything else since?"""
    asked = Recall(Counted(right()))
    one, two = np.ones(3), np.zeros(3)
    asked.call("relu_forward", one)
    assert is_last(asked)
    asked.call("relu_forward", two)
    asked.call("relu_forward", one)
    assert not is_last(asked)
    asked.call("relu_forward", two)
    assert is_last(asked)
    afresh(asked).call("relu_forward", one)
    assert not is_last(asked)
    assert is_last(Counted(right()))


def test_a_cache_is_told_from_another_one() -> None:
    """A backward pass on another forward's cache is another call, though dout is the same."""
    student = Counted(right())
    asked = Recall(student)
    caches = []
    for sign in (1.0, -1.0):
        answer = asked.call("relu_forward", sign * np.ones(3), keep=(1,))
        assert isinstance(answer.value, tuple)
        assert isinstance(answer.value[1], Handle)
        caches.append(answer.value[1])
    found = [asked.call("relu_backward", np.ones(3), cache).value for cache in caches]
    np.testing.assert_array_equal(found, [np.ones(3), np.zeros(3)])


def test_checks_of_one_batch_cost_one_call_of_each_pass() -> None:
    """dx, dw, db and "inputs" see three draws; "again" takes three more, and another batch each."""
    student = Counted(right())
    report = run([by_name("affine_backward")], student, 7)
    assert all(one.state == PASS for one in report.outcomes)
    assert student.calls == {"affine_forward": 3 + 3, "affine_backward": 3 + 2 * 3}


def test_a_backward_pass_alone_is_called_twice_for_each_draw() -> None:
    """Without a forward pass of theirs another batch has gone through already."""
    student = Counted({"affine_backward": reference.affine_backward})
    report = run([by_name("affine_backward")], student, 7)
    assert all(one.state == PASS for one in report.outcomes)
    assert student.calls == {"affine_forward": 3, "affine_backward": 2 * 3}


def test_what_a_backward_pass_uses_up_is_not_held_against_the_next_check() -> None:
    """One that writes into its cache fails where that is asked, and is right elsewhere."""

    def affine_backward(dout: Any, cache: Any) -> Any:
        x, w, b = cache
        found = reference.affine_backward(dout, (x.copy(), w.copy(), b))
        x *= 2.0
        return found

    report = run(
        [by_name("affine_backward")], InProcess({**right(), "affine_backward": affine_backward}), 7
    )
    states = {one.check: one.state for one in report.outcomes}
    assert [name for name, state in states.items() if state == FAIL] == ["inputs", "again"]


def test_checks_that_share_are_drawn_alike_and_others_are_not() -> None:
    """dx, dw and db show one batch; the checks of sgd, which share nothing, one each."""

    def twice(dout: Any, cache: Any) -> Any:
        return tuple(2 * one for one in reference.affine_backward(dout, cache))

    def far(w: Any, dw: Any, config: Any = None) -> Any:
        next_w, config = reference.sgd(w, dw, config)
        return next_w + 1, config

    def shown(name: str, mine: Any) -> list[Any]:
        exercise = replace(
            by_name(name), checks=[replace(c, after=()) for c in by_name(name).checks]
        )
        report = run([exercise], InProcess({**right(), name: mine}), 7)
        failed = [one.evidence for one in report.outcomes if one.state == FAIL]
        return [next(iter(one.inputs.values())) for one in failed if one is not None]

    alike, apart = shown("affine_backward", twice), shown("sgd", far)
    assert len(alike) == 3
    assert all(np.array_equal(alike[0], other) for other in alike)
    assert len(apart) > 1
    assert not np.array_equal(apart[0], apart[1])


def test_what_is_lost_with_its_process_is_asked_anew() -> None:
    """A layer that ends the process in between costs the sandwich that needs none of it nothing."""
    text = """
import numpy as np, os
def relu_forward(x): os._exit(3)
def affine_relu_forward(x, w, b):
    a = x.reshape(len(x), -1) @ w + b
    return np.maximum(a, 0), (x, w, a)
def affine_relu_backward(dout, cache):
    x, w, a = cache
    da = dout * (a > 0)
    return (da @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ da, da.sum(axis=0)
"""
    with closing(Worker(Files({"a.py": text}))) as student:
        asked = Recall(student)
        x, w, b = np.ones((2, 3)), np.ones((3, 4)), np.ones(4)
        before = asked.call("affine_relu_forward", x, w, b, keep=(1,)).value
        assert asked.call("relu_forward", x).problem is not None
        after = asked.call("affine_relu_forward", x, w, b, keep=(1,)).value
        assert isinstance(before, tuple)
        assert isinstance(after, tuple)
        assert before[1] != after[1]
        assert asked.call("affine_relu_backward", np.ones((2, 4)), after[1]).problem is None
        report = run([by_name("affine_relu_backward")], student, 7)
    assert {one.state for one in report.outcomes} == {PASS}
