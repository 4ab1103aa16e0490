"""Nets through their adapter: what is seen of them, and whose fault is whose."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import checks
import reference
from checks import check, mine_or_reference
from checks.exercises import by_name
from checks.exercises.nets import SURE, book, draw, looks_drawn
from checks.mistakes import MISTAKES, lineup, mistakes_of
from checks.mistakes import two_layer_net as wrong_nets
from checks.mistakes.entry import Shelf
from checks.model import FAIL, NOT_STARTED, PASS, Answer, Evidence, Probe, Report
from checks.run import run
from checks.show import words
from checks.show.plain import to_json
from checks.student import Files, InProcess, Worker, read

RIGHT = wrong_nets.TwoLayerNet
TEXT = "import numpy as np\n\n\n" + inspect.getsource(RIGHT)
NET = by_name("TwoLayerNet")
SCHEMA = Path(checks.__file__).parent / "show" / "report.schema.json"
LAYERED = (
    TEXT.replace("z = X @ W1 + b1", "z, cache = affine_forward(X, W1, b1)")
    .replace("hidden = np.maximum(z, 0)", "hidden, mask = relu_forward(z)")
    .replace("scores = hidden @ W2 + b2", "scores, last = affine_forward(hidden, W2, b2)")
    .replace("dz = dscores @ W2.T * (z > 0)", "dz = relu_backward(dscores @ W2.T, mask)")
)


@contextmanager
def at_work(files: dict[str, str], **options: Any) -> Iterator[Worker]:
    student = Worker(Files(files), **options)
    try:
        yield student
    finally:
        student.close()


def judged(code: type | str, seed: int = 7) -> Report:
    scope: dict[str, Any] = {"TwoLayerNet": code}
    if isinstance(code, str):
        scope = {"np": np}
        exec(code, scope)
    return run([NET], InProcess(scope), seed)


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def states(report: Report) -> dict[str, str]:
    return {one.check: one.state for one in report.outcomes}


def first(report: Report) -> Evidence:
    seen = next(one for one in report.outcomes if one.state != PASS).evidence
    assert seen is not None
    return seen


def said(report: Report) -> str:
    return " ".join(words.says(first(report)))


# What is seen through the adapter


def ask(student: InProcess | Worker, *, labels: bool = True) -> Answer:
    batch = draw(Probe(7, "test"), reg=0.3)
    names = ("settings", "params", "X", "y")
    args = (batch.settings, dict(batch.params), batch.X, batch.y if labels else None)
    return student.call("TwoLayerNet.loss", *args, names=names)


CHANGES = {
    "in place": ("        return loss, grads", "        W1 += 1\n        return loss, grads"),
    "another array": (
        "        return loss, grads",
        "        self.params['W1'] = W1 + 1\n        return loss, grads",
    ),
    "one more": (
        "        return loss, grads",
        "        self.params['cache'] = hidden\n        return loss, grads",
    ),
    "one less": (
        "        return loss, grads",
        "        self.params.pop('b2')\n        return loss, grads",
    ),
    "X": ("X = X.reshape(N, -1)", "X -= X.mean()\n        X = X.reshape(N, -1)"),
    "y": ("dscores = p.copy()", "dscores = p.copy()\n        y[0] = 0 if y[0] else 1"),
}
NAMED = {"one more": "params['cache']", "one less": "params['b2']", "X": "X", "y": "y"}


@pytest.mark.parametrize("what", CHANGES)
def test_changes_are_seen_on_both_sides_of_the_pipe(what: str) -> None:
    """A loss that changes its parameters, in place or not, or its batch, is noticed by name."""
    text = changed(*CHANGES[what])
    scope: dict[str, Any] = {"np": np}
    exec(text, scope)
    with at_work({"net.py": text}) as worker:
        for student in (InProcess(scope), worker):
            assert ask(student).changed == (NAMED.get(what, "params['W1']"),)
    report = judged(text)
    assert states(report)["inputs"] == FAIL


def test_slopes_by_path_are_the_gradients() -> None:
    """The slope along a part of params is the gradient there, in process and over the pipe."""
    batch = draw(Probe(3, "test"), reg=0.3)
    _, grads = batch.net().loss(batch.X, batch.y)
    args = [batch.settings, dict(batch.params), batch.X, batch.y]
    with at_work({"net.py": TEXT}) as worker:
        for student in (InProcess({"TwoLayerNet": RIGHT}), worker):
            for key in batch.params:
                direction = np.ones_like(batch.params[key])
                answer = student.slopes(
                    "TwoLayerNet.loss", args, {(1, key): direction}, (1e-5, -1e-5)
                )
                assert isinstance(answer.value, np.ndarray)
                slope = (answer.value[0] - answer.value[1]) / 2e-5
                assert slope == pytest.approx(grads[key].sum(), rel=1e-6, abs=1e-8)


def test_drawn_batches_have_live_and_dead_units_off_the_kinks() -> None:
    """Sizes differ, no unit is near its kink, and ReLUs too many and too few would both show."""
    for seed in range(40):
        batch = draw(Probe(seed, "test", draw=seed % 3), reg=0.0)
        assert len(set(batch.sizes.values())) == 4
        z = batch.X.reshape(len(batch.X), -1) @ batch.params["W1"] + batch.params["b1"]
        scores = batch.net().loss(batch.X)
        assert np.abs(z).min() > 0.01
        assert 0 < (z > 0).mean() < 1
        assert (scores < 0).any()
        assert all(value.any() for value in batch.params.values())


def test_a_right_draw_is_never_called_wrong() -> None:
    """Normal weights of any scale pass in 300 draws; uniform ones of the same spread in none."""
    rng = np.random.default_rng(0)
    for scale in np.geomspace(1e-4, 10, 300):
        normal = looks_drawn(scale * rng.standard_normal((70, 80)), "W1", scale)
        uniform = looks_drawn(3**0.5 * scale * rng.uniform(-1, 1, (70, 80)), "W1", scale)
        assert normal.measured <= normal.bound
        assert uniform.measured > uniform.bound
    assert SURE >= 8


# Not started, half begun, missing

OURS = NET.stub
COURSE = '''
class TwoLayerNet(object):
    """Two layers."""

    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.params = {}
        self.reg = reg
        # *****START OF YOUR CODE*****
        pass
        # *****END OF YOUR CODE*****

    def loss(self, X, y=None):
        """Give scores or loss."""
        scores = None
        pass
        # If y is None then we are in test mode so just return scores
        if y is None:
            return scores
        loss, grads = 0, {}
        pass
        return loss, grads
'''
STUBS = {"ours": OURS, "course": COURSE, "empty": "class TwoLayerNet:\n    pass\n"}


@pytest.mark.parametrize("which", STUBS)
def test_stub_is_not_a_failure(which: str) -> None:
    """A class of stubs is not started, from a file, across the pipe, and nothing is counted."""
    for student in (InProcess(Files({"net.py": STUBS[which]})), Worker(Files({"n.py": COURSE}))):
        report = run([NET], student, 7)
        student.close()
        assert set(states(report).values()) == {NOT_STARTED}
        assert sum(one.earned for one in report.outcomes) == 0


@pytest.mark.parametrize("stub", [OURS, COURSE])
def test_start_is_judged_before_loss_is_written(stub: str) -> None:
    """With __init__ done and loss a stub, the start is judged and the rest is not started."""
    loss = stub[stub.index("    def loss(") :]
    text = TEXT[: TEXT.index("    def loss(")] + loss
    report = run([NET], InProcess(Files({"net.py": text})), 7)
    assert [one.check for one in report.outcomes if one.state == PASS] == [
        "params",
        "initial weights",
        "initial biases",
    ]
    assert set(states(report).values()) == {PASS, NOT_STARTED}
    assert said(report).startswith("TwoLayerNet.loss is still the stub (net.py:")


def test_constructor_that_only_keeps_its_arguments_is_no_stub() -> None:
    """An __init__ of nothing but self.x = x is somebody's work."""
    text = """
class Net:
    def __init__(self, model):
        self.model = model
        self.history = []

    def loss(self, X):
        return X + 1
"""
    student = InProcess(Files({"net.py": text}))
    answer = student.call("Net.__init__", {"model": 3})
    assert answer.problem is not None
    assert answer.problem.kind == "raised"  # it has no params; but it was called


