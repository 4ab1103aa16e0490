"""Nets of any depth and the variations around them: what is drawn, accepted, and told."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import reference
from checks.exercises import by_name
from checks.exercises.nets import draw, draw_deep
from checks.mistakes import fully_connected_net as wrong_nets
from checks.model import FAIL, NOT_STARTED, PASS, Evidence, Probe, Report
from checks.run import run
from checks.show import words
from checks.student import InProcess

RIGHT = wrong_nets.FullyConnectedNet
TEXT = "import numpy as np\n\n\n" + inspect.getsource(RIGHT)
NET = by_name("FullyConnectedNet")


def judged(code: Any, name: str = "FullyConnectedNet", seed: int = 7) -> Report:
    return run([by_name(name)], InProcess({name: code}), seed)


def changed(*pairs: tuple[str, str]) -> Any:
    text = TEXT
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    scope: dict[str, Any] = {}
    exec(text, scope)
    return scope["FullyConnectedNet"]


def first(report: Report) -> Evidence:
    seen = next(one for one in report.outcomes if one.state != PASS).evidence
    assert seen is not None
    return seen


def states(report: Report) -> dict[str, str]:
    return {one.check: one.state for one in report.outcomes}


# What is drawn


@pytest.mark.parametrize("hidden", [1, 2, 3, 4])
def test_drawn_nets_have_live_and_dead_units_in_every_layer(hidden: int) -> None:
    """Sizes differ, no unit of any layer is near its kink, and some scores are negative."""
    for seed in range(8):
        drawn = draw_deep(Probe(seed, "test", draw=seed % 3), 0.3, hidden)
        assert len(drawn.widths) == hidden
        assert len(set(drawn.sizes.values())) == hidden + 3
        h = drawn.X.reshape(len(drawn.X), -1)
        for l in range(1, hidden + 1):
            z = h @ drawn.params[f"W{l}"] + drawn.params[f"b{l}"]
            assert np.abs(z).min() > 0.01 / hidden
            assert (z > 0).any(axis=1).all()
            assert not (z > 0).all(axis=1).any()
            h = np.maximum(z, 0)
        assert (drawn.net().loss(drawn.X) < 0).any()


def test_one_hidden_layer_is_drawn_as_for_the_two_layer_net() -> None:
    """Both nets are judged on the same numbers where they are the same net."""
    shallow, deep = draw(Probe(7, "a"), 0.3), draw_deep(Probe(7, "a"), 0.3, 1)
    assert np.array_equal(shallow.X, deep.X)
    loss, grads = shallow.net().loss(shallow.X, shallow.y)
    other, others = deep.net().loss(deep.X, deep.y)
    assert loss == pytest.approx(other, rel=1e-14)
    assert all(np.allclose(g, others[key], rtol=1e-12) for key, g in grads.items())


# What is accepted


def test_the_net_that_mistakes_are_made_of_is_right() -> None:
    """The catalogue's mistakes are changes of a net that gets every point."""
    for seed in range(3):
        report = judged(RIGHT, seed=seed)
        assert set(states(report).values()) == {PASS}
        assert sum(one.earned for one in report.outcomes) == NET.points


LICENCES: dict[str, list[tuple[str, str]]] = {
    "the keywords of 2017": [
        ("reg=0.0,", "dropout=0, use_batchnorm=False, reg=0.0,"),
        ('dtype="float32",', "dtype=np.float32, seed=None,"),
    ],
    "float32 whatever dtype says, inside": [
        ("scores = h\n", "scores = h.astype(np.float32).astype(self.dtype)\n"),
    ],
    "-0.0 and any gradient at 0": [("h = h * masks[l]", "h = np.where(masks[l], h, -0.0)")],
    "grads in another order": [
        ("return loss, grads", "return loss, dict(sorted(grads.items()))"),
    ],
    "a loss that is an array without axes": [
        ("return loss, grads", "return np.asarray(loss), grads")
    ],
    "attributes of its own": [("self.params = {}", "self.params = {}; self.caches = [1, 2]")],
}


@pytest.mark.parametrize("what", LICENCES)
def test_what_students_may_do_is_accepted(what: str) -> None:
    """A right net is accepted with the keywords, precisions and habits of any edition."""
    report = judged(changed(*LICENCES[what]))
    assert not [one for one in report.outcomes if one.state != PASS]


# What is told


