"""Computation graphs: what flows along each arrow, and what comes back."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .svg import COLOURS, GREY, WIDTH, Picture, bare, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def graph(
    nodes: Mapping[str, tuple[Any, ...]],
    edges: Iterable[tuple[str, str, object, object]],
    note: str = "above each arrow: the value; below, in bold: the gradient",
) -> Picture:
    """Draw a computation graph: values above each arrow, gradients below.

    Args:
        nodes: name to its place ``(x, y)`` in steps of about 1, x to the right
            and y up, or ``(x, y, text)`` where the text in the node is not its
            name. A node that arrows enter and leave is an operation and gets a
            circle; the others are inputs and outputs, in words.
        edges: ``(from, to, value, gradient)``, the last two numbers or text;
            None for what is not known yet.
        note: the line below the picture.

    Raises:
        ValueError: an edge names a node that is not there.
    """
    edges = list(edges)
    for start, end, *_ in edges:
        if start not in nodes or end not in nodes:
            raise ValueError(f"graph: the edge {start} -> {end} needs both of them in nodes")
    inner = {end for _, end, *_ in edges} & {start for start, *_ in edges}
    places = {name: np.array(node[:2], dtype=np.float64) for name, node in nodes.items()}
    low = np.min(list(places.values()), axis=0) - 0.3
    high = np.max(list(places.values()), axis=0) + 0.3
    wide, tall = high - low
    inch = min(1.35, WIDTH / wide)

    def on(figure: "Figure") -> None:
        axes = bare(figure.add_axes((0, 0, 1, 1)))
        axes.set(xlim=(low[0], high[0]), ylim=(low[1] - 0.3 / inch, high[1]))
        for start, end, value, gradient in edges:
            _edge(axes, places[start], places[end], value, gradient, inch)
        for name, (x, y) in places.items():
            text = str(nodes[name][2]) if len(nodes[name]) > 2 else name
            if name in inner:
                axes.plot(x, y, "o", ms=31, mfc="none", mec=GREY, mew=1.4)
            axes.text(x, y, text, ha="center", va="center", fontsize=11.5)
        axes.text(low[0] + 0.1, low[1] - 0.22 / inch, note, fontsize=9.5, va="bottom")

    return draw((wide * inch, tall * inch + 0.3), on, layout=None)


def _edge(
    axes: "Axes",
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    value: object,
    gradient: object,
    inch: float,
) -> None:
    along = (end - start) / np.hypot(*(end - start))
    across = np.array([-along[1], along[0]])
    tip, tail = end - along * 0.24 / inch, start + along * 0.24 / inch
    axes.annotate(
        "", tip, tail, arrowprops={"arrowstyle": "-|>", "color": GREY, "shrinkA": 0, "shrinkB": 0}
    )
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    for number, side, colour, weight in (
        (value, 1, COLOURS[0], "normal"),
        (gradient, -1, COLOURS[1], "bold"),
    ):
        if number is not None:
            x, y = (tip + tail) / 2 + side * across * 0.13 / inch
            text = number if isinstance(number, str) else f"{number:.4g}"
            axes.text(
                x,
                y,
                text,
                color=colour,
                weight=weight,
                rotation=angle,
                rotation_mode="anchor",
                ha="center",
                va="center",
            )
