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
