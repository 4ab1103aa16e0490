"""Make the embedded images: ``python -m reference.data.make_fashion_mnist [FOLDER]``."""

import argparse
import io
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import write_whole
from .fashion_mnist import EMBEDDED, PER_CLASS
from .published import DEBIAN, read_published
from .splits import of_each_class


def chosen(published: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Pick the first images of every class: no draw, so no generator to agree about.

    The training images are the first of each class in the training file, the
    validation images the next ones, the test images the first in the t10k file.
    Each keeps its place in the file's order, so that the classes come mixed.
    """
    train, val = PER_CLASS["train"], PER_CLASS["val"]
    picks = {
        "train": ("train", 0, train),
        "val": ("train", train, train + val),
        "test": ("t10k", 0, PER_CLASS["test"]),
    }
    arrays = {}
    for split, (source, start, stop) in picks.items():
        labels = published[f"{source}-labels-idx1-ubyte"]
        index = of_each_class(labels, start, stop)
        arrays[f"X_{split}"] = published[f"{source}-images-idx3-ubyte"][index]
        arrays[f"y_{split}"] = labels[index]
        arrays[f"index_{split}"] = index.astype(np.int32)
    return arrays


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Pack arrays as an ``.npz`` that depends on nothing but them: no date, no user."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system, member.external_attr = 3, 0o644 << 16
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            members.writestr(member, content.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return archive.getvalue()


def main(argv: Sequence[str] | None = None) -> int:
    """Make the file, or say in one sentence why not."""
    parser = argparse.ArgumentParser(
        prog="python -m reference.data.make_fashion_mnist",
        description="Make the embedded images from the published files of Fashion-MNIST.",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=DEBIAN, help=f"of the four .gz, default {DEBIAN}"
    )
    parser.add_argument(
        "--to", type=Path, default=EMBEDDED, help="the .npz to write (default: in the package)"
    )
    args = parser.parse_args(argv)
    try:
        content = packed(chosen(read_published(args.folder)))
        write_whole(args.to, content)
    except (OSError, ValueError) as error:
        reason = str(error)
        if isinstance(error, OSError) and error.errno is not None:
            reason = f"{error.filename}: {error.strerror}"
        print(f"Nothing was written: {reason}.", file=sys.stderr)
        return 1
    print(f"{args.to}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
