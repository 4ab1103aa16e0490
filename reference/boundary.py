# Generated from book/two-layer-net.md: edit there, then `make tangle`.
"""What a net says to a batch that does not fit; from the chapter "two-layer-net"."""

import numpy as np


def check_batch(X, y, input_dim, num_classes):
    """Refuse a batch that a net cannot take, in a sentence.

    Args:
        X: inputs, to be of shape (N, d1, ..., dk) with input_dim = d1 * ... * dk.
        y: labels, to be whole numbers from 0 to num_classes - 1, shape (N,); or None.
        input_dim, num_classes: what the net was built for.

    Raises:
        ValueError: X or y is something else; the message says what was found,
            and what was expected.
    """
    if not isinstance(X, np.ndarray) or X.dtype.kind not in "fiu":
        raise ValueError(f"X is to be an array of real numbers, and it is {_kind(X)}")
    if X.ndim < 2 or len(X) == 0:
        raise ValueError(
            f"X has the shape {X.shape}, but a net takes a batch, (N, ...) with N of at least 1;"
            " X[None] makes a batch of one example"
        )
    numbers = X[0].size
    if numbers != input_dim:
        raise ValueError(
            f"X has {numbers} numbers per example,"
            f" but this net was built for {input_dim} (input_dim)"
        )
    if y is None:
        return
    if not isinstance(y, np.ndarray) or y.dtype.kind not in "iu":
        raise ValueError(f"y is to be an array of whole numbers, and it is {_kind(y)}")
    if y.shape != (len(X),):
        raise ValueError(f"X holds {len(X)} examples, but y has the shape {y.shape}")
    if y.min() < 0 or y.max() >= num_classes:
        raise ValueError(
            f"y holds labels from {y.min()} to {y.max()},"
            f" but this net has the classes 0 to {num_classes - 1} (num_classes)"
        )


def check_sizes(**sizes):
    """Refuse a size that is not a whole number of at least 1.

    Raises:
        ValueError: with the name of the size, and what it is.
    """
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"{name} is to be a whole number of at least 1, and it is {size!r}")


def _kind(value):
    return f"one of {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
