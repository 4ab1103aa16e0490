"""Tangle the chapters into ``reference/``, and say when the two differ.

A code cell with the tag ``export`` and an option ``:module: reference/x.py`` is the one source
of that code. A long class grows by parts: a cell with ``:into: Solver`` holds functions under
``@part_of(Solver)``, which become methods of that class. ``python -m book._ext.tangle`` writes the
modules; with ``--check`` nothing is written, and the exit code is 1 when a module is not what its
chapters say.
"""

import argparse
import ast
import difflib
import os
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from book._ext.chapters import ROOT, Chapter, ChapterError, chapters

HEADER = "# Generated from {sources}: edit there, then `make tangle`.\n"
_MODULE = re.compile(r"reference/[a-z_]+\.py")
_ACCESSORS = {"setter", "getter", "deleter"}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, eq=False)
class Export:
    """A cell that is exported: where it stands, and where it goes."""

    chapter: Chapter
    number: int  # among the code cells of its chapter
    line: int
    module: str
    into: str
    source: str

    @property
    def page(self) -> str:
        return f"book/{self.chapter.path.name}"

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def exports(pages: list[Chapter] | None = None) -> dict[str, list[Export]]:
    """The exported cells of each module, in the book's order.

    Raises:
        ChapterError: a cell is exported to nowhere, or does not parse.
    """
    found: dict[str, list[Export]] = {}
    for chapter in chapters() if pages is None else pages:
        cells = zip(chapter.code, chapter.lines(), strict=True)
        for number, (cell, line) in enumerate(cells):
            module = _module(cell.metadata, f"book/{chapter.path.name}:{line}")
            if module is not None:
                into = str(cell.metadata.get("into", ""))
                source = cell.source.strip("\n")
                line += cell.source.index(source)
                one = Export(chapter, number, line, module, into, source)
                parsed(one.source, one.where)
                found.setdefault(module, []).append(one)
    return found


def tangled(pages: list[Chapter] | None = None) -> dict[str, str]:
    """What every tangled module should hold: ``{"reference/affine.py": text}``.

    Raises:
        ChapterError: a cell cannot be exported as it stands; the message says why.
    """
    modules = {}
    for module, cells in exports(pages).items():
        _refuse_second_definitions(cells)
        parts: list[str] = []
        for cell in cells:
            if cell.into:
                _grow(parts, cell)
            else:
                parts.append(cell.source)
        stems = list(dict.fromkeys(cell.chapter.stem for cell in cells))
        modules[module] = HEADER.format(sources=_shown(stems)) + _join(parts)
    return modules


def _shown(stems: list[str]) -> str:
    """The chapters of one module, on one line however many they are."""
    return f"book/{stems[0]}.md" if len(stems) == 1 else f"book/{{{','.join(stems)}}}.md"


def _refuse_second_definitions(cells: list[Export]) -> None:
    """A name is defined once in a module, and a method once in its class."""
    first: dict[str, str] = {}
    for cell in cells:
        for node in parsed(cell.source, cell.where).body:
            if not isinstance(node, Definition):
                continue
            name = f"{cell.into}.{node.name}" if cell.into else node.name
            if name in first and not _is_accessor(node):
                raise ChapterError(f"{cell.where} defines {name} again, after {first[name]}")
            first[name] = cell.where
            if isinstance(node, ast.ClassDef):
                methods = [part for part in node.body if isinstance(part, Definition)]
                first.update((f"{name}.{part.name}", cell.where) for part in methods)


def _is_accessor(node: Definition) -> bool:
    """Whether this is the second half of a property, such as ``@rate.setter``."""
    marks = [mark for mark in node.decorator_list if isinstance(mark, ast.Attribute)]
    return any(mark.attr in _ACCESSORS and ast.unparse(mark.value) == node.name for mark in marks)


def _grow(parts: list[str], cell: Export) -> None:
    """Add the functions of one cell to the class that they are parts of."""
    into, where = cell.into, cell.where
    bodies = [parsed(part, where).body for part in parts]
    found = [
        (at, node, node is body[-1])
        for at, body in enumerate(bodies)
        for node in body
        if isinstance(node, ast.ClassDef) and node.name == into
    ]
    if not found:
        raise ChapterError(f"{where}: no cell above exports `class {into}` to {cell.module}")
    at, opened, last = found[0]
    after = parts[at].split("\n")[opened.end_lineno :]
    if not last or any(row[:1].strip() for row in after):
        raise ChapterError(f"{where}: nothing may follow `class {into}` in the cell that begins it")
    parts[at] += "\n\n" + methods(cell)


