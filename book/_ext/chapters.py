"""Read the chapters: Jupytext MyST notebooks, in the book's order."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jupytext
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"

_FENCE = re.compile(r"^(`{3,}|:{3,})\{code-cell\}.*", re.M)
_TOCTREE = re.compile(r"^(`{3,}|:{3,})\{toctree\}[^\n]*\n(.*?)^\1", re.M | re.S)
_TRAINS = re.compile(r"\bload_images\(")


class ChapterError(Exception):
    """A chapter that cannot be used as it stands; the message says where and what to do."""


@dataclass(frozen=True, eq=False)
class Chapter:
    """One chapter: its file, the cells of it, and the text that they were read from."""

    path: Path
    notebook: NotebookNode
    text: str = ""

    @property
    def stem(self) -> str:
        return self.path.stem

    @property
    def code(self) -> list[NotebookNode]:
        """The code cells, in order."""
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    @property
    def trains(self) -> bool:
        """Whether its cells run on the images that DATA names."""
        return any(_TRAINS.search(cell.source) for cell in self.code)

    def lines(self) -> list[int]:
        """The line of the chapter (from 1) on which each code cell's source starts."""
        found, at = [], 0
        for cell in self.code:
            fence = _FENCE.search(self.text, at)
            at = self.text.find(f"\n{cell.source}", fence.end() if fence else at) + 1
            found.append(self.text.count("\n", 0, at) + 1)
            at += len(cell.source)
        return found


def exported(source: str, options: Mapping[str, object]) -> list[str]:
    """The functions and classes that a cell exports, such as ``Solver`` or ``Solver.train``."""
    tags = options.get("tags", ())
    if not isinstance(tags, list | tuple) or "export" not in tags:
        return []
    owner = f"{options['into']}." if "into" in options else ""
    body = ast.parse(source).body
    return [owner + n.name for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)]


def asked_for(names: list[str], asked: set[str]) -> list[str]:
    """Those of the exported names that a reader was asked to write, or that are parts of such."""
    return [name for name in names if name.split(".")[0] in asked]


def is_chapter(path: Path) -> bool:
    """Whether a file is a page of the book that has cells to run."""
    return path.suffix == ".md" and path.read_text("utf-8").startswith("---\njupytext:")


def read(path: Path, text: str | None = None) -> Chapter:
    """One chapter, read by Jupytext; with a text, as it would be if the file held that."""
    text = path.read_text("utf-8") if text is None else text
    return Chapter(path, jupytext.reads(text, fmt="md:myst"), text)


def order() -> list[str]:
    """The stems of the book's pages as ``index.md`` lists them, index first."""
    index = (BOOK / "index.md").read_text("utf-8")
    rows = "\n".join(body for _, body in _TOCTREE.findall(index)).splitlines()
    return ["index", *(row.strip() for row in rows if row.strip() and not row.startswith(":"))]


def parts() -> dict[str, list[str]]:
    """The stems of the book's pages by the caption of their toctree; ``index`` has none."""
    found = {"": ["index"]}
    for _, body in _TOCTREE.findall((BOOK / "index.md").read_text("utf-8")):
        rows = [row.strip() for row in body.splitlines() if row.strip()]
        caption = next((row[9:].strip() for row in rows if row.startswith(":caption:")), "")
        found.setdefault(caption, []).extend(row for row in rows if not row.startswith(":"))
    return found


def chapters() -> list[Chapter]:
    """All chapters, in the book's order. (A page that is listed but not there stops Sphinx.)

    Raises:
        ChapterError: a chapter is in no table of contents, so it has no place in the order.
    """
    listed = order()
    for path in sorted(BOOK.glob("*.md")):
        if path.stem not in listed:
            raise ChapterError(f"book/{path.name} is in no toctree of book/index.md: add it there")
    pages = [BOOK / f"{stem}.md" for stem in listed]
    return [read(page) for page in pages if page.exists() and is_chapter(page)]
