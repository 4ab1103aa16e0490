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

from book._ext.chapters import ROOT, ChapterError, chapters

HEADER = "# Generated from {sources}: edit there, then `make tangle`.\n"
_MODULE = re.compile(r"reference/[a-z_]+\.py")


def tangled() -> dict[str, str]:
    """What every tangled module should hold: ``{"reference/affine.py": text}``.

    Raises:
        ChapterError: a cell is exported to nowhere, does not parse, or defines a name twice.
    """
    cells: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    owner: dict[tuple[str, str], str] = {}
    for chapter in chapters():
        for cell, line in zip(chapter.code, chapter.lines(), strict=True):
            where = f"book/{chapter.path.name}:{line}"
            module = _module(cell.metadata, where)
            if module is None:
                continue
            into = cell.metadata.get("into")
            names = _names(cell.source, where)
            for name in (f"{into}.{name}" for name in names) if into else names:
                first = owner.setdefault((module, name), where)
                if first != where:
                    raise ChapterError(f"{where} defines {name} again, after {first}")
            parts = cells.setdefault(module, [])
            if into:
                _grow(parts, into, cell.source, where)
            else:
                parts.append(cell.source.strip("\n"))
            if chapter.stem not in sources.setdefault(module, []):
                sources[module].append(chapter.stem)
    return {
        module: HEADER.format(sources=_shown(sources[module])) + _join(parts)
        for module, parts in cells.items()
    }


def _shown(stems: list[str]) -> str:
    """The chapters of one module, on one line however many they are."""
    return f"book/{stems[0]}.md" if len(stems) == 1 else f"book/{{{','.join(stems)}}}.md"


def _grow(parts: list[str], into: str, source: str, where: str) -> None:
    """Add the functions of one cell to the class that they are parts of."""
    opening = re.compile(rf"^class {re.escape(into)}\b", re.M)
    at = next((i for i, part in enumerate(parts) if opening.search(part)), None)
    if at is None:
        raise ChapterError(f"{where}: no cell above exports `class {into}` to the same module")
    last = _parsed(parts[at], where).body[-1]
    if not isinstance(last, ast.ClassDef) or last.name != into:
        raise ChapterError(f"{where}: nothing may follow `class {into}` in the cell that begins it")
    parts[at] += "\n\n" + textwrap.indent(methods(source, into, where), "    ")


def methods(source: str, into: str, where: str) -> str:
    """The functions of an ``:into:`` cell as they stand in their class, not yet indented.

    Raises:
        ChapterError: the cell holds anything but functions under ``@part_of(into)``, or a text
            of several lines that indenting would change.
    """
    lines = source.strip("\n").split("\n")
    mark = f"part_of({into})"
    tree = _parsed("\n".join(lines), where)
    for node in reversed(tree.body):
        marks = [d for d in getattr(node, "decorator_list", ()) if ast.unparse(d) == mark]
        if not isinstance(node, ast.FunctionDef) or len(marks) != 1:
            raise ChapterError(f"{where}: a cell `:into: {into}` holds functions under @{mark}")
        del lines[marks[0].lineno - 1]
    text = "\n".join(lines).replace("\n\n\n", "\n\n")
    indented = _parsed("class _:\n" + textwrap.indent(text, "    "), where).body[0]
    if _told(_parsed(text, where).body) != _told(indented.body):
        raise ChapterError(f"{where}: indenting would change a text of several lines")
    return text


def _told(body: list[ast.stmt]) -> list[str]:
    """Functions as text that does not depend on how their docstrings are indented."""
    for node in body:
        docstring = ast.get_docstring(node)
        if docstring is not None:
            node.body[0] = ast.Expr(ast.Constant(docstring))
    return [ast.dump(node) for node in body]


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


def _module(metadata: dict[str, object], where: str) -> str | None:
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


def _names(source: str, where: str) -> list[str]:
    """The functions and classes that a cell defines at its top level."""
    body = _parsed(source, where).body
    return [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def _parsed(source: str, where: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise ChapterError(f"{where}: an exported cell is plain Python; {error}") from error


def _join(parts: list[str]) -> str:
    """Cells as one module: two blank lines around definitions, one between the rest."""
    text = ""
    for i, part in enumerate(parts):
        defines = part.startswith(("def ", "class ", "@"))
        text += ("\n\n" if defines and i else "\n" if i else "") + part + "\n"
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
