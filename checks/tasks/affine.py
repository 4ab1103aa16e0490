"""The task of the chapter "affine": a layer that prepares its rows, and w as it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from checks.exercises import affine
from checks.exercises.agree import Drawn
from checks.model import Array, Exercise, Probe, once
from checks.tasks.layers import judge_layer
from checks.tasks.task import Constants, Part, Task, filled, steps

ROWS = {
    "as they are": "Z is x with every example laid out flat, one per row.",
    "centred": "Every example is laid out flat, one per row, and its own mean, one number, is "
    "taken from each row: that is Z.",
    "less the mean row": "Every example is laid out flat, one per row, and the mean row of the "
    "batch is taken from each: that is Z.",
}


def judge_stored(drawn: Constants, parts: Sequence[Exercise]) -> None:
    """An affine layer whose rows are prepared first, and whose w may lie the other way."""
    transposed = drawn.shape == "(M, D)"

    def out(x: Array, w: Array, b: Array) -> Array:
        rows = x.reshape(len(x), -1)
        if drawn.rows == "centred":
            rows = rows - rows.mean(axis=1, keepdims=True)
        if drawn.rows == "less the mean row":
            rows = rows - rows.mean(axis=0)
        return np.asarray(drawn.scale * (rows @ (w.T if transposed else w)) + drawn.tilt * b)

    @once
    def draw(probe: Probe, turn: int) -> Drawn:
        found = affine.draw(probe, turn)
        w = found["w"].T.copy() if transposed else found["w"]
        return replace(found, arrays={**found.arrays, "w": w})

    @once
    def draw_far(probe: Probe, turn: int) -> Drawn:
        return affine.far(probe, draw(probe, turn))

    judge_layer(parts, ("x", "w", "b"), out, draw, "eq-affine-transposed", draw_far)


def words_stored(drawn: Constants) -> dict[str, str]:
    """The statement of a version."""
    entry = "w[m, d]" if drawn.shape == "(M, D)" else "w[d, m]"
    bias = f"{'plus' if drawn.tilt > 0 else 'less'} {abs(drawn.tilt)} * b[m]"
    output = f"Output m of example n is {drawn.scale} times the sum over d of Z[n, d] * {entry}, "
    return {"z": filled(ROWS[drawn.rows]), "output": filled(output + bias + "."), "bias": bias}


STORED = Task(
    "stored_affine",
    chapter="affine",
    choices={
        "shape": ("(M, D)", "(D, M)"),
        "rows": tuple(ROWS),
        "scale": steps(0.3, 2.7, 0.1, without=(1.0, 2.0)),
        "tilt": (*steps(-2.7, -0.3, 0.2), *steps(0.3, 2.7, 0.2)),
    },
    parts=(
        Part(
            "stored_affine_forward",
            statement="{scale} times Z w, {bias}; w is {shape}, the rows are {rows}",
            minutes=10,
            stub='''\
def stored_affine_forward(x, w, b):
    """Send a batch through an affine layer that stores w as {shape}.

    {z}
    {output}

    Args:
        x: a batch, shape (N, d1, ..., dk).
        w: weights, shape {shape} with D = d1 * ... * dk.
        b: biases, shape (M,).

    Returns:
        (out, cache): out of shape (N, M), and cache = (x, w, b).
    """
    raise NotImplementedError
''',
            hints=(
                "Flatten first. Which axis of w does the sum over d run along?",
                "eq-affine-transposed, or eq-affine-out where w is (D, M), with the two factors.",
            ),
        ),
        Part(
            "stored_affine_backward",
            statement="its three gradients",
            minutes=15,
            after=("stored_affine_forward",),
            stub='''\
def stored_affine_backward(dout, cache):
    """Pull the gradient of the loss back through stored_affine_forward.

    Args:
        dout: gradient of the loss with respect to out, shape (N, M).
        cache: (x, w, b) as stored_affine_forward returned it.

    Returns:
        (dx, dw, db), each with the shape of the array it belongs to.
    """
    raise NotImplementedError
''',
            hints=(
                "First the gradient with respect to Z. If x goes in through a mean as well, each "
                "of its entries reaches the loss by more than one path: they add.",
                "eq-affine-dx, eq-affine-dw and eq-affine-db for Z; then from Z to x, and the "
                "factors {scale} and {tilt} where they belong.",
            ),
        ),
    ),
    judge=judge_stored,
    words=words_stored,
)
