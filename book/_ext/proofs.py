"""The hand-off from the proof to the site: only what has passed is published.

When every cell of a chapter has passed, its executed notebook is kept under ``_build/proved`` in
a folder whose name hashes all that the chapters stand on. Sphinx takes its outputs from there and
runs nothing; a chapter without a valid proof stops the build.
"""

import copy
import hashlib
import json
import os
import platform
import shutil
import time
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from book._ext import golden, other_images
from book._ext.chapters import ROOT, Chapter, ChapterError


def foundation() -> str:
    """Hash what all chapters stand on: our code, the data, Python, and the pinned libraries."""
    digest = hashlib.sha256()
    for part in (
        platform.python_version(),
        version("numpy"),
        version("matplotlib"),
        other_images.identity(),
        (ROOT / "constraints.txt").read_text("utf-8"),
    ):
        digest.update(part.encode() + b"\0")
    for folder in ("reference", "checks"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".npz", ".json", ".toml"}:
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def folder() -> Path:
    """Where the executed notebooks of the present foundation are."""
    return ROOT / "_build" / "proved" / foundation()


def fingerprint(chapter: Chapter) -> str:
    """Hash what a proof speaks about: a chapter's cells, their options, the accepted outputs."""
    cells = [[cell.source, {**cell.metadata}] for cell in chapter.code]
    text = json.dumps([cells, golden.load(chapter.path)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def store(chapter: Chapter, executed: NotebookNode, seconds: float) -> None:
    """Keep the executed notebook of a chapter whose cells have all passed."""
    executed.metadata["proof"] = {"of": fingerprint(chapter), "seconds": round(seconds, 3)}
    executed.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    path = folder() / f"{chapter.stem}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.part")
    nbformat.write(executed, draft)
    os.replace(draft, path)


def load(chapter: Chapter) -> NotebookNode | None:
    """A chapter with the outputs of its proof, or None where no proof speaks about these cells.

    The text is that of the chapter now: prose may change without a new proof.
    """
    path = folder() / f"{chapter.stem}.ipynb"
    if not path.exists():
        return None
    proved = nbformat.read(path, as_version=4)
    if proved.metadata["proof"]["of"] != fingerprint(chapter):
        return None
    executed = copy.deepcopy(chapter.notebook)
    executed.metadata.update(proved.metadata)
    cells = [cell for cell in proved.cells if cell.cell_type == "code"]
    for cell, done in zip(Chapter(chapter.path, executed).code, cells, strict=True):
        cell.outputs, cell.execution_count = done.outputs, done.execution_count
    return executed


def hand_over(chapters: list[Chapter]) -> Path:
    """Fill the cache that Sphinx reads with the proved chapters; return its folder.

    Raises:
        ChapterError: a chapter has no valid proof, so there is nothing that may be published.
    """
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    executed = {chapter: load(chapter) for chapter in chapters}
    unproved = [chapter.stem for chapter, notebook in executed.items() if notebook is None]
    if unproved:
        raise ChapterError(
            f"not proved as they stand now: {', '.join(unproved)}."
            " `make site` runs them first; nothing unproved is published"
        )
    place = folder() / "cache"
    shutil.rmtree(place, ignore_errors=True)
    cache = get_cache(str(place))
    for chapter, notebook in executed.items():
        bundle = CacheBundleIn(
            notebook,
            str(chapter.path),
            data={"execution_seconds": notebook.metadata["proof"]["seconds"]},
        )
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return place


def sweep(days: float = 14) -> None:
    """Remove the proofs of foundations that nobody has used for a while."""
    home = ROOT / "_build" / "proved"
    for old in home.glob("*"):
        if old != folder() and time.time() - old.stat().st_mtime > days * 86400:
            shutil.rmtree(old, ignore_errors=True)
