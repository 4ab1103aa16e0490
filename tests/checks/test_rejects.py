"""Wrong code is rejected, and what is shown of it is the truth."""

from __future__ import annotations

import inspect
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reference
from checks.exercises import EXERCISES, by_name
from checks.mistakes import MISTAKES, Mistake, mistakes_of
from checks.model import FAIL, NOT_STARTED, PASS, Evidence, Outcome, Report
from checks.run import run
from checks.student import InProcess

BOOK = [one for one in EXERCISES if not one.variation]
RIGHT = {name: getattr(reference, name) for name in reference.__all__}
VARIANTS = Path(__file__).parent.parent / "variants"
ANSWERS = {
    name: code
    for file in ("variations.py", "variations_of_depth.py")
    for name, code in runpy.run_path(str(VARIANTS / file)).items()
    if callable(code)
}


def judged(name: str, code: Callable[..., Any], seed: int = 7, **others: Any) -> Report:
    return run([by_name(name)], InProcess({**RIGHT, **others, name: code}), seed)


def first(report: Report) -> Outcome:
    return next(one for one in report.outcomes if one.state != PASS)


def evidence(report: Report) -> Evidence:
    seen = first(report).evidence
    assert seen is not None
    return seen


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.function}-{m.name}")
def test_mistake_is_rejected_for_every_seed(mistake: Mistake) -> None:
    """No entry of the catalogue passes, or gets full points, for any seed."""
    for seed in range(2):  # `make prove` takes two hundred
        report = judged(mistake.function, mistake.code, seed)
        assert any(one.state == FAIL for one in report.outcomes)
        assert sum(o.earned for o in report.outcomes) < by_name(mistake.function).points


def test_every_exercise_has_four_mistakes() -> None:
    """The catalogue holds at least four mistakes for each function of the book."""
    for exercise in BOOK:
        known = mistakes_of(exercise.name)
        assert len(known) >= 4
        assert len({one.sentence for one in known}) == len(known)


def zeros(*args: Any) -> Any:
    return tuple(np.zeros_like(arg) for arg in args if isinstance(arg, np.ndarray))


