"""A picture of ratios: who is quicker than we are, who is slower, and what was to be reached."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reference.pictures import Picture
from reference.pictures.svg import COLOURS, GREY, MARKERS, WIDTH, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Ratios = Mapping[str, Mapping[str, float]]
"""Of each group, such as a precision: name to ratio."""


def dots(ratios: Ratios, targets: Ratios, xlabel: str) -> Picture:
    """Draw each name as a line with one mark a group; what was to be reached is a bar beside it."""
    names = list(dict.fromkeys(name for group in ratios.values() for name in group))

    def on(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.axvline(1, color=GREY, linewidth=1.2)
        for k, (group, found) in enumerate(ratios.items()):
            shift = 0.16 * (2 * k - len(ratios) + 1)
            _group(axes, k, names, shift, found, targets.get(group, {}), group)
        axes.set(yticks=range(len(names)), yticklabels=names, xlabel=xlabel)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.grid(axis="y", visible=False)
        axes.plot([], [], color=GREY, label="to be reached", **_BAR)
        figure.legend(loc="outside lower center", ncols=len(ratios) + 1)

    return draw((WIDTH, 1.3 + 0.42 * len(names)), on)


_BAR = {"ls": "", "marker": "|", "ms": 12, "mew": 2}


def _group(
    axes: "Axes",
    k: int,
    names: list[str],
    shift: float,
    found: Mapping[str, float],
    targets: Mapping[str, float],
    label: str,
) -> None:
    """Mark the ratios of one group, a little above or below the line of each name."""
    at = {name: row + shift for row, name in enumerate(names)}
    colour, marker = COLOURS[k % len(COLOURS)], MARKERS[k % len(MARKERS)]
    heights = [at[name] for name in found]
    axes.plot([*found.values()], heights, ls="", color=colour, marker=marker, ms=7, label=label)
    axes.plot([*targets.values()], [at[name] for name in targets], color=colour, **_BAR)


def finding(ratios: Ratios) -> str:
    """What the picture shows, in words: of each group, who is slower and who is quicker."""
    sentences = []
    for group, found in ratios.items():
        told = {name: f"{name} {value:.2f}" for name, value in found.items()}
        slower = [told[name] for name, value in found.items() if value >= 1]
        quicker = [told[name] for name, value in found.items() if value < 1]
        parts = [f"slower than ours {', '.join(slower)}"] if slower else []
        parts += [f"quicker than ours {', '.join(quicker)}"] if quicker else []
        sentences.append(f"{group}: {'; '.join(parts)}.")
    return " ".join(sentences)
