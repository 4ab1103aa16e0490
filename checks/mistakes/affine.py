"""Mistakes in the affine layer."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code=name-defined
# ruff: noqa: F821

import numpy as np

from checks.mistakes.entry import Shelf

MISTAKES = Shelf()


@MISTAKES.variant("affine_forward", "The bias is forgotten.")
def without_bias(x, w, b):
    out = x.reshape(len(x), -1) @ w
    return out, (x, w, b)


@MISTAKES.variant("affine_forward", "x is not laid out flat, so only batches of rows fit.")
def without_flattening(x, w, b):
    out = x @ w + b
    return out, (x, w, b)


@MISTAKES.variant("affine_forward", "The numbers of different examples are mixed into one row.")
def examples_mixed(x, w, b):
    X = x.reshape(w.shape[0], -1).T
    out = X @ w + b
    return out, (x, w, b)


@MISTAKES.variant("affine_forward", "The bias reaches the first example only.")
def bias_on_one_row(x, w, b):
    out = x.reshape(len(x), -1) @ w
    out[0] += b
    return out, (x, w, b)


@MISTAKES.variant("affine_forward", "The line looks for a name that nobody has given a value.")
def name_undefined(x, w, b):
    out = X @ w + b
    return out, (x, w, b)


@MISTAKES.variant("affine_forward", "x is laid out flat in place, and it belongs to the caller.")
def flattened_in_place(x, w, b):
    x.shape = (len(x), -1)
    out = x @ w + b
    return out, (x, w, b)


@MISTAKES.variant("affine_forward", "The cache is not handed back.")
def without_cache(x, w, b):
    out = x.reshape(len(x), -1) @ w + b
    return out


@MISTAKES.variant("affine_backward", "db is a mean over the batch, where a sum belongs.")
def db_is_a_mean(dout, cache):
    x, w, _ = cache
    X = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = X.T @ dout
    db = dout.mean(axis=0)
    return dx, dw, db


@MISTAKES.variant("affine_backward", "db has shape (1, M), and b would get it at the next step.")
def db_keeps_an_axis(dout, cache):
    x, w, _ = cache
    X = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = X.T @ dout
    db = dout.sum(axis=0, keepdims=True)
    return dx, dw, db


@MISTAKES.variant("affine_backward", "dx is laid out flat and not in the shape of x.")
def dx_stays_flat(dout, cache):
    x, w, _ = cache
    X = x.reshape(len(x), -1)
    dx = dout @ w.T
    dw = X.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


@MISTAKES.variant("affine_backward", "dw is the transpose of what it should be.")
def dw_is_transposed(dout, cache):
    x, w, _ = cache
    X = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = dout.T @ X
    db = dout.sum(axis=0)
    return dx, dw, db


@MISTAKES.variant("affine_backward", "dw is divided by N, which dout has done already.")
def dw_is_a_mean(dout, cache):
    x, w, _ = cache
    X = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = X.T @ dout / len(x)
    db = dout.sum(axis=0)
    return dx, dw, db


@MISTAKES.variant("affine_backward", "db is summed over the outputs instead of over the examples.")
def db_over_the_wrong_axis(dout, cache):
    x, w, _ = cache
    X = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = X.T @ dout
    db = dout.sum(axis=1)
    return dx, dw, db


@MISTAKES.variant("affine_backward", "The results come in another order than was asked for.")
def results_swapped(dout, cache):
    x, w, _ = cache
    X = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = X.T @ dout
    db = dout.sum(axis=0)
    return dw, dx, db


@MISTAKES.variant("affine_backward", "Only the first example's gradient reaches b.")
def db_of_one_example(dout, cache):
    x, w, _ = cache
    X = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = X.T @ dout
    db = dout[0]
    return dx, dw, db


@MISTAKES.variant("affine_backward", "b is added to dx as if this were the forward pass.")
def dx_with_a_bias(dout, cache):
    x, w, b = cache
    X = x.reshape(len(x), -1)
    dx = ((dout + b) @ w.T).reshape(x.shape)
    dw = X.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


@MISTAKES.variant("affine_backward", "dout is scaled in place, and it belongs to the caller.")
def dout_scaled_in_place(dout, cache):
    x, w, _ = cache
    dout /= len(x)
    X = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = X.T @ dout
    db = np.sum(dout, axis=0)
    return dx, dw, db
