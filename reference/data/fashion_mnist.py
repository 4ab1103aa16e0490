"""Fashion-MNIST: the 5,000 images that come with this package."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .splits import SPLITS, centred

FASHION_CLASSES = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "boot",
)
"""The name of each label, 0 to 9, as short as a picture's title must be."""

PER_CLASS = {"train": 400, "val": 50, "test": 50}
"""How many images of each class the embedded file holds in each split."""

EMBEDDED = Path(__file__).with_name("fashion-mnist-5000.npz")


def load_fashion_mnist() -> dict[str, NDArray[Any]]:
    """Hand out 5,000 images of Fashion-MNIST, centred on the training mean.

    Described in the chapter "data". Source: Xiao, Rasul and Vollgraf (2017),
    https://arxiv.org/abs/1708.07747; ``NOTICE.md`` beside this module says
    which images these are and under which licence.

    Returns:
        A new dict of new arrays: ``X_train`` (4000, 28, 28), ``X_val`` and
        ``X_test`` (500, 28, 28), float64, pixels 0..255 minus ``mean_image``
        (28, 28), the mean of the training images; ``y_train`` (4000,),
        ``y_val`` and ``y_test`` (500,), int64, indices into
        ``FASHION_CLASSES``, as many of one class as of another.

    Raises:
        FileNotFoundError: the file of images is missing from the package.
        ValueError: it is not what the package shipped.
    """
    return centred(read_embedded(EMBEDDED))


def read_embedded(path: Path) -> dict[str, NDArray[Any]]:
    """Read the images of the package as they are stored, uint8, with their index lists."""
    again = "install this package again, or run: python -m reference.data.make_fashion_mnist"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; {again}")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            stored = {name: archive[name] for name in archive.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged ({error}); {again}") from error

    for name, shape in expected_shapes().items():
        found = stored[name].shape if name in stored else "no such array"
        if found != shape:
            raise ValueError(f"{path}: {name} should have the shape {shape}: {found}; {again}")
    return stored


def expected_shapes() -> dict[str, tuple[int, ...]]:
    """Name every array of the embedded file, with its shape."""
    shapes: dict[str, tuple[int, ...]] = {}
    for split in SPLITS:
        n = PER_CLASS[split] * len(FASHION_CLASSES)
        shapes |= {f"X_{split}": (n, 28, 28), f"y_{split}": (n,), f"index_{split}": (n,)}
    return shapes
