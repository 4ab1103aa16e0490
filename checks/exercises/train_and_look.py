"""What the chapter "train-and-look" asks for, as checks."""

from __future__ import annotations

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, one_result
from checks.model import Array, Evidence, Exercise, Probe, Student

top_k_accuracy = Exercise(
    "top_k_accuracy",
    chapter="train-and-look",
    statement="the share of examples whose right class is among the k highest scores",
    minutes=10,
    variation=True,
    stub='''\
def top_k_accuracy(scores, y, k):
    """Give the share of examples whose right class is among the k highest.

    With k = 1 it is the accuracy, and with k = C it is 1.

    Args:
        scores: one row per example, shape (N, C); no ties in a row.
        y: the right classes, shape (N,), integers from 0 to C - 1.
        k: how many answers each example has, from 1 to C.

    Returns:
        A number from 0 to 1.
    """
    raise NotImplementedError
''',
    hints=(
        "How many classes may have a higher score than the right one? Count them in each row, or "
        "sort: which end of a sorted row holds the highest?",
        "eq-train-and-look-top-k: compare each row with its own right score, add up along the "
        "classes, compare with k, and take the mean over the examples.",
    ),
)


def draw(probe: Probe) -> Drawn:
    """Scores in which the right class takes every place from first to last at least once.

    So the share is another one for each k, and never 0, and 1 only for k = C.
    """
    c = probe.sizes(1, low=4, high=7)[0]
    n = probe.sizes(1, low=c + 4, high=3 * c, avoid=(2 * c, 3 * c))[0]
    scores = np.sort(np.cumsum(np.abs(probe.normal(n, c)), axis=1) - 2.0, axis=1)
    places = probe.rng.permutation(np.arange(n) % c)  # of the right class, from the top
    scores = probe.rng.permuted(scores, axis=1)
    y = np.argsort(-scores, axis=1)[np.arange(n), places]
    return Drawn({"scores": scores, "y": y}, {"N": n, "C": c})


def share(drawn: Drawn, k: int) -> Array:
    """The statement of the variation."""
    scores, y = drawn["scores"], drawn["y"]
    higher = scores > scores[np.arange(len(y)), y][:, None]
    return np.asarray(np.mean(higher.sum(axis=1) < k))


def share_agrees(student: Student, drawn: Drawn, k: int) -> Evidence:
    """Compare one share with the statement."""
    names = ("scores", "y", "k")
    return one_result(
        student.call("top_k_accuracy", drawn["scores"], drawn["y"], k, names=names),
        share(drawn, k),
        function="top_k_accuracy",
        results=("share",),
        drawn=Drawn({**drawn.arrays, "k": np.asarray(k)}, {**drawn.sizes, "k": k}),
    )


@top_k_accuracy.check("inputs", stage="mutation", costs=1)
def scores_and_labels_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes neither the scores nor the labels."""
    drawn, names = draw(probe), ("scores", "y", "k")
    answer = student.call("top_k_accuracy", drawn["scores"], drawn["y"], 2, names=names)
    return contract.leaves_alone(answer, "top_k_accuracy", ("scores", "y"), drawn.arrays)


@top_k_accuracy.check("one answer", equation="eq-train-and-look-top-k", points=1)
def first_answers_are_the_accuracy(student: Student, probe: Probe) -> Evidence:
    """With k = 1 it is the share of examples whose right class has the highest score."""
    return share_agrees(student, draw(probe), 1)


@top_k_accuracy.check("k answers", equation="eq-train-and-look-top-k", points=2)
def k_answers_count(student: Student, probe: Probe) -> Evidence:
    """The share is right for 1 < k < C."""
    drawn = draw(probe)
    k = int(probe.rng.integers(2, drawn.sizes["C"]))
    return share_agrees(student, drawn, k)


@top_k_accuracy.check("all answers", equation="eq-train-and-look-top-k", costs=1, draws=1)
def all_answers_hold_the_right_one(student: Student, probe: Probe) -> Evidence:
    """With k = C every example is right."""
    drawn = draw(probe)
    return share_agrees(student, drawn, drawn.sizes["C"])