NOTHING: dict[str, list[Callable[..., Any]]] = {
    "affine_forward": [
        lambda x, w, b: (np.zeros((len(x), w.shape[1])), (x, w, b)),
        lambda x, w, b: (x, (x, w, b)),
        lambda x, w, b: (np.zeros((len(x), w.shape[1])) + b, (x, w, b)),
    ],
    "affine_backward": [
        lambda dout, cache: zeros(*cache),
        lambda dout, cache: (dout, dout, dout),
        lambda dout, cache: cache,
        lambda dout, cache: tuple(np.ones_like(a) for a in cache),
        lambda dout, cache: tuple(np.full_like(a, np.nan) for a in cache),
    ],
    "softmax_loss": [
        lambda x, y: (0.0, np.zeros_like(x)),
        lambda x, y: (np.log(x.shape[1]), np.zeros_like(x)),
        lambda x, y: (np.nan, x),
        lambda x, y: (0.0, x),
    ],
    "sgd": [
        lambda w, dw, config=None: (w, config or {}),
        lambda w, dw, config=None: (w.copy(), {"learning_rate": 1e-2}),
        lambda w, dw, config=None: (np.zeros_like(w), config),
        lambda w, dw, config=None: (dw, config),
    ],
    "numeric_gradient": [
        lambda f, x, dout=None, h=1e-5: np.zeros_like(x),
        lambda f, x, dout=None, h=1e-5: x,
        lambda f, x, dout=None, h=1e-5: f(x),
    ],
    "rel_error": [lambda a, b: 0.0, lambda a, b: np.nan, lambda a, b: 1.0, lambda a, b: a],
    "directional_slope": [lambda f, x, v, h=1e-5: 0.0, lambda f, x, v, h=1e-5: f(x)],
    "graph_backward": [lambda x, y, z: (0.0, 0.0, 0.0), lambda x, y, z: (x, y, z)],
    "svm_loss": [
        lambda x, y: (0.0, np.zeros_like(x)),
        lambda x, y: (x.shape[1] - 1.0, np.zeros_like(x)),
        lambda x, y: (0.0, x),
        reference.softmax_loss,
    ],
    "relu_forward": [
        lambda x: (x, x),
        lambda x: (np.zeros_like(x), x),
        lambda x: (x > 0, x),
        lambda x: (np.full_like(x, np.nan), x),
    ],
    "relu_backward": [
        lambda dout, cache: dout,
        lambda dout, cache: cache,
        lambda dout, cache: np.zeros_like(dout),
        lambda dout, cache: cache > 0,
        lambda dout, cache: np.maximum(dout, 0),
    ],
    "affine_relu_forward": [
        reference.affine_forward,
        lambda x, w, b: (np.zeros((len(x), len(b))), None),
        lambda x, w, b: (np.zeros((len(x), len(b))) + np.maximum(b, 0), None),
    ],
    "affine_relu_backward": [
        lambda dout, cache: zeros(*cache[0]),
        lambda dout, cache: (dout, dout, dout),
        lambda dout, cache: cache[0],
        lambda dout, cache: reference.affine_backward(dout, cache[0]),
    ],
    "leaky_relu_forward": [
        lambda x, slope: reference.relu_forward(x),
        lambda x, slope: (x, (x, slope)),
        lambda x, slope: (slope * x, (x, slope)),
    ],
    "leaky_relu_backward": [
        lambda dout, cache: dout,
        lambda dout, cache: reference.relu_backward(dout, cache[0]),
        lambda dout, cache: np.zeros_like(dout),
    ],
    "affine_softplus_forward": [reference.affine_relu_forward, reference.affine_forward],
    "affine_softplus_backward": [
        reference.affine_backward,
        lambda dout, cache: zeros(*cache),
    ],
    "weighted_softmax_loss": [
        lambda x, y, weights: reference.softmax_loss(x, y),
        lambda x, y, weights: (0.0, np.zeros_like(x)),
    ],
    "clipped_sgd": [reference.sgd, lambda w, dw, config=None: (w, config)],
    "smoothed_softmax_loss": [reference.softmax_loss, lambda x, y, s: (0.0, 0 * x)],
    "sgd_momentum": [
        reference.sgd,
        lambda w, dw, config=None: (w, config or {}),
        lambda w, dw, config=None: (w - dw, {"velocity": dw}),
        lambda w, dw, config=None: (np.full_like(w, np.nan), {"velocity": np.zeros_like(w)}),
    ],
    "rmsprop": [
        reference.sgd,
        reference.sgd_momentum,
        lambda w, dw, config=None: (w, {"cache": np.zeros_like(w)}),
        lambda w, dw, config=None: (w - np.sign(dw), {"cache": dw**2}),
    ],
    "adam": [
        reference.sgd,
        reference.sgd_momentum,
        reference.rmsprop,
        lambda w, dw, config=None: (w, {"m": np.zeros_like(w), "v": np.zeros_like(w), "t": 1}),
    ],
    "averaged_sgd": [reference.sgd, lambda w, dw, config=None: (w, {"average": w, "t": 1})],
    "nesterov_momentum": [reference.sgd, lambda w, dw, config=None: (w, config or {})],
    "centered_rmsprop": [reference.sgd, reference.sgd_momentum, reference.rmsprop],
    "adamw": [reference.sgd, reference.rmsprop, lambda w, dw, config=None: (w, config or {})],
    "sgd_weight_decay": [reference.sgd, lambda w, dw, config=None: (w, config)],
    "top_k_accuracy": [lambda s, y, k: 0.0, lambda s, y, k: 1.0, lambda s, y, k: k / s.shape[1]],
    "affine_transposed_forward": [reference.affine_forward],
    "affine_transposed_backward": [lambda dout, cache: zeros(*cache)],
}


