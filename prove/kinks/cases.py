"""Functions with their right gradients, at points on kinks, beside kinks and far from any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

import reference
from checks.model import Array

Inputs = Mapping[str, Array]


@dataclass(frozen=True)
class Case:
    """One function at one point.

    Args:
        name: of the kind of point.
        inputs: arrays of floats, all of which are in question.
        forward: of the inputs by name; gives an array or a number.
        backward: of dout and the inputs by name; gives a dict. dout is 1.0 for a number.
        dout: weights for the results.
    """

    name: str
    inputs: Inputs
    forward: Callable[..., Any]
    backward: Callable[..., Mapping[str, Any]]
    dout: Any


Made = Callable[[np.random.Generator], Case]
CASES: dict[str, Made] = {}
KINKS: list[str] = []


def _case(kink: bool = True) -> Callable[[Made], Made]:
    """Add a case under the name of its function; the first line of its docstring says what."""

    def add(make: Made) -> Made:
        CASES[make.__name__] = make
        if kink:
            KINKS.append(make.__name__)
        return make

    return add


def layer(
    name: str, forward: Callable[..., Any], backward: Callable[..., Any], inputs: Inputs, dout: Any
) -> Case:
    """A case of the book's form: forward gives (out, cache), backward takes (dout, cache)."""

    def grads(dout: Any, **at: Array) -> Mapping[str, Any]:
        found = backward(dout, forward(**at)[1])
        found = found if isinstance(found, tuple) else (found,)
        return dict(zip(at, found, strict=True))

    return Case(name, inputs, lambda **at: forward(**at)[0], grads, dout)


def loss(name: str, function: Callable[..., Any], x: Array, y: Array) -> Case:
    """A case of a loss that gives (loss, dx)."""
    return Case(
        name,
        {"x": x},
        lambda x: function(x, y)[0],
        lambda dout, x: {"x": dout * function(x, y)[1]},
        1.0,
    )


def net(name: str, made: Any, params: Inputs, X: Array, y: Array) -> Case:
    """A case of a net's loss as a function of its parameters."""

    def at(**params: Array) -> Any:
        made.params = params
        return made.loss(X, y)

    return Case(
        name,
        params,
        lambda **params: at(**params)[0],
        lambda dout, **params: {key: dout * value for key, value in at(**params)[1].items()},
        1.0,
    )


def scaled(rng: np.random.Generator, *shape: int) -> Array:
    """Weights as a net begins with."""
    return rng.standard_normal(shape) * np.sqrt(2 / shape[0])


def _relu(name: str, x: Array, rng: np.random.Generator) -> Case:
    dout = rng.standard_normal(x.shape)
    return layer(name, reference.relu_forward, reference.relu_backward, {"x": x}, dout)


@_case()
def relu_at_a_millionth(rng: np.random.Generator) -> Case:
    """All inputs of a ReLU are some 1e-6 from its kink."""
    return _relu("relu_at_a_millionth", 1e-6 * rng.standard_normal((6, 7)), rng)


@_case()
def relu_some_at_a_millionth(rng: np.random.Generator) -> Case:
    """A few inputs of a ReLU are some 1e-6 from its kink, and the others of usual size."""
    x = rng.standard_normal((6, 7))
    x[rng.random(x.shape) < 0.2] *= 1e-6
    return _relu("relu_some_at_a_millionth", x, rng)


@_case()
def relu_at_zero(rng: np.random.Generator) -> Case:
    """A third of the inputs of a ReLU is exactly 0."""
    x = rng.standard_normal((6, 7))
    x[rng.random(x.shape) < 0.33] = 0
    return _relu("relu_at_zero", x, rng)


@_case()
def relu_all_zero(rng: np.random.Generator) -> Case:
    """Every input of a ReLU is exactly 0."""
    return _relu("relu_all_zero", np.zeros((3, 4)), rng)


@_case()
def sandwich_of_zeros(rng: np.random.Generator) -> Case:
    """Rows of zeros meet zero biases under a ReLU."""
    x, w, b = rng.standard_normal((6, 5)), rng.standard_normal((5, 4)), np.zeros(4)
    x[:2] = 0
    return layer(
        "sandwich_of_zeros",
        reference.affine_relu_forward,
        reference.affine_relu_backward,
        {"x": x, "w": w, "b": b},
        rng.standard_normal((6, 4)),
    )


@_case()
def hinge_ties(rng: np.random.Generator) -> Case:
    """Scores in steps of a half: many margins of the hinge loss are exactly 0."""
    x = rng.integers(-3, 4, (8, 5)) / 2
    return loss("hinge_ties", reference.svm_loss, x, rng.integers(5, size=8))


