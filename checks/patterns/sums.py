"""Patterns of a sum over an axis: left out, done once too often, or a mean in its place."""

from __future__ import annotations

import numpy as np

from checks.patterns.scene import Claim, Scene


def not_summed(scene: Scene) -> Claim | None:
    """What the right array is a sum, or a mean, of."""
    yours, right = scene.yours, scene.right
    if yours.ndim <= right.ndim or yours.size == right.size:
        return None
    for axis in range(yours.ndim):
        for how, made in (("sum", yours.sum(axis=axis)), ("mean", yours.mean(axis=axis))):
            if made.shape == right.shape and np.allclose(made, right, rtol=1e-6, atol=1e-12):
                return {"kind": "not_summed", "axis": axis, "how": how}
    return None


def spread_out(scene: Scene) -> Claim | None:
    """A sum or a mean of the right array over one axis, spread out over that axis again."""
    if scene.yours.shape != scene.right.shape or scene.right.ndim < 1 or scene.step:
        return None
    axes = range(scene.right.ndim) if scene.right.ndim > 1 else [0]
    for axis in axes:
        if scene.right.shape[axis] < 2 or scene.yours.size < 3:
            continue
        total = scene.right.sum(axis=axis, keepdims=True)
        for how, made in (("sum", total), ("mean", total / scene.right.shape[axis])):
            if scene.fits(np.broadcast_to(made, scene.right.shape)):
                return {"kind": "spread", "axis": axis, "how": how}
    return None