@pytest.mark.parametrize("name", NOTHING)
def test_code_that_does_nothing_earns_nothing(name: str) -> None:
    """Zeros, an argument handed back, or the answer to another question earn no point."""
    for code in NOTHING[name]:
        for seed in range(3):
            report = judged(name, code, seed)
            assert sum(outcome.earned for outcome in report.outcomes) == 0
            assert any(outcome.state == FAIL for outcome in report.outcomes)


def takes(code: Callable[..., Any], number: int) -> bool:
    """Whether a function can be called with so many arguments by position."""
    try:
        inspect.signature(code).bind(*range(number))
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("name", [one.name for one in EXERCISES if one.variation])
def test_no_answer_to_a_variation_is_in_the_package(name: str) -> None:
    """Nothing that the catalogue or the reference holds passes as the answer to a variation."""
    answer, given = ANSWERS[name], {key: code for key, code in ANSWERS.items() if key != name}
    number = sum(p.default is p.empty for p in inspect.signature(answer).parameters.values())
    known = [(f"{one.function}-{one.name}", one.code) for one in MISTAKES]
    for label, code in [*known, *RIGHT.items()]:
        if not isinstance(code, type) and takes(code, number):
            report = judged(name, code, **given)
            assert any(one.state != PASS for one in report.outcomes), label
    report = judged(name, answer, **given)
    assert all(one.state == PASS for one in report.outcomes)


def spoilt(spoil: Callable[[Any], Any]) -> Callable[..., Any]:
    def affine_backward(dout: Any, cache: Any) -> Any:
        dx, dw, db = reference.affine_backward(dout, cache)
        return spoil(dx), dw, db

    return affine_backward


