"""The first hints: what usually leaves such numbers behind."""

from __future__ import annotations

from collections.abc import Mapping

from checks.model import Evidence
from checks.show.numbers import factor

_OF_TRAINING = {
    "needs": "Write that function first, or take the net's own sum in its place.",
    "keys": "params and grads have the same four keys.",
    "spread": "weight_scale is a standard deviation, and it is there to be multiplied with.",
    "refused_setting": "What is left over when all known settings are taken out is unknown.",
    "minibatch": "Draw batch_size row numbers below N once, and index X and y with them.",
    "afresh": "The rows are drawn in each step, from a generator that was made before the loop.",
    "rate": "After an epoch each parameter's own learning_rate is multiplied once.",
    "own_config": "One dict for each parameter, and the rule's second result takes its place.",
    "length": "Count when it is appended to: in each step, or once an epoch and at the start.",
    "accuracy": "The share of examples whose highest score is that of the right class.",
    "looked": "The last batch may be a short one; num_samples comes before the batches.",
    "best": "Copy each array when it is the best so far; put copies back when all is done.",
    "lost": "Which accuracy has to be beaten first, if the best so far begins at 0?",
}


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
    if seen.kind in _OF_TRAINING:
        return _OF_TRAINING[seen.kind]
    if "share" in d:
        return "The derivative of 0.5 * reg * W**2 is reg * W, once, and only weights have it."
    if "term" in d:
        return "Half of reg, times the squares of all weights added up, and of weights alone."
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
