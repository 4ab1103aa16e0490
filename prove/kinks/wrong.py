"""The wrong backward passes of the catalogue: no slope of their own forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

import reference
from checks.mistakes import MISTAKES, Mistake
from checks.model import Array
from prove.kinks.cases import Case, layer, loss, net, scaled

FUNCTIONS = (
    *("affine_backward", "relu_backward", "affine_relu_backward", "softmax_loss", "svm_loss"),
    *("TwoLayerNet", "FullyConnectedNet"),
)
WRONG = 1e-6  # of the larger gradient: four digits above what central differences are off by


def of_catalogue(seed: int) -> Iterator[tuple[Mistake, Case]]:
    """Each wrong backward pass at a point of this seed, far from any kink.

    Left out is what a check of gradients cannot be asked about: code that raises, that gives
    another shape or no number, and wrong code whose gradient is the slope of what it does
    compute there.
    """
    for mistake in MISTAKES:
        if mistake.function in FUNCTIONS:
            case = _case(mistake, np.random.default_rng([seed, 17]))
            if case is not None and is_wrong(case):
                yield mistake, case


def is_wrong(case: Case) -> bool:
    """Whether a gradient differs from the slopes of its own forward, entry by entry."""
    try:
        with np.errstate(all="ignore"):
            found = case.backward(case.dout, **_copies(case.inputs))
            slopes = {name: _slopes(case, name) for name in case.inputs}
    except Exception:
        return False
    if any(np.shape(found.get(name)) != x.shape for name, x in case.inputs.items()):
        return False
    apart = [_apart(np.asarray(found[name]), slope) for name, slope in slopes.items()]
    return bool(np.isfinite(apart).all() and max(apart) > WRONG)


def _slopes(case: Case, name: str) -> Array:
    def moved(x: Array) -> Any:
        return case.forward(**{**_copies(case.inputs), name: x})

    dout = case.dout if np.ndim(case.dout) else None
    return np.asarray(reference.numeric_gradient(moved, case.inputs[name], dout))


def _apart(one: Array, two: Array) -> float:
    size = max(float(np.linalg.norm(one)), float(np.linalg.norm(two)))
    return float(np.linalg.norm(one - two)) / size if size > 1e-9 else 0.0


def _copies(inputs: Mapping[str, Array]) -> dict[str, Array]:
    return {name: x.copy() for name, x in inputs.items()}


def _case(mistake: Mistake, rng: np.random.Generator) -> Case | None:
    """The mistake in its place, with all else right."""
    make = _PLACES[mistake.function]
    try:
        return make(mistake.code, rng)
    except Exception:  # a constructor that is wrong
        return None


def _affine(code: Callable[..., Any], rng: np.random.Generator) -> Case:
    return _layer(reference.affine_forward, code, rng)


def _sandwich(code: Callable[..., Any], rng: np.random.Generator) -> Case:
    return _layer(reference.affine_relu_forward, code, rng)


def _layer(forward: Callable[..., Any], code: Callable[..., Any], rng: np.random.Generator) -> Case:
    x, w, b = rng.standard_normal((4, 2, 3)), rng.standard_normal((6, 5)), rng.standard_normal(5)
    dout = rng.standard_normal((4, 5))
    return layer(code.__name__, forward, code, {"x": x, "w": w, "b": b}, dout)


def _relu(code: Callable[..., Any], rng: np.random.Generator) -> Case:
    x, dout = rng.standard_normal((4, 6)), rng.standard_normal((4, 6))
    return layer(code.__name__, reference.relu_forward, code, {"x": x}, dout)


def _loss(code: Callable[..., Any], rng: np.random.Generator) -> Case:
    return loss(code.__name__, code, rng.standard_normal((6, 5)), rng.integers(5, size=6))


def _two_layers(code: Callable[..., Any], rng: np.random.Generator) -> Case:
    return _net(code(6, 9, 4, reg=0.37), [6, 9, 4], rng)


def _layers(code: Callable[..., Any], rng: np.random.Generator) -> Case:
    made = code([8, 7], input_dim=6, num_classes=4, reg=0.37, dtype=np.float64)
    return _net(made, [6, 8, 7, 4], rng)


def _net(made: Any, sizes: list[int], rng: np.random.Generator) -> Case:
    params: dict[str, Array] = {}
    for l, (D, M) in enumerate(pairwise(sizes), 1):
        params[f"W{l}"], params[f"b{l}"] = scaled(rng, D, M), 0.3 * rng.standard_normal(M)
    X = rng.standard_normal((5, sizes[0]))
    return net(type(made).__name__, made, params, X, rng.integers(sizes[-1], size=5))


_PLACES: dict[str, Callable[[Callable[..., Any], np.random.Generator], Case]] = {
    "affine_backward": _affine,
    "relu_backward": _relu,
    "affine_relu_backward": _sandwich,
    "softmax_loss": _loss,
    "svm_loss": _loss,
    "TwoLayerNet": _two_layers,
    "FullyConnectedNet": _layers,
}