@_case()
def net_without_biases(rng: np.random.Generator) -> Case:
    """A net of two layers with biases of 0, fed black images among others."""
    made = reference.TwoLayerNet(6, 9, 4, reg=0.3)
    params = {
        "W1": scaled(rng, 6, 9),
        "b1": np.zeros(9),
        "W2": scaled(rng, 9, 4),
        "b2": np.zeros(4),
    }
    X = rng.standard_normal((7, 6))
    X[::3] = 0
    return net("net_without_biases", made, params, X, rng.integers(4, size=7))


@_case()
def eight_layers(rng: np.random.Generator) -> Case:
    """A net of eight layers whose biases are 0."""
    return _deep("eight_layers", rng, 8, black=False)


@_case()
def eight_layers_black(rng: np.random.Generator) -> Case:
    """A net of eight layers whose biases are 0, fed a black image among others."""
    return _deep("eight_layers_black", rng, 8, black=True)


def _deep(name: str, rng: np.random.Generator, layers: int, black: bool) -> Case:
    sizes = [6, *[8] * (layers - 1), 3]
    made = reference.FullyConnectedNet(sizes[1:-1], input_dim=6, num_classes=3, reg=0.1)
    params: dict[str, Array] = {}
    for l, (D, M) in enumerate(pairwise(sizes), 1):
        params[f"W{l}"], params[f"b{l}"] = scaled(rng, D, M), np.zeros(M)
    X = rng.standard_normal((5, 6))
    X[: int(black)] = 0
    return net(name, made, params, X, rng.integers(3, size=5))


@_case()
def absolute_penalty(rng: np.random.Generator) -> Case:
    """The sum of absolute values, of which some are exactly 0 and some are of some 1e-6."""
    w = rng.standard_normal((6, 5))
    w[rng.random(w.shape) < 0.3] = 0
    w[0] *= 1e-6
    return Case(
        "absolute_penalty",
        {"w": w},
        lambda w: np.abs(w).sum(),
        lambda dout, w: {"w": dout * np.sign(w)},
        1.0,
    )


@_case()
def largest_of_ties(rng: np.random.Generator) -> Case:
    """The largest of each row, which stands there twice."""
    x = rng.integers(0, 3, (6, 7)).astype(float)

    def backward(dout: Array, x: Array) -> Mapping[str, Array]:
        dx = np.zeros_like(x)
        dx[np.arange(len(x)), x.argmax(axis=1)] = dout
        return {"x": dx}

    dout = rng.standard_normal(6)
    return Case("largest_of_ties", {"x": x}, lambda x: x.max(axis=1), backward, dout)


@_case(kink=False)
def affine(rng: np.random.Generator) -> Case:
    """An affine layer: no kink anywhere."""
    x, w, b = rng.standard_normal((4, 2, 3)), rng.standard_normal((6, 5)), rng.standard_normal(5)
    return layer(
        "affine",
        reference.affine_forward,
        reference.affine_backward,
        {"x": x, "w": w, "b": b},
        rng.standard_normal((4, 5)),
    )


@_case(kink=False)
def softmax(rng: np.random.Generator) -> Case:
    """Softmax and cross-entropy, one row of which is confidently wrong."""
    x = rng.standard_normal((6, 5))
    y = rng.integers(5, size=6)
    x[0, (y[0] + 1) % 5] += 30
    return loss("softmax", reference.softmax_loss, x, y)


@_case(kink=False)
def pixels(rng: np.random.Generator) -> Case:
    """An affine layer on pixels from 0 to 255, with small weights."""
    x, w = rng.integers(0, 256, (5, 12)).astype(float), 1e-3 * rng.standard_normal((12, 4))
    return layer(
        "pixels",
        reference.affine_forward,
        reference.affine_backward,
        {"x": x, "w": w, "b": np.zeros(4)},
        rng.standard_normal((5, 4)),
    )


@_case(kink=False)
def dead_net(rng: np.random.Generator) -> Case:
    """A net whose hidden units are all dead: most gradients are exactly 0."""
    made = reference.TwoLayerNet(6, 9, 4, reg=0.0)
    W1 = -np.abs(scaled(rng, 6, 9))
    params = {"W1": W1, "b1": -np.ones(9), "W2": scaled(rng, 9, 4), "b2": np.zeros(4)}
    X = np.abs(rng.standard_normal((7, 6)))
    return net("dead_net", made, params, X, rng.integers(4, size=7))


def drawn(name: str, seed: int) -> Case:
    """The case of that name, at the point of that seed."""
    return CASES[name](np.random.default_rng([seed, len(name)]))
