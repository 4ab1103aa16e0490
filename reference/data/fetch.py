"""Fetch a published file once, and keep it only if it is the one that is pinned."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TIMEOUT = 30.0
"""Seconds without a byte after which a server is given up."""

CHUNK = 1 << 16
LEFT_OVER = ".arriving-"
DAY = 86400.0


def fetched(url: str, verify: Callable[[Path], None], otherwise: str) -> Path:
    """Hand out a published file from the cache; where it is not there yet, download it.

    What arrives is written apart, verified, and only then moved to its name, so
    an interrupted download leaves nothing, and of several callers at once each
    finds a whole file. A file of the cache is verified as well, each time.

    Args:
        url: where it was published; its last part is its name in the cache.
        verify: raises ValueError unless a file is the one that is pinned.
        otherwise: how to do without a download, for the end of a sentence.

    Returns:
        Where the verified file is, in the user's cache folder.

    Raises:
        ModuleNotFoundError: pooch or tqdm is not installed.
        ConnectionError: the file could not be downloaded.
        ValueError: what arrived is not the file that is pinned.
        OSError: it cannot be written; the disk may be full.
    """
    pooch, tqdm = _downloaders(otherwise)
    path: Path = pooch.os_cache("backprop-by-the-book") / url.rsplit("/", 1)[1]
    if _is_right(path, verify):
        return path
    with _apart(path.parent) as folder:
        arriving = folder / path.name
        try:
            _download(pooch, tqdm, url, arriving)
        except OSError as error:
            raise _explained(error, url, path.parent, otherwise) from error
        try:
            verify(arriving)
        except ValueError as error:
            raise ValueError(f"what {url} sent is not kept: {error}; or {otherwise}") from error
        os.replace(arriving, path)
    return path


def _download(pooch: Any, tqdm: Any, url: str, to: Path) -> None:
    """Write what a server sends to a file, under a progress bar."""
    answers: list[Any] = []
    with tqdm.tqdm(total=1, desc=to.name, ncols=79, unit="B", unit_scale=True) as bar:
        get = pooch.HTTPDownloader(
            progressbar=bar,
            chunk_size=CHUNK,
            timeout=TIMEOUT,
            headers={"Accept-Encoding": "identity"},  # the file as it is, not packed once more
            hooks={"response": lambda answer, **_: answers.append(answer)},
        )
        try:
            get(url, str(to), None)
        finally:
            for answer in answers:
                answer.close()


def _downloaders(otherwise: str) -> tuple[Any, Any]:
    """Import what downloads, or say what to install."""
    try:
        import pooch
        import tqdm
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"a download needs {error.name}, which is not installed: pip install '.[data]' in the "
            f"project's folder (or pip install pooch tqdm); or {otherwise}",
            name=error.name,
        ) from error
    return pooch, tqdm


def _is_right(path: Path, verify: Callable[[Path], None]) -> bool:
    """Whether a file of the cache is there and is the one that is pinned."""
    try:
        verify(path)
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def _apart(cache: Path) -> Iterator[Path]:
    """Make a folder in the cache for what arrives, and take it away whatever happens.

    Folders that a killed download could not take away are removed after a day.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{LEFT_OVER}*"):
            if time.time() - old.stat().st_mtime > DAY:
                shutil.rmtree(old, ignore_errors=True)
        folder = tempfile.TemporaryDirectory(dir=cache, prefix=LEFT_OVER)
    except OSError as error:
        raise OSError(f"nothing can be kept in {cache} ({error.strerror})") from error
    with folder as name:
        yield Path(name)


def _explained(error: OSError, url: str, cache: Path, otherwise: str) -> OSError:
    """An error of a download in a sentence: of the disk, which has a number, or the network."""
    if error.errno is not None:
        return OSError(
            f"{url} cannot be written to {cache} ({error.strerror}); nothing was kept. "
            f"XDG_CACHE_HOME names another place for the cache; or {otherwise}"
        )
    return ConnectionError(f"{url} could not be downloaded ({error}); try again, or {otherwise}")
