"""Which pattern is it? The simplest one that gives a student's very array.

Each hypothesis is a function of a scene that answers with a claim or with None. They
are asked in order, simplest first, and the first claim stands. A claim is made only
where the whole array is what it says, to rounding: nothing is claimed that is not so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from checks.model import Evidence
from checks.patterns import elsewhere, formulas, parts, sums, terms, whole
from checks.patterns.scene import Claim, Scene, scene_of

Hypothesis = Callable[[Scene], Claim | None]

OF_ITS_SHAPE: tuple[Hypothesis, ...] = (
    whole.as_it_came,
    whole.nothing,
    terms.regulariser,
    terms.regulariser_of_the_loss,
    whole.one_factor,
    whole.one_number,
    terms.one_more_number,
    whole.other_result,
    elsewhere.part_of_the_batch,
    formulas.worked_on,
    whole.turned,
    sums.spread_out,
    terms.without_a_term,
    elsewhere.another_argument,
    terms.one_more_term,
    formulas.product,
    terms.two_terms,
    parts.wrong_part,
)
OF_ANOTHER_SHAPE: tuple[Hypothesis, ...] = (
    whole.same_numbers,
    whole.as_it_came,
    whole.other_result,
    sums.not_summed,
    formulas.worked_on,
    formulas.product,
)


@np.errstate(all="ignore")  # a stranger's numbers may be as large as they like
def recognise(scene: Scene) -> Claim | None:
    """Ask each hypothesis in turn; None where none of them gives what came."""
    if not scene.gap:
        return None
    asked = OF_ITS_SHAPE if scene.yours.shape == scene.right.shape else OF_ANOTHER_SHAPE
    for hypothesis in asked:
        claim = hypothesis(scene)
        if claim is not None:
            return claim
    return None


def explained(seen: Evidence) -> Evidence:
    """Add the pattern to evidence of two arrays, or how far apart they are where none fits."""
    if seen.kind not in ("value", "shape") or seen.measured <= seen.bound:
        return seen
    scene = scene_of(seen)
    if scene is None:
        return seen
    claim = recognise(scene) or _apart(scene)
    return replace(seen, detail={**seen.detail, "pattern": claim}) if claim else seen


@np.errstate(all="ignore")
def _apart(scene: Scene) -> Claim | None:
    """The angle between what came and the right array, and how long it is beside it."""
    if scene.yours.shape != scene.right.shape or scene.yours.size < 2:
        return None
    long = float(np.linalg.norm(scene.right))
    if not long or not scene.size or not np.isfinite(long * scene.size):
        return None
    cosine = float((scene.yours * scene.right).sum()) / long / scene.size
    return {"kind": "none", "cosine": cosine, "norms": scene.size / long}
