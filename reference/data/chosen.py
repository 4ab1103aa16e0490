"""The images that the training chapters run on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fashion_mnist import FASHION_CLASSES, load_fashion_mnist


def load_images() -> dict[str, NDArray[Any]]:
    """Hand out the images that the training chapters run on: the 5,000 of the package.

    Returns:
        What ``load_fashion_mnist`` returns, and ``class_names`` (C,), the
        name of each label.
    """
    return {**load_fashion_mnist(), "class_names": np.array(FASHION_CLASSES)}
