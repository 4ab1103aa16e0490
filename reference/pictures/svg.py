"""One look for every picture: an SVG that reads on light and dark pages, and without colour."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.0
"""Inches: a picture is 576 pixels wide, unless what it shows needs less."""

GREY = "#7a7a7a"
"""Text and axes: contrast 4.3 on white and on #121212, the most that one grey can have on both."""

COLOURS = ("#2a86c8", "#d55e00", "#009e73", "#b5569b", "#a07a00")
"""Lines: told apart with the common colour deficiencies, contrast above 3.4 on both pages."""

DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (9, 3)))
"""The same lines without colour: each has a dash pattern of its own."""

MARKERS = ("o", "s", "^", "D", "v")

STYLE: dict[Any, Any] = {
    "axes.edgecolor": GREY,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.alpha": 0.25,
    "grid.color": GREY,
    "image.composite_image": False,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "mathtext.fontset": "dejavusans",
    "savefig.facecolor": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "backprop-by-the-book",
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
}


@dataclass(frozen=True)
class Picture:
    """A finished picture: a notebook shows it when it is the last value of a cell."""

    svg: str
    width: int
    height: int

    def __repr__(self) -> str:
        return f"<picture, {self.width} x {self.height} pixels>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        return {"image/svg+xml": self.svg}, {"image/svg+xml": {"width": self.width}}

    def save(self, path: str | Path) -> None:
        """Write the picture to ``path`` as an SVG file."""
        Path(path).write_text(self.svg, encoding="utf-8")


def draw(
    size: tuple[float, float],
    on: "Callable[[Figure], None]",
    layout: Literal["constrained"] | None = "constrained",
) -> Picture:
    """Let ``on`` draw on an empty figure of ``size`` (width, height) inches, and finish it.

    ``layout`` makes room for the words around axes; None leaves axes where they are put.

    Nothing of matplotlib's global state is read or changed, and the same
    arguments give the same SVG.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "pictures need matplotlib, and it is not installed here; "
            "the rest of reference needs NumPy only"
        ) from error

    out = io.StringIO()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        figure = Figure(figsize=size, layout=layout)
        on(figure)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    width, height = (round(96 * inches) for inches in size)
    return Picture(out.getvalue(), width, height)


def bare(axes: "Axes") -> "Axes":
    """Take frame, ticks and grid from axes that show images or a graph."""
    axes.set_axis_off()
    return axes


def line_style(i: int, points: int) -> dict[str, Any]:
    """Return colour, dashes and, for few points, the marker of line ``i``."""
    k = i % len(COLOURS)
    style: dict[str, Any] = {"color": COLOURS[k], "linestyle": DASHES[k]}
    if points <= 24:
        style |= {"marker": MARKERS[k], "markersize": 5}
    return style
