"""A wrong array is said to be what it is, and never what it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import reference
from checks.exercises import affine, nets, relu, sandwich, softmax
from checks.model import Array, Evidence, Probe
from checks.patterns import explained, recognise
from checks.patterns.scene import Scene, scene_of
from checks.show.patterns import pattern

SCALED = Callable[[Mapping[str, Array], Array], Array]  # what a student made, of inputs and right


def scene(layer: str, name: str, yours: SCALED | Array, seed: int = 5) -> Scene:
    """The draw of a layer's check, with what a student made of it."""
    makes: dict[str, tuple[Any, Any]] = {
        "affine": (affine.draw, affine.LAYER.all_results),
        "relu": (relu.draw, relu.LAYER.all_results),
        "sandwich": (affine.draw, sandwich.LAYER.all_results),
        "softmax": (softmax.draw, softmax.softmax_results),
        "svm": (softmax.draw_margins, softmax.svm_results),
    }
    draw, rule = makes[layer]
    drawn = draw(Probe(seed, "a test"))
    right = np.asarray(rule(drawn.arrays)[name])
    made = yours(drawn.arrays, right) if callable(yours) else yours
    return Scene(np.asarray(made, dtype=float), right, name, drawn.arrays, drawn.sizes, rule)


def flat(x: Array) -> Array:
    return x.reshape(len(x), -1)


def only(i: int) -> SCALED:
    return lambda a, _: flat(a["x"])[[i]].T @ a["dout"][[i]]


def half_done(a: Mapping[str, Array], right: Array) -> Array:
    made = right.copy()
    made[2:] = 0
    return made


KNOWN: list[tuple[str, str, SCALED, dict[str, object], str]] = [
    ("affine", "db", lambda a, r: 0 * r, {"kind": "nothing"}, "Every entry is 0"),
    ("affine", "dw", lambda a, r: -r, {"kind": "factor", "ratio": -1.0}, "exactly -1 times"),
    ("affine", "dw", lambda a, r: r / len(a["x"]), {"kind": "factor"}, "and N = "),
    ("affine", "dw", lambda a, r: 0.3 * r, {"kind": "factor"}, "0.3 times the right one"),
    ("affine", "dx", lambda a, r: a["x"], {"kind": "as_it_came", "of": "x"}, "as it came in"),
    ("affine", "dw", lambda a, r: a["w"], {"kind": "as_it_came", "of": "w"}, "as it came in"),
    ("affine", "dw", lambda a, r: np.full_like(r, 7), {"kind": "one_number"}, "same number, 7"),
    ("affine", "dw", lambda a, r: r[::-1], {"how": "rows reversed"}, "rows in reverse order"),
    ("affine", "dw", lambda a, r: np.abs(r), {"how": "abs"}, "without its signs"),
    ("affine", "dw", lambda a, r: np.maximum(r, 0), {"how": "positive"}, "negative entries set"),
    ("affine", "dw", lambda a, r: r.T, {"kind": "numbers"}, "Transposed"),
    ("affine", "dx", lambda a, r: flat(r), {"kind": "numbers", "how": "same"}, "only their shape"),
    (
        "affine",
        "dw",
        lambda a, r: r.ravel(order="F").reshape(r.shape),
        {"how": "laid out by columns"},
        "column by column",
    ),
    ("affine", "dw", lambda a, r: np.round(r, 2), {"decimals": 2}, "rounded to 2 decimals"),
    (
        "affine",
        "dw",
        lambda a, r: np.broadcast_to(r.sum(axis=1, keepdims=True), r.shape),
        {"kind": "spread", "axis": 1, "how": "sum"},
        "summed over axis 1 and spread out again",
    ),
    (
        "affine",
        "db",
        lambda a, r: a["dout"],
        {"kind": "as_it_came", "of": "dout"},
        "It is dout as it came in.",
    ),
    (
        "affine",
        "db",
        lambda a, r: 1.0 * a["dout"] * np.ones_like(a["dout"]) + 0.0,
        {"kind": "as_it_came"},
        "dout",
    ),
    (
        "affine",
        "dw",
        lambda a, r: np.einsum("nd,nm->ndm", flat(a["x"]), a["dout"]),
        {"kind": "not_summed", "axis": 0},
        "Summed over its axis 0",
    ),
    ("affine", "dx", lambda a, r: flat(a["x"]).T @ a["dout"], {"of": "dw"}, "what dw should be"),
    ("affine", "db", lambda a, r: a["dout"].sum(axis=1), {"kind": "formula"}, "dout.sum(axis=1)"),
    ("affine", "dw", only(0), {"kind": "part", "example": 0}, "that only example 0 gives"),
    (
        "affine",
        "dw",
        lambda a, r: flat(a["x"])[:-1].T @ a["dout"][:-1],
        {"kind": "part", "which": "but"},
        "that all examples but",
    ),
    (
        "affine",
        "dw",
        lambda a, r: flat(a["x"]).T @ np.ones_like(a["dout"]),
        {"kind": "instead", "of": "dout", "change": "ones"},
        "if every entry of dout were 1",
    ),
    (
        "affine",
        "dw",
        lambda a, r: flat(a["x"]).T @ np.maximum(a["dout"], 0),
        {"of": "dout", "change": "positive"},
        "the negative entries of dout were 0",
    ),
    (
        "affine",
        "dw",
        lambda a, r: r + 0.7 * a["w"],
        {"kind": "plus", "of": "w"},
        "plus 0.7 times w",
    ),
    (
        "affine",
        "dw",
        lambda a, r: flat(a["x"]).T @ (a["dout"] * (flat(a["x"]) @ a["w"] + a["b"] > 0)),
        {"mask": "out", "change": "masked"},
        "dout were 0 wherever out is not > 0",
    ),
    ("affine", "dw", half_done, {"what": "row", "right": (0, 1), "rest": "zeros"}, "the rest is 0"),
    (
        "affine",
        "dw",
        lambda a, r: r * np.where(np.arange(r.shape[1]) == 0, 1, 2),
        {"what": "column", "right": (0,), "rest": "factor"},
        "It is right in column 0; the rest is exactly twice the right one.",
    ),
    (
        "affine",
        "dw",
        lambda a, r: r + 5.0 * (np.arange(r.size).reshape(r.shape) == 3),
        {"kind": "some", "wrong": 1},
        "the others are right",
    ),
    ("relu", "dx", lambda a, r: a["x"] * (a["dout"] > 0), {"kind": "formula"}, "x * (dout > 0)"),
    ("relu", "dx", lambda a, r: a["x"] > 0, {"kind": "formula"}, "(x > 0)"),
    ("relu", "dx", lambda a, r: a["dout"] * np.sign(a["x"]), {"as": "-dout"}, "where x < 0"),
    (
        "sandwich",
        "dw",
        lambda a, r: flat(a["x"]).T @ a["dout"],
        {"kind": "formula"},
        "X.T @ dout",
    ),
    (
        "softmax",
        "dx",
        lambda a, r: softmax.softmax_results(a)["p"] - 2 * softmax.onehot(a["x"], a["y"]),
        {"kind": "two_terms", "of": ("p", "onehot")},
        "1 * p - 2 * onehot",
    ),
    ("softmax", "loss", lambda a, r: r / np.log(2), {"kind": "factor"}, "1 / ln 2"),
    ("svm", "loss", lambda a, r: r + 1, {"kind": "plus_number"}, "the right one plus 1"),
]


