"""Find what a student has written: a folder, one file, or a notebook, as ``{path: text}``.

Of a notebook only imports, definitions and constants are taken, because what is judged
are functions and classes; everything else in it is left out with a remark.
"""

from __future__ import annotations

import ast
import builtins
import codecs
import errno
import io
import json
import os
import re
import stat
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.beside.salvage import salvage
from checks.model import Problem

MOST_FILES = 400
MOST_ENTRIES = 20_000  # of folders that are looked through
DEEPEST = 12
BIGGEST = {".py": 1 << 20, ".ipynb": 1 << 25}  # a notebook carries its pictures with it
MOST_REMARKS = 100
MOST_TEXT = 1 << 24  # bytes
MOST_SOURCE = 1 << 18  # characters of Python that are parsed here, in a thousand times as much
MOST_DOTS = 10_000  # among them: a.a.a takes their square
ENCODINGS = {  # those in which people write, and which are decoded as fast as they are read
    *("ascii", "utf-8", "utf-8-sig", "mac-roman", "koi8-r"),
    *(f"iso8859-{part}" for part in range(1, 17)),
    *(f"cp{page}" for page in (*range(1250, 1259), 932, 949, 950)),
    *("gb2312", "gbk", "gb18030", "big5", "euc_jp", "euc_kr", "shift_jis"),
}
GONE = (errno.ENOENT, errno.ELOOP)  # a link to nothing, which is the student's own affair

NOT_THEIRS = {"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv", "env"}
KEPT_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")  # the rest of the cell is Python


@dataclass(frozen=True)
class Files:
    """A student's files, as text.

    Args:
        texts: by posix path below ``root``; a notebook's text is the Python in it.
        root: the folder that they are in.
        remarks: what was left out, and why.
        cells: for a notebook, the line of its text at which each of its code cells starts.
    """

    texts: Mapping[str, str]
    root: str = ""
    remarks: tuple[Problem, ...] = ()
    cells: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def place(self, where: str) -> str:
        """Say "affine.ipynb, cell 5, line 3" for "affine.ipynb:57"."""
        path, _, line = where.rpartition(":")
        if path not in self.cells or not line.isdigit():
            return where
        starts = self.cells[path]
        cell = bisect_right(starts, int(line))
        return f"{path}, cell {cell}, line {int(line) - starts[cell - 1] + 1}" if cell else path


def read(path: str | os.PathLike[str]) -> Files:
    """Read a folder with everything below it, a ``.py``, or a notebook.

    Hidden folders, virtual environments and links that lead out of the folder are left
    aside. What cannot be read is a remark.

    Raises:
        FileNotFoundError: there is nothing at ``path``.
    """
    start = Path(path).resolve()
    if not start.exists():
        raise FileNotFoundError(f"there is no file or folder {os.fspath(path)}")
    if start.is_file() and start.suffix.lower() not in BIGGEST:
        why = "it is neither a folder, a .py file nor a notebook"
        return Files({}, str(start.parent), (Problem("unreadable", start.name, {"message": why}),))
    root = start if start.is_dir() else start.parent
    reader = Reader()
    for found in walk(start, BIGGEST, reader.leave) if start.is_dir() else [start]:
        reader.take(found, found.relative_to(root).as_posix())
    return reader.files(str(root))


