"""Lines through numbers: curves over a run, power laws, landscapes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .svg import GREY, WIDTH, Picture, draw, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Line = tuple[ArrayLike, ArrayLike]

TOO_LARGE = 1e100
"""A run that diverges leaves the picture here, before the margins of its axis overflow."""


def curves(
    values: Mapping[str, ArrayLike],
    xlabel: str = "step",
    ylabel: str = "loss",
    marks: Mapping[str, float] | None = None,
    *,
    x: ArrayLike | None = None,
    ylim: tuple[float, float] | None = None,
    log: str = "",
) -> Picture:
    """Draw how numbers went over a run, with the spread over seeds as a band.

    Args:
        values: name to (steps,), or to (seeds, steps): the line is then the mean
            over the seeds and the band reaches from the smallest to the largest.
        marks: name to the height of a dotted line across the picture.
        x: (steps,), where the values were taken; by default 0, 1, 2, ...
        ylim: the range shown; a curve that leaves it is cut.
        log: "x", "y" or "xy", the axes that are logarithmic.
    """

    def on(figure: "Figure") -> None:
        axes = figure.subplots()
        for i, (name, value) in enumerate(values.items()):
            at = np.arange(np.shape(value)[-1]) if x is None else x
            _line(axes, i, name, at, value)
        for name, height in (marks or {}).items():
            axes.axhline(height, color=GREY, linestyle=(0, (1, 2)))
            right = axes.get_yaxis_transform()
            axes.text(0.99, height, name, transform=right, ha="right", va="bottom")
        _finish(axes, xlabel, ylabel, log, ylim)
        if x is None and "x" not in log:
            _count_whole(axes)
        legend(figure)

    return draw((WIDTH, 3.4), on)


def lines(
    values: Mapping[str, Line],
    xlabel: str = "",
    ylabel: str = "",
    marks: Mapping[str, float] | None = None,
    *,
    ylim: tuple[float, float] | None = None,
    log: str = "",
) -> Picture:
    """Draw lines through points.

    Args:
        values: name to ``(x, y)``; x of shape (points,), y of that shape or
            (seeds, points), drawn as ``curves`` does.
        marks: name to the place of a dotted line from bottom to top.
        ylim: the range shown.
        log: "x", "y" or "xy", the axes that are logarithmic; points that such an
            axis cannot show (0, negative, nan) are left out.
    """

    def on(figure: "Figure") -> None:
        axes = figure.subplots()
        for i, (name, (x, y)) in enumerate(values.items()):
            _line(axes, i, name, x, y)
        for name, place in (marks or {}).items():
            axes.axvline(place, color=GREY, linestyle=(0, (1, 2)))
            top = axes.get_xaxis_transform()
            axes.text(place, 1.0, name, transform=top, ha="center", va="bottom")
        _finish(axes, xlabel, ylabel, log, ylim)
        legend(figure)

    return draw((WIDTH, 3.6), on)


def loglog(
    values: Mapping[str, Line],
    xlabel: str = "",
    ylabel: str = "",
    marks: Mapping[str, float] | None = None,
) -> Picture:
    """Draw lines with both axes logarithmic, so that a power law is straight; see ``lines``."""
    return lines(values, xlabel, ylabel, marks, log="xy")


def panels(
    values: Mapping[str, Mapping[str, Line]],
    xlabel: str = "",
    ylabel: str = "",
    *,
    ylim: tuple[float, float] | None = None,
) -> Picture:
    """Draw pictures of lines side by side on the same axes.

    Args:
        values: title to what ``lines`` takes; a name means the same line in
            every panel.
        ylim: the range shown.
    """

    def on(figure: "Figure") -> None:
        row = figure.subplots(1, len(values), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (title, inside) in zip(row, values.items(), strict=True):
            for i, (name, (x, y)) in enumerate(inside.items()):
                _line(axes, i, name, x, y)
            _finish(axes, xlabel, "", "", ylim)
            axes.set_title(title, color=GREY)
        row[0].set_ylabel(ylabel)
        legend(figure)

    return draw((WIDTH, 1.1 + 5.0 / max(len(values), 2)), on)


def _line(axes: "Axes", i: int, name: str, x: ArrayLike, y: ArrayLike) -> None:
    runs = np.atleast_2d(np.asarray(y, dtype=np.float64))
    runs = np.where(np.abs(runs) < TOO_LARGE, runs, np.nan)
    style = line_style(i, runs.shape[1])
    axes.plot(np.asarray(x), runs.mean(axis=0), label=name, **style)
    if len(runs) > 1:
        low, high = runs.min(axis=0), runs.max(axis=0)
        axes.fill_between(x, low, high, color=style["color"], alpha=0.25, linewidth=0)


def _finish(
    axes: "Axes", xlabel: str, ylabel: str, log: str, ylim: tuple[float, float] | None
) -> None:
    axes.set(xlabel=xlabel, ylabel=ylabel)
    for axis in log:
        axes.set(**{f"{axis}scale": "log"})
    if ylim is not None:
        axes.set(ylim=ylim)


def _count_whole(axes: "Axes") -> None:
    """Write whole numbers only below a run: there is no step between two steps."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))


def legend(figure: "Figure") -> None:
    """Name the lines below the picture, where no name can cover a line."""
    named: dict[str, Any] = {}
    for axes in figure.axes:
        handles, names = axes.get_legend_handles_labels()
        named |= dict(zip(names, handles, strict=True))
    if len(named) > 1:
        figure.legend(
            list(named.values()),
            list(named),
            loc="outside lower center",
            ncols=columns(list(named)),
        )


def columns(names: list[str]) -> int:
    """How many names of lines fit beside one another below a picture."""
    one = 0.75 + 0.1 * max(map(len, names))  # a handle, a gap and the letters, in inches
    return max(1, min(len(names), int(WIDTH / one)))
