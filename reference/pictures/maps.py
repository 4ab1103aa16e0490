"""Maps of numbers: what each pair of settings came to, which class was taken for which."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .svg import COLOURS, GREY, WIDTH, Picture, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def heat(
    values: ArrayLike,
    rows: Sequence[object],
    columns: Sequence[object],
    xlabel: str = "",
    ylabel: str = "",
    *,
    mark: tuple[int, int] | None = None,
    form: str = ".2f",
) -> Picture:
    """Show a table of numbers in which brighter is more; each cell has its number in it.

    Args:
        values: (R, C); what is not a finite number is left empty, with a dash.
        rows, columns: what each row and column is, R and C numbers or words.
        xlabel, ylabel: what the columns and the rows are together.
        mark: (row, column) of a cell to be framed.
        form: how a number is written, as in ``format(number, form)``.

    Raises:
        ValueError: ``values`` is not a table, or the rows or columns are not as many.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape != (len(rows), len(columns)):
        raise ValueError(
            f"heat: values has the shape {table.shape}, "
            f"but there are {len(rows)} rows and {len(columns)} columns"
        )
    names = [_word(column) for column in columns]
    tilted = max(map(len, names)) * 0.105 * len(names) > WIDTH - 1.2
    tall = max(0.34, min(0.5, 3.6 / len(rows)))

    def on(figure: "Figure") -> None:
        axes = figure.subplots()
        low, high = shades(table)
        axes.imshow(
            np.ma.masked_invalid(table),
            cmap="cividis",
            vmin=low,
            vmax=high,
            interpolation="none",
            aspect="auto",
        )
        axes.grid(False)
        axes.spines[:].set_visible(False)
        axes.set_xticks(range(len(names)), names, rotation=90 if tilted else 0)
        axes.set_yticks(range(len(rows)), [_word(row) for row in rows])
        axes.tick_params(length=0)
        axes.set(xlabel=xlabel, ylabel=ylabel)
        _write(axes, table, form, 11 if len(names) < 9 else 9)
        if mark is not None:
            row, column = mark
            x, y = [column - 0.5, column + 0.5], [row - 0.5, row + 0.5]
            axes.plot(
                [x[0], x[1], x[1], x[0], x[0]],
                [y[0], y[0], y[1], y[1], y[0]],
                color=COLOURS[1],
                linewidth=3,
                clip_on=False,
            )

    return draw((WIDTH, len(rows) * tall + (1.4 if tilted else 0.8)), on)


def shades(table: NDArray[np.float64]) -> tuple[float, float]:
    """The numbers that are drawn darkest and brightest, two that differ."""
    finite = table[np.isfinite(table)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return low, high if high > low else low + 1.0


def _write(axes: "Axes", table: NDArray[np.float64], form: str, size: int) -> None:
    low, high = shades(table)
    for (row, column), value in np.ndenumerate(table):
        empty = not np.isfinite(value)
        dark = (value - low) / (high - low) < 0.55
        axes.text(
            column,
            row,
            "–" if empty else format(value, form),
            color=GREY if empty else "white" if dark else "black",
            fontsize=size,
            ha="center",
            va="center",
        )


def _word(label: object) -> str:
    return f"{label:g}" if isinstance(label, float | np.floating) else str(label)