class Reader:
    """What has been read so far, within bounds."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.remarks: list[Problem] = []
        self.cells: dict[str, tuple[int, ...]] = {}
        self.left = MOST_TEXT
        self.is_full = False

    def files(self, root: str = "") -> Files:
        """All of it."""
        return Files(self.texts, root, tuple(self.remarks), self.cells)

    def take(self, place: Path, name: str) -> None:
        """Read one file."""
        try:
            status = place.stat()
            if not stat.S_ISREG(status.st_mode):
                return self.leave(name, "it is not a regular file")
            if status.st_size > BIGGEST[place.suffix.lower()]:
                return self.leave(name, f"it has {status.st_size} bytes")
            data = place.read_bytes()
        except OSError as error:
            return self.leave(name, str(error.strerror), error)
        return self.add(name, data)

    def add(self, name: str, data: bytes) -> None:
        """Take in what a file holds."""
        is_notebook = name.lower().endswith(".ipynb")
        try:
            if is_notebook:
                text, starts, ignored = python_of(json.loads(data.decode("utf-8-sig")))
            else:
                text, starts, ignored = _decoded(data), (), []
        except (LookupError, SyntaxError, ValueError, RecursionError) as error:
            return self.leave(name, str(error)[:200])
        size = len(text.encode("utf-8", "surrogatepass"))
        if len(self.texts) >= MOST_FILES or size > self.left:
            if not self.is_full:
                self.leave(name, f"{len(self.texts)} files were read, and that is the limit")
            self.is_full = True
            return None
        self.left -= size
        self.texts[name] = text
        if is_notebook:
            self.cells[name] = starts
        if ignored:
            cells = tuple(sorted({cell for cell, _ in ignored}))
            detail = {"cells": cells, "statements": len(ignored), "source": ignored[0][1]}
            self.remark(Problem("ignored", name, detail))
        return None

    def leave(self, name: str, why: str, error: OSError | None = None) -> None:
        """Remark on a file that was not read."""
        barred = {"barred": True} if error is not None and error.errno not in GONE else {}
        self.remark(Problem("unreadable", name, {"message": why, **barred}))

    def remark(self, problem: Problem) -> None:
        """Note something, as long as there is room for it."""
        if len(self.remarks) < MOST_REMARKS:
            self.remarks.append(problem)


def walk(root: Path, suffixes: Container[str], leave: Callable[..., None]) -> Iterator[Path]:
    """Find the files with one of these endings below a folder, in a fixed order.

    Args:
        root: the folder.
        suffixes: in lower case; a file's may be in any.
        leave: is told of what is not looked into: its name, why, and the system's error.
    """
    seen = 0

    def missed(error: OSError) -> None:
        name = Path(str(error.filename)).relative_to(root).as_posix()
        leave(name, str(error.strerror), error)

    for folder, folders, names in os.walk(root, onerror=missed, followlinks=False):
        here = Path(folder)
        deep = len(here.relative_to(root).parts) >= DEEPEST
        folders[:] = [] if deep else sorted(name for name in folders if _is_theirs(here / name))
        for name in sorted(names):
            place = here / name
            if place.suffix.lower() not in suffixes or name.startswith("."):
                continue
            if place.is_symlink() and not place.resolve().is_relative_to(root):
                leave(place.relative_to(root).as_posix(), "it is a link out of the folder")
                continue
            yield place
        seen += len(folders) + len(names)
        if seen > MOST_ENTRIES:
            leave(".", f"more than {MOST_ENTRIES} files and folders; the rest was not read")
            return


def _is_theirs(folder: Path) -> bool:
    left = folder.is_symlink() or os.path.exists(folder / "pyvenv.cfg")
    return is_seen(folder.name) and not left


def is_seen(name: str) -> bool:
    """Whether a folder of this name is looked into."""
    return not name.startswith(".") and name not in NOT_THEIRS


def _decoded(data: bytes) -> str:
    """A Python file as text, by the encoding that it declares."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as some consoles write it
        data = data.decode("utf-16").encode()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise SyntaxError(f"{error.msg}; save it as UTF-8") from None
    if codecs.lookup(encoding).name not in ENCODINGS:
        raise SyntaxError(f"its encoding is {encoding}, and utf-8 is asked for")
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


# Notebooks


def python_of(notebook: Any) -> tuple[str, tuple[int, ...], list[tuple[int, str]]]:
    """Take the Python that defines something out of a notebook.

    Args:
        notebook: what ``json`` makes of the file.

    Returns:
        The text; the line at which each code cell starts in it; and, for each statement
        that was left out, the number of its cell and its first line. A line that was
        left out is empty, so that the others keep their places.
    """
    lines: list[str] = []
    starts: list[int] = []
    ignored: list[tuple[int, str]] = []
    known = set(dir(builtins))
    written: set[str] = set()
    cells = list(_code_cells(notebook))
    insist_on_little("".join(cells))
    for number, source in enumerate(cells, 1):
        kept, dropped = _definitions(source, known, written)
        starts.append(len(lines) + 1)
        lines += kept
        ignored += [(number, line) for line in dropped]
    return "\n".join([*lines, ""]), tuple(starts), ignored


def insist_on_little(text: str) -> None:
    """Refuse to parse what would take more memory than there is.

    Raises:
        ValueError: it is too long, or has too many dots.
    """
    if len(text) > MOST_SOURCE:
        raise ValueError(f"it has {len(text)} characters of Python; the limit is {MOST_SOURCE}")
    if text.count(".") > MOST_DOTS:
        raise ValueError(f"it has {text.count('.')} dots; the limit is {MOST_DOTS}")


def _code_cells(notebook: Any) -> Iterator[str]:
    """The source of each code cell; ValueError for what is not a notebook."""
    if not isinstance(notebook, dict):
        raise ValueError("it is not a notebook")
    sheets = notebook.get("worksheets", [notebook])
    try:
        for cell in [cell for sheet in sheets for cell in sheet["cells"]]:
            source = cell.get("source", cell.get("input", ""))
            if cell["cell_type"] == "code":
                yield source if isinstance(source, str) else "".join(source)
    except (AttributeError, KeyError, TypeError):
        raise ValueError("it is not a notebook") from None