def methods(cell: Export) -> str:
    """The functions of an ``:into:`` cell as they stand in their class.

    Raises:
        ChapterError: the cell holds anything but functions under ``@part_of``, or a text of
            several lines that indenting would change.
    """
    rows: list[str | None] = list(cell.source.split("\n"))
    tree = parsed(cell.source, cell.where)
    if not tree.body:
        raise ChapterError(f"{cell.where}: a cell `:into: {cell.into}` without a function")
    for node in tree.body:
        mark = _mark(node, cell)
        rows[mark.lineno - 1 : mark.end_lineno] = [None] * (mark.end_lineno - mark.lineno + 1)
        node.decorator_list.remove(mark)
    inside = {row for node in tree.body for row in range(node.lineno - 1, node.end_lineno)}
    kept: list[str] = []
    for number, row in enumerate(rows):
        second_blank = row == "" and kept[-1:] == [""] and number not in inside
        if row is not None and not second_blank:
            kept.append(row)
    text = textwrap.indent("\n".join(kept), "    ")
    grown = parsed("class _:\n" + text, cell.where).body[0]
    if not isinstance(grown, ast.ClassDef) or _told(tree.body) != _told(grown.body):
        raise ChapterError(f"{cell.where}: indenting would change a text of several lines")
    return text


def _mark(node: ast.stmt, cell: Export) -> ast.expr:
    """The decorator ``@part_of(...)`` of a function, or a sentence about what stands there."""
    mark = f"@part_of({cell.into})"
    if not isinstance(node, ast.FunctionDef):
        what = ast.unparse(node).split("\n")[0]
        raise ChapterError(
            f"{cell.where}: a cell `:into: {cell.into}` holds functions under {mark} and nothing"
            f" else; found `{what}`"
        )
    marks = [f"@{ast.unparse(one)}" for one in node.decorator_list]
    found = [one for one in marks if one.startswith("@part_of(")]
    if not found:
        raise ChapterError(
            f"{cell.where}: {node.name} in a cell `:into: {cell.into}` has no {mark}"
        )
    if found != [mark]:
        raise ChapterError(
            f"{cell.where}: {node.name} is under {' and '.join(found)},"
            f" and its cell is `:into: {cell.into}`"
        )
    if marks[0] != mark:
        raise ChapterError(
            f"{cell.where}: {mark} is to stand above the other decorators of {node.name};"
            " below one, the class would not get what that makes of it"
        )
    return node.decorator_list[0]


def _told(body: list[ast.stmt]) -> list[str]:
    """Functions as text that does not depend on how their docstrings are indented."""
    for node in _definitions(body):
        docstring = ast.get_docstring(node)
        if docstring is not None:
            node.body[0] = ast.Expr(ast.Constant(docstring))
    return [ast.dump(node) for node in body]


def _definitions(body: list[ast.stmt]) -> Iterator[Definition]:
    """All functions and classes in there, however deep."""
    for node in body:
        yield from (one for one in ast.walk(node) if isinstance(one, Definition))


def stale() -> dict[str, str]:
    """The modules that differ from their chapters: ``{path: what to say}``."""
    want = tangled()
    found = {}
    for module, text in want.items():
        path = ROOT / module
        have = path.read_text("utf-8") if path.exists() else ""
        if have != text:
            found[module] = "".join(
                difflib.unified_diff(
                    have.splitlines(keepends=True),
                    text.splitlines(keepends=True),
                    f"{module} (as it is)",
                    f"{module} (as the chapters say)",
                )
            )
    for path in sorted((ROOT / "reference").glob("*.py")):
        module = path.relative_to(ROOT).as_posix()
        if module not in want and path.read_text("utf-8").startswith(HEADER.split("{")[0]):
            found[module] = f"{module} is generated, but no chapter exports to it\n"
    return found


def write() -> list[str]:
    """Write every module that is not what its chapters say; return what was written."""
    want = tangled()
    written = []
    for module in stale():
        path = ROOT / module
        if module not in want:
            path.unlink()
        else:
            draft = path.with_suffix(".tangling")
            draft.write_text(want[module], "utf-8")
            os.replace(draft, path)
        written.append(module)
    return written


def _module(metadata: Mapping[str, object], where: str) -> str | None:
    """The module that a cell is exported to, or None."""
    module = metadata.get("module")
    tags = metadata.get("tags", [])
    exported = isinstance(tags, list) and "export" in tags
    if not exported and module is None and "into" not in metadata:
        return None
    if not exported or not isinstance(module, str) or not _MODULE.fullmatch(module):
        raise ChapterError(
            f"{where}: an exported cell has both `:tags: [export]` and `:module: reference/x.py`;"
            f" found tags {tags} and module {module}"
        )
    return module


def parsed(source: str, where: str) -> ast.Module:
    """The syntax tree of an exported cell."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise ChapterError(f"{where}: an exported cell is plain Python; {error}") from error


def _join(parts: list[str]) -> str:
    """Cells as one module: two blank lines around definitions, one between the rest."""
    text, defines = "", False
    for number, part in enumerate(parts):
        body = ast.parse(part).body
        begins = bool(body) and isinstance(body[0], Definition)
        apart = "\n\n" if begins or defines else "\n"
        text += (apart if number else "") + part + "\n"
        defines = bool(body) and isinstance(body[-1], Definition)
    return text


def main(arguments: list[str] | None = None) -> int:
    """Write or check the tangled modules; the exit code of the command."""
    parser = argparse.ArgumentParser(prog="python -m book._ext.tangle", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            found = stale()
            for module, why in found.items():
                print(f"{module} is not what the chapters say (`make tangle` writes it):\n{why}")
            return 1 if found else 0
        for module in write():
            print(f"wrote {module}")
    except ChapterError as error:
        print(f"tangle: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
