"""Sandwiches out of layers, one of them of a layer that is not there."""

# ruff: noqa
from .layers import *
from .fast_layers import conv_forward_fast


def affine_relu_forward(x, w, b):
    a, fc_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, (fc_cache, relu_cache)


def affine_relu_backward(dout, cache):
    fc_cache, relu_cache = cache
    return affine_backward(relu_backward(dout, relu_cache), fc_cache)
