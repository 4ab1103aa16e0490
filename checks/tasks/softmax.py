"""The tasks of the chapter "softmax": a target that is spread, and a margin that is squared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checks.exercises import softmax
from checks.model import Array, Exercise
from checks.tasks.losses import judge_loss, log_softmax
from checks.tasks.task import Constants, Part, Task, filled, steps

# A target that is not quite certain

SPREAD = {
    "all": "is spread evenly over all C classes, the right one included",
    "others": "is spread evenly over the C - 1 wrong classes",
    "next": "goes to the class after it (after C - 1 comes 0)",
}
MEAN, SUM = "mean", "sum"


def judge_soft(drawn: Constants, parts: Sequence[Exercise]) -> None:
    """Cross-entropy of scores over a temperature, against a target that is spread."""

    def loss(x: Array, y: Array) -> Array:
        n, c = x.shape
        right = (y[:, None] == np.arange(c)).astype(float)
        spread = {
            "all": np.full((n, c), 1 / c),
            "others": (1 - right) / (c - 1),
            "next": (((y + 1) % c)[:, None] == np.arange(c)).astype(float),
        }[drawn.spread]
        target = (1 - drawn.share) * right + drawn.share * spread
        total = -(target * log_softmax(x / drawn.heat)).sum()
        return np.asarray(total / (n if drawn.over == MEAN else 1))

    equations = ("eq-softmax-smoothed", "eq-softmax-smoothed")
    judge_loss(parts[0], loss, softmax.draw, equations, softmax.draw_extreme)


def words_soft(drawn: Constants) -> dict[str, str]:
    """The statement of a version."""
    target = (
        f"p is the softmax of x / {drawn.heat}. The target of an example gives its right class "
    )
    target += f"1 - {drawn.share}, and the other {drawn.share} {SPREAD[drawn.spread]}. "
    return {"target": filled(target + "Its loss is -sum(target * log p).")}


SOFT = Task(
    "soft_target_loss",
    chapter="softmax",
    choices={
        "share": steps(0.03, 0.47, 0.01, without=(0.1, 0.2)),
        "spread": tuple(SPREAD),
        "heat": steps(0.6, 2.9, 0.1, without=(1.0, 2.0)),
        "over": (MEAN, SUM),
    },
    parts=(
        Part(
            "soft_target_loss",
            statement="cross-entropy of x / {heat}, the target spread to {spread}; the {over}",
            minutes=20,
            stub='''\
def soft_target_loss(x, y):
    """Give the cross-entropy against targets that are not quite certain.

    {target}

    Args:
        x: scores, one row per example, shape (N, C), as large as +-1000.
        y: the right classes, shape (N,), integers from 0 to C - 1.

    Returns:
        (loss, dx): the {over} over the batch, one number, and its gradient
        with respect to x, shape (N, C).
    """
    raise NotImplementedError
''',
            hints=(
                "Build the target of each example as a row of C numbers first. What do they add "
                "up to, and by which factor does a score go into the softmax?",
                "eq-softmax-smoothed: write its slope one index at a time, as for eq-softmax-dx; "
                "the slope of x / {heat} comes in front.",
            ),
        ),
    ),
    judge=judge_soft,
    words=words_soft,
)


# A margin that is squared

SQUARES, HALF = "the sum of the squares", "half the sum of the squares"
SQUARE, LARGEST = "the square of the sum", "the square of the largest"


def judge_hinge(drawn: Constants, parts: Sequence[Exercise]) -> None:
    """What is missing to a margin, squared before or after it is added up."""

    def loss(x: Array, y: Array) -> Array:
        n, c = x.shape
        wrong = y[:, None] != np.arange(c)
        missing = (x - x[np.arange(n), y][:, None] + drawn.margin) * wrong
        missing = np.where(missing.real > 0, missing, 0)
        largest = missing[np.arange(n), missing.real.argmax(axis=1)]
        each = {
            SQUARES: (missing**2).sum(axis=1),
            HALF: (missing**2).sum(axis=1) / 2,
            SQUARE: missing.sum(axis=1) ** 2,
            LARGEST: largest**2,
        }[drawn.form]
        return np.asarray(drawn.gain * each.mean())

    judge_loss(parts[0], loss, softmax.draw, ("eq-softmax-hinge", "eq-softmax-hinge-dx"))


def words_hinge(drawn: Constants) -> dict[str, str]:
    """The statement of a version."""
    text = f"The loss of an example is {drawn.gain} times {drawn.form} of what its wrong classes "
    return {"loss": filled(text + "are missing.")}


HINGE = Task(
    "squared_hinge_loss",
    chapter="softmax",
    choices={
        "margin": steps(0.25, 2.75, 0.05, without=(1.0, 2.0)),
        "form": (SQUARES, HALF, SQUARE, LARGEST),
        "gain": steps(0.3, 1.9, 0.1, without=(1.0,)),
    },
    parts=(
        Part(
            "squared_hinge_loss",
            statement="margin {margin}: {gain} times {form}",
            minutes=20,
            stub='''\
def squared_hinge_loss(x, y):
    """Give the squared hinge loss of a batch, and its slope.

    A wrong class j of an example with the right class k is missing
    max(0, x[j] - x[k] + {margin}).
    {loss}

    Args:
        x: scores, one row per example, shape (N, C).
        y: the right classes, shape (N,), integers from 0 to C - 1.

    Returns:
        (loss, dx): the mean over the batch, one number, and its gradient
        with respect to x, shape (N, C).
    """
    raise NotImplementedError
''',
            hints=(
                "Which classes are missing something, and how fast does the loss of the example "
                "grow with what one of them is missing?",
                "eq-softmax-hinge, with a square; its slope leads through what is missing, and "
                "from there to two scores, as in eq-softmax-hinge-dx.",
            ),
        ),
    ),
    judge=judge_hinge,
    words=words_hinge,
)
