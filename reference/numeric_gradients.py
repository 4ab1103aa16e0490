# Generated from book/numeric-gradients.md: edit there, then `make tangle`.
"""Slopes measured by nudging, and one number for how far two arrays are apart."""

import numpy as np


def numeric_gradient(f, x, dout=None, h=1e-5):
    """Measure the slope of ``sum(dout * f(x))`` along every entry of ``x``.

    Derived in the chapter "numeric-gradients": eq-numeric-entry, with the step
    of eq-numeric-step. It costs two calls of ``f`` per entry.

    Args:
        f: a function of one array. Each call gets a float64 copy of its own.
        x: the point at which to measure, any shape, floating-point numbers.
        dout: one weight per entry of ``f(x)``; None where ``f`` returns one number.
        h: how far an entry is nudged each way, in the units of ``x``.

    Returns:
        The slopes, float64, in the shape of ``x``.

    Raises:
        TypeError: ``x`` holds no floating-point numbers, so a nudge would be lost.
        ValueError: ``dout`` and ``f(x)`` differ in shape.
    """
    x = np.asarray(x)
    if not np.issubdtype(x.dtype, np.floating):
        raise TypeError(f"x holds {x.dtype}, and a nudge needs floats: pass x.astype(float)")
    weights = np.asarray(1.0 if dout is None else dout)

    slopes = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.astype(np.float64), x.astype(np.float64)
        up[i] += h
        down[i] -= h
        step = up[i] - down[i]  # eq-numeric-step
        change = np.array(f(up), dtype=np.float64) - np.array(f(down), dtype=np.float64)
        if change.shape != weights.shape:
            raise ValueError(f"f(x) has shape {change.shape}, but dout has {weights.shape}")
        slopes[i] = (weights * change).sum() / step  # eq-numeric-entry
    return slopes


def rel_error(a, b):
    """Say how far two arrays are apart, on a scale from 0 to 1.

    Derived in the chapter "numeric-gradients": eq-numeric-rel-error. Nothing
    changes when both arrays are multiplied by the same number.

    Args:
        a: an array of numbers.
        b: an array of the same shape; the order of the two does not matter.

    Returns:
        The largest difference over the largest size: 0 where the arrays are
        equal, 1 where one is the negative of the other or only one is zero,
        nan where an entry is nan or infinite.

    Raises:
        ValueError: the shapes differ, also where broadcasting would hide it.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, but b has {b.shape}")
    with np.errstate(invalid="ignore"):
        gap = np.max(np.abs(a - b), initial=0.0)
        size = np.max(np.abs(a) + np.abs(b), initial=0.0)
        return 0.0 if size == 0 else float(gap / size)  # eq-numeric-rel-error
