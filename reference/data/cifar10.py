"""CIFAR-10: 60,000 small photographs, which have no licence and so are never in this package."""

import hashlib
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fetch import fetched
from .splits import centred, cut

CIFAR_CLASSES = (
    "plane",
    "car",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
"""The name of each label, 0 to 9, as short as a picture's title must be."""

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
SIZE = 170_052_171
SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"

FILES = (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin")
PER_FILE = 10_000
RECORD = 1 + 3 * 32 * 32
"""Bytes of an image in such a file: its label, then all red, all green and all blue pixels."""

OTHERWISE = f"fetch {URL} by other means and hand the file over: load_cifar10(path=...)"


def load_cifar10(path: str | Path | None = None) -> dict[str, NDArray[Any]]:
    """Hand out the photographs of CIFAR-10, centred on the training mean.

    Described in the chapter "data". Source: Krizhevsky, Learning Multiple
    Layers of Features from Tiny Images (2009). The published archive, of
    binary records and without a pickle, is verified by its SHA-256 each time;
    without ``path`` it is downloaded once, which needs the extra ``data``.

    The splits are those of the course CS231n, except that all test images are
    handed out: the first 49,000 training images, the last 1,000 of them for
    validation, and the 10,000 test images.

    Args:
        path: the archive; or an ``.npz`` with ``X`` (N, 32, 32, 3) and ``y``
            (N,), both of whole numbers from 0, to 255 and to 9. Of the images
            in it the first eight tenths are for training, the next tenth for
            validation and the last tenth for the test.

    Returns:
        A new dict of new arrays: ``X_train``, ``X_val`` and ``X_test`` (n, 32,
        32, 3), float64, pixels 0..255 minus ``mean_image`` (32, 32, 3), the
        mean of the training images; ``y_train``, ``y_val`` and ``y_test``
        (n,), int64, indices into ``CIFAR_CLASSES``. From the archive that
        takes 1.5 GB of memory.

    Raises:
        FileNotFoundError: there is no such file.
        ModuleNotFoundError: pooch, which downloads, is not installed.
        ConnectionError: the archive could not be downloaded.
        ValueError: the file is not the archive that was published, or not such
            an ``.npz``.
        OSError: the archive cannot be kept in the cache.
    """
    return centred(read_cifar10(path))


def read_cifar10(path: str | Path | None = None) -> dict[str, NDArray[Any]]:
    """Read the photographs as they are stored, uint8, in the splits of ``load_cifar10``."""
    if path is None:
        return _read_archive(fetched(URL, verify, OTHERWISE))
    path = Path(path).expanduser()
    if path.is_dir():
        raise ValueError(f"{path} is a folder; the archive itself is wanted, unpacked by nobody")
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; the archive is at {URL}")
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    if zipped:
        return _read_npz(path)
    verify(path)
    return _read_archive(path)


def verify(path: Path) -> None:
    """Refuse a file that is not the archive as it was published.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it has another size or another SHA-256; the message says both.
    """
    size = path.stat().st_size
    if size != SIZE:
        kind = "cut short" if size < SIZE else "another file"
        raise ValueError(f"{path} is {kind}: {size:,} bytes, where the archive has {SIZE:,}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise ValueError(
            f"{path} is not the archive that was published: "
            f"its SHA-256 is {found}, and it should be {SHA256}"
        )


def _read_archive(path: Path) -> dict[str, NDArray[Any]]:
    """Unpack the six files into one array of images and one of labels; nothing is held twice."""
    X = np.empty((len(FILES) * PER_FILE, 32, 32, 3), np.uint8)
    y = np.empty(len(X), np.uint8)
    missing = set(FILES)
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                name = PurePosixPath(member.name).name
                file = archive.extractfile(member) if name in missing else None
                if file is not None:
                    part = slice(start := FILES.index(name) * PER_FILE, start + PER_FILE)
                    X[part], y[part] = _images(file.read(), f"{path}: {name}")
                    missing.remove(name)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ValueError(f"{path} cannot be unpacked ({error})") from error
    if missing:
        raise ValueError(f"{path} holds no {min(missing)}")
    val = PER_FILE // 10
    return cut(X, y, {"train": len(X) - PER_FILE - val, "val": val, "test": PER_FILE})


def _images(content: bytes, name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Take the records of one file apart, with the colours of a pixel side by side."""
    if len(content) != PER_FILE * RECORD:
        raise ValueError(f"{name} has {len(content):,} bytes, not {PER_FILE * RECORD:,}")
    records = np.frombuffer(content, np.uint8).reshape(PER_FILE, RECORD)
    labels = records[:, 0]
    if labels.max() >= len(CIFAR_CLASSES):
        raise ValueError(f"{name} has the label {labels.max()}; there are {len(CIFAR_CLASSES)}")
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels


def _read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Read some of the photographs from arrays X and y, and cut them in proportion."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files if name in ("X", "y")}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is a damaged .npz ({error})") from error
    for name in ("X", "y"):
        if name not in arrays:
            raise ValueError(f"{path} holds no array {name}; X and y are wanted")
    X, y = arrays["X"], arrays["y"]
    if X.ndim != 4 or X.shape[1:] != (32, 32, 3) or y.shape != X.shape[:1] or len(y) < 10:
        raise ValueError(
            f"{path}: X has the shape {X.shape} and y {y.shape}; "
            "(N, 32, 32, 3) and (N,) are wanted, with N at least 10"
        )
    for name, array, end in (("X", X, 256), ("y", y, len(CIFAR_CLASSES))):
        if not np.issubdtype(array.dtype, np.integer) or array.min() < 0 or array.max() >= end:
            raise ValueError(
                f"{path}: {name} holds {array.dtype} from {array.min()} to {array.max()}; "
                f"whole numbers from 0 to {end - 1} are wanted"
            )
    tenth = len(y) // 10
    return cut(X, y, {"train": len(y) - 2 * tenth, "val": tenth, "test": tenth})
