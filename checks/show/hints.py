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

_OF_PATTERNS = {
    "as_it_came": "Nothing was computed on the way to that return, or another name was returned.",
    "other": "Compare the order of the names after return with the one in the docstring.",
    "turned": "Write the shape of each factor beside its name: which order of them fits?",
    "spread": "The sum runs over an axis that belongs to the array itself.",
    "not_summed": "The array has no such axis, so its gradient sums over it.",
    "part": "One index stands where a sum over the whole batch belongs: does a loop overwrite?",
    "one_number": "A sum over everything gives one number: which axis is to stay?",
}


def pattern_hint(seen: Evidence) -> str:
    """Say what usually leaves such numbers behind, where that is known."""
    d = seen.detail
    if seen.kind == "changed":
        return (
            "x -= ... and x[x < 0] = ... write into the caller's array; x = x - ... and "
            "np.where make a new one, and so does x.copy() first."
        )
    if seen.kind == "unsteady":
        return "Something outlives the call: a global variable, or an array that is added to."
    claim = d.get("pattern")
    pattern = claim if isinstance(claim, Mapping) else {}
    if seen.kind == "shape" and pattern.get("kind") == "numbers":
        return "The array that it belongs to came in with a shape: give it back in that shape."
    if seen.kind == "nonfinite":
        return "exp of a large number is inf and log of 0 is -inf; inf - inf and 0 / 0 are nan."
    if seen.kind in _OF_TRAINING:
        return _OF_TRAINING[seen.kind]
    if pattern.get("kind") == "share":
        return "The derivative of 0.5 * reg * W**2 is reg * W, once, and only weights have it."
    if pattern.get("kind") == "term":
        return "Half of reg, times the squares of all weights added up, and of weights alone."
    if seen.kind != "value":
        return ""
    return _claim_hint(pattern, d)


def _claim_hint(claim: Mapping[str, object], d: Mapping[str, object]) -> str:
    """What usually leaves a pattern behind."""
    kind = claim.get("kind")
    if kind == "nothing":
        return "The array is as it was made: nothing was written into it."
    if kind == "factor":
        known = _ratio_hint(float(str(claim["ratio"])), d["sizes"])
        if known:
            return known
    if float(str(d["apart"])) < 1e-3:
        return "A step to one side only, float32, or a small constant does that."
    return _OF_PATTERNS.get(str(kind), "")


def _ratio_hint(ratio: float, sizes: object) -> str:
    assert isinstance(sizes, Mapping)
    n = sizes.get("N")
    text, letters = factor(ratio, sizes)
    if text == "exactly -1 times":
        return "A sign is turned round somewhere."
    if n and letters == f"N = {n}":
        if abs(ratio) < 1:
            return "A mean over the batch gives that, where a sum belongs."
        return "A sum over the batch gives that, where a mean belongs."
    return ""