def _definitions(source: str, known: set[str], written: set[str]) -> tuple[list[str], list[str]]:
    """Blank whatever only does something; the lines, and the first line of each thing left out.

    ``known`` holds the names that the cells above define, and those of this cell are added;
    ``written`` those of them that are the student's own functions and classes. The book's of the
    same name, imported further down to go on with, is not what is to be judged.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    lines = source.split("\n")
    tree = _parse(source)
    dropped: list[str] = []
    if tree is None:
        lines, dropped = _without_magics(lines)
        tree = _parse("\n".join(lines))
    if tree is None:
        parsed, cuts = salvage("\n".join(lines), "")
        if parsed is None:
            return lines, dropped  # the loader says what is wrong, and where
        tree, _ = parsed
        for cut in cuts:
            written |= set(cut.names)
            if not cut.names:  # a definition that is cut stays for the loader, too
                dropped.append(lines[cut.first - 1].strip())
                lines[cut.first - 1 : cut.last] = [""] * (cut.last - cut.first + 1)
        known |= written
    for statement in tree.body:
        first = min(
            [statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))]
        )
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            written.add(statement.name)
        if isinstance(statement, ast.ImportFrom) and _replaces(statement, written):
            _blank(lines, statement, first, statement.end_lineno or first)
            if statement.names:
                lines[first - 1] = "; ".join(
                    filter(None, [lines[first - 1], ast.unparse(statement)])
                )
                known |= _bound(statement)
        elif _defines(statement, known):
            known |= _bound(statement)
        else:
            last = statement.end_lineno or first
            if not _is_of_the_book(statement):
                dropped.append(lines[first - 1].strip())
            _blank(lines, statement, first, last)
    return lines, dropped


def _blank(lines: list[str], statement: ast.stmt, first: int, last: int) -> None:
    """Empty the lines of a statement, but for others that share them."""
    encoded = [lines[i].encode() for i in (first - 1, last - 1)]
    before = encoded[0][: statement.col_offset].decode()
    after = encoded[1][statement.end_col_offset :].decode().lstrip("; ")
    for i in range(first - 1, last):
        lines[i] = ""
    lines[first - 1] = before.rstrip("; ")
    if after and not after.startswith("#"):
        lines[last - 1] = f"{lines[last - 1]}; {after}".lstrip("; ")


def _parse(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _without_magics(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Take out what IPython reads and Python does not: %magics, !commands and questions?"""
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and not first.startswith(KEPT_MAGICS):
        return [""] * len(lines), [first.strip()]
    kept: list[str] = []
    dropped: list[str] = []
    for line in lines:
        magic = re.match(r"\s*(?:[%!?]|\w[\w, ]*=\s*[%!])|.*\w\?{1,2}\s*$", line)
        if magic:
            dropped.append(line.strip())
            line = line[: len(line) - len(line.lstrip())] + "pass" if line[:1].isspace() else ""
        kept.append(line)
    return kept, dropped


def _defines(statement: ast.stmt, known: set[str]) -> bool:
    """Whether a statement only gives a meaning to a name, out of what is known."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            parts = [node for target in _targets(statement) for node in ast.walk(target)]
            if any(isinstance(part, ast.Subscript | ast.Attribute) for part in parts):
                return False  # it changes something that may not be there
            return _is_known(value, known)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            inner = [*body, *orelse, *final, *(one for each in handlers for one in each.body)]
            return all(_defines(one, known) for one in inner)
    return False


def _is_known(value: ast.expr, known: set[str]) -> bool:
    """Whether a value is there without a computation, such as ``{"sgd": sgd}`` of known names."""
    match value:
        case ast.Name(id=name):
            return name in known or "*" in known
        case ast.Lambda():
            return True
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(_is_known(part, known) for part in parts)
        case ast.Dict(keys=keys, values=values):
            named = [key for key in keys if key is not None]
            return len(named) == len(keys) and all(_is_known(p, known) for p in [*named, *values])
    return _is_literal(value)


def _targets(statement: ast.stmt) -> list[ast.expr]:
    """What an assignment assigns to."""
    match statement:
        case ast.Assign(targets=targets):
            return targets
        case ast.AnnAssign(target=target):
            return [target]
    return []


def _bound(statement: ast.stmt) -> set[str]:
    """The names to which a statement gives a meaning; "*" where it does not say which."""
    names: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.alias(name=name, asname=asname):
                names.add(asname or name.partition(".")[0])
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Try(body=body, handlers=handlers):
            inner = [*body, *(one for each in handlers for one in each.body)]
            return names.union(*map(_bound, inner))
    return names


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _replaces(statement: ast.ImportFrom, written: set[str]) -> bool:
    """Whether this imports names of the student's own from the book; they are taken out of it."""
    if (statement.module or "").split(".")[0] != "reference":
        return False
    others = [one for one in statement.names if (one.asname or one.name) not in written]
    found = len(others) < len(statement.names)
    statement.names = others
    return found


def _is_of_the_book(statement: ast.stmt) -> bool:
    """``check(NAME)`` and ``NAME = mine_or_reference(NAME)``, which the book's notebooks hold."""
    value = getattr(statement, "value", None)
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in {"check", "mine_or_reference"}
    )
