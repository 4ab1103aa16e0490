"""Images side by side: examples, means, templates, and how those form."""

from collections.abc import Mapping, Sequence
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
    return _tiles(_shades(weights, shape), names, columns)


def film(
    frames: Mapping[str, ArrayLike], shape: tuple[int, ...], names: Sequence[str] | None = None
) -> Picture:
    """Show the same templates at several moments, one row per moment.

    Each is drawn as in ``templates``, with its own largest weight as white.

    Args:
        frames: moment to (D, K), one template per column.
        shape: of an image, with D numbers.
        names: one per template, above the first row.

    Raises:
        ValueError: an image of ``shape`` has not D numbers, the moments differ in
            shape, or the names are not K.
    """
    moments = {moment: np.asarray(w, dtype=np.float64) for moment, w in frames.items()}
    sizes = {w.shape for w in moments.values()}
    if len(sizes) != 1 or len(next(iter(sizes))) != 2:
        raise ValueError(f"film: every moment is (D, K), and these are {sorted(sizes)}")
    D, K = sizes.pop()
    if np.prod(shape) != D:
        raise ValueError(f"film: {D} weights, but an image of shape {shape} has {np.prod(shape)}")
    if names is not None and len(names) != K:
        raise ValueError(f"film: {K} templates, but {len(names)} names")
    tiles = [_shades(w, shape) for w in moments.values()]
    return _tiles(np.concatenate(tiles), names, K, rows=list(moments))


def _shades(weights: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Columns of weights as images with values 0..1, in which weight 0 is mid-grey."""
    largest = np.abs(weights).max(axis=0)
    scaled = 0.5 + 0.5 * weights / np.where(largest > 0, largest, 1)
    return scaled.T.reshape(-1, *shape)


def _tiles(
    tiles: NDArray[np.float64],
    labels: Sequence[str] | None,
    columns: int,
    rows: Sequence[str] = (),
) -> Picture:
    """Lay out images with values 0..1 as unit squares, with room for words.

    Each tile has its label above it; where ``rows`` has a word for each row, it
    stands before the row, and only the first row has labels.
    """
    columns = min(columns, len(tiles))
    deep = -(-len(tiles) // columns)
    gap = 0.08
    before = 0.1 * max(map(len, rows), default=0)  # inches
    wide = columns * (1 + gap) - gap
    side = min((WIDTH - before) / wide, 1.2)
    small = min(10.0, 16.0 * side)
    word = 0.0 if labels is None else 1.6 * small / 72 / side
    heads = 1 if rows else deep
    tall = deep * (1 + gap) - gap + heads * word
    start = before / side

    def on(figure: "Figure") -> None:
        axes = bare(figure.add_axes((0, 0, 1, 1)))
        for i, tile in enumerate(tiles):
            row, column = divmod(i, columns)
            left, top = column * (1 + gap), row * (1 + gap) + min(row + 1, heads) * word
            axes.imshow(
                tile,
                cmap="gray",
                vmin=0,
                vmax=1,
                interpolation="none",
                extent=(left, left + 1, top + 1, top),
            )
            if labels is not None and row < heads:
                axes.text(left, top - 0.06, labels[i], fontsize=small, va="bottom", ha="left")
            if rows and column == 0:
                axes.text(-start, top + 0.5, rows[row], fontsize=10, va="center", ha="left")
        axes.set(xlim=(-start, wide), ylim=(tall, 0))

    return draw(((wide + start) * side, tall * side), on, layout=None)
