"""Mistakes in the ReLU."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from checks.mistakes.entry import Shelf

MISTAKES = Shelf()


@MISTAKES.variant("relu_forward", "Two loops over two axes: an array of another kind raises.")
def loops_for_two_axes(x):
    out = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] if x[i, j] > 0 else 0
    return out, x


@MISTAKES.variant("relu_forward", "The mask comes back: where x is positive, and not x there.")
def mask_returned(x):
    out = (x > 0).astype(float)
    return out, x


@MISTAKES.variant("relu_forward", "What is negative is set to 0 in x, which belongs to the caller.")
def x_changed(x):
    x[x < 0] = 0
    return x, x


@MISTAKES.variant("relu_forward", "The absolute value turns what is negative round and keeps it.")
def absolute_value(x):
    out = np.abs(x)
    return out, x


@MISTAKES.variant("relu_forward", "The smaller of x and 0 is kept, which is the other half.")
def smaller_half(x):
    out = np.minimum(0, x)
    return out, x


@MISTAKES.variant("relu_forward", "What is negative is left out, and the rest moves together.")
def shape_lost(x):
    out = x[x > 0]
    return out, x


@MISTAKES.variant("relu_forward", "np.max gives the one largest number of the whole array.")
def largest_of_all(x):
    out = max(0.0, np.max(x))
    return out, x


@MISTAKES.variant("relu_forward", "Numbers above 1 are cut off, too.")
def cut_at_one(x):
    out = np.clip(x, 0, 1)
    return out, x


@MISTAKES.variant("relu_forward", "The cache is not handed back.")
def without_cache(x):
    out = np.maximum(0, x)
    return out


@MISTAKES.variant("relu_backward", "The mask comes back without dout: as if every dout were 1.")
def mask_is_dx(dout, cache):
    x = cache
    dx = (x > 0).astype(float)
    return dx


@MISTAKES.variant("relu_backward", "The mask is made of dout: negative gradients are cut off.")
def mask_of_dout(dout, cache):
    dx = dout * (dout > 0)
    return dx


@MISTAKES.variant(
    "relu_backward", "dout is bent like the forward pass, and the mask applied as well."
)
def bent_again(dout, cache):
    x = cache
    dx = np.maximum(0, dout) * (x > 0)
    return dx


@MISTAKES.variant("relu_backward", "The mask is the other way round.")
def mask_turned(dout, cache):
    x = cache
    dx = dout * (x < 0)
    return dx


@MISTAKES.variant("relu_backward", "dout is multiplied by x and not by the slope, which is 1.")
def times_x(dout, cache):
    x = cache
    dx = dout * np.maximum(0, x)
    return dx


@MISTAKES.variant("relu_backward", "The sign of x is taken for the slope: -1 where it should be 0.")
def sign_for_slope(dout, cache):
    x = cache
    dx = dout * np.sign(x)
    return dx


@MISTAKES.variant("relu_backward", "dout passes as if there were no bend.")
def not_masked(dout, cache):
    dx = dout.copy()
    return dx


@MISTAKES.variant("relu_backward", "One mask, that of the first row, is used for every row.")
def mask_of_first_row(dout, cache):
    x = cache
    dx = dout * (x[:1] > 0)
    return dx


@MISTAKES.variant("relu_backward", "Two loops over two axes: an array of another kind raises.")
def loops_back_for_two_axes(dout, cache):
    x = cache
    dx = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            dx[i, j] = dout[i, j] if x[i, j] > 0 else 0
    return dx


@MISTAKES.variant("relu_backward", "dx is divided by N, which dout has done already.")
def dx_is_a_mean(dout, cache):
    x = cache
    dx = dout * (x > 0) / len(x)
    return dx


@MISTAKES.variant(
    "relu_backward", "The cache is used up: another backward pass finds a mask there."
)
def cache_overwritten(dout, cache):
    x = cache
    x[...] = x > 0
    return dout * x


@MISTAKES.variant("relu_backward", "The slope is out over x, and that is 0 / 0 where x is 0.")
def slope_by_division(dout, cache):
    x = cache
    dx = dout * np.maximum(0, x) / x
    return dx


@MISTAKES.variant("relu_backward", "Where x is 0 the gradient is 1, whatever dout is.")
def one_at_the_bend(dout, cache):
    x = cache
    dx = np.where(x > 0, dout, 0)
    dx[x == 0] = 1
    return dx
