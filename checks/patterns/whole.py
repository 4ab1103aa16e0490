"""Patterns of the array as a whole: what came back, nothing, a factor, another order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from checks.model import Array
from checks.patterns.factors import has_name
from checks.patterns.scene import Claim, Scene

Turn = tuple[str, Callable[[Array], Array]]

TURNS: tuple[Turn, ...] = (
    ("transposed", lambda a: a.T),
    ("rows reversed", lambda a: a[::-1]),
    ("columns reversed", lambda a: a[..., ::-1]),
    ("both reversed", lambda a: a[::-1, ..., ::-1]),
    ("laid out by columns", lambda a: a.ravel(order="F").reshape(a.shape)),
    ("read by columns", lambda a: a.ravel().reshape(a.shape, order="F")),
)
WORKED: tuple[Turn, ...] = (
    ("abs", np.abs),
    ("positive", lambda a: np.maximum(a, 0)),
    ("negative", lambda a: np.minimum(a, 0)),
    ("squared", np.square),
    ("cut", np.trunc),
)


def as_it_came(scene: Scene) -> Claim | None:
    """An argument that was handed back."""
    if scene.step:
        return None
    for name, value in scene.inputs.items():
        if value.ndim and np.array_equal(scene.yours, value):
            return {"kind": "as_it_came", "of": name}
    return None


def nothing(scene: Scene) -> Claim | None:
    """Zeros throughout, where something else is right."""
    if scene.yours.shape != scene.right.shape or scene.yours.any():
        return None
    return {"kind": "nothing"}


def one_factor(scene: Scene) -> Claim | None:
    """The right array times one number."""
    if scene.yours.shape != scene.right.shape or not scene.right.any() or not scene.yours.any():
        return None
    square = float((scene.right * scene.right).sum())
    ratio = float((scene.yours * scene.right).sum()) / square
    rest = float(np.linalg.norm(scene.yours - ratio * scene.right))
    if scene.yours.size == 1 and not has_name(ratio, scene.sizes):
        return None  # a single number always has a factor
    if not ratio or rest > scene.rounding * scene.size or rest > 1e-3 * scene.gap:
        return None
    return {"kind": "factor", "ratio": ratio}


def one_number(scene: Scene) -> Claim | None:
    """The same number everywhere."""
    if scene.yours.size < 3 or np.ptp(scene.yours) > 0 or scene.step:
        return None
    return {"kind": "one_number", "value": float(scene.yours.flat[0])}


def other_result(scene: Scene) -> Claim | None:
    """What another array of the page should be."""
    for name, value in scene.known.items():
        if scene.fits(value):
            return {"kind": "other", "of": name}
    return None


def turned(scene: Scene) -> Claim | None:
    """The right numbers in another order, or worked on once more."""
    for decimals in range(5):
        if scene.fits(np.round(scene.right, decimals)):
            return {"kind": "decimals", "decimals": decimals}
    for words, made in _turns(scene):
        if scene.fits(made):
            return {"kind": "turned", "how": words}
    return None


def _turns(scene: Scene) -> Iterator[tuple[str, Array]]:
    right = scene.right
    if right.ndim > 1:
        yield from ((words, np.asarray(turn(right))) for words, turn in TURNS)
    elif right.ndim == 1:
        yield "entries reversed", right[::-1]
    for words, work in WORKED:
        yield words, np.asarray(work(right))


def same_numbers(scene: Scene) -> Claim | None:
    """The right numbers in another shape."""
    yours, right = scene.yours, scene.right
    if yours.shape == right.shape or yours.size != right.size:
        return None
    for how, candidate in (("same", yours), ("transposed", yours.T)):
        if np.allclose(candidate.reshape(right.shape), right, rtol=1e-4, atol=0):
            return {"kind": "numbers", "how": how}
    return None
