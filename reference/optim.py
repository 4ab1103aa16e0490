# Generated from book/gradient-descent.md: edit there, then `make tangle`.
"""Rules for a step: weights and their gradient in, the next weights out."""

import numpy as np


def sgd(w: np.ndarray, dw: np.ndarray, config: dict | None = None) -> tuple[np.ndarray, dict]:
    """Take one step of gradient descent, against the gradient.

    Derived in the chapter "gradient-descent": eq-gradient-descent-sgd.

    Args:
        w: parameters, any shape.
        dw: gradient of the loss with respect to ``w``, the same shape.
        config: ``learning_rate`` (default 1e-2).

    Returns:
        ``(next_w, config)``: a new array, and a new dict with the rate that was used.
    """
    config = {"learning_rate": 1e-2, **(config or {})}
    return w - config["learning_rate"] * dw, config  # eq-gradient-descent-sgd
