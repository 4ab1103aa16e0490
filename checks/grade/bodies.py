"""Which functions share a body: information for the instructor, never an accusation.

Two functions are alike if their syntax trees are, docstrings and annotations aside. A
function of three lines is often alike by itself, so the page says how many share it.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import textwrap
import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import reference
from checks.files import insist_on_little

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ASIDE = {"ctx", "kind", "type_comment", "type_params", "decorator_list", "returns"}


def parsed(texts: Mapping[str, str]) -> tuple[dict[str, ast.Module], dict[str, Exception]]:
    """The files that are Python, as trees, and why the others are not."""
    trees: dict[str, ast.Module] = {}
    errors: dict[str, Exception] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, text in texts.items():
            try:
                insist_on_little(text)
            except ValueError:
                continue
            try:
                trees[path] = ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                errors[path] = error
    return trees, errors


def bodies(trees: Iterable[ast.Module], names: frozenset[str]) -> dict[str, str]:
    """A short hash of each of these functions and classes that a submission defines."""
    found: dict[str, str] = {}
    for tree in trees:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names:
                found[node.name] = _hash(node)
    return found


@cache
def of_the_book(name: str) -> str:
    """The same hash of the book's own; empty where it has none."""
    own = getattr(reference, name, None)
    if own is None:
        return ""
    return _hash(ast.parse(textwrap.dedent(inspect.getsource(own))).body[0])


def _hash(node: ast.stmt) -> str:
    return hashlib.sha256(_told(node).encode()).hexdigest()[:12]


def _told(root: ast.stmt) -> str:
    """A syntax tree in one line, the same from every Python, row by row of the tree.

    ``ast.dump`` is another text in each version: fields are added, and defaults left out.
    """
    parts: list[str] = []
    row: list[object] = [root]
    for node in row:  # which grows meanwhile
        if not isinstance(node, ast.AST):
            parts.append(ascii(node))
            continue
        kind = type(node).__name__
        parts.append(kind)
        for name in _fields(kind):
            value: Any = getattr(node, name, None)
            if name == "body" and isinstance(node, DEFINITIONS):
                value = _without_docstring(value)
            elif name == "values" and isinstance(node, ast.JoinedStr):  # 3.12 adds empty texts
                value = [one for one in value if getattr(one, "value", None) != ""]
            if isinstance(value, ast.AST):
                parts.append(name)
                row.append(value)
            elif isinstance(value, list):
                parts += [name, str(len(value))] if value else []
                row += value
            elif value is not None:
                parts += [name, hex(value) if type(value) is int else ascii(value)]
    return " ".join(parts)


@cache
def _fields(kind: str) -> tuple[str, ...]:
    """The fields of a node that tell two bodies apart, in an order of our own."""
    aside = {*ASIDE, "annotation"} if kind == "arg" else ASIDE
    return tuple(sorted(set(getattr(ast, kind)._fields) - aside))


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return body[1:]
    return body