def test_scores_that_are_kept_by_shape_are_noticed() -> None:
    """A net that takes up the scores of the last batch of that size is right but for this."""
    kept = "self.kept = {X.shape: scores}\n            return scores\n"
    taken = "        scores = vars(self).get('kept', {}).get(X.shape, scores)\n"
    for seed in range(3):
        report = judged(changed(("return scores\n", kept + taken)), seed=seed)
        assert [name for name, state in states(report).items() if state != PASS] == ["again"]


@pytest.mark.parametrize(
    ("pairs", "check", "said"),
    [
        (
            [("return loss, grads", 'grads["X"] = dh\n        return loss, grads')],
            "keys",
            "grads holds 'X', and params holds nothing of that name.",
        ),
        (
            [("W.astype(dtype)", "W")],
            "dtype",
            "params['W1'] is of dtype float64; asked for was float32.",
        ),
        (
            [(".astype(self.dtype)\n", "\n")],
            "dtype",
            "With parameters of dtype float32 the scores are of dtype float64.",
        ),
        (
            [("self.params = {}", "self.params = {'gamma1': np.ones(3)}")],
            "params",
            "params holds 'gamma1' besides W1, b1, W2 and b2.",
        ),
        (
            [("rng.standard_normal((d", "np.random.default_rng(0).standard_normal((d")],
            "initial weights",
            "W2 holds the same numbers as W1: each is to be drawn for itself.",
        ),
    ],
)
def test_the_sentence_says_what_was_seen(
    pairs: list[tuple[str, str]], check: str, said: str
) -> None:
    """The card of each of these names the array, what it is, and what it was to be."""
    report = judged(changed(*pairs))
    assert states(report)[check] == FAIL
    evidence = next(one.evidence for one in report.outcomes if one.check == check)
    assert evidence is not None
    assert said in " ".join(words.says(evidence))


def test_other_depths_are_looked_at() -> None:
    """A net that is right with three layers only does not get every point."""
    three = changed(("L, N = self.num_layers, len(X)", "L, N = 3, len(X)"))
    found = states(judged(three))
    assert found["dW1"] == PASS
    assert found["other depths"] == FAIL


def test_a_stub_is_not_a_failure() -> None:
    """The stub of the page is not started, and nothing of it counts as wrong."""
    for name in ("FullyConnectedNet", "residual_forward", "residual_backward", "knn_predict"):
        scope: dict[str, Any] = {"np": np}
        exec(by_name(name).stub, scope)
        assert set(states(judged(scope[name], name)).values()) == {NOT_STARTED}


# The variations


def knn(X_train: Any, y_train: Any, X: Any, k: int, how: str) -> Any:
    rows = X.reshape(len(X), -1)[:, None] - X_train.reshape(len(X_train), -1)
    away = np.abs(rows).max(axis=2) if how == "largest difference" else (rows**2).sum(axis=2)
    if how == "farthest":
        away = -away
    votes = y_train[away.argsort(axis=1)[:, : 1 if how == "one vote" else k]]
    if how == "first of a tie":
        return np.array([max(row, key=list(row).count) for row in votes])
    if how == "largest of a tie":
        return np.array([9 - np.bincount(9 - row, minlength=10).argmax() for row in votes])
    if how == "indices":
        return away.argmin(axis=1)
    if how == "mean label":
        return np.round(votes.mean(axis=1))
    return np.array([np.bincount(row).argmax() for row in votes])


def residual(dout: Any, cache: Any, how: str) -> Any:
    x, w1, b1, w2, _ = cache
    z = x @ w1 + b1
    dz = dout @ w2.T * (1 if how == "no mask" else z > 0)
    dx = dz @ w1.T + (0 if how == "no way past" else dout)
    hidden = z if how == "before the ReLU" else np.maximum(z, 0)
    if how == "mean":
        return dx, x.T @ dz, dz.mean(axis=0), hidden.T @ dout, dout.mean(axis=0)
    return dx, x.T @ dz, dz.sum(axis=0), hidden.T @ dout, dout.sum(axis=0)