@pytest.mark.parametrize(
    ("layer", "name", "yours", "claim", "words"), KNOWN, ids=[f"{k[1]}-{k[4]}" for k in KNOWN]
)
def test_a_known_pattern_is_recognised(
    layer: str, name: str, yours: SCALED, claim: dict[str, object], words: str
) -> None:
    """An array that was made after a pattern is said to be that, in a sentence, at any draw."""
    for seed in range(4):
        it = scene(layer, name, yours, seed)
        found = recognise(it)
        assert found is not None
        for key, value in claim.items():
            near = pytest.approx(value) if isinstance(value, float) else value
            assert found.get(key) == near
        detail = {"pattern": found, "sizes": it.sizes, "size": it.yours.size, "name": name}
        assert words in pattern(detail, "right one")


def wrong_arrays(it: Scene, rng: np.random.Generator) -> list[Array]:
    """Arrays that were made after no pattern at all."""
    drawn = rng.standard_normal(it.right.shape)
    return [drawn, it.right + 1e-3 * drawn, it.right + drawn, 1e5 * drawn]


@pytest.mark.parametrize("layer", ["affine", "relu", "sandwich", "softmax", "svm"])
def test_an_array_of_no_pattern_is_none(layer: str) -> None:
    """Random numbers are no pattern, whatever their size, however near to the right ones."""
    rng = np.random.default_rng(3)
    names = ("loss", "dx") if layer in ("softmax", "svm") else ("out", "dx", "dw", "db")
    for seed in range(6):
        for name in names[: 2 if layer == "relu" else 4]:
            whole = scene(layer, name, lambda a, r: r, seed)
            for yours in wrong_arrays(whole, rng):
                assert recognise(scene(layer, name, yours, seed)) is None


def test_a_hair_beside_the_right_array_is_no_pattern() -> None:
    """What differs from the right array by little more than rounding is not another formula."""
    for seed in range(4):
        near = scene("affine", "dw", lambda a, r: r * (1 + 1e-11 * (a["w"] > 0)), seed)
        found = recognise(near)
        assert found is None or found["kind"] in ("some", "place")


