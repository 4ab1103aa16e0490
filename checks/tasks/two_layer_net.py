"""The tasks of the chapter "two-layer-net": class weights, and a penalty on weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checks.exercises import softmax
from checks.exercises.agree import Drawn
from checks.model import Array, Exercise, Probe
from checks.tasks.losses import judge_loss, log_softmax
from checks.tasks.task import Constants, Part, Task, filled, steps

# Class weights

CLASSES = 5
COUNT, WEIGHT = "N", "their weights"


def judge_weighted(drawn: Constants, parts: Sequence[Exercise]) -> None:
    """Cross-entropy in which every class has a weight of its own, and the mean two meanings."""
    weights = np.array([getattr(drawn, f"w{k}") for k in range(CLASSES)])

    def loss(x: Array, y: Array) -> Array:
        own = weights[y]
        terms = own * log_softmax(x)[np.arange(len(x)), y]
        return np.asarray(-terms.sum() / (len(x) if drawn.divisor == COUNT else own.sum()))

    def draw(probe: Probe) -> Drawn:
        (n,) = probe.sizes(1, low=CLASSES + 1, high=CLASSES + 5)
        y = probe.rng.permutation(np.arange(n) % CLASSES)  # each class, so that its weight counts
        return Drawn({"x": 2 * probe.normal(n, CLASSES), "y": y}, {"N": n, "C": CLASSES})

    def extreme(probe: Probe) -> tuple[str, Drawn]:
        what, found = softmax.draw_extreme(probe)
        x = np.concatenate([found["x"]] * 2, axis=1)[:, :CLASSES]
        y = probe.labels(len(x), CLASSES)
        return what, Drawn({"x": x, "y": y}, {**found.sizes, "C": CLASSES})

    equation = "eq-two-layer-net-weighted"
    judge_loss(parts[0], loss, draw, (equation, equation), extreme)


def words_weighted(drawn: Constants) -> dict[str, str]:
    """The statement of a version."""
    by = "N, their number" if drawn.divisor == COUNT else "the sum of the weights that they have"
    text = f"The losses of the examples are added up, and the sum is divided by {by}."
    return {"divided": filled(text)}


WEIGHTS = steps(0.2, 2.9, 0.1, without=(1.0, 2.0))

WEIGHTED = Task(
    "class_weighted_loss",
    chapter="two-layer-net",
    choices={f"w{k}": WEIGHTS for k in range(CLASSES)} | {"divisor": (COUNT, WEIGHT)},
    parts=(
        Part(
            "class_weighted_loss",
            statement="class weights {w0}, {w1}, {w2}, {w3}, {w4}; the sum over {divisor}",
            minutes=15,
            stub='''\
def class_weighted_loss(x, y):
    """Give the cross-entropy of a batch in which five classes count differently.

    An example of class c counts weights[c] times: its loss is
    -weights[c] * log p[c], p being the softmax of its scores, with

        weights = [{w0}, {w1}, {w2}, {w3}, {w4}]

    {divided}

    Args:
        x: scores, one row per example, shape (N, 5), as large as +-1000.
        y: the right classes, shape (N,), integers from 0 to 4.

    Returns:
        (loss, dx): one number, and its gradient with respect to x, shape (N, 5).
    """
    raise NotImplementedError
''',
            hints=(
                "One example has one weight, and it multiplies all of that example's loss. What "
                "does it multiply in dx, and which number is the whole divided by?",
                "eq-two-layer-net-weighted: write its slope for one example first, as for "
                "eq-softmax-dx. The divisor does not depend on x.",
            ),
        ),
    ),
    judge=judge_weighted,
    words=words_weighted,
)


# A penalty on weights

ABSOLUTE, ROOTED, LOGGED = "|w| / c", "sqrt(w^2 + c^2) - c", "c log(1 + |w| / c)"
NONE, ROW, COLUMN = "no entry", "the first row", "the last column"


def judge_penalty(drawn: Constants, parts: Sequence[Exercise]) -> None:
    """A sum over weights that draws small ones to 0, beside half of their squares."""

    def loss(w: Array) -> Array:
        size = np.where(w.real > 0, w, -w)
        term = {
            ABSOLUTE: size / drawn.c,
            ROOTED: np.sqrt(w * w + drawn.c**2) - drawn.c,
            LOGGED: drawn.c * np.log1p(size / drawn.c),
        }[drawn.term]
        counts = np.ones(w.shape)
        if drawn.spared == ROW:
            counts[0] = 0
        if drawn.spared == COLUMN:
            counts[:, -1] = 0
        return np.asarray((counts * (drawn.strength * term + 0.5 * drawn.ridge * w * w)).sum())

    def draw(probe: Probe) -> Drawn:
        d, m = probe.sizes(2)
        return Drawn({"w": probe.normal(d, m)}, {"D": d, "M": m})

    equation = "eq-two-layer-net-decay"
    judge_loss(parts[0], loss, draw, ("eq-two-layer-net-loss", equation))


def words_penalty(drawn: Constants) -> dict[str, str]:
    """The statement of a version."""
    if drawn.spared == NONE:
        return {"left_out": "No entry is left out of that."}
    return {"left_out": f"{drawn.spared.capitalize()} is left out: it costs nothing."}


PENALTY = Task(
    "sparse_penalty",
    chapter="two-layer-net",
    choices={
        "term": (ABSOLUTE, ROOTED, LOGGED),
        "strength": steps(0.11, 0.89, 0.02),
        "ridge": steps(0.13, 0.97, 0.04),
        "c": steps(0.3, 1.9, 0.1, without=(1.0,)),
        "spared": (NONE, ROW, COLUMN),
    },
    parts=(
        Part(
            "sparse_penalty",
            statement="{strength} {term} and 0.5 * {ridge} w^2, {spared} left out",
            minutes=10,
            stub='''\
def sparse_penalty(w):
    """Give a penalty that draws small weights to 0, and its slope.

    Every weight costs {strength} times

        {term}

    with c = {c}, and 0.5 * {ridge} * w^2 besides.
    {left_out}

    Args:
        w: weights, shape (D, M), none of them exactly 0.

    Returns:
        (loss, dw): what all of them cost, one number, and its gradient with
        respect to w, shape (D, M).
    """
    raise NotImplementedError
''',
            hints=(
                "Each weight costs something by itself. On which side of 0 is it, and what does "
                "the cost do when it moves up a little?",
                "eq-two-layer-net-decay is the slope of the squares; the other term has a slope "
                "of its own. Which entries have none?",
            ),
        ),
    ),
    judge=judge_penalty,
    words=words_penalty,
)
