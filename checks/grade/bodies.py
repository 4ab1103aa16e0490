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

import reference
from checks.files import insist_on_little


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
    try:
        for part in ast.walk(node):
            if isinstance(part, ast.FunctionDef | ast.ClassDef):
                part.body = _without_docstring(part.body)
                part.decorator_list = []
            if isinstance(part, ast.FunctionDef):
                part.returns = None
            if isinstance(part, ast.arg):
                part.annotation = None
        text = ast.dump(node)
    except RecursionError:
        return ""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return body[1:]
    return body
