"""Which of a student's files defines which function; reads them, executes nothing."""

from __future__ import annotations

import ast
import difflib
import linecache
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from types import CodeType
from typing import Any

from .salvage import Cut, parse, salvage
from .trouble import Trouble, explain_syntax

COURSE = ("layers.py", "layer_utils.py", "optim.py", "classifiers/fc_net.py", "solver.py")

DEFINED, IMPORTED = 0, 1


class Index:
    """The files, read as Python.

    Args:
        texts: ``{posix path: text}``.
        homes: for a function, the stem of the file that the book keeps it in.
        root: how file names start in tracebacks.
    """

    def __init__(self, texts: Mapping[str, str], homes: Mapping[str, str], root: str) -> None:
        self.texts = dict(texts)
        self.homes = homes
        self.root = root
        self.path_of = {self.filename(path): path for path in texts}
        self.trees: dict[str, ast.Module] = {}
        self.codes: dict[str, CodeType] = {}
        self.failed: dict[str, Trouble] = {}
        self.defined: dict[str, dict[str, tuple[int, int]]] = {}
        self.cut: dict[str, dict[str, Trouble]] = {}
        self.notes: list[Trouble] = []
        self.located: dict[str, tuple[str, tuple[str, ...]]] = {}
        for path, text in self.texts.items():
            self._parse(path, text)

    def filename(self, path: str) -> str:
        """What tracebacks call a file."""
        return f"{self.root}/{path}"

    def locate(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Choose the file that ``name`` is taken from.

        Returns:
            The path, and the paths of the other files that define it as well.
        """
        if name not in self.located:
            self.located[name] = self._chosen(name)
        return self.located[name]

    def _chosen(self, name: str) -> tuple[str, tuple[str, ...]]:
        found = [path for path in self.texts if self.kind(path, name) is not None]
        if not found:
            known = {known for names in self.defined.values() for known in names}
            close = tuple(difflib.get_close_matches(name, known, 2, 0.75))
            raise Trouble("missing", function=name, files=len(self.texts), close=close)
        best, *others = found if len(found) == 1 else self._ranked(found, name)
        if self.kind(best, name) == IMPORTED:
            return best, ()
        return best, tuple(path for path in others if self.kind(path, name) == DEFINED)

    def _ranked(self, paths: Iterable[str], name: str) -> list[str]:
        return sorted(paths, key=lambda path: self.rank(path, name))

    def rank(self, path: str, name: str) -> tuple[object, ...]:
        """Where ``path`` stands among the files that have ``name``; the least one counts.

        A definition before an import; then the file that the book names for it; a file
        of the same name (``affine.py`` for ``affine_forward``); the course's layout; the
        shortest path; a file before a notebook.
        """
        stem = PurePosixPath(path).stem
        named_after = f"{name}_".startswith(f"{stem}_") or stem.startswith(name)
        course = any(f"/{path}".endswith(f"/{tail}") for tail in COURSE)
        return (
            self.kind(path, name),
            stem != self.homes.get(name),
            not named_after,
            not course,
            path.count("/"),
            len(path),
            path.endswith(".ipynb"),
            path,
        )

    def kind(self, path: str, name: str) -> int | None:
        """DEFINED, IMPORTED or None; told by a pattern where the file is not Python."""
        if path in self.defined:
            return self.defined[path].get(name, (None, 0))[0]
        name = re.escape(name)
        pattern = rf"^\s*(?:async\s+)?(?:def|class)\s+{name}\b|^{name}\s*="
        return DEFINED if re.search(pattern, self.texts[path], re.MULTILINE) else None

    def line(self, path: str, name: str) -> str:
        """Where a file gives ``name`` its meaning, as "affine.py:12"."""
        return f"{path}:{self.defined[path][name][1]}"

    def guarded(self, path: str, line: int) -> bool:
        """Whether an import stands in a ``try`` that has an ``except``."""
        return path in self.trees and line in _guarded(self.trees[path])

    def forget(self) -> None:
        """Take the texts out of the cache that tracebacks read."""
        for path in self.texts:
            linecache.cache.pop(self.filename(path), None)

    def _parse(self, path: str, text: str) -> None:
        filename = self.filename(path)
        lines = [f"{line}\n" for line in text.split("\n")]  # splitlines knows more ends than Python
        linecache.cache[filename] = len(text), None, lines, filename
        try:
            parsed = parse(text, filename)
        except (ValueError, RecursionError, MemoryError) as failure:
            self.failed[path] = explain_syntax(failure, path)
            return
        cuts: tuple[Cut, ...] = ()
        if isinstance(parsed, SyntaxError):
            error = parsed
            rest, cuts = salvage(text, filename)
            if rest is None:
                self.failed[path] = explain_syntax(error, path, text)
                return
            parsed = rest
        tree, self.codes[path] = parsed
        self.trees[path] = tree
        self.defined[path] = _names(tree.body)
        self.cut[path] = {}
        found: list[Trouble] = []
        for cut in cuts:
            trouble = explain_syntax(cut.error, path, text)
            if not str(trouble.detail["source"]).startswith("from __future__"):
                found.append(trouble)  # the future has come: nothing is lost with that line
            for name in cut.names:
                self.cut[path][name] = trouble
                self.defined[path].setdefault(name, (DEFINED, cut.first))
        if found:
            self.notes.append(found[0].with_more(len(found) - 1))


def _names(body: Iterable[ast.stmt]) -> dict[str, tuple[int, int]]:
    """The names that a module gives a meaning: DEFINED or IMPORTED, and the line."""
    found: dict[str, tuple[int, int]] = {}
    for node in _statements(body):
        kind = DEFINED
        names: list[str] = []
        match node:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                names = [name]
            case ast.Assign(targets):
                inner = [part for target in targets for part in ast.walk(target)]
                names = [part.id for part in inner if isinstance(part, ast.Name)]
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr()):
                names = [name]
            case ast.Import(aliases) | ast.ImportFrom(names=aliases):
                kind = IMPORTED
                names = [alias.asname or alias.name for alias in aliases]
        for name in names:
            if kind == DEFINED or name not in found:
                found[name] = (kind, node.lineno)
    return found


def bound(statement: ast.stmt) -> dict[str, int]:
    """The names that one statement would have given a meaning: DEFINED or IMPORTED."""
    return {name: kind for name, (kind, _) in _names([statement]).items() if name != "*"}


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module's own level, those under if, try, with and for included."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for child in ast.iter_child_nodes(node):
                inner: list[Any] = [child]
                if isinstance(child, ast.ExceptHandler | ast.match_case):
                    inner = list(child.body)
                yield from _statements(one for one in inner if isinstance(one, ast.stmt))


def _guarded(tree: ast.AST) -> set[int]:
    return {
        inner.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and node.handlers
        for statement in node.body
        for inner in ast.walk(statement)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }
