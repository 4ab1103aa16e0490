"""Patterns of a sum: a term too many or too few, or two known arrays with two factors."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from checks.model import Array
from checks.patterns.scene import SPARE, Claim, Scene


def regulariser(scene: Scene) -> Claim | None:
    """How many times reg * the parameter is in its gradient, where that is all that is wrong."""
    parameter = scene.name.removeprefix("grads['").removesuffix("']")
    reg, value = float(scene.inputs.get("reg", np.zeros(()))), scene.inputs.get(parameter)
    if not reg or value is None or scene.yours.shape != value.shape == scene.right.shape:
        return None
    step, rest = reg * value, scene.yours - scene.right
    share = float((rest * step).sum() / (step * step).sum())
    if np.linalg.norm(rest - share * step) > 1e-6 * np.linalg.norm(rest):
        return None
    asked = 1.0 if parameter.startswith("W") else 0.0
    return {"kind": "share", "share": share + asked, "parameter": parameter}


def regulariser_of_the_loss(scene: Scene) -> Claim | None:
    """Which squares, or which multiple of the right ones, the regulariser of a loss adds up."""
    reg = float(scene.inputs.get("reg", np.zeros(())))
    if scene.name != "loss" or scene.right.ndim or not reg:
        return None
    data = scene.at({**scene.inputs, "reg": np.zeros(())})
    if data is None:
        return None
    term, asked = float(scene.yours - data), float(scene.right - data)
    claim: Claim = {"kind": "term", "term": term, "asked_term": asked}
    half = {
        name: 0.5 * reg * float((value**2).sum())
        for name, value in scene.inputs.items()
        if name[:1] in "Wb" and value.ndim
    }
    for count in range(1, len(half) + 1):
        for names in combinations(half, count):
            if abs(sum(half[name] for name in names) - term) <= 1e-7 * abs(float(scene.yours)):
                return {**claim, "of": names}
    return claim


def one_more_term(scene: Scene) -> Claim | None:
    """The right array and some multiple of a known one."""
    if scene.yours.shape != scene.right.shape or scene.step or scene.yours.size <= 1 + SPARE:
        return None
    rest = scene.yours - scene.right
    for name, value in scene.known.items():
        if value.shape != rest.shape or not value.any() or len(np.unique(value)) < 3:
            continue
        factor = float((rest * value).sum() / (value * value).sum())
        left = float(np.linalg.norm(rest - factor * value))
        if left <= 1e-6 * scene.gap and left <= scene.rounding * scene.size:
            return {"kind": "plus", "times": factor, "of": name}
    return None


def one_more_number(scene: Scene) -> Claim | None:
    """A single number that is off by a small whole one."""
    if scene.right.ndim or scene.yours.ndim or scene.step:
        return None
    off = float(scene.yours - scene.right)
    whole = round(off)
    near = abs(off - whole) <= scene.rounding * abs(off)
    return {"kind": "plus_number", "value": whole} if near and 0 < abs(whole) < 10 else None


def two_terms(scene: Scene) -> Claim | None:
    """Two known arrays, each with a factor of its own."""
    if scene.yours.size <= 2 + 2 * SPARE or scene.is_flat or scene.step:
        return None
    for (one, a), (two, b) in combinations(_of_its_shape(scene), 2):
        columns = np.column_stack([a.ravel(), b.ravel()])
        factors, _, rank, _ = np.linalg.lstsq(columns, scene.yours.ravel(), rcond=None)
        made = columns @ factors
        if rank == 2 and np.abs(factors).min() > 1e-6 and scene.fits(made.reshape(a.shape)):
            times = tuple(float(factor) for factor in factors)
            return {"kind": "two_terms", "of": (one, two), "times": times}
    return None


def _of_its_shape(scene: Scene) -> Iterator[tuple[str, Array]]:
    for name, value in scene.known.items():
        if value.shape == scene.yours.shape and value.any():
            yield name, value


def without_a_term(scene: Scene) -> Claim | None:
    """A net's loss or gradient as it would be for another multiple of reg."""
    if "reg" not in scene.inputs or scene.rule is None:
        return None
    reg = scene.inputs["reg"]
    for words, times in (("0", 0.0), ("2 * reg", 2.0), ("reg / 2", 0.5)):
        made = scene.at({**scene.inputs, "reg": times * reg})
        if made is not None and scene.fits(made):
            return {"kind": "as_if", "of": "reg", "were": words}
    return None
