"""Mistakes in measuring a slope and in comparing two of them."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from checks.mistakes.entry import Shelf

MISTAKES = Shelf()


@MISTAKES.variant("rel_error", "Each entry is divided by its own size, so a tiny one decides.")
def entry_by_entry(a, b):
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, but b has {b.shape}")
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


@MISTAKES.variant("rel_error", "Shapes are not compared, so broadcasting fits them.")
def any_shape(a, b):
    size = np.max(np.abs(a) + np.abs(b))
    return 0.0 if size == 0 else np.max(np.abs(a - b)) / size


@MISTAKES.variant("rel_error", "The differences are averaged, so one wrong entry drowns.")
def mean_difference(a, b):
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, but b has {b.shape}")
    size = np.max(np.abs(a) + np.abs(b))
    return 0.0 if size == 0 else np.mean(np.abs(a - b)) / size


@MISTAKES.variant("rel_error", "Without an absolute value a negative difference counts as none.")
def without_abs(a, b):
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, but b has {b.shape}")
    size = np.max(np.abs(a) + np.abs(b))
    return 0.0 if size == 0 else np.max(a - b) / size


@MISTAKES.variant("rel_error", "Two arrays of zeros give 0 / 0.")
def zero_over_zero(a, b):
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, but b has {b.shape}")
    return np.max(np.abs(a - b)) / np.max(np.abs(a) + np.abs(b))


@MISTAKES.variant("rel_error", "An entry that is nan is left out of the largest difference.")
def nan_left_out(a, b):
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, but b has {b.shape}")
    size = np.nanmax(np.abs(a) + np.abs(b))
    return 0.0 if size == 0 else np.nanmax(np.abs(a - b)) / size


@MISTAKES.variant("numeric_gradient", "The nudge goes to one side only.")
def one_sided(f, x, dout=None, h=1e-5):
    weights = 1.0 if dout is None else dout
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up = x.astype(float)
        up[i] += h
        slopes[i] = np.sum(weights * (f(up) - f(x))) / h
    return slopes


@MISTAKES.variant("numeric_gradient", "The two points are 2h apart, and h was divided by.")
def divided_by_h(f, x, dout=None, h=1e-5):
    weights = 1.0 if dout is None else dout
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.astype(float), x.astype(float)
        up[i] += h
        down[i] -= h
        slopes[i] = np.sum(weights * (f(up) - f(down))) / h
    return slopes


@MISTAKES.variant("numeric_gradient", "dout is not used.")
def dout_ignored(f, x, dout=None, h=1e-5):
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.astype(float), x.astype(float)
        up[i] += h
        down[i] -= h
        slopes[i] = np.sum(f(up) - f(down)) / (2 * h)
    return slopes


@MISTAKES.variant("numeric_gradient", "All entries are nudged at once.")
def all_entries_at_once(f, x, dout=None, h=1e-5):
    weights = 1.0 if dout is None else dout
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        slopes[i] = np.sum(weights * (f(x + h) - f(x - h))) / (2 * h)
    return slopes


@MISTAKES.variant("numeric_gradient", "Each nudge stays in x while the next entry is measured.")
def nudges_pile_up(f, x, dout=None, h=1e-5):
    weights = 1.0 if dout is None else dout
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        up = np.array(f(x))
        x[i] -= 2 * h
        down = np.array(f(x))
        slopes[i] = np.sum(weights * (up - down)) / (2 * h)
    return slopes


@MISTAKES.variant("numeric_gradient", "The step is always 1e-5, whatever h says.")
def step_fixed(f, x, dout=None, h=1e-5):
    weights = 1.0 if dout is None else dout
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.astype(float), x.astype(float)
        up[i] += 1e-5
        down[i] -= 1e-5
        slopes[i] = np.sum(weights * (f(up) - f(down))) / 2e-5
    return slopes


@MISTAKES.variant("numeric_gradient", "The copies keep whole numbers whole, so the nudge is lost.")
def nudge_lost_in_integers(f, x, dout=None, h=1e-5):
    weights = 1.0 if dout is None else dout
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] = x[i] + h
        down[i] = x[i] - h
        slopes[i] = np.sum(weights * (f(up) - f(down))) / (2 * h)
    return slopes
