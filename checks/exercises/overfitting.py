"""What the chapter "overfitting" asks for, as checks."""

from __future__ import annotations

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, one_result
from checks.model import Answer, Array, Evidence, Exercise, Probe, Student

knn_predict = Exercise(
    "knn_predict",
    chapter="overfitting",
    statement="the class that most of the k nearest training images have",
    minutes=15,
    variation=True,
    stub='''\
def knn_predict(X_train, y_train, X, k):
    """Give each example the class of most of its k nearest neighbours.

    Distance is the sum of the squared differences. Where several classes
    have equally many votes, the smallest of their labels is the answer.

    Args:
        X_train: the examples that are known, shape (N, d1, ..., dk).
        y_train: their classes, shape (N,), integers from 0.
        X: examples to be classified, shape (M, d1, ..., dk).
        k: how many neighbours vote, from 1 to N.

    Returns:
        One class for each row of X, shape (M,).
    """
    raise NotImplementedError
''',
    hints=(
        "Lay every example out flat first. Distances form a table with a row for each example "
        "of X: along which axis do you sort, and whose labels do you then look up?",
        "eq-overfitting-knn: argsort gives indices, y_train[indices] the votes; np.bincount "
        "counts one row of them, and argmax takes the smallest label of the most frequent.",
    ),
)

NAMES = ("X_train", "y_train", "X", "k")
EXAMPLES = ((2, 3), (5,), (2, 2, 2))  # the shape of one example, draw by draw


def nearest(X_train: Array, y_train: Array, X: Array, k: int) -> Array:
    """The statement of the variation."""
    away = X.reshape(len(X), 1, -1) - X_train.reshape(len(X_train), -1)
    votes = y_train[np.argsort((away**2).sum(axis=2), axis=1, kind="stable")[:, :k]]
    return np.array([np.bincount(row).argmax() for row in votes])


def draw(probe: Probe, turn: int = 0) -> tuple[Drawn, int]:
    """Examples whose distances all differ clearly, so that rounding changes no order."""
    example = EXAMPLES[(probe.draw + turn) % len(EXAMPLES)]
    n, m = 12 + turn, 7
    while True:
        X_train, X = probe.normal(n, *example), probe.normal(m, *example)
        away = ((X.reshape(m, 1, -1) - X_train.reshape(n, -1)) ** 2).sum(axis=2)
        if np.diff(np.sort(away, axis=1), axis=1).min() > 1e-3:
            break
    arrays = {"X_train": X_train, "y_train": probe.labels(n, 4), "X": X}
    return Drawn(arrays, {"N": n, "M": m}), (3, 5, 7)[probe.draw % 3]


def draw_without_a_tie(probe: Probe) -> tuple[Drawn, int]:
    """The same, where one class has more votes than any other."""
    while True:
        drawn, k = draw(probe)
        X = drawn["X"]
        away = (X.reshape(len(X), 1, -1) - drawn["X_train"].reshape(drawn.sizes["N"], -1)) ** 2
        votes = drawn["y_train"][away.sum(axis=2).argsort(axis=1)[:, :k]]
        counts = np.sort([np.bincount(row, minlength=4) for row in votes], axis=1)
        if (counts[:, -1] > counts[:, -2]).all():
            return drawn, k


def ask(student: Student, drawn: Drawn, k: int) -> Answer:
    """Call the student's knn_predict."""
    args = (drawn["X_train"], drawn["y_train"], drawn["X"], k)
    return student.call("knn_predict", *args, names=NAMES)


def agrees(student: Student, drawn: Drawn, k: int) -> Evidence:
    """Compare the student's classes with those of the statement."""
    return one_result(
        ask(student, drawn, k),
        nearest(drawn["X_train"], drawn["y_train"], drawn["X"], k),
        function="knn_predict",
        results=("classes",),
        drawn=Drawn({**drawn.arrays, "k": np.asarray(k)}, {**drawn.sizes, "k": k}),
    )


@knn_predict.check("inputs", stage="mutation", costs=1)
def images_and_labels_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes neither images nor labels."""
    drawn, k = draw(probe)
    return contract.leaves_alone(ask(student, drawn, k), "knn_predict", NAMES, drawn.arrays)


@knn_predict.check("nearest", equation="eq-overfitting-knn", points=1)
def one_neighbour_decides(student: Student, probe: Probe) -> Evidence:
    """For k = 1 the answer is the class of the nearest training example."""
    drawn, _ = draw(probe)
    return agrees(student, drawn, 1)


@knn_predict.check("votes", equation="eq-overfitting-knn", points=2, after=("nearest",))
def most_votes_win(student: Student, probe: Probe) -> Evidence:
    """For k > 1 the answer is the most frequent class among the k nearest."""
    drawn, k = draw_without_a_tie(probe)
    return agrees(student, drawn, k)


@knn_predict.check("ties", equation="eq-overfitting-knn", points=1, after=("votes",))
def smallest_label_wins_a_tie(student: Student, probe: Probe) -> Evidence:
    """Of classes with equally many votes the one with the smallest label is the answer."""
    drawn, _ = draw(probe)
    n = len(drawn["y_train"])
    twice = np.repeat(probe.rng.choice(np.arange(1, 10), n // 2, replace=False), 2)
    labels = probe.rng.permutation(twice)
    return agrees(student, Drawn({**drawn.arrays, "y_train": labels}, drawn.sizes), n)
