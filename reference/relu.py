# Generated from book/relu.md: edit there, then `make tangle`.
"""The bend between two affine layers, forwards and backwards: the chapter "relu"."""

import numpy as np


def relu_forward(x):
    """Keep what is positive and set the rest to 0, entry by entry.

    Derived in the chapter "relu": eq-relu-out.

    Args:
        x: any shape.

    Returns:
        ``(out, cache)``: ``out`` of the shape of ``x``, and what
        ``relu_backward`` needs, ``x`` itself.
    """
    out = np.maximum(x, 0)  # eq-relu-out
    return out, x


def relu_backward(dout, cache):
    """Let the gradient through where the input was positive, and nowhere else.

    Derived in the chapter "relu": eq-relu-dx. At an input of exactly 0 every
    value from 0 to dout is a subgradient, eq-relu-subgradient, and 0 is the
    one taken.

    Args:
        dout: gradient of the loss with respect to ``out``, any shape.
        cache: ``x`` as ``relu_forward`` returned it, the same shape.

    Returns:
        ``dx``, gradient of the loss with respect to ``x``, the same shape.
    """
    return dout * (cache > 0)  # eq-relu-dx, eq-relu-subgradient
