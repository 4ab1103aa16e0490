"""What the book asks for, chapter by chapter, as checks.

``EXERCISES`` is in the order of the book. A new chapter adds its module here.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exercises.affine import (
    affine_backward,
    affine_forward,
    affine_transposed_backward,
    affine_transposed_forward,
)
from checks.exercises.chain_rule import graph_backward
from checks.exercises.curing_overfitting import erase_squares
from checks.exercises.fully_connected_net import (
    fully_connected_net,
    residual_backward,
    residual_forward,
)
from checks.exercises.gradient_descent import sgd, sgd_weight_decay
from checks.exercises.numeric_gradients import directional_slope, numeric_gradient, rel_error
from checks.exercises.optim import (
    adam,
    adamw,
    averaged_sgd,
    centered_rmsprop,
    nesterov_momentum,
    rmsprop,
    sgd_momentum,
)
from checks.exercises.optimizer_race import cosine_rate
from checks.exercises.overfitting import knn_predict
from checks.exercises.relu import (
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
)
from checks.exercises.sandwich import (
    affine_relu_backward,
    affine_relu_forward,
    affine_softplus_backward,
    affine_softplus_forward,
)
from checks.exercises.softmax import smoothed_softmax_loss, softmax_loss, svm_loss
from checks.exercises.solver import clipped_sgd, solver
from checks.exercises.train_and_look import top_k_accuracy
from checks.exercises.two_layer_net import two_layer_net, weighted_softmax_loss
from checks.model import Exercise

__all__ = ["EXERCISES", "by_name", "matching"]

EXERCISES: tuple[Exercise, ...] = (
    numeric_gradient,
    rel_error,
    directional_slope,
    graph_backward,
    affine_forward,
    affine_backward,
    affine_transposed_forward,
    affine_transposed_backward,
    softmax_loss,
    svm_loss,
    smoothed_softmax_loss,
    sgd,
    sgd_weight_decay,
    relu_forward,
    relu_backward,
    leaky_relu_forward,
    leaky_relu_backward,
    affine_relu_forward,
    affine_relu_backward,
    affine_softplus_forward,
    affine_softplus_backward,
    two_layer_net,
    weighted_softmax_loss,
    solver,
    clipped_sgd,
    top_k_accuracy,
    averaged_sgd,
    sgd_momentum,
    nesterov_momentum,
    rmsprop,
    centered_rmsprop,
    adam,
    adamw,
    fully_connected_net,
    residual_forward,
    residual_backward,
    knn_predict,
    cosine_rate,
    erase_squares,
)


def by_name(name: str) -> Exercise:
    """Find one exercise.

    Raises:
        KeyError: there is none of that name; the message lists those that exist.
    """
    for exercise in EXERCISES:
        if exercise.name == name:
            return exercise
    names = ", ".join(exercise.name for exercise in EXERCISES)
    raise KeyError(f"no exercise is called {name!r}; there are {names}")


def matching(pattern: str, among: Iterable[Exercise] = EXERCISES) -> tuple[Exercise, ...]:
    """Find the exercises of that name, else of that chapter, else with that in their name."""
    among = tuple(among)
    exact = [one for one in among if one.name == pattern]
    of_chapter = [one for one in among if pattern in (one.chapter, one.file)]
    part_of = [one for one in among if pattern and pattern in one.name]
    return tuple(exact or of_chapter or part_of)
