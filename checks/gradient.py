"""Slopes by nudging: for our own forwards, and under the names that the course uses.

The simple form is derived in the chapter "numeric-gradients" and stands in
``reference.numeric_gradients``. Here are the course's three helpers with their
signatures and without their faults: they refuse another shape instead of
broadcasting, never let a nan pass, refuse whole numbers, and notice an f that
changes its argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from checks.model import Array


def slope_of_known(f: Callable[[Array], Array], x: Array, dout: Array | None = None) -> Array:
    """Differentiate a forward pass that this package states itself, to rounding.

    The step is imaginary, so nothing nearly equal is subtracted. It is silently
    wrong where ``f`` takes an absolute value, a maximum or a real part, so it is
    never used on a student's code.

    Args:
        f: a function of one array, made of sums, products, exp and log.
        x: the point, any shape.
        dout: the weights of the results; None where ``f`` gives one number.

    Returns:
        The slope of ``sum(dout * f(x))``, in the shape of ``x``.
    """
    weights = np.asarray(1.0 if dout is None else dout)
    slopes = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        nudged = x.astype(complex)
        nudged[index] += 1e-30j
        slopes[index] = (weights * np.imag(f(nudged))).sum() / 1e-30
    return slopes


def _floats(x: Array) -> None:
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        found = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"x holds {found}, and a nudge would be lost in it: pass x.astype(float)")


def _value(f: Callable[[Array], object], x: Array) -> Array:
    """Call f on x itself, as the course does, and insist that f leaves it as it was."""
    before = x.copy()
    value = np.array(f(x), dtype=np.float64)
    if not np.array_equal(before, x, equal_nan=True):
        x[...] = before
        raise ValueError("f changed x while it was being measured: let it work on x.copy()")
    return value


def _nudged(f: Callable[[Array], object], x: Array, index: tuple[int, ...], h: float) -> Array:
    """Give ``f(x + h) - f(x - h)`` along one entry, over the step that was really taken.

    ``x`` itself is moved and put back, since ``f`` may look at the array and not at
    its argument: ``lambda w: net.loss(X, y)[0]`` does.
    """
    kept = x[index]
    up, down = kept + x.dtype.type(h), kept - x.dtype.type(h)
    if up == down:
        raise ValueError(f"a step of {h:g} is lost beside x{list(index)} = {kept:g}: use larger h")
    try:
        x[index] = up
        high = _value(f, x)
        x[index] = down
        low = _value(f, x)
    finally:
        x[index] = kept
    return np.asarray((high - low) / (np.float64(up) - np.float64(down)))


def eval_numerical_gradient(
    f: Callable[[Array], object], x: Array, verbose: bool = True, h: float = 0.00001
) -> Array:
    """Measure the slope of a function of one array that gives one number.

    Args:
        f: the function; it may look at ``x`` itself instead of at its argument.
        x: the point, an array of floats; it is put back as it was.
        verbose: print every index with its slope.
        h: how far an entry is nudged each way.

    Returns:
        The slopes, float64, in the shape of ``x``.
    """
    _floats(x)
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        change = _nudged(f, x, index, h)
        if change.size != 1:
            raise ValueError(
                f"f(x) has shape {change.shape}, not one number: "
                "use eval_numerical_gradient_array(f, x, df)"
            )
        slopes[index] = change.item()
        if verbose:
            print(index, slopes[index])
    return slopes


def eval_numerical_gradient_array(
    f: Callable[[Array], object], x: Array, df: Array, h: float = 1e-5
) -> Array:
    """Measure the slope of ``sum(df * f(x))`` along every entry of ``x``.

    Args:
        f: a function of one array that gives an array.
        x: the point, an array of floats; it is put back as it was.
        df: one weight per entry of ``f(x)``, in exactly its shape.
        h: how far an entry is nudged each way.

    Returns:
        The slopes, float64, in the shape of ``x``.
    """
    _floats(x)
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        change = _nudged(f, x, index, h)
        if change.shape != np.shape(df):
            raise ValueError(f"f(x) has shape {change.shape}, but df has {np.shape(df)}")
        slopes[index] = np.sum(change * df)
    return slopes


def grad_check_sparse(
    f: Callable[[Array], object],
    x: Array,
    analytic_grad: Array,
    num_checks: int = 10,
    h: float = 1e-5,
    rng: np.random.Generator | None = None,
) -> float:
    """Compare a gradient with the measured slope at a few entries, and print each.

    Args:
        f: a function of one array that gives one number.
        x: the point, an array of floats; it is put back as it was.
        analytic_grad: the gradient in question, in exactly the shape of ``x``.
        num_checks: how many entries to look at, all different.
        h: how far an entry is nudged each way.
        rng: where the entries are drawn from.

    Returns:
        The largest relative error that was seen; nan where a number is not finite,
        so that no comparison with a tolerance lets it pass.
    """
    _floats(x)
    if np.shape(analytic_grad) != x.shape:
        raise ValueError(f"x has shape {x.shape}, but analytic_grad has {np.shape(analytic_grad)}")
    rng = rng or np.random.default_rng(0)
    chosen: Iterable[int] = rng.choice(x.size, size=min(num_checks, x.size), replace=False)
    worst = [0.0]
    for flat in chosen:
        index = tuple(int(i) for i in np.unravel_index(flat, x.shape))
        numeric, analytic = _nudged(f, x, index, h).item(), float(analytic_grad[index])
        size = abs(numeric) + abs(analytic)
        error = abs(numeric - analytic) / size if size else 0.0
        worst.append(error if np.isfinite(size) else float("nan"))
        print(f"numerical: {numeric:f} analytic: {analytic:f}, relative error: {worst[-1]:e}")
    return float(np.max(worst))
