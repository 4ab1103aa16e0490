"""Patterns of a formula: one known array worked on, a product of two, or a sum of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from checks.model import Array
from checks.patterns.scene import Claim, Scene, flat

SINGLE: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("{}", lambda a: a),
    ("({} > 0)", lambda a: (a > 0).astype(float)),
    ("({} < 0)", lambda a: (a < 0).astype(float)),
    ("abs({})", np.abs),
    ("maximum({}, 0)", lambda a: np.maximum(a, 0)),
    ("minimum({}, 0)", lambda a: np.minimum(a, 0)),
    ("{} squared", np.square),
    ("exp({})", np.exp),
    ("sign({})", np.sign),
)


def worked_on(scene: Scene) -> Claim | None:
    """One known array, as it is, worked on entry by entry, or summed, up to one factor."""
    return _formula(scene, _singles(_named(scene)))


def product(scene: Scene) -> Claim | None:
    """A product of two known arrays, or a sum of one, up to one factor."""
    return _formula(scene, _products(_named(scene)))


def _formula(scene: Scene, made_of: Iterator[tuple[str, Array]]) -> Claim | None:
    if scene.yours.size < 2 or not scene.yours.any() or scene.step:
        return None
    for words, made in made_of:
        if made.size != scene.yours.size or flat(scene.yours).shape != made.shape:
            continue
        if _is_right(scene, made):
            continue
        found = scene.factor(made.reshape(scene.yours.shape))
        if found is not None:
            return {"kind": "formula", "formula": words, "times": found}
    return None


def _is_right(scene: Scene, made: Array) -> bool:
    """Whether a formula is but another way to write the right array."""
    if made.size != scene.right.size:
        return False
    right = scene.right.reshape(made.shape)
    return bool(np.allclose(made, right, rtol=1e-9, atol=1e-12))


def _named(scene: Scene) -> dict[str, Array]:
    """The known arrays, each example laid out as one row."""
    return {"X" if name == "x" and a.ndim > 2 else name: flat(a) for name, a in scene.known.items()}


def _singles(known: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    for name, a in known.items():
        for words, work in SINGLE:
            yield words.format(name), np.asarray(work(a))
        if a.ndim == 2:
            for axis in (0, 1):
                yield f"{name}.sum(axis={axis})", a.sum(axis=axis)
            yield f"{name}[0]", a[0]
            yield f"{name}[-1]", a[-1]
            yield f"{name}[:, 0]", a[:, 0]


def _products(known: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    for one, a in known.items():
        for two, b in known.items():
            yield from _of_two(one, a, two, b)


def _of_two(one: str, a: Array, two: str, b: Array) -> Iterator[tuple[str, Array]]:
    if a.shape == b.shape:
        if one < two:
            yield f"{one} * {two}", a * b
        if one != two:
            yield f"{one} * ({two} > 0)", a * (b > 0)
            yield f"{one} * ({two} < 0)", a * (b < 0)
        if a.ndim == 2 and one < two:
            yield f"({one} * {two}).sum(axis=0)", (a * b).sum(axis=0)
            yield f"({one} * {two}).sum(axis=1)", (a * b).sum(axis=1)
    if a.ndim != 2 or b.ndim != 2:
        return
    for words, left in ((one, a), (f"{one}.T", a.T)):
        for more, right in ((two, b), (f"{two}.T", b.T)):
            if left.shape[1] == right.shape[0]:
                yield f"{words} @ {more}", left @ right
