"""Where two arrays differ, and by how much of what they should be."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .svg import GREY, WIDTH, Picture, bare, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def error_map(wrong: Mapping[str, ArrayLike], right: Mapping[str, ArrayLike]) -> Picture:
    """Show in which entries arrays are wrong, and by which part of what they should be.

    Every entry is ``|wrong - right| / |right|``: 0 is right, 1 is an error as
    large as the value itself. Where ``right`` is 0 but for rounding, the
    largest entry of its array is taken for ``|right|``. Small arrays show the
    number in each entry.

    Args:
        wrong: name to array, any shape; more than two axes are flattened to
            one row per example.
        right: the same names, with arrays of the same shapes.

    Raises:
        ValueError: the names differ, or the two arrays of a name have different shapes.
    """
    if list(wrong) != list(right):
        raise ValueError(f"error_map: wrong has {list(wrong)}, but right has {list(right)}")
    maps = {name: relative_error(name, wrong[name], right[name]) for name in wrong}
    rows, columns = (max(e.shape[axis] for e in maps.values()) for axis in (0, 1))
    side = min(0.62, WIDTH / (len(maps) * columns), 4.0 / rows)
    width = max(WIDTH, len(maps) * columns * side) if side < 0.35 else WIDTH

    def on(figure: "Figure") -> None:
        grid = figure.subplots(1, len(maps), squeeze=False)[0]
        for axes, (name, error) in zip(grid, maps.items(), strict=True):
            seen = np.nan_to_num(error, nan=np.inf, posinf=np.inf)
            shown = axes.imshow(seen, cmap="cividis", vmin=0, vmax=1, interpolation="none")
            bare(axes).set_title(name, color=GREY)
            if side >= 0.35:
                _number_entries(axes, error)
        if side < 0.35:
            bar = figure.colorbar(shown, ax=list(grid), shrink=0.8, extend="max")
            bar.set_label("error / value")

    return draw((width, rows * side + 0.5), on)


def relative_error(name: str, wrong: ArrayLike, right: ArrayLike) -> NDArray[np.float64]:
    """Return the rows that ``error_map`` shows for one array."""
    w, r = np.asarray(wrong, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if w.shape != r.shape:
        raise ValueError(f"error_map: {name} has shape {w.shape}, but the right one has {r.shape}")
    largest = np.abs(r).max(initial=0.0) or 1.0
    floor = np.where(np.abs(r) > 1e-9 * largest, np.abs(r), largest)
    error: NDArray[np.float64] = np.abs(w - r) / floor
    return error.reshape(1, -1) if error.ndim < 2 else error.reshape(len(error), -1)


def _number_entries(axes: "Axes", error: NDArray[np.float64]) -> None:
    rows, columns = error.shape
    axes.hlines(np.arange(1, rows) - 0.5, -0.5, columns - 0.5, color=GREY, linewidth=0.8)
    axes.vlines(np.arange(1, columns) - 0.5, -0.5, rows - 0.5, color=GREY, linewidth=0.8)
    for (row, column), e in np.ndenumerate(error):
        dark = e < 0.55
        axes.text(
            column,
            row,
            "0" if e < 0.005 else f"{e:.2g}" if e < 10 else f"{e:.0f}" if e < 1000 else f"{e:.0e}",
            ha="center",
            va="center",
            fontsize=10,
            color="white" if dark else "black",
        )
