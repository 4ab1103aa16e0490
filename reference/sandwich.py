# Generated from book/sandwich.md: edit there, then `make tangle`.
"""An affine layer and a ReLU as one layer: the chapter "sandwich"."""

from reference.affine import affine_backward, affine_forward
from reference.relu import relu_backward, relu_forward


def affine_relu_forward(x, w, b):
    """Send a batch through an affine layer, then through a ReLU.

    Derived in the chapter "sandwich": eq-sandwich-a, eq-sandwich-out.

    Args:
        x: a batch, shape (N, d1, ..., dk).
        w: weights, shape (D, M) with D = d1 * ... * dk.
        b: biases, shape (M,).

    Returns:
        ``(out, cache)``: ``out`` of shape (N, M), and the caches of both layers.
    """
    a, affine_cache = affine_forward(x, w, b)  # eq-sandwich-a
    out, relu_cache = relu_forward(a)          # eq-sandwich-out
    return out, (affine_cache, relu_cache)


def affine_relu_backward(dout, cache, need_dx=True):
    """Pull a gradient back through the ReLU, then through the affine layer.

    Derived in the chapter "sandwich": eq-sandwich-da, eq-sandwich-backward.

    Args:
        dout: gradient of the loss with respect to ``out``, shape (N, M).
        cache: the two caches that ``affine_relu_forward`` returned.
        need_dx: whether ``dx`` is wanted; it is None where it is not.

    Returns:
        ``(dx, dw, db)``, each with the shape of the array it belongs to.
    """
    affine_cache, relu_cache = cache

    da = relu_backward(dout, relu_cache)               # eq-sandwich-da
    return affine_backward(da, affine_cache, need_dx)  # eq-sandwich-backward
