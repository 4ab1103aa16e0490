"""Write a file completely or not at all, and clear up after a writer that was killed."""

import glob
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, then move it there: a reader finds the old or the new one.

    Raises:
        FileNotFoundError: there is no folder to write into.
        OSError: the disk is full, or the folder cannot be written to; nothing is left behind.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write into")
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def sweep(path: Path) -> None:
    """Remove what writers of this file have left beside it when they were killed."""
    for part in path.parent.glob(f"{glob.escape(path.name)}*.part"):
        part.unlink(missing_ok=True)
