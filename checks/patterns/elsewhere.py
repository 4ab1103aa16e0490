"""Patterns of the right results for other inputs: a part of the batch, or an argument changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from checks.model import Array
from checks.patterns.scene import Claim, Scene

CHANGES: Mapping[str, Callable[[Array], Array]] = {
    "zeros": np.zeros_like,
    "ones": np.ones_like,
    "abs": np.abs,
    "positive": lambda a: np.maximum(a, 0),
    "negative": lambda a: np.minimum(a, 0),
    "minus": lambda a: -a,
    "signs": np.sign,
    "reversed": lambda a: a[::-1],
    "squared": np.square,
}


def part_of_the_batch(scene: Scene) -> Claim | None:
    """What one example alone gives, or all but one, or the first or the last few."""
    n = scene.sizes.get("N", 0)
    batch = [name for name, value in scene.inputs.items() if value.ndim and len(value) == n]
    if scene.rule is None or n < 2 or not batch or scene.right.shape[:1] == (n,):
        return None
    mean = "loss" in scene.results  # the part of a mean is divided by N all the same
    for which, i, rows in _parts(n):
        cut = {name: scene.inputs[name][rows] for name in batch}
        made = scene.at({**scene.inputs, **cut})
        if made is None:
            continue
        found = scene.factor(made * len(rows) / n if mean else made)
        if found is not None:
            return {"kind": "part", "which": which, "example": i, "times": found}
    return None


def _parts(n: int) -> Iterator[tuple[str, int, list[int]]]:
    every = list(range(n))
    yield from (("only", i, [i]) for i in every)
    yield from (("but", i, every[:i] + every[i + 1 :]) for i in every)
    for k in range(2, n - 1):
        yield "first", k, every[:k]
        yield "last", k, every[-k:]


def another_argument(scene: Scene) -> Claim | None:
    """What would be right if one of the arguments were another one."""
    if scene.rule is None:
        return None
    for about, inputs in _others(scene):
        made = scene.at(inputs)
        found = None if made is None else scene.factor(made)
        if found is not None:
            return {"kind": "instead", **about, "times": found}
    return None


def _others(scene: Scene) -> Iterator[tuple[Claim, Mapping[str, Array]]]:
    """Each argument changed in one way, where that makes it another one."""
    biases = [name for name in scene.inputs if name[:1] == "b" and name[1:].isdigit()]
    if len(biases) > 1:
        none = {name: np.zeros_like(scene.inputs[name]) for name in biases}
        about: Claim = {"of": tuple(biases), "change": "none of them"}
        yield about, {**scene.inputs, **none}
    for name, value in scene.inputs.items():
        if not value.ndim or value.dtype.kind != "f":
            continue
        for change, work in CHANGES.items():
            other = np.asarray(work(value))
            if not np.array_equal(other, value):
                yield {"of": name, "change": change}, {**scene.inputs, name: other}
        for mask, of in scene.known.items():
            if of.shape != value.shape or mask == name:
                continue
            for sign, live in ((">", of > 0), ("<", of < 0)):
                about = {"of": name, "change": "masked", "mask": mask, "sign": sign}
                yield about, {**scene.inputs, name: value * live}
