"""The measurements' own logic, without the libraries that are measured: quick, and no timing."""

import numpy as np
import pytest

from benchmarks import adam, adam_peers, course_style, deep, measure, peers, training, worker
from benchmarks.changes import CHANGES
from benchmarks.peers import OURS, PEERS, PRODUCTS, TORCH_PRODUCTS, Task
from reference import TwoLayerNet

SMALL = Task(hidden=(7,), batch=5, dtype="float64", inputs=11, classes=3, reg=0.1)


def losses(name: str, task: Task, steps: int = 6) -> list[float]:
    batches = task.batches()
    step = PEERS[name].make(task, batches)
    return [step(i % len(batches)) for i in range(steps)]


def test_the_course_style_has_our_loss_and_gradients():
    """On one batch with a regulariser, both nets give the same numbers to rounding."""
    net = TwoLayerNet(11, 7, 3, reg=SMALL.reg)
    net.params = SMALL.params()
    X, y = SMALL.batches()[0]
    ours, our_grads = net.loss(X, y)
    theirs, grads = course_style.Net(SMALL.params(), SMALL.reg).loss(X, y)
    assert theirs == pytest.approx(ours, rel=1e-14)
    assert sorted(grads) == sorted(our_grads)
    for name, grad in grads.items():
        # Sums of 11 products at most, in another order.
        np.testing.assert_allclose(grad, our_grads[name], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", [(7,), (7, 6, 5)])
@pytest.mark.parametrize("rule", training.RATES)
def test_the_course_style_does_our_training(rule, hidden, dtype):
    """Over some steps, the course's style stays within what the harness allows."""
    kind = {"dtype": dtype, "hidden": hidden, "rule": rule, "learning_rate": training.RATES[rule]}
    task = Task(**{**vars(SMALL), **kind})
    training.agree("course style", losses("course style", task), losses(OURS, task), task)


def test_a_peer_without_a_rule_is_not_asked():
    """Where a library has no such rule, its cell says so, and it counts in no median."""
    task = next(one for one in training.TASKS if one.rule == "rmsprop")
    assert not training.can("scikit-learn", task)
    assert training.can("torch eager", task)
    assert training.step_row("a part", task, {OURS: [1.0]})["scikit-learn"] == "has none"


@pytest.mark.parametrize("wrong", [{"reg": 0.0}, {"learning_rate": 0.0101}, {"hidden": (8,)}])
def test_a_peer_that_trains_otherwise_is_refused(wrong):
    """Another penalty, rate or width is seen in the losses, and nothing is timed."""
    other = Task(**{**vars(SMALL), **wrong})
    with pytest.raises(RuntimeError, match="does not do our training: before step"):
        training.agree("it", losses("course style", other), losses(OURS, SMALL), SMALL)


def test_a_loss_that_is_no_number_is_refused():
    """A peer that gives nan does not agree with anything."""
    with pytest.raises(RuntimeError, match="before step 2 its loss is nan"):
        training.agree("it", [1.0, float("nan")], [1.0, 1.0], SMALL)


def test_a_missing_peer_is_named(monkeypatch):
    """Without torch, jax and scikit-learn there are no times of theirs, and rows that say so."""
    monkeypatch.setattr(training, "installed", lambda name: "2.0" if name == "numpy" else "")
    absent = training.missing()
    theirs = ["torch eager", "torch fused", "jax jit", "scikit-learn"]
    assert absent == [*theirs, TORCH_PRODUCTS]
    times = {name: [1.0, 2.0] for name in PEERS if name not in absent}
    rows = training.median_rows(dict.fromkeys(training.TASKS, times))
    row = training.step_row(training.STEP, training.TASKS[0], times)
    for name in theirs:
        cells = [row["its_by_ours"] for row in rows if row["peer"] == name]
        assert [*cells, row[name]] == ["not installed"] * 3
    assert all("reached" not in row for row in rows if row["peer"] in theirs)


def test_a_ratio_is_the_median_of_pairs():
    """A slow round, which hits both, changes nothing; the target is held against the ratio."""
    times = {OURS: [1.0, 9.0, 2.0], "course style": [1.5, 13.5, 3.0], PRODUCTS: [0.5, 4.5, 1.0]}
    assert training.ratio(times, "course style") == 1.5
    rows = training.median_rows(dict.fromkeys(training.TASKS, times))
    found = {row["precision"]: row for row in rows if row["peer"] == "course style"}
    assert found["float32"]["its_by_ours"] == 1.5
    assert (found["float32"]["target"], found["float32"]["reached"]) == (1.45, True)
    assert training.bound_row(Task(), times)["products_percent"] == 50


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_step_is_the_same_training(name):
    """What is done otherwise in our step changes its time and not its losses, started twice."""
    ours = losses(OURS, SMALL)
    with worker.Worker(name) as changed:
        for _ in range(2):
            changed.start(SMALL)
            training.agree(name, changed.losses(len(ours)), ours, SMALL)


def test_a_process_takes_steps_and_tells_their_cost():
    """Over its pipe a peer gives the losses that it gives here, and times that are positive."""
    with worker.Worker(OURS) as ours:
        ours.start(SMALL)
        assert ours.losses(4) == pytest.approx(losses(OURS, SMALL, 4), rel=1e-14)
        assert ours.seconds(3) > 0
        peak, excess = ours.memory()
    assert peak > excess >= 0


def test_a_process_that_fails_is_named(capfd):
    """A peer that raises stops the run with its name, and its traceback is seen."""
    with worker.Worker(OURS) as ours, pytest.raises(RuntimeError, match="process of reference"):
        ours.start(Task(**{**vars(SMALL), "rule": "no such rule"}))
    assert "no such rule" in capfd.readouterr().err


def test_the_products_are_those_of_a_step():
    """Two for the first layer and three for each further one, of the sizes of the net."""
    step = peers.products(SMALL, SMALL.batches())
    assert np.isnan(step(0))
    shapes = sorted(out.shape for *_, out in step.__closure__[0].cell_contents)
    assert shapes == sorted([(5, 7), (11, 7), (5, 3), (7, 3), (5, 7)])


# Adam alone


def moved(name: str, task: Task, steps: int = 12) -> list[float]:
    """What a peer shows of so many steps of its rule."""
    step = adam_peers.PEERS[adam_peers.called(name)].make(task, [])
    return [step(number % 4) for number in range(steps)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", [(), (7,), (7, 6, 5)])
@pytest.mark.parametrize("name", ["course style", "NumPy in place"])
def test_adam_alone_goes_our_way(name, hidden, dtype):
    """On given gradients each way to write Adam moves the arrays as ours does."""
    task = Task(**{**vars(SMALL), "hidden": hidden, "rule": "adam", "dtype": dtype})
    assert len(adam_peers.arrays(task)) == max(1, 2 * len(hidden) + 2 * bool(hidden))
    training.agree(name, moved(name, task), moved(OURS, task), task)


def test_another_adam_is_refused(monkeypatch):
    """A rule that is not Adam, or leaves out a single array, is seen before it is timed."""
    task = Task(**{**vars(SMALL), "rule": "adam"})
    ours = moved(OURS, task)
    monkeypatch.setattr(course_style, "adam", course_style.rmsprop)
    with pytest.raises(RuntimeError, match="before step 1 its loss"):
        training.agree("it", moved("course style", task), ours, task)
    rule = adam_peers._in_place
    lazy = lambda w, dw, config: (w, config) if w.shape == (3,) else rule(w, dw, config)  # noqa: E731
    monkeypatch.setattr(adam_peers, "_in_place", lazy)
    with pytest.raises(RuntimeError, match="does not do our training"):
        training.agree("it", moved("NumPy in place", task), ours, task)


def test_adam_alone_has_its_targets_for_the_one_array():
    """The ratio is held against what was to be reached, and a missing peer is named."""
    times = {OURS: [1.0, 2.0], "course style": [1.5, 3.0], "torch eager": [1.3, 2.6]}
    rows = adam.target_rows("float32", times)
    assert [(row["peer"], row["reached"]) for row in rows] == [
        ("torch eager", True),
        ("course style", False),
    ]
    task = adam.TASKS[adam.ONE, "float32"]
    assert adam.row(adam.ONE, task, times)["jax jit"] == "not installed"
    assert [*adam_peers.arrays(task)["W1"].shape] == [3072, 100]
    del times["torch eager"]
    assert "reached" not in adam.target_rows("float32", times)[0]


def test_the_printed_table_has_its_columns_in_line():
    """Each part is a table with its own columns; a cell that a row lacks is left empty."""
    rows = [
        {"part": "speed", "peer": "torch", "ratio": 1.5, "target": 1.4, "reached": True},
        {"part": "speed", "peer": "scikit-learn", "ratio": "not installed"},
        {"part": "memory", "MB": 98},
    ]
    assert measure.as_text(rows).splitlines() == [
        "",
        "speed",
        "  peer          ratio          target  reached",
        "  torch         1.5            1.4     True",
        "  scikit-learn  not installed",
        "",
        "memory",
        "  MB",
        "  98",
    ]


# The deep chapters on other images

CHAPTER = """
# A chapter

```{code-cell} ipython3
x = 2
assert x > 1 and x > 3
```

```{code-cell} ipython3
for y in range(3):
    assert y < 5
assert x == 2
```
"""


def test_a_chapter_is_run_and_its_claims_are_counted(tmp_path, monkeypatch):
    """Each claim counts once, however often it is computed, and what the cells made is there."""
    front = (deep.BOOK / "affine.md").read_text("utf-8").split("# ")[0].split("(affine)")[0]
    (tmp_path / "tiny.md").write_text(front + CHAPTER, "utf-8")
    monkeypatch.setattr(deep, "BOOK", tmp_path)
    names, held = deep.run("tiny")
    assert (names["x"], names["y"]) == (2, 2)
    assert held == [True, False, True, True]


def test_the_tables_of_the_deep_chapters_read_their_variables():
    """Accuracies and losses stand in their rows as the chapters left them."""
    accuracy = lambda runs, split="val": np.array(runs[split])  # noqa: E731
    runs = {"train": [1.0, 1.0], "val": [0.3, 0.4]}
    heart = {"last": accuracy, "by_heart": {"3 layers": runs}, "neighbour": {1: [0.2, 0.25]}}
    rows = deep.by_heart(heart)
    assert [row["who"] for row in rows] == ["3 layers", "nearest neighbour"]
    assert rows[0]["validation"] == "0.300 to 0.400"
    assert rows[1]["validation"] == "0.200 to 0.250"
    ward = {"last": accuracy, "ward": dict.fromkeys(deep.CURES, runs), "test": {"L2": [0.5, 0.6]}}
    tests = {row["remedy"]: row.get("test") for row in deep.cured(ward)}
    assert {name for name, found in tests.items() if found} == {"L2"}
    race = {"COURSE": {"sgd": 5e-3}, "lowest": lambda rule: 0.05, "final": lambda *_: [1.0, 2.0]}
    (row,) = deep.raced(race)
    assert (row["the course's rate"], row["best of four"]) == ("0.005", "0.05")