@pytest.mark.parametrize("reg", [0.0, 0.37])
def test_random_gradients_of_a_net_are_no_pattern(reg: float) -> None:
    """For a net, too, random numbers in the place of a gradient are no pattern."""
    batch = nets.draw(Probe(2, "a net"), reg)
    rng = np.random.default_rng(4)
    results = batch.results(batch.drawn.arrays)
    for name in ("loss", "scores", "grads['W1']", "grads['b1']", "grads['W2']"):
        right = np.asarray(results[name])
        for yours in (rng.standard_normal(right.shape), right + rng.standard_normal(right.shape)):
            it = Scene(yours, right, name, batch.drawn.arrays, batch.sizes, batch.results)
            found = recognise(it)
            assert found is None or (reg and found["kind"] == "term" and "of" not in found)


@pytest.mark.parametrize("share", [0.0, 0.5, 2.0, -1.0])
def test_the_share_of_the_regulariser_is_measured(share: float) -> None:
    """How many times reg * W is in a gradient is told, where nothing else is wrong with it."""
    batch = nets.draw(Probe(2, "a net"), 0.37)
    right = batch.results(batch.drawn.arrays)["grads['W1']"]
    yours = right + (share - 1) * batch.reg * batch.params["W1"]
    it = Scene(yours, right, "grads['W1']", batch.drawn.arrays, batch.sizes, batch.results)
    found = recognise(it)
    assert found is not None
    assert (found["kind"], found["parameter"]) == ("share", "W1")
    assert found["share"] == pytest.approx(share, abs=1e-9)


def test_squares_that_were_left_out_are_named() -> None:
    """Which squares a regulariser adds up is told, where it is some of them."""
    batch = nets.draw(Probe(2, "a net"), 0.37)
    right = batch.results(batch.drawn.arrays)["loss"]
    for of in (("W1",), ("W2",), ("W1", "b1", "W2", "b2")):
        yours = batch.results({**batch.drawn.arrays, "reg": np.zeros(())})["loss"]
        yours = yours + sum(0.185 * (batch.params[name] ** 2).sum() for name in of)
        it = Scene(yours, right, "loss", batch.drawn.arrays, batch.sizes, batch.results)
        found = recognise(it)
        assert found is not None
        assert set(found["of"]) == set(of)  # type: ignore[call-overload]


def test_one_example_of_a_mean_is_told_from_a_factor() -> None:
    """The gradient of one example's share of a mean loss is that, with the 1/N that it has."""
    batch = nets.draw(Probe(2, "a net"), 0.0)
    arrays = batch.drawn.arrays
    right = batch.results(arrays)["grads['W1']"]
    one = batch.results({**arrays, "X": arrays["X"][[2]], "y": arrays["y"][[2]]})["grads['W1']"]
    share = Scene(one / len(batch.X), right, "grads['W1']", arrays, batch.sizes, batch.results)
    found = recognise(share)
    assert found == {"kind": "part", "which": "only", "example": 2, "times": 1.0}


def test_no_pattern_is_said_to_be_none() -> None:
    """Where nothing fits, the card gives the cosine and the ratio of norms, and no guess."""
    right = np.arange(1.0, 7.0)
    yours = np.array([3.0, -1, 4, 1, -5, 9])
    seen = Evidence("value", {"size": 6, "sizes": {}, "name": "v"}, 9.0, 1e-12, {}, yours, right)
    detail = explained(seen).detail
    assert scene_of(seen) is not None
    cosine = yours @ right / np.linalg.norm(yours) / np.linalg.norm(right)
    claim = detail["pattern"]
    assert isinstance(claim, dict)
    assert claim["kind"] == "none"
    assert claim["cosine"] == pytest.approx(cosine)
    assert f"cosine {cosine:.2f}" in pattern(detail, "right one")


def test_what_passes_is_not_explained() -> None:
    """Evidence within its bound, and evidence without arrays, stays as it is."""
    right = np.ones(3)
    passed = Evidence("value", {}, 0.0, 1.0, {}, right, right)
    assert explained(passed) is passed
    changed = Evidence("changed", {"changed": ("x",)}, 1.0, 0.0)
    assert explained(changed) is changed


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e308, -1e308, 0.0])
def test_odd_numbers_break_no_pattern(odd: float) -> None:
    """Numbers of any size, and those that are not finite, are looked at without a complaint."""
    right = np.arange(12.0).reshape(3, 4)
    yours = np.where(right == 5, odd, right)
    seen = Evidence("value", {"size": 12, "sizes": {}}, 1.0, 0.0, {"a": yours}, yours, right)
    assert isinstance(explained(seen), Evidence)


def test_reference_is_no_pattern_of_itself() -> None:
    """The right array is never explained: it has no distance that a pattern could close."""
    for name in ("dx", "dw", "db"):
        it = scene("affine", name, lambda a, r: r)
        assert recognise(it) is None
    assert reference.__all__
