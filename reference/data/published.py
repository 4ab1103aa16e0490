"""The four files of Fashion-MNIST as Zalando published them, and nothing else."""

import gzip
import hashlib
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fetch import fetched

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package ``dataset-fashion-mnist`` puts them."""

SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
"""What the decompressed bytes of each file must hash to."""

URL = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion"
"""Where Zalando publishes them."""

OTHERWISE = (
    f"put the four files of {URL} into a folder and say "
    "load_fashion_mnist(full=True, path=...); on Debian, apt install dataset-fashion-mnist"
)


def published_folder(path: str | Path | None = None) -> Path:
    """Say where the published files are: where the caller says, in Debian's folder, or fetched.

    Raises:
        ModuleNotFoundError, ConnectionError, ValueError, OSError: as ``fetched`` says.
    """
    if path is not None:
        return Path(path).expanduser()
    if DEBIAN.is_dir():
        return DEBIAN
    for name, expected in SHA256.items():
        found = fetched(f"{URL}/{name}.gz", partial(_verify, expected), OTHERWISE)
    return found.parent


def read_published(folder: Path) -> dict[str, NDArray[Any]]:
    """Read the published files from ``folder``, each verified before it is believed.

    Args:
        folder: holds the four files of ``SHA256``, compressed (``.gz``).

    Returns:
        File name to its array, uint8: images (N, 28, 28), labels (N,).

    Raises:
        FileNotFoundError: no such folder, or a file is not in it.
        ValueError: a file cannot be decompressed, or its hash is another one.
    """
    if not folder.is_dir():
        raise FileNotFoundError(
            f"there is no folder {folder}; Debian's package dataset-fashion-mnist "
            f"puts the files of Fashion-MNIST in {DEBIAN}"
        )
    return {name: _array(_verified(folder / f"{name}.gz", SHA256[name])) for name in SHA256}


def _verify(expected: str, path: Path) -> None:
    """Refuse a compressed file unless what is in it is what was published."""
    _verified(path, expected)


def _verified(path: Path, expected: str) -> bytes:
    """Decompress one file, and refuse it unless it is the one that was published."""
    if not path.is_file():
        raise FileNotFoundError(f"{path.parent} holds no {path.name}")
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} cannot be decompressed ({error})") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ValueError(
            f"{path} is not the file that was published: "
            f"its SHA-256 is {found}, and it should be {expected}"
        )
    return content


def _array(content: bytes) -> NDArray[np.uint8]:
    """Unpack IDX bytes: two zeros, the type 8 for uint8, the number of axes, the sizes."""
    axes = content[3]
    shape = np.frombuffer(content, ">u4", count=axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)
