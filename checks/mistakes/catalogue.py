"""The catalogue: every known mistake, by the function that it is made in."""

from __future__ import annotations

from checks.mistakes import (
    affine,
    gradient_descent,
    numeric_gradients,
    optim,
    relu,
    sandwich,
    softmax,
    train_and_look,
)
from checks.mistakes import fully_connected_net as deep_nets
from checks.mistakes import solver as solvers
from checks.mistakes import two_layer_net as nets
from checks.mistakes.entry import Mistake

MISTAKES: tuple[Mistake, ...] = (
    *numeric_gradients.MISTAKES,
    *affine.MISTAKES,
    *softmax.MISTAKES,
    *gradient_descent.MISTAKES,
    *relu.MISTAKES,
    *sandwich.MISTAKES,
    *nets.MISTAKES,
    *solvers.MISTAKES,
    *train_and_look.MISTAKES,
    *optim.MISTAKES,
    *deep_nets.MISTAKES,
)


def mistakes_of(function: str) -> tuple[Mistake, ...]:
    """The mistakes that are known for one function."""
    return tuple(one for one in MISTAKES if one.function == function)
