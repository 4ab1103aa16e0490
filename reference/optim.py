# Generated from book/gradient-descent.md: edit there, then `make tangle`.
"""Rules for a step: weights and their gradient in, the next weights out."""


def sgd(w, dw, config=None):
    """Take one step of gradient descent, against the gradient.

    Derived in the chapter "gradient-descent": eq-gradient-descent-sgd.

    Args:
        w: parameters, any shape.
        dw: gradient of the loss with respect to ``w``, the same shape.
        config: ``learning_rate`` (default 1e-2).

    Returns:
        ``(next_w, config)``: a new array, and a new dict with the rate used.
    """
    config = {"learning_rate": 1e-2, **(config or {})}
    return -config["learning_rate"] * dw + w, config  # eq-gradient-descent-sgd
