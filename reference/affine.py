# Generated from book/affine.md: edit there, then `make tangle`.
"""An affine layer, ``out = X @ w + b``, forwards and backwards: the chapter "affine"."""


def affine_forward(x, w, b):
    """Send a batch through ``out = X @ w + b``.

    Derived in the chapter "affine": eq-affine-out. ``X`` is ``x`` with every
    example flattened to one row.

    Args:
        x: a batch, shape (N, d1, ..., dk).
        w: weights, shape (D, M) with D = d1 * ... * dk.
        b: biases, shape (M,).

    Returns:
        ``(out, cache)``: ``out`` of shape (N, M), and what ``affine_backward``
        needs, with ``x`` in the shape in which it came.
    """
    X = x.reshape(len(x), -1)

    out = X @ w + b  # eq-affine-out
    return out, (x, w, b)


def affine_backward(dout, cache, need_dx=True):
    """Pull the gradient of the loss back through ``out = X @ w + b``.

    Derived in the chapter "affine": eq-affine-dx, eq-affine-dw, eq-affine-db.
    ``X`` is ``x`` with every example flattened to one row.

    Args:
        dout: gradient of the loss with respect to ``out``, shape (N, M).
        cache: ``(x, w, b)`` as ``affine_forward`` returned it.
        need_dx: whether ``dx`` is wanted; it is None where it is not.

    Returns:
        ``(dx, dw, db)``, each with the shape of the array it belongs to.
    """
    x, w, _ = cache
    X = x.reshape(len(x), -1)

    dx = (dout @ w.T).reshape(x.shape) if need_dx else None  # eq-affine-dx
    dw = X.T @ dout                                          # eq-affine-dw
    db = dout.sum(axis=0)                                    # eq-affine-db
    return dx, dw, db
