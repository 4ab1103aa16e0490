"""Images side by side: examples, means, templates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .svg import WIDTH, Picture, bare, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def images(
    X: ArrayLike,
    labels: Sequence[str] | None = None,
    columns: int = 10,
    limits: tuple[float, float] | None = None,
) -> Picture:
    """Show images in rows, each under its label.

    Args:
        X: (N, height, width) in grey or (N, height, width, 3) in colour.
        labels: one per image; none for pictures without words.
        columns: how many images stand in a row.
        limits: the values drawn black and white, by default 0 and 255, or the
            smallest and largest of ``X`` where a pixel lies outside those.

    Raises:
        ValueError: ``X`` is not a batch of images, or has not as many labels.
    """
    tiles = np.asarray(X, dtype=np.float64)
    if tiles.ndim not in (3, 4) or (tiles.ndim == 4 and tiles.shape[3] != 3) or not len(tiles):
        raise ValueError(
            f"images: X has the shape {tiles.shape}; "
            "(N, height, width) or (N, height, width, 3) can be shown"
        )
    if labels is not None and len(labels) != len(tiles):
        raise ValueError(f"images: {len(tiles)} images, but {len(labels)} labels")
    if limits is None:
        inside = tiles.min() >= 0 and tiles.max() <= 255
        limits = (0, 255) if inside else (tiles.min(), tiles.max())
    low, high = limits
    return _tiles(np.clip((tiles - low) / (high - low or 1), 0, 1), labels, columns)


def templates(
    w: ArrayLike, shape: tuple[int, ...], names: Sequence[str] | None = None, columns: int = 5
) -> Picture:
    """Show each column of a linear layer's weights as the image that it looks for.

    Mid-grey is weight 0, white the largest weight of that template, black its
    negative: a bright pixel speaks for the class and a dark one against it.

    Args:
        w: (D, C), one template per column.
        shape: of an image, with D numbers: (28, 28) or (32, 32, 3).
        names: one per template.

    Raises:
        ValueError: an image of ``shape`` has not D numbers, or the names are not C.
    """
    weights = np.asarray(w, dtype=np.float64)
    if weights.ndim != 2 or len(weights) != np.prod(shape):
        raise ValueError(
            f"templates: w has the shape {weights.shape}, "
            f"but an image of shape {shape} has {np.prod(shape)} numbers"
        )
    if names is not None and len(names) != weights.shape[1]:
        raise ValueError(f"templates: {weights.shape[1]} templates, but {len(names)} names")
    largest = np.abs(weights).max(axis=0)
    scaled = 0.5 + 0.5 * weights / np.where(largest > 0, largest, 1)
    return _tiles(scaled.T.reshape(-1, *shape), names, columns)


def _tiles(tiles: NDArray[np.float64], labels: Sequence[str] | None, columns: int) -> Picture:
    """Lay out images with values 0..1; unit squares, with room for a label above each."""
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    gap = 0.08
    wide = columns * (1 + gap) - gap
    side = min(WIDTH / wide, 1.2)
    small = min(10.0, 16.0 * side)
    word = 0.0 if labels is None else 1.6 * small / 72 / side
    tall = rows * (1 + gap + word) - gap

    def on(figure: "Figure") -> None:
        axes = bare(figure.add_axes((0, 0, 1, 1)))
        for i, tile in enumerate(tiles):
            row, column = divmod(i, columns)
            left, top = column * (1 + gap), row * (1 + gap + word) + word
            axes.imshow(
                tile,
                cmap="gray",
                vmin=0,
                vmax=1,
                interpolation="none",
                extent=(left, left + 1, top + 1, top),
            )
            if labels is not None:
                axes.text(left, top - 0.06, labels[i], fontsize=small, va="bottom", ha="left")
        axes.set(xlim=(0, wide), ylim=(tall, 0))

    return draw((wide * side, tall * side), on, layout=None)
