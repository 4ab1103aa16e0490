"""Patterns of a part: rows, columns or signs that are right, and what the rest has in common."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from checks.model import Array
from checks.patterns.scene import Claim, Scene

CHANCE = 20  # entries whose signs agree with a pattern by chance once in a million arrays


def wrong_part(scene: Scene) -> Claim | None:
    """Which part is right, and which one thing is wrong with all the rest."""
    if scene.yours.shape != scene.right.shape or scene.yours.size < 2:
        return None
    wrong = np.abs(scene.yours - scene.right) > scene.bound
    if wrong.all() or not wrong.any():
        return None
    rest = _rest(scene, wrong)
    for claim in _places(scene, wrong):
        return {"kind": "place", **claim, **rest}
    count = {"wrong": int(wrong.sum()), "size": int(wrong.size)}
    return {"kind": "some", **count, **(rest if wrong.sum() > 1 else {})}


def _rest(scene: Scene, wrong: Array) -> Claim:
    """What the wrong entries have in common: zeros, or one factor beside the right ones."""
    yours, right = scene.yours[wrong], scene.right[wrong]
    if not yours.any():
        return {"rest": "zeros"}
    for name, value in scene.known.items():
        if value.shape != wrong.shape or len(yours) < 2:
            continue
        for sign, there in (("", value[wrong]), ("-", -value[wrong])):
            if np.allclose(yours, there, rtol=1e-9, atol=1e-12):
                return {"rest": "same", "as": f"{sign}{name}"}
    if not right.all() or len(yours) < 3:
        return {}
    ratios = yours / right
    factor = float(ratios.mean())
    if np.ptp(ratios) > 1e-6 * abs(factor):
        return {}
    return {"rest": "factor", "ratio": factor}


def _places(scene: Scene, wrong: Array) -> Iterator[Claim]:
    """Whole rows, then whole columns, then where a known array has one sign."""
    if wrong.ndim > 1:
        for axis, what in ((0, "row"), (wrong.ndim - 1, "column")):
            others = tuple(i for i in range(wrong.ndim) if i != axis)
            none = ~wrong.any(axis=others)
            whole = (wrong | (scene.right == 0)).all(axis=others)  # what is to be 0 may be it
            if none.any() and (whole | none).all():
                yield {"what": what, "right": tuple(int(i) for i in np.flatnonzero(none))}
                return
    slopes = [value for name, value in scene.inputs.items() if name.startswith("dw")]
    alike = slopes and all(value.shape == wrong.shape for value in slopes)
    if alike and np.array_equal(wrong, np.any(np.stack(slopes) != 0, axis=0)):
        yield {"what": "no gradient"}
        return
    for name, value in scene.known.items():
        if value.shape != wrong.shape or wrong.size < CHANCE:
            continue
        for sign, there in ((">", value > 0), ("<", value < 0), ("==", value == 0)):
            if np.array_equal(there, wrong):
                yield {"what": "sign", "of": name, "sign": sign}
                return
