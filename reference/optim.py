# Generated from book/{gradient-descent,momentum,rmsprop,adam}.md: edit there, then `make tangle`.
"""Rules for a step: weights and their gradient in, the next weights out."""

import numpy as np


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


def sgd_momentum(w, dw, config=None):
    """Take one step of gradient descent with momentum.

    Derived in the chapter "momentum": eq-momentum-velocity, eq-momentum-step.
    Source: Polyak (1964), in the form of Sutskever et al. (2013).

    Args:
        w: parameters, any shape.
        dw: gradient of the loss with respect to ``w``, the same shape.
        config: ``learning_rate`` (default 1e-2), ``momentum`` (0.9), and the
            rule's memory: ``velocity``, the shape of ``w``, at first zeros.

    Returns:
        ``(next_w, config)``: a new array, and a new dict with all of these.
    """
    config = {"learning_rate": 1e-2, "momentum": 0.9, **(config or {})}
    v = config.get("velocity", np.zeros_like(w))

    v = config["momentum"] * v - config["learning_rate"] * dw  # eq-momentum-velocity
    return w + v, {**config, "velocity": v}                    # eq-momentum-step


def rmsprop(w, dw, config=None):
    """Take one step in which each entry is divided by the size of its recent gradients.

    Derived in the chapter "rmsprop": eq-rmsprop-cache, eq-rmsprop-step.
    Source: Tieleman and Hinton (2012).

    Args:
        w: parameters, any shape.
        dw: gradient of the loss with respect to ``w``, the same shape.
        config: ``learning_rate`` (default 1e-2), ``decay_rate`` (0.99),
            ``epsilon`` (1e-8), and the rule's memory: ``cache``, a mean of
            recent squared gradients, the shape of ``w``, at first zeros.

    Returns:
        ``(next_w, config)``: a new array, and a new dict with all of these.
    """
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **(config or {})}
    rate, rho, eps = (config[name] for name in ("learning_rate", "decay_rate", "epsilon"))
    c = config.get("cache", np.zeros_like(w))

    c = rho * c + (1 - rho) * dw**2              # eq-rmsprop-cache
    next_w = w - rate * dw / (np.sqrt(c) + eps)  # eq-rmsprop-step
    return next_w, {**config, "cache": c}


def adam(w, dw, config=None):
    """Take one step along a mean of gradients, each entry divided by its typical size.

    Derived in the chapter "adam": eq-adam-m, eq-adam-v, eq-adam-m-hat,
    eq-adam-v-hat, eq-adam-step. Source: Kingma and Ba (2015), algorithm 1.

    Args:
        w: parameters, any shape.
        dw: gradient of the loss with respect to ``w``, the same shape.
        config: ``learning_rate`` (default 1e-3), ``beta1`` (0.9), ``beta2``
            (0.999), ``epsilon`` (1e-8), and the rule's memory: ``m`` and ``v``,
            means of gradients and of their squares, the shape of ``w``, at
            first zeros, and ``t``, how many steps there have been.

    Returns:
        ``(next_w, config)``: a new array, and a new dict with all of these.
    """
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0} | (
        config or {}
    )
    rate, beta1, beta2, eps = (
        config[name] for name in ("learning_rate", "beta1", "beta2", "epsilon")
    )
    m, v = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w))
    t = config["t"] + 1

    m = beta1 * m + (1 - beta1) * dw                      # eq-adam-m
    v = beta2 * v + (1 - beta2) * dw**2                   # eq-adam-v
    m_hat = m / (1 - beta1**t)                            # eq-adam-m-hat
    v_hat = v / (1 - beta2**t)                            # eq-adam-v-hat
    next_w = w - rate * m_hat / (np.sqrt(v_hat) + eps)    # eq-adam-step
    return next_w, {**config, "m": m, "v": v, "t": t}
