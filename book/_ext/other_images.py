"""The book on other images: what changes where DATA names some that it was not written about.

A training chapter is one that calls ``load_images()``. On other images what it prints is not
compared, its asserts are told and not enforced, and its page and notebook say so at the top.
Proofs, site and notebooks lie apart from the book's own.
"""

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

from book._ext import not_asserted
from book._ext.chapters import BOOK, Chapter, ChapterError, is_chapter, read
from reference.data import load_images
from reference.data.chosen import DEFAULT, chosen
from reference.data.splits import SPLITS

if TYPE_CHECKING:
    from sphinx.application import Sphinx

TITLE = "Other images than the text speaks of"
TEXT = (
    "The cells were run on {images}. The text, the numbers in it and the descriptions of its "
    "pictures speak of Fashion-MNIST. What the book asserts about those is not enforced here: "
    "below such a cell stand the words “not asserted”, the claim, and what was measured."
)
ALT = "Drawn from {name}. Of Fashion-MNIST the book says: {alt}"
NOTEBOOK = (
    "> **{title}.** {text} To run the cells on the same images, start Jupyter with {setting} in "
    "its environment; without, `load_images()` gives Fashion-MNIST."
)


def other() -> str | None:
    """The name of the images, where DATA names any but the book's own.

    Raises:
        ChapterError: DATA or DATA_PATH names nothing.
    """
    try:
        name, _ = chosen()
    except ValueError as error:
        raise ChapterError(str(error)) from None
    return None if name == DEFAULT else name


def concerns(chapter: Chapter) -> bool:
    """Whether a chapter is run on images that it was not written about."""
    return chapter.trains and other() is not None


def suffix() -> str:
    """What the names of folders end in, so that they lie apart: nothing for the book's own."""
    return f"-{other()}" if other() else ""


def identity() -> str:
    """What tells these images from others: nothing for the book's own, else name and content."""
    if other() is None:
        return ""
    name, path = chosen()
    return f"{name} {_hash(path, path.stat().st_mtime_ns)}" if path else name


@cache
def _hash(path: Path, _: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def described() -> str:
    """The images in words, loaded once: a download happens here, before any chapter runs.

    Raises:
        ChapterError: they cannot be had.
    """
    try:
        data = load_images()
        name, path = chosen()
    except (OSError, ValueError, ImportError) as error:
        raise ChapterError(str(error)) from None
    train, val, test = (f"{len(data[f'y_{split}']):,}" for split in SPLITS)
    source = f" from {path.name}" if path else ""
    return f"{name}{source}: {train} images for training, {val} for validation, {test} for the test"


def prepare() -> None:
    """Make DATA_PATH the same file for whoever works in another folder, and load it once."""
    if other() is None:
        return
    _, path = chosen()
    if path:
        os.environ["DATA_PATH"] = str(path.absolute())
    described()


def first_cell() -> str:
    """What a kernel runs before the cells of a training chapter."""
    return Path(not_asserted.__file__).read_text("utf-8")


def note() -> str:
    """The banner of a notebook, as Markdown."""
    name, path = chosen()
    setting = f"`DATA={name}`" + (f" and `DATA_PATH=` the place of {path.name}" if path else "")
    text = TEXT.format(images=described())
    return NOTEBOOK.format(title=TITLE, text=text, setting=setting)


def add_banner(app: "Sphinx", doctree: nodes.document) -> None:
    """Say at the top of a training chapter, and in its pictures, what it was run on."""
    page = BOOK / f"{app.env.current_document.docname}.md"
    if not is_chapter(page) or not concerns(read(page)):
        return
    box = nodes.admonition(classes=["warning", "other-images"])
    box += nodes.title("", TITLE)
    box += nodes.paragraph("", TEXT.format(images=described()))
    title = next(iter(doctree.findall(nodes.title)))
    title.parent.insert(title.parent.index(title) + 1, box)
    for image in doctree.findall(nodes.image):
        if image.get("alt"):
            image["alt"] = ALT.format(name=other(), alt=image["alt"])


def setup(app: "Sphinx") -> dict[str, bool]:
    """Read all pages again when the images are others."""
    app.add_config_value("book_images", identity(), "env", str)
    app.connect("doctree-read", add_banner, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
