"""Paths over a landscape of two weights, seen from above."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .lines import legend
from .svg import GREY, WIDTH, Picture, draw, line_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRID = 161
LEVELS = 13


def paths(
    height: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]],
    values: Mapping[str, ArrayLike],
    *,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    goal: tuple[float, float] | None = (0.0, 0.0),
    xlabel: str = "$w_1$",
    ylabel: str = "$w_2$",
) -> Picture:
    """Draw the way that each rule takes over the same ground.

    Args:
        height: the loss, for arrays of both weights.
        values: name to (steps + 1, 2), one place in each row; it is drawn until it
            leaves the picture.
        xlim, ylim: the part of the ground that is shown.
        goal: where a cross marks the bottom; None for no cross.
    """

    def on(figure: "Figure") -> None:
        axes = figure.subplots()
        x, y = np.meshgrid(np.linspace(*xlim, GRID), np.linspace(*ylim, GRID))
        ground = np.asarray(height(x, y))
        shares = np.linspace(0, 1, LEVELS)[1:-1] ** 2  # of the height: dense near the bottom
        levels = ground.min() + shares * (ground.max() - ground.min())
        axes.contour(x, y, ground, levels=levels, colors=GREY, alpha=0.45, linewidths=0.8)
        for i, (name, value) in enumerate(values.items()):
            path = np.asarray(value, dtype=np.float64)
            style = {**line_style(i, 0), "markersize": 3.5, "linewidth": 1.4}
            axes.plot(path[:, 0], path[:, 1], label=name, clip_on=True, **style)
        if goal is not None:
            axes.plot(*goal, "+", color=GREY, markersize=14, markeredgewidth=2)
        axes.grid(visible=False)
        axes.set(xlim=xlim, ylim=ylim, xlabel=xlabel, ylabel=ylabel)
        legend(figure)

    return draw((WIDTH, 3.4), on)
