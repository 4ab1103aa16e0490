"""What a wrong array is looked at beside: the right one, its inputs, and other results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checks.model import Array, Evidence, Plain, Rule

Claim = dict[str, Plain]  # "kind", and the plain parameters of its sentence

ROUNDING = 1e-9  # of an array's size: what is left where a pattern is the reason
SHARE = 1e-3  # of the distance to the right array: a pattern explains all but that
SPARE = 2  # entries that a factor is not fitted to, so that it says something


@dataclass(frozen=True)
class Scene:
    """A wrong array and all that it may have been made of.

    Args:
        yours, right: the two arrays; of a step, the two steps.
        name: of the array, such as "dx".
        inputs: the arguments of the draw, by name.
        sizes: the letters of the draw.
        rule: gives all right results by name, for other inputs as well.
        rounding: how far off, beside its size, a pattern may be.
        step: whether the arrays are steps from where a parameter began.
        bound: how far off an entry may be and still be right.
    """

    yours: Array
    right: Array
    name: str
    inputs: Mapping[str, Array]
    sizes: Mapping[str, int]
    rule: Rule | None = None
    rounding: float = ROUNDING
    step: bool = False
    bound: float = 0.0

    @cached_property
    def results(self) -> Mapping[str, Array]:
        """All right results for these inputs; empty where nobody can tell."""
        return self.rule(self.inputs) if self.rule is not None else {}

    @cached_property
    def known(self) -> dict[str, Array]:
        """Arrays of numbers that have a name: inputs, and results other than this one."""
        found = {**self.inputs, **self.results}
        return {
            name: np.asarray(value, dtype=float)
            for name, value in found.items()
            if name != self.name and np.ndim(value) and np.asarray(value).dtype.kind in "fiub"
        }

    @cached_property
    def size(self) -> float:
        """The norm of what came."""
        return float(np.linalg.norm(self.yours))

    @cached_property
    def gap(self) -> float:
        """How far it is from the right array; infinite where the shapes differ."""
        if self.yours.shape != self.right.shape:
            return float("inf")
        return float(np.linalg.norm(self.yours - self.right))

    def at(self, inputs: Mapping[str, Array]) -> Array | None:
        """The right array of this name for other inputs, where there is one."""
        if self.rule is None:
            return None
        found = self.rule(inputs).get(self.name)
        return None if found is None else np.asarray(found, dtype=float)

    def fits(self, made: Array) -> bool:
        """Whether an array is what came: to rounding, and much better than the right one is."""
        if made.shape != self.yours.shape or not np.isfinite(made).all():
            return False
        rest = float(np.linalg.norm(self.yours - made))
        return rest <= self.rounding * self.size and rest <= SHARE * self.gap

    def factor(self, made: Array) -> float | None:
        """The one factor that makes an array what came; None where there is none."""
        if self.fits(made):
            return 1.0
        if made.shape != self.yours.shape or made.size < 1 + SPARE or self.is_flat:
            return None
        square = float((made * made).sum())
        if not square or not np.isfinite(square):
            return None
        found = float((made * self.yours).sum()) / square
        return found if found and self.fits(found * made) else None

    @cached_property
    def is_flat(self) -> bool:
        """Whether fewer of its entries differ from one another than a factor needs."""
        return len(np.unique(self.yours)) < 1 + SPARE


def scene_of(seen: Evidence) -> Scene | None:
    """Read evidence as a scene, where two arrays of numbers were compared."""
    if seen.yours is None or seen.right is None or seen.yours.dtype.kind not in "fiub":
        return None
    yours, right = seen.yours.astype(float), np.asarray(seen.right, dtype=float)
    if not yours.size or not np.isfinite(yours).all():
        return None
    start = seen.start if seen.start is not None and yours.shape == right.shape else None
    size = float(np.linalg.norm(right))
    slack = seen.bound / size if size and np.isfinite(seen.bound) else 0.0
    sizes = seen.detail.get("sizes")
    return Scene(
        yours if start is None else yours - start,
        right if start is None else right - start,
        str(seen.detail.get("name", "")),
        {name: np.asarray(value) for name, value in seen.inputs.items() if not _is_text(value)},
        {str(letter): int(size) for letter, size in sizes.items()}
        if isinstance(sizes, Mapping)
        else {},
        seen.rule,
        min(max(slack, ROUNDING), 1e-5),
        start is not None,
        seen.bound if np.isfinite(seen.bound) else 0.0,
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) or np.asarray(value).dtype.kind not in "fiub"


def flat(a: Array) -> Array:
    """Lay each example out as one row."""
    return a.reshape(len(a), -1) if a.ndim > 2 else a