def residual_in_place(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    kept = x.copy()
    x += np.maximum(x @ w1 + b1, 0) @ w2 + b2
    return x, (kept, w1, b1, w2, b2)


def cosine(t: int, T: int, rate: float, warmup: int = 0, how: str = "") -> float:
    if t < warmup:
        return rate * (t if how == "begins at 0" else t + 1) / warmup
    u = t / T if how == "warm-up not taken off" else (t - warmup) / (T - warmup)
    turn = 180 if how == "degrees" else np.pi
    return float(rate * (1 + np.cos(turn * u)) / (1 if how == "no half" else 2))


def erased(X: Any, rows: Any, columns: Any, size: int, fill: float = 0.0, how: str = "") -> Any:
    out = X if how == "in place" else X.copy()
    for n in range(len(X)):
        r, c = rows[n], columns[n]
        if how == "one square for all":
            r, c = rows[0], columns[0]
        if how == "columns first":
            r, c = c, r
        top, left = (r, c) if how == "negative slices" else (max(r, 0), max(c, 0))
        end = (max(r + size, 0), max(c + size, 0))
        if how == "moved inside":
            end = (top + size, left + size)
        out[n, top : end[0], left : end[1]] = 0.0 if how == "fill ignored" else fill
    return out


def spoilt(code: Callable[..., Any], how: str) -> Callable[..., Any]:
    return lambda *args: code(*args, how=how)


CARELESS: list[tuple[str, str, Callable[..., Any]]] = [
    *(
        ("knn_predict", check, spoilt(knn, how))
        for how, check in {
            "largest difference": "nearest",
            "farthest": "nearest",
            "indices": "nearest",
            "one vote": "votes",
            "mean label": "votes",
            "first of a tie": "ties",
            "largest of a tie": "ties",
        }.items()
    ),
    ("residual_forward", "inputs", residual_in_place),
    (
        "residual_forward",
        "out",
        lambda x, w1, b1, w2, b2: (reference.relu_forward(x @ w1 + b1)[0] @ w2 + b2, 0),
    ),
    ("residual_backward", "dx", spoilt(residual, "no way past")),
    ("residual_backward", "dw1, db1", spoilt(residual, "no mask")),
    ("residual_backward", "dw2, db2", spoilt(residual, "before the ReLU")),
    ("residual_backward", "dw1, db1", spoilt(residual, "mean")),
    ("cosine_rate", "cosine", lambda *args: cosine(*args, how="degrees")),
    ("cosine_rate", "cosine", lambda *args: cosine(*args, how="no half")),
    ("cosine_rate", "warm-up", lambda *args: cosine(*args, how="begins at 0")),
    ("cosine_rate", "warm-up", lambda *args: cosine(*args, how="warm-up not taken off")),
    *(
        ("erase_squares", check, lambda *args, how=how: erased(*args, how=how))
        for how, check in {
            "in place": "inputs",
            "one square for all": "inside",
            "columns first": "inside",
            "negative slices": "over the edge",
            "moved inside": "over the edge",
            "fill ignored": "colour and fill",
        }.items()
    ),
]


@pytest.mark.parametrize(("name", "check", "code"), CARELESS)
def test_careless_variations_are_told_where(
    name: str, check: str, code: Callable[..., Any]
) -> None:
    """A variation that is nearly right is told which check it is not right in, at any seed."""
    for seed in range(3):
        found = judged(code, name, seed)
        assert states(found)[check] == FAIL
        assert sum(one.earned for one in found.outcomes) < by_name(name).points


NOTHING: list[tuple[str, Callable[..., Any]]] = [
    ("knn_predict", lambda X_train, y_train, X, k: np.zeros(len(X))),
    ("knn_predict", lambda X_train, y_train, X, k: y_train[: len(X)]),
    ("residual_forward", lambda x, w1, b1, w2, b2: (x, None)),
    ("residual_backward", lambda dout, cache: (dout, *(np.zeros_like(a) for a in cache[1:]))),
    ("cosine_rate", lambda t, T, rate, warmup=0: rate),
    ("cosine_rate", lambda t, T, rate, warmup=0: 0.0),
    ("erase_squares", lambda X, rows, columns, size, fill=0.0: X.copy()),
    ("erase_squares", lambda X, rows, columns, size, fill=0.0: np.zeros_like(X)),
]


@pytest.mark.parametrize(("name", "code"), NOTHING)
def test_code_that_does_nothing_earns_nothing(name: str, code: Callable[..., Any]) -> None:
    """Zeros, or an argument handed back, earn no point."""
    for seed in range(3):
        assert sum(one.earned for one in judged(code, name, seed).outcomes) == 0
