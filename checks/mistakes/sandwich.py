"""Mistakes in putting an affine layer and a ReLU together."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from checks.mistakes.entry import Shelf
from reference.affine import affine_backward, affine_forward
from reference.relu import relu_backward, relu_forward

MISTAKES = Shelf()


@MISTAKES.variant("affine_relu_forward", "The ReLU bends the input, before the affine layer.")
def bent_before(x, w, b):
    h, relu_cache = relu_forward(x)
    out, affine_cache = affine_forward(h, w, b)
    return out, (affine_cache, relu_cache)


@MISTAKES.variant("affine_relu_forward", "The ReLU is computed, and the line before it returned.")
def not_bent(x, w, b):
    a, affine_cache = affine_forward(x, w, b)
    _, relu_cache = relu_forward(a)
    return a, (affine_cache, relu_cache)


@MISTAKES.variant("affine_relu_forward", "The bias is added after the bend.")
def bias_after_the_bend(x, w, b):
    h, relu_cache = relu_forward(x.reshape(len(x), -1) @ w)
    return h + b, ((x, w, b), relu_cache)


@MISTAKES.variant("affine_relu_forward", "The caches are handed back one by one, not as one.")
def two_caches(x, w, b):
    a, affine_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, affine_cache, relu_cache


@MISTAKES.variant("affine_relu_forward", "The absolute value turns what is negative round.")
def bent_upwards(x, w, b):
    a, affine_cache = affine_forward(x, w, b)
    out = np.abs(a)
    return out, (affine_cache, a)


@MISTAKES.variant("affine_relu_backward", "The ReLU is forgotten on the way back.")
def relu_forgotten(dout, cache):
    affine_cache, _ = cache
    return affine_backward(dout, affine_cache)


@MISTAKES.variant("affine_relu_backward", "The way back goes in the order of the way there.")
def order_not_reversed(dout, cache):
    affine_cache, _ = cache
    dx, dw, db = affine_backward(dout, affine_cache)
    dx = dx * (affine_cache[0] > 0)
    return dx, dw, db


@MISTAKES.variant("affine_relu_backward", "The caches are unpacked in another order than packed.")
def caches_swapped(dout, cache):
    relu_cache, affine_cache = cache
    da = relu_backward(dout, relu_cache)
    return affine_backward(da, affine_cache)


@MISTAKES.variant("affine_relu_backward", "da is computed, and dout goes on in its place.")
def da_not_used(dout, cache):
    affine_cache, relu_cache = cache
    da = relu_backward(dout, relu_cache)
    dx, dw, _ = affine_backward(dout, affine_cache)
    return dx, dw, da.sum(axis=0)


@MISTAKES.variant("affine_relu_backward", "The mask is made of dout, not of what was bent.")
def masked_by_dout(dout, cache):
    affine_cache, _ = cache
    da = relu_backward(dout, dout)
    return affine_backward(da, affine_cache)


@MISTAKES.variant("affine_relu_backward", "The ReLU's mask is put on twice: on dout and on dx.")
def dx_masked_too(dout, cache):
    affine_cache, relu_cache = cache
    da = relu_backward(dout, relu_cache)
    dx, dw, db = affine_backward(da, affine_cache)
    return relu_backward(dx, affine_cache[0]), dw, db


@MISTAKES.variant("affine_relu_backward", "db is taken from dout, which has not passed the bend.")
def db_before_the_bend(dout, cache):
    affine_cache, relu_cache = cache
    da = relu_backward(dout, relu_cache)
    dx, dw, _ = affine_backward(da, affine_cache)
    return dx, dw, dout.sum(axis=0)


@MISTAKES.variant("affine_relu_backward", "The results come in another order than was asked for.")
def results_turned_round(dout, cache):
    affine_cache, relu_cache = cache
    da = relu_backward(dout, relu_cache)
    dx, dw, db = affine_backward(da, affine_cache)
    return db, dw, dx