def test_missing_class_and_missing_method_are_named() -> None:
    """A class that is nowhere, and a method that a class lacks, are named as such."""
    gone = run([NET], InProcess(Files({"net.py": "x = 1\n"})), 7)
    assert said(gone) == "No class called TwoLayerNet was found."
    half = run([NET], InProcess(Files({"net.py": TEXT.replace("def loss", "def lose")})), 7)
    assert said(half) == "TwoLayerNet has no method called loss."


# Errors, and odd nets


def test_error_in_a_method_is_told_at_its_line() -> None:
    """What loss raises is told with the method's name, the line of the file and its text."""
    report = run([NET], InProcess(Files({"fc.py": changed("X @ W1 + b1", "X @ W1.T + b1")})), 7)
    line = next(i for i, text in enumerate(TEXT.splitlines(), 1) if "X @ W1 + b1" in text)
    assert said(report).startswith("TwoLayerNet.loss raised ValueError: the inner sizes")
    assert f"at fc.py:{line}." in said(report)
    assert "z = X @ W1.T + b1" in said(report)


RETURN = "        return loss, grads"
ODD = {
    "recursion": ("N = len(X)", "return self.loss(X, y)", "inputs", "problem"),
    "raises": ("N = len(X)", "raise KeyError('W3')", "inputs", "problem"),
    "exits": ("N = len(X)", "raise SystemExit(3)", "inputs", "problem"),
    "nan": (RETURN, "        return loss, {k: v * np.nan for k, v in grads.items()}", "dW1",
            "nonfinite"),
    "none": (RETURN, "        return loss, {**grads, 'W2': None}", "dW2", "result_none"),
    "tuple": (RETURN, "        return loss, {**grads, 'W2': (1, 2)}", "dW2", "type"),
    "list": (RETURN, "        return loss, {**grads, 'W2': grads['W2'].tolist()}", "dW2", "type"),
    "loss only": (RETURN, "        return loss", "loss", "count"),
    "nothing": (RETURN, "        return None", "loss", "returned_none"),
    "text": (RETURN, "        return str(loss), grads", "loss", "type"),
    "row of losses": (".mean()", "", "loss", "shape"),
    "no dict": ('        self.params = {', "        self.params = None if input_dim else {",
                "params", "problem"),
    "no params": ('        self.params = {', "        self.weights = {", "params", "problem"),
    "other names": ("hidden_dim=100", "hidden_size=100", "params", "problem"),
    "whole numbers": ('"b1": np.zeros(hidden_dim)', '"b1": np.zeros(hidden_dim, int)', "params",
                      "dtype"),
    "a list": ('"b1": np.zeros(hidden_dim)', '"b1": [0.0] * hidden_dim', "params", "type"),
    "something more": ('"b1": np.zeros(hidden_dim)', '"gain": 1.0, "b1": np.zeros(hidden_dim)',
                       "params", "keys"),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_odd_nets_neither_crash_nor_pass(what: str) -> None:
    """Whatever a net does or returns, the first check that sees it says what it is."""
    old, new, name, kind = ODD[what]
    report = judged(changed(old, new))
    seen = next(one for one in report.outcomes if one.state == FAIL)
    assert (seen.check, seen.evidence and seen.evidence.kind) == (name, kind)
    assert all(words.says(o.evidence) for o in report.outcomes if o.state == FAIL and o.evidence)
    jsonschema.validate(json.loads(to_json(report)), json.loads(SCHEMA.read_text()))


def test_scores_that_are_kept_by_shape_are_noticed() -> None:
    """A net that takes up the scores of the last batch of that size is right but for this."""
    kept = "self.kept = {X.shape: scores}\n            return scores\n"
    taken = "        scores = vars(self).get('kept', {}).get(X.shape, scores)\n"
    for seed in range(3):
        report = judged(changed("return scores\n", kept + taken), seed)
        assert [one.check for one in report.outcomes if one.state != PASS] == ["again"]


def test_endless_loop_costs_its_time_once() -> None:
    """A loss without an end is stopped, told where, and not run again."""
    text = changed("N = len(X)", "N = len(X)\n        while True: pass")
    began = time.monotonic()
    with at_work({"net.py": text}, seconds=0.5) as student:
        report = run([NET], student, 7)
    assert time.monotonic() - began < 10
    assert "had not come to an end after 0.5" in said(report).replace("0.500000", "0.5")
    assert states(report)["initial weights"] == PASS
    assert states(report)["again"] == "not reached"


def test_nets_that_do_nothing_earn_nothing() -> None:
    """Zeros, constants and empty results earn no point."""
    zeros = "        return 0.0, {k: np.zeros_like(v) for k, v in self.params.items()}"
    text = TEXT.replace(RETURN, zeros).replace("return scores\n", "return np.zeros_like(scores)\n")
    text = text.replace("rng.normal(0, weight_scale, ", "np.zeros(")
    report = judged(text)
    assert sum(one.earned for one in report.outcomes) == 0


# Whose fault it is

FAULTS: dict[str, tuple[dict[str, Callable[..., Any]], tuple[str, ...]]] = {
    "affine": (
        {"affine_forward": lambda x, w, b: (x.reshape(len(x), -1) @ w, (x, w, b))},
        ("affine_forward", "affine_backward"),
    ),
    "relu": (
        {"relu_backward": lambda dout, cache: dout},
        ("relu_forward", "relu_backward"),
    ),
    "relu that raises": (
        {"relu_forward": lambda x: None},
        ("relu_forward", "relu_backward"),
    ),
}


def layered(**layers: Callable[..., Any]) -> dict[str, Any]:
    names = ("affine_forward", "affine_backward", "relu_forward", "relu_backward")
    scope: dict[str, Any] = {"np": np, **{name: getattr(reference, name) for name in names}}
    scope.update(layers)
    exec(LAYERED, scope)
    return scope


@pytest.mark.parametrize("which", FAULTS)
def test_wrong_layer_is_told_from_a_wrong_net(which: str) -> None:
    """A right net on wrong layers is told which of its layers to judge first."""
    layers, names = FAULTS[which]
    report = run([NET], InProcess(layered(**layers)), 7)
    assert first(report).detail["right_with"] == names
    assert "With the book's" in said(report)
    assert "come first" in said(report)
    assert not [one for one in run([NET], InProcess(layered()), 7).outcomes if one.state != PASS]


def test_wrong_net_on_right_layers_is_not_blamed_on_them() -> None:
    """Where the net itself is wrong, nothing is said of the layers."""
    for mistake in mistakes_of("TwoLayerNet"):
        for one in run([NET], InProcess({"TwoLayerNet": mistake.code}), 7).outcomes:
            assert one.evidence is None or "right_with" not in one.evidence.detail


def test_book_layers_are_taken_away_again() -> None:
    """After a call with the book's layers, a student's own are where they were."""
    scope = layered(relu_forward=lambda x: (x, x))
    before = dict(scope)
    run([NET], InProcess(scope), 7)
    assert {name: scope[name] for name in before} == before
    assert set(book().name.split()) >= {"affine_forward", "softmax_loss"}


def test_stub_of_a_layer_is_named() -> None:
    """A net that calls a function which is still a stub is told which, and is not a stub itself."""
    files = {
        "net.py": "from layers import *\n" + LAYERED,
        "layers.py": "import numpy as np\n\n\n"
        + inspect.getsource(reference.affine_forward)
        + "\n\ndef relu_forward(x):\n    raise NotImplementedError\n",
    }
    with at_work(files) as student:
        report = run([NET], student, 7)
    assert said(report).startswith(
        "TwoLayerNet.loss calls relu_forward, which is still a stub (layers.py:"
    )
    assert states(report)["inputs"] == FAIL


# The evidence


def test_slope_is_that_of_their_own_loss() -> None:
    """Where their loss is right, the number beside a gradient is its slope."""
    (mistake,) = (one for one in mistakes_of("TwoLayerNet") if one.name == "db2_is_a_mean")
    detail = first(run([NET], InProcess({"TwoLayerNet": mistake.code}), 7)).detail
    assert detail["slope"] == pytest.approx(detail["right"], rel=1e-6)
    assert detail["name"] == "grads['b2']"


@pytest.mark.parametrize("name", ["decay_halved", "decay_doubled", "decay_subtracted"])
def test_share_of_the_regulariser_is_found(name: str) -> None:
    """How many times reg * W a gradient holds is found exactly, for every seed."""
    (mistake,) = (one for one in mistakes_of("TwoLayerNet") if one.name == name)
    share = {"decay_halved": 0.5, "decay_doubled": 2.0, "decay_subtracted": -1.0}[name]
    for seed in range(5):
        detail = first(run([NET], InProcess({"TwoLayerNet": mistake.code}), seed)).detail
        claim = detail["pattern"]
        assert isinstance(claim, dict)
        assert (claim["kind"], claim["parameter"]) == ("share", "W1")
        assert claim["share"] == pytest.approx(share)


# Front ends


def test_notebook_judges_and_keeps_classes(capsys: pytest.CaptureFixture[str]) -> None:
    """check and mine_or_reference take a class; a wrong one gives way to the reference's."""
    right: Any = RIGHT
    assert repr(check(right)) == "12 of 12 public checks pass; 8 of 8 points."
    assert mine_or_reference(right) is right
    scope: dict[str, Any] = {"np": np}
    exec(changed("hidden = np.maximum(z, 0)", "hidden = z"), scope)
    assert mine_or_reference(scope["TwoLayerNet"]) is reference.TwoLayerNet
    exec(OURS, scope)
    assert mine_or_reference(scope["TwoLayerNet"]) is reference.TwoLayerNet
    assert capsys.readouterr().out.splitlines() == [
        "TwoLayerNet: yours (12 of 12 checks pass)",
        "TwoLayerNet: the reference's, since yours does not pass yet",
        "TwoLayerNet: the reference's, since yours is not started",
    ]


def test_half_begun_net_is_not_called_not_started() -> None:
    """A net whose start is right and whose loss is a stub is begun, and told what is next."""
    loss = OURS[OURS.index("    def loss(") :]
    scope: dict[str, Any] = {"np": np}
    exec(TEXT[: TEXT.index("    def loss(")] + loss, scope)
    card = repr(check(scope["TwoLayerNet"]))
    assert card.startswith("TwoLayerNet.loss: not started\n")
    assert "TwoLayerNet.loss is still the stub" in card
    assert "3 of 12 public checks pass; 1 of 8 points." in card


def test_lineup_shows_the_method_and_not_the_class(capsys: pytest.CaptureFixture[str]) -> None:
    """A puzzle with classes shows of each the method that the mistake is in."""
    lineup("TwoLayerNet", 3)
    printed = capsys.readouterr().out
    assert printed.count("class TwoLayerNet:") == 3
    assert "    ..." in printed
    for mistake in mistakes_of("TwoLayerNet"):
        assert mistake.shown.count("def ") <= 2
        assert mistake.text.count("def __init__") == 1


def test_change_that_changes_nothing_is_refused() -> None:
    """A line that is not there exactly once is a ValueError that names the mistake."""
    shelf = Shelf(RIGHT)
    for old in ("not there", "self"):
        with pytest.raises(ValueError, match="odd: "):
            shelf.change("odd", "It is odd.", (old, "new"))
    assert all(one.source != TEXT for one in MISTAKES if one.function == "TwoLayerNet")


def test_net_is_judged_quickly() -> None:
    """A right net costs less than half a second of processor time, ten times what it takes."""
    student = InProcess({"TwoLayerNet": RIGHT})
    began = time.process_time()
    run([NET], student, 7)
    assert time.process_time() - began < 0.5


def test_course_layout_is_found() -> None:
    """TwoLayerNet is found in classifiers/fc_net.py, with its layers by star imports."""
    folder = Path(__file__).parent.parent / "variants" / "course"
    student = Worker(read(folder))
    try:
        assert student.defines("TwoLayerNet") is None
        assert not isinstance(ask(student).value, dict)
        remarks = [one.where for one in student.remarks()]
    finally:
        student.close()
    assert any("layer_utils.py" in where for where in remarks)
