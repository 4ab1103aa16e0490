"""What the chapter "curing-overfitting" asks for, as checks."""

from __future__ import annotations

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, one_result
from checks.model import Answer, Array, Evidence, Exercise, Probe, Student

erase_squares = Exercise(
    "erase_squares",
    chapter="curing-overfitting",
    statement="a square of every image is made blank, in another place each time",
    minutes=15,
    variation=True,
    stub='''\
def erase_squares(X, rows, columns, size, fill=0.0):
    """Make a square of every image blank.

    The square of image n begins at row rows[n] and column columns[n] and is
    size pixels wide and high. It may begin above or left of the image, or
    end beyond it: then only the part of it that lies inside is made blank.

    Args:
        X: images, shape (N, height, width) or (N, height, width, 3).
        rows, columns: integers, shape (N,); some may be negative.
        size: how many pixels a side of the square has.
        fill: the value of the pixels that are made blank.

    Returns:
        A new array of the shape of X.
    """
    raise NotImplementedError
''',
    hints=(
        "A copy first, and then one image after the other. What does a slice that begins at -2 "
        "mean to NumPy, and what should it mean here?",
        "eq-curing-overfitting-erase: row r is inside where rows[n] <= r < rows[n] + size; both "
        "ends of a slice have to be brought into the image first.",
    ),
)

NAMES = ("X", "rows", "columns", "size", "fill")


def erased(X: Array, rows: Array, columns: Array, size: int, fill: float) -> Array:
    """The statement of the variation."""
    r, c = (np.arange(side) for side in X.shape[1:3])
    tall = (rows[:, None] <= r) & (r < rows[:, None] + size)
    wide = (columns[:, None] <= c) & (c < columns[:, None] + size)
    inside = tall[:, :, None] & wide[:, None, :]
    return np.where(inside.reshape(*inside.shape, *[1] * (X.ndim - 3)), fill, X)


def draw(probe: Probe, colour: bool = False, beyond: int = 0) -> tuple[Drawn, int]:
    """Images that are not square, and squares that reach ``beyond`` pixels out of them."""
    n, size = 7, int(probe.rng.integers(2, 4))
    height, width = probe.sizes(2, low=5, high=9)
    shape = (n, height, width, 3) if colour else (n, height, width)
    rows = probe.rng.integers(0, height - size + 1, size=n)
    columns = probe.rng.integers(0, width - size + 1, size=n)
    if beyond:
        rows[:2], columns[:2] = -beyond, (0, width - size)
        rows[2:4], columns[2:4] = (0, height - size), -beyond
        rows[4:6], columns[4:6] = height - size + beyond, width - size + beyond
    arrays = {"X": probe.normal(*shape), "rows": rows, "columns": columns}
    return Drawn(arrays, {"N": n, "height": height, "width": width}), size


def ask(student: Student, drawn: Drawn, size: int, *fill: float) -> Answer:
    """Call the student's erase_squares."""
    args = (drawn["X"], drawn["rows"], drawn["columns"], size, *fill)
    return student.call("erase_squares", *args, names=NAMES[: len(args)])


def agrees(student: Student, drawn: Drawn, size: int, *fill: float) -> Evidence:
    """Compare the student's images with those of the statement."""
    X, rows, columns = (drawn[name] for name in NAMES[:3])
    return one_result(
        ask(student, drawn, size, *fill),
        erased(X, rows, columns, size, *(fill or (0.0,))),
        function="erase_squares",
        results=("images",),
        of="X",
        drawn=Drawn({**drawn.arrays, "size": np.asarray(size)}, drawn.sizes),
    )


@erase_squares.check("inputs", stage="mutation", costs=1)
def images_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call leaves X, rows and columns alone."""
    drawn, size = draw(probe)
    answer = ask(student, drawn, size)
    return contract.leaves_alone(answer, "erase_squares", NAMES[:3], drawn.arrays)


@erase_squares.check("inside", equation="eq-curing-overfitting-erase", points=1)
def squares_inside_are_right(student: Student, probe: Probe) -> Evidence:
    """A square that lies inside its image is 0, and everything around it is as it was."""
    return agrees(student, *draw(probe))


@erase_squares.check("over the edge", equation="eq-curing-overfitting-erase", points=2)
def squares_over_the_edge_are_right(student: Student, probe: Probe) -> Evidence:
    """Of a square that reaches out of its image the part inside is blank, on every side."""
    return agrees(student, *draw(probe, beyond=1 + probe.draw % 2))


@erase_squares.check(
    "colour and fill", equation="eq-curing-overfitting-erase", points=1, after=("inside",)
)
def colour_and_fill_are_right(student: Student, probe: Probe) -> Evidence:
    """Images in colour are treated as those in grey are, and fill is what is put there."""
    return agrees(student, *draw(probe, colour=True), probe.between(0.5, 2.0))
