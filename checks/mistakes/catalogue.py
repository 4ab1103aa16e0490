"""The catalogue: every known mistake, by the function that it is made in."""

from __future__ import annotations

from checks.mistakes import (
    affine,
    fully_connected_net,
    gradient_descent,
    numeric_gradients,
    optim,
    relu,
    sandwich,
    softmax,
    solver,
    train_and_look,
    two_layer_net,
)
from checks.mistakes.entry import Mistake

MISTAKES: tuple[Mistake, ...] = (
    *numeric_gradients.MISTAKES,
    *affine.MISTAKES,
    *softmax.MISTAKES,
    *gradient_descent.MISTAKES,
    *relu.MISTAKES,
    *sandwich.MISTAKES,
    *two_layer_net.MISTAKES,
    *solver.MISTAKES,
    *train_and_look.MISTAKES,
    *optim.MISTAKES,
    *fully_connected_net.MISTAKES,
)


def mistakes_of(function: str) -> tuple[Mistake, ...]:
    """The mistakes that are known for one function."""
    return tuple(one for one in MISTAKES if one.function == function)
