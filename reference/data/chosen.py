"""The images that the training chapters run on: those that DATA names."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cifar10 import CIFAR_CLASSES, read_cifar10
from .fashion_mnist import FASHION_CLASSES, PER_CLASS, load_fashion_mnist
from .splits import centred, of_each_class

DEFAULT = "fashion-mnist"

CLASSES = {DEFAULT: FASHION_CLASSES, "cifar10": CIFAR_CLASSES}
"""What DATA may name, and the names of the labels."""


def load_images() -> dict[str, NDArray[Any]]:
    """Hand out the images that the training chapters run on: by default those of the package.

    The environment variable DATA names others: ``cifar10``, downloaded once,
    or read from the file that DATA_PATH names (``load_cifar10`` says which).
    Of those, as many are taken as the package has, so that a chapter costs what
    it cost: of each class the first 400 training images, and the first 50 for
    validation and for the test; of a split that is smaller, all.

    Returns:
        What ``load_fashion_mnist`` returns, and ``class_names`` (C,), the
        name of each label. Images of ``cifar10`` have the shape (32, 32, 3).

    Raises:
        ValueError: DATA names no images, DATA_PATH goes with no file that is
            read, or the file is not what it should be.
        FileNotFoundError, ModuleNotFoundError, ConnectionError, OSError: as
            the loader of those images says.
    """
    name, path = chosen()
    data = load_fashion_mnist() if name == DEFAULT else centred(_few(read_cifar10(path)))
    return {**data, "class_names": np.array(CLASSES[name])}


def chosen() -> tuple[str, Path | None]:
    """Read DATA and DATA_PATH, and refuse what names nothing, in a sentence."""
    name = os.environ.get("DATA") or DEFAULT
    path = os.environ.get("DATA_PATH")
    if name not in CLASSES:
        raise ValueError(f"DATA={name} names no images; there are {', '.join(CLASSES)}")
    if name == DEFAULT and path:
        raise ValueError(
            f"DATA_PATH={path} would not be read: the images of DATA={DEFAULT} come with the "
            "package. DATA_PATH goes with DATA=cifar10"
        )
    return name, Path(path).expanduser() if path else None


def _few(stored: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Keep of each split as many images of each class as the package has, in their order."""
    few: dict[str, NDArray[Any]] = {}
    for split, n in PER_CLASS.items():
        labels = stored[f"y_{split}"]
        enough = len(labels) > n * len(CIFAR_CLASSES)
        index = of_each_class(labels, 0, n) if enough else np.arange(len(labels))
        few |= {name: stored[name][index] for name in (f"X_{split}", f"y_{split}")}
    return few