SPOILT = {
    "complex": (lambda a: a + 0j, "dtype"),
    "half": (lambda a: a.astype(np.float16), "dtype"),
    "object": (lambda a: a.astype(object), "type"),
    "text": (lambda a: a.astype(str), "type"),
    "masked": (lambda a: np.ma.masked_array(a, a > 0), "type"),
    "matrix": (lambda a: np.asmatrix(a.reshape(len(a), -1)), "shape"),
    "nested list": (lambda a: a.tolist(), "type"),
    "number": (lambda a: 1.0, "shape"),
    "huge": (lambda a: a * 1e300, "value"),
    "nan": (lambda a: np.where(a == a.max(), np.nan, a), "nonfinite"),
    "inf": (lambda a: np.where(a == a.max(), np.inf, a), "nonfinite"),
    "none": (lambda a: None, "result_none"),
    "whole numbers": (lambda a: a.astype(int), "value"),
    "one entry": (lambda a: np.where(a == a.max(), a * (1 + 1e-6), a), "value"),
    "flat": (lambda a: a.reshape(len(a), -1), "shape"),
    "dict": (lambda a: {"dx": a}, "type"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_odd_results_neither_crash_nor_pass(what: str) -> None:
    """A result that is not a finite array of floats of the right shape is said to be so."""
    spoil, kind = SPOILT[what]
    report = judged("affine_backward", spoilt(spoil))
    assert first(report).check == "dx"
    assert evidence(report).kind == kind
    assert [one.state for one in report.outcomes if one.check in ("dw", "db")] == [PASS, PASS]


def test_evidence_shows_the_slope_of_their_own_forward() -> None:
    """Where their forward is right, the number beside theirs is its slope, and the factor fits."""
    mean = mistakes_of("affine_backward")[0].code
    d = evidence(judged("affine_backward", mean)).detail
    assert (d["forward"], d["name"]) == ("affine_forward", "db")
    assert d["slope"] == pytest.approx(d["right"], rel=1e-6)
    sizes = d["sizes"]
    assert isinstance(sizes, dict)
    claim = d["pattern"]
    assert isinstance(claim, dict)
    assert claim["kind"] == "factor"
    assert claim["ratio"] == pytest.approx(1 / sizes["N"])


def test_sizes_of_one_draw_differ() -> None:
    """N, D and M differ from one another, so that a factor belongs to one of them."""
    mean = mistakes_of("affine_backward")[0].code
    for seed in range(30):
        sizes = evidence(judged("affine_backward", mean, seed)).detail["sizes"]
        assert isinstance(sizes, dict)
        assert len(set(sizes.values())) == 3


def test_backward_without_a_forward_is_judged_on_the_documented_cache() -> None:
    """A right backward passes where the forward is missing, and where it is wrong."""
    for forward in (None, lambda x, w, b: (x.reshape(len(x), -1) @ w, (x, w, b))):
        namespace = {"affine_backward": reference.affine_backward}
        if forward is not None:
            namespace["affine_forward"] = forward
        report = run([by_name("affine_backward")], InProcess(namespace), 7)
        assert all(one.state == PASS for one in report.outcomes)


def test_cache_that_lost_the_shape_is_named() -> None:
    """Where the cache and not the backward pass is at fault, the evidence says so."""

    def affine_forward(x: Any, w: Any, b: Any) -> Any:
        x = x.reshape(len(x), -1)
        return x @ w + b, (x, w, b)

    seen = evidence(
        judged("affine_backward", reference.affine_backward, affine_forward=affine_forward)
    )
    assert seen.kind == "shape"
    assert seen.detail["right_on"] == "x, w, b"


def test_global_cache_is_noticed() -> None:
    """A backward that uses the last forward instead of its cache is not accepted in full."""
    last: dict[str, Any] = {}

    def affine_forward(x: Any, w: Any, b: Any) -> Any:
        last["cache"] = (x, w, b)
        return x.reshape(len(x), -1) @ w + b, (x, w, b)

    def affine_backward(dout: Any, cache: Any) -> Any:
        x, w, b = last["cache"]
        n = len(dout)
        return reference.affine_backward(dout, (x[:n], w, b) if len(x) >= n else cache)

    report = judged("affine_backward", affine_backward, affine_forward=affine_forward)
    assert any(one.state == FAIL for one in report.outcomes)


@pytest.mark.parametrize("layer", ["affine", "relu", "leaky_relu", "affine_relu"])
def test_global_cache_that_fits_is_noticed(layer: str) -> None:
    """A backward that uses the last forward of the cache's shape is not accepted in full."""
    last: dict[str, Any] = {}
    known = {**ANSWERS, **RIGHT}
    before, after = known[f"{layer}_forward"], known[f"{layer}_backward"]

    def forward(*args: Any) -> Any:
        out, last["cache"] = before(*args)
        return out, last["cache"]

    def backward(dout: Any, cache: Any) -> Any:
        fits = "cache" in last and shapes(last["cache"]) == shapes(cache)
        return after(dout, last["cache"] if fits else cache)

    for seed in range(4):
        last.clear()
        report = judged(f"{layer}_backward", backward, seed, **{f"{layer}_forward": forward})
        assert [one.check for one in report.outcomes if one.state == FAIL] == ["again"]


def shapes(cache: Any) -> Any:
    return [shapes(one) for one in cache] if isinstance(cache, tuple) else np.shape(cache)


def by_steps(out: Callable[[], Any], a: Any, dout: Any) -> Any:
    """The slope along each entry of ``a``, with a step of 1e-5 to either side."""
    slopes = np.zeros_like(a)
    for i in np.ndindex(a.shape):
        old = a[i]
        a[i] = old + 1e-5
        up = out()
        a[i] = old - 1e-5
        slopes[i] = ((up - out()) * dout).sum() / 2e-5
        a[i] = old
    return slopes


@pytest.mark.parametrize("layer", ["affine", "affine_transposed", "affine_relu"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_slopes_by_small_steps_are_no_gradient(layer: str, dtype: type) -> None:
    """Measured slopes earn nothing, however many of their digits are handed back."""
    forward = {**ANSWERS, **RIGHT}[f"{layer}_forward"]

    def steps_forward(x: Any, w: Any, b: Any) -> Any:
        return forward(x, w, b)[0], (x, w, b)

    def steps_backward(dout: Any, cache: Any) -> Any:
        args = [one.copy() for one in cache]
        found = [by_steps(lambda: forward(*args)[0], one, dout) for one in args]
        return tuple(one.astype(dtype) for one in found)

    for seed in range(3):
        more = {f"{layer}_forward": steps_forward}
        report = judged(f"{layer}_backward", steps_backward, seed, **more)
        assert sum(one.earned for one in report.outcomes) == 0
        assert dtype == np.float64 or "slope" not in evidence(report).detail


def test_gradients_that_pile_up_are_noticed() -> None:
    """A backward that adds to its last result is not accepted in full."""
    sums: dict[tuple[int, ...], Any] = {}

    def affine_backward(dout: Any, cache: Any) -> Any:
        dx, dw, db = reference.affine_backward(dout, cache)
        sums[dw.shape] = sums.get(dw.shape, 0) + dw
        return dx, sums[dw.shape], db

    report = judged("affine_backward", affine_backward)
    assert sum(one.earned for one in report.outcomes) < 3


def test_failed_conduct_only_takes_points_away() -> None:
    """A right softmax that writes into its scores loses one point and no more."""
    in_place = next(one for one in mistakes_of("softmax_loss") if one.name == "shift_in_place")
    report = judged("softmax_loss", in_place.code)
    assert sum(one.earned for one in report.outcomes) == by_name("softmax_loss").points - 1
    assert first(report).check == "inputs"


def test_stub_is_not_a_failure() -> None:
    """What raises NotImplementedError, passes, or returns only None is not started."""

    def raises(dout: Any, cache: Any) -> Any:
        raise NotImplementedError

    def passes(dout: Any, cache: Any) -> Any:
        pass

    def nones(dout: Any, cache: Any) -> Any:
        dx, dw, db = None, None, None
        return dx, dw, db

    for stub in (raises, passes, nones):
        states = {one.state for one in judged("affine_backward", stub).outcomes}
        assert states == {NOT_STARTED}


def test_wrong_number_of_results_is_counted() -> None:
    """Two results for three are said to be two, and nothing more is looked at."""
    report = judged("affine_backward", lambda d, c: reference.affine_backward(d, c)[:2])
    assert evidence(report).kind == "count"
    assert evidence(report).detail["got"] == 2


def test_same_seed_gives_the_same_report() -> None:
    """A seed draws the same numbers every time, and another seed draws others."""
    mean = mistakes_of("affine_backward")[0].code
    one, two, three = (
        evidence(judged("affine_backward", mean, seed)).detail["yours"] for seed in (1, 1, 2)
    )
    assert one == two != three


def gradient_of_copies(f: Any, x: Any, dout: Any = None, h: float = 1e-5) -> Any:
    """As many students write it: right for one array of float64, and careless of the rest."""
    if x.dtype.kind in "iu":
        raise TypeError
    slopes = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        change = np.array(f(up)) - np.array(f(down))
        slopes[i] = (change if dout is None else dout * change).sum() / (2 * h)
    return slopes


def gradient_of_rows(f: Any, x: Any, dout: Any = None, h: float = 1e-5) -> Any:
    slopes = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            slopes[i, j] = reference.numeric_gradient(f, x, dout, h)[i, j]
    return slopes


def smoothed(x: Any, y: Any, smoothing: float, in_place: bool = False, shift: bool = True) -> Any:
    if in_place:
        x -= x.max(axis=1, keepdims=True)
    N, C = x.shape
    e = np.exp(x - x.max() if shift else x)
    p = e / e.sum(axis=1, keepdims=True)
    target = np.full((N, C), smoothing / C)
    target[np.arange(N), y] += 1 - smoothing
    return -(target * np.log(p)).sum() / N, (p - target) / N


def decayed(w: Any, dw: Any, config: Any = None, fill: bool = True, rate: bool = True) -> Any:
    known = {"learning_rate": 1e-2, "weight_decay": 1e-4, **(config or {})}
    lr, decay = known["learning_rate"], known["weight_decay"]
    return w - lr * dw - (lr if rate else 1) * decay * w, known if fill else config


def softplus_forward(x: Any, w: Any, b: Any) -> Any:
    a = x.reshape(len(x), -1) @ w + b
    return np.log(1 + np.exp(a)), (x, w, a)


def softplus_backward(dout: Any, cache: Any) -> Any:
    x, w, a = cache
    da = dout * (np.exp(a) / (1 + np.exp(a)))
    return (da @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ da, da.sum(axis=0)


def leaky_in_place(x: Any, slope: float) -> Any:
    x[x < 0] *= slope
    return x, (x, slope)


def beyond_the_bend(x: Any, y: Any) -> Any:
    """Right between the bends; at one, the class gets twice its weight."""
    loss, dx = reference.svm_loss(x, y)
    rows = np.arange(len(x))
    met = x - x[rows, y][:, None] + 1 == 0
    return loss, dx + 2 * met / len(x)


def unbalanced_at_the_bend(x: Any, y: Any) -> Any:
    """Each class alone is within its interval; the right class does not get the rest."""
    loss, dx = reference.svm_loss(x, y)
    met = x - x[np.arange(len(x)), y][:, None] + 1 == 0
    return loss, dx + met / len(x)


LAST: dict[str, Any] = {}


def global_velocity(w: Any, dw: Any, config: Any = None) -> Any:
    """Right for one parameter; a second one of another shape finds the first one's velocity."""
    known = {"learning_rate": 1e-2, "momentum": 0.9, **(config or {})}
    if "velocity" not in known:
        LAST["v"] = np.zeros_like(w)
    LAST["v"] = known["momentum"] * LAST["v"] - known["learning_rate"] * dw
    return w + LAST["v"], {**known, "velocity": LAST["v"]}


def kept_by_shape(rule: str) -> Callable[..., Any]:
    """Right for one parameter; a second one of the same shape finds the first one's memory."""
    held: dict[tuple[int, ...], Any] = {}

    def step(w: Any, dw: Any, config: Any = None) -> Any:
        begun = config and any(isinstance(one, np.ndarray) for one in config.values())
        next_w, after = RIGHT[rule](w, dw, held[w.shape] if begun else config)
        held[w.shape] = after
        return next_w, dict(after)

    return step


def same_array_again(w: Any, dw: Any, config: Any = None) -> Any:
    """Right each time, in one array: what came back the time before changes with it."""
    next_w, after = reference.sgd_momentum(w, dw, config)
    out = (config or {}).get("out", np.empty_like(w))
    out[...] = next_w
    return out.view(), {**after, "out": out, "velocity": after["velocity"].copy()}


def late_only_once(w: Any, dw: Any, config: Any = None) -> Any:
    """Corrects the first step as if it were the second, and the second one, too."""
    t = max((config or {}).get("t", 0), 1)
    next_w, after = reference.adam(w, dw, {**(config or {}), "t": t})
    return next_w, {**after, "t": t}


def fading(w: Any, dw: Any, config: Any = None, inside: bool = False, rate: bool = True) -> Any:
    known = {"weight_decay": 1e-2, **(config or {})}
    decay = known["weight_decay"] * w
    next_w, after = reference.adam(w, dw + decay if inside else dw, known)
    return next_w if inside else next_w - (after["learning_rate"] if rate else 1) * decay, after


def centered(w: Any, dw: Any, config: Any = None) -> Any:
    """Squares the mean of the step before."""
    known = {"mean": np.zeros_like(w), "cache": np.zeros_like(w), **(config or {})}
    known = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **known}
    rho, old = known["decay_rate"], known["mean"]
    known["cache"] = rho * known["cache"] + (1 - rho) * dw**2
    known["mean"] = rho * old + (1 - rho) * dw
    spread = np.sqrt(known["cache"] - old**2) + known["epsilon"]
    return w - known["learning_rate"] * dw / spread, known


def rootless(w: Any, dw: Any, config: Any = None) -> Any:
    """Takes the root of the difference as it comes."""
    known = {"mean": np.zeros_like(w), "cache": np.zeros_like(w), **(config or {})}
    known = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **known}
    rho = known["decay_rate"]
    known["cache"] = rho * known["cache"] + (1 - rho) * dw**2
    known["mean"] = rho * known["mean"] + (1 - rho) * dw
    spread = np.sqrt(known["cache"] - known["mean"] ** 2) + known["epsilon"]
    return w - known["learning_rate"] * dw / spread, known


def averaged(w: Any, dw: Any, config: Any = None) -> Any:
    """Takes the w at the start into the mean."""
    known = {"learning_rate": 1e-2, "average": w, "t": 0, **(config or {})}
    t, next_w = known["t"] + 1, w - known["learning_rate"] * dw
    average = known["average"] + (next_w - known["average"]) / (t + 1)
    return next_w, {**known, "t": t, "average": average}


def weighted(x: Any, y: Any, weights: Any, mean: Any = np.size, of: str = "y") -> Any:
    """Weighted cross-entropy; divided by the weights' sum, or weighted by the class of a column."""
    n = np.arange(len(x))
    z = x - x.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    each = weights[y]
    dx = np.exp(logp)
    dx[n, y] -= 1
    dx *= each[:, None] if of == "y" else weights
    return -(each * logp[n, y]).sum() / mean(each), dx / mean(each)


def clipped(w: Any, dw: Any, config: Any = None, how: str = "norm", fill: bool = True) -> Any:
    known = {"learning_rate": 1e-2, "max_norm": 1.0, **(config or {})}
    most = known["max_norm"]
    norm = np.linalg.norm(dw)
    if how == "entries":
        dw = np.clip(dw, -most, most)
    elif how == "always" or norm > most:
        dw = dw * most / norm
    return w - known["learning_rate"] * dw, known if fill else config


def clipped_in_place(w: Any, dw: Any, config: Any = None) -> Any:
    """Right, with w changed and another array returned."""
    next_w, after = clipped(w, dw, config)
    w[...] = next_w
    return next_w, after


def ranked(scores: Any, y: Any, k: int) -> Any:
    right = scores[np.arange(len(y)), y].copy()
    scores -= right[:, None]
    return np.mean((scores > 0).sum(axis=1) < k)


CARELESS: list[tuple[str, str, Callable[..., Any]]] = [
    ("numeric_gradient", "shapes of x", gradient_of_rows),
    ("numeric_gradient", "shape of dout", gradient_of_copies),
    ("numeric_gradient", "float32", gradient_of_copies),
    ("rel_error", "numbers", lambda a, b: reference.rel_error(a, a + (b - a))),
    ("smoothed_softmax_loss", "inputs", lambda x, y, s: smoothed(x, y, s, in_place=True)),
    ("smoothed_softmax_loss", "stability", lambda x, y, s: smoothed(x, y, s, shift=False)),
    ("svm_loss", "bends", beyond_the_bend),
    ("svm_loss", "bends", unbalanced_at_the_bend),
    ("relu_backward", "bend", lambda dout, cache: dout * np.where(cache == 0, 1.01, cache > 0)),
    ("relu_backward", "bend", lambda dout, cache: dout * np.where(cache == 0, -0.01, cache > 0)),
    ("leaky_relu_forward", "inputs", leaky_in_place),
    ("affine_softplus_forward", "stability", softplus_forward),
    ("sgd_momentum", "turns", global_velocity),
    *((rule, "turns", kept_by_shape(rule)) for rule in ("sgd_momentum", "rmsprop", "adam")),
    ("sgd_momentum", "inputs", same_array_again),
    ("adam", "m_hat", late_only_once),
    ("adam", "t", late_only_once),
    ("adamw", "next_w", lambda w, dw, config=None: fading(w, dw, config, inside=True)),
    ("adamw", "next_w", lambda w, dw, config=None: fading(w, dw, config, rate=False)),
    ("averaged_sgd", "average", averaged),
    ("nesterov_momentum", "next_w", reference.sgd_momentum),
    ("centered_rmsprop", "next_w", centered),
    ("centered_rmsprop", "steady slope", rootless),
    ("sgd_weight_decay", "config", lambda w, dw, config=None: decayed(w, dw, config, fill=False)),
    ("weighted_softmax_loss", "loss", lambda x, y, w: weighted(x, y, w, mean=np.sum)),
    ("weighted_softmax_loss", "dx", lambda x, y, w: weighted(x, y, w, of="columns")),
    ("clipped_sgd", "long", lambda w, dw, config=None: clipped(w, dw, config, how="entries")),
    ("clipped_sgd", "inputs", clipped_in_place),
    ("clipped_sgd", "short", lambda w, dw, config=None: clipped(w, dw, config, how="always")),
    ("clipped_sgd", "config", lambda w, dw, config=None: clipped(w, dw, config, fill=False)),
    ("sgd_weight_decay", "step", lambda w, dw, config=None: decayed(w, dw, config, rate=False)),
    ("top_k_accuracy", "inputs", ranked),
]


@pytest.mark.parametrize(("name", "check", "code"), CARELESS)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_what_the_page_asks_for_is_checked(name: str, check: str, code: Callable[..., Any]) -> None:
    """Code that is right on an ordinary call, and not as the page asks, is told where."""
    failed = [one.check for one in judged(name, code).outcomes if one.state == FAIL]
    assert check in failed


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_softplus_backward_has_to_stand_large_numbers() -> None:
    """A quotient of two exponentials is right on ordinary inputs and told where it is not."""
    forward = reference.affine_forward

    def stable(x: Any, w: Any, b: Any) -> Any:
        a, _ = forward(x, w, b)
        return np.logaddexp(0, a), (x, w, a)

    report = judged("affine_softplus_backward", softplus_backward, affine_softplus_forward=stable)
    assert [one.check for one in report.outcomes if one.state == FAIL] == ["stability"]


def test_wrong_layer_under_a_sandwich_is_named() -> None:
    """Where a sandwich fails by a layer that it is made of, the evidence says which."""

    def relu_backward(dout: Any, cache: Any) -> Any:
        return dout * (dout > 0)

    def affine_relu_backward(dout: Any, cache: Any) -> Any:
        return reference.affine_backward(relu_backward(dout, cache[1]), cache[0])

    report = judged("affine_relu_backward", affine_relu_backward, relu_backward=relu_backward)
    assert evidence(report).detail["begin_with"] == "relu_backward"
    right = judged("affine_relu_backward", affine_relu_backward)
    assert "begin_with" not in evidence(right).detail


def test_what_went_into_an_entry_of_a_relu_stands_beside_it() -> None:
    """x and dout are shown where the one entry that they reach is wrong."""
    seen = evidence(judged("relu_backward", lambda dout, cache: dout * (dout > 0)))
    index, beside = seen.detail["index"], seen.detail["beside"]
    assert beside == {name: seen.inputs[name][index] for name in ("x", "dout")}  # type: ignore[index]


def test_results_in_another_order_are_suspected() -> None:
    """dw in the place of dx is told by its shape."""

    def swapped(dout: Any, cache: Any) -> Any:
        dx, dw, db = reference.affine_backward(dout, cache)
        return dw, dx, db

    seen = evidence(judged("affine_backward", swapped))
    assert seen.kind == "shape"
    assert seen.detail["shape_of"] == "w"
