"""What the chapter "curing-overfitting" asks for, as checks."""

from __future__ import annotations

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, one_result
from checks.model import Answer, Array, Evidence, Exercise, Probe, Student

shift_images = Exercise(
    "shift_images",
    chapter="curing-overfitting",
    statement="images moved down and to the right, with nothing coming back in",
    minutes=15,
    variation=True,
    stub='''\
def shift_images(X, rows, columns, fill=0.0):
    """Move every image of a batch by the same number of rows and columns.

    What leaves an image on one side does not come back on the other: the pixels
    that nothing has moved to are ``fill``.

    Args:
        X: images, shape (N, height, width) or (N, height, width, 3).
        rows: by how many rows to move down; negative is up. At most the height,
            to either side.
        columns: by how many columns to move to the right; negative is left.
        fill: the value of a pixel that nothing has moved to.

    Returns:
        A new array of the shape of X.
    """
    raise NotImplementedError
''',
    hints=(
        "Begin with an array of the shape of X that holds nothing but fill. Which rows of it "
        "get something, and from which rows of X?",
        "eq-curing-overfitting-shift: np.roll moves, and what it brings back in on the other "
        "side has to become fill; a shift of 0 must not clear anything.",
    ),
)

NAMES = ("X", "rows", "columns", "fill")


def moved(X: Array, rows: int, columns: int, fill: float) -> Array:
    """The statement of the variation, one pixel at a time."""
    height, width = X.shape[1:3]
    out = np.full(X.shape, fill)
    for r in range(height):
        for c in range(width):
            if 0 <= r - rows < height and 0 <= c - columns < width:
                out[:, r, c] = X[:, r - rows, c - columns]
    return out


def draw(probe: Probe, colour: bool = False) -> Drawn:
    """A batch of images that are not square."""
    n, height, width = probe.sizes(3, low=4, high=8)
    shape = (n, height, width, 3) if colour else (n, height, width)
    return Drawn({"X": probe.normal(*shape)}, {"N": n, "height": height, "width": width})


def ask(student: Student, drawn: Drawn, *settings: float) -> Answer:
    """Call the student's shift_images."""
    return student.call("shift_images", drawn["X"], *settings, names=NAMES[: 1 + len(settings)])


def agrees(student: Student, drawn: Drawn, rows: int, columns: int, *fill: float) -> Evidence:
    """Compare the student's images with those of the statement."""
    settings = {"rows": rows, "columns": columns}
    shown = {name: np.asarray(value) for name, value in settings.items()}
    return one_result(
        ask(student, drawn, rows, columns, *fill),
        moved(drawn["X"], rows, columns, *(fill or (0.0,))),
        function="shift_images",
        results=("images",),
        of="X",
        drawn=Drawn({**drawn.arrays, **shown}, drawn.sizes),
    )


@shift_images.check("inputs", stage="mutation", costs=1)
def images_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call leaves X alone."""
    drawn = draw(probe)
    return contract.leaves_alone(ask(student, drawn, 1, 1), "shift_images", ("X",), drawn.arrays)


@shift_images.check("down and right", equation="eq-curing-overfitting-shift", points=1)
def positive_shifts_are_right(student: Student, probe: Probe) -> Evidence:
    """Positive rows move an image down and positive columns to the right."""
    rows, columns = probe.sizes(2, low=1, high=3)
    return agrees(student, draw(probe), rows, columns)


@shift_images.check("any direction", equation="eq-curing-overfitting-shift", points=1, draws=5)
def every_direction_is_right(student: Student, probe: Probe) -> Evidence:
    """Negative shifts move up and left, and 0 moves nothing."""
    by = ((-1, -2), (0, 2), (-2, 0), (0, 0), (1, -1))[probe.draw % 5]
    return agrees(student, draw(probe), *by)


@shift_images.check(
    "colour and fill", equation="eq-curing-overfitting-shift", points=1, after=("down and right",)
)
def colour_and_fill_are_right(student: Student, probe: Probe) -> Evidence:
    """Images in colour move as those in grey do, and fill is what nothing has moved to."""
    fill = probe.between(0.5, 2.0)
    return agrees(
        student, draw(probe, colour=True), *((1, 2), (-2, 1), (0, -1))[probe.draw % 3], fill
    )
