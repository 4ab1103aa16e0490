"""From stored pixels to what a net is given: three splits, centred on the training mean."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "val", "test")


def centred(stored: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Subtract the training mean image from the images of every split.

    Derived in the chapter "data": eq-data-mean, eq-data-centred.

    Args:
        stored: for each split, ``X_<split>`` of shape (N, ...) with pixels
            0..255 and ``y_<split>`` of shape (N,).

    Returns:
        New arrays under the same keys, pixels float64 and labels int64, and
        ``mean_image``, of the shape of one image.
    """
    mean_image = stored["X_train"].mean(axis=0, dtype=np.float64)  # eq-data-mean
    data = {"mean_image": mean_image}
    for split in SPLITS:
        data[f"X_{split}"] = stored[f"X_{split}"] - mean_image  # eq-data-centred
        data[f"y_{split}"] = stored[f"y_{split}"].astype(np.int64)
    return data


def cut(X: NDArray[Any], y: NDArray[Any], sizes: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """Cut images that stand in one row into splits, in their order; views, not copies.

    Args:
        X: images, shape (N, ...).
        y: their labels, shape (N,).
        sizes: split to how many images it takes, in the order in which they stand.

    Returns:
        ``X_<split>`` and ``y_<split>`` for each.
    """
    stored, start = {}, 0
    for split, n in sizes.items():
        stored[f"X_{split}"] = X[start : start + n]
        stored[f"y_{split}"] = y[start : start + n]
        start += n
    return stored


def of_each_class(labels: NDArray[Any], start: int, stop: int) -> NDArray[Any]:
    """Say where images ``start`` to ``stop`` of every class are, in the file's order."""
    classes = np.unique(labels)
    return np.sort(np.concatenate([np.flatnonzero(labels == c)[start:stop] for c in classes]))
