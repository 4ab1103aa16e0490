"""The first hints: what usually leaves such numbers behind."""

from __future__ import annotations

from collections.abc import Mapping

from checks.model import Evidence
from checks.show.numbers import factor


def pattern_hint(seen: Evidence) -> str:
    """Say what usually leaves such numbers behind, where that is known."""
    d = seen.detail
    if seen.kind == "changed":
        return "x -= ... writes into the caller's array; x = x - ... makes a new one."
    if seen.kind == "unsteady":
        return "Something outlives the call: a global variable, or an array that is added to."
    if seen.kind == "shape" and d.get("numbers"):
        return "The array that it belongs to came in with a shape: give it back in that shape."
    if seen.kind == "nonfinite":
        return "exp of a large number is inf and log of 0 is -inf; inf - inf and 0 / 0 are nan."
    if seen.kind != "value":
        return ""
    if d["ratio"] is None:
        small = float(str(d["apart"])) < 1e-3
        return "A step to one side only, float32, or a small constant does that." if small else ""
    return _ratio_hint(float(str(d["ratio"])), d["sizes"])


def _ratio_hint(ratio: float, sizes: object) -> str:
    assert isinstance(sizes, Mapping)
    n = sizes.get("N")
    if ratio == 0:
        return "The array is as it was made: nothing was written into it."
    text, letters = factor(ratio, sizes)
    if text == "exactly -1 times":
        return "A sign is turned round somewhere."
    if n and letters == f"N = {n}":
        if abs(ratio) < 1:
            return "A mean over the batch gives that, where a sum belongs."
        return "A sum over the batch gives that, where a mean belongs."
    return ""
