"""Fashion-MNIST: the 5,000 images that come with this package, and all 70,000."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .published import published_folder, read_published
from .splits import SPLITS, centred, cut

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


def load_fashion_mnist(
    full: bool = False, path: str | Path | None = None
) -> dict[str, NDArray[Any]]:
    """Hand out images of Fashion-MNIST, centred on the training mean.

    Described in the chapter "data". Source: Xiao, Rasul and Vollgraf (2017),
    https://arxiv.org/abs/1708.07747; ``NOTICE.md`` beside this module says
    which images come with this package and under which licence.

    Args:
        full: all 70,000 images as they were published, instead of the 5,000 of
            this package. The first 55,000 training images are for training,
            the last 5,000 of them for validation, and all 10,000 test images
            for the test. The files are read from ``path``, else from where
            Debian's package ``dataset-fashion-mnist`` puts them, else they are
            downloaded once, which needs the extra ``data``; wherever they are,
            they are verified by the SHA-256 of what is in them.
        path: a folder with the four published files, ``.gz``; only with ``full``.

    Returns:
        A new dict of new arrays: ``X_train`` (4000, 28, 28), ``X_val`` and
        ``X_test`` (500, 28, 28), float64, pixels 0..255 minus ``mean_image``
        (28, 28), the mean of the training images; ``y_train`` (4000,),
        ``y_val`` and ``y_test`` (500,), int64, indices into
        ``FASHION_CLASSES``, as many of one class as of another. With ``full``
        (55000, 28, 28), (5000, 28, 28) and (10000, 28, 28), 0.4 GB.

    Raises:
        FileNotFoundError: a file is missing, from the package or from ``path``.
        ModuleNotFoundError: pooch, which downloads, is not installed.
        ConnectionError: a file could not be downloaded.
        ValueError: a file is not what the package shipped, or what was
            published; or there is a ``path`` without ``full``.
        OSError: what was downloaded cannot be kept in the cache.
    """
    if full:
        return centred(read_full(path))
    if path is not None:
        raise ValueError(
            f"the 5,000 images of the package are read from nowhere else; for those in {path} "
            "say load_fashion_mnist(full=True, path=...)"
        )
    return centred(read_embedded(EMBEDDED))


def read_full(path: str | Path | None = None) -> dict[str, NDArray[Any]]:
    """Read all images as they were published, uint8, in the splits of the full set."""
    published = read_published(published_folder(path))
    train = published["train-images-idx3-ubyte"], published["train-labels-idx1-ubyte"]
    test = published["t10k-images-idx3-ubyte"], published["t10k-labels-idx1-ubyte"]
    val = len(train[0]) // 12
    return {
        **cut(*train, {"train": len(train[0]) - val, "val": val}),
        **cut(*test, {"test": len(test[0])}),
    }


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
