"""Names that could be taken for one another: what they hold has the same shape.

Which these are is seen, not guessed: the checks are run once on the book's own code, and
every call of it is looked at when it returns.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from types import CodeType, FrameType
from typing import Any

import numpy as np

import reference
from checks.exercises import by_name
from checks.run import run
from checks.student import InProcess

Kinds = dict[str, object]


def other_names(statement: ast.stmt, function: str) -> Iterator[tuple[str, ast.AST, str, object]]:
    """Other names of the same shape that could be read in a statement."""
    inside = [node for node in _own_nodes(statement) if hasattr(node, "ctx")]
    for node in inside:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            for other in _alike(function, node.id, statement.lineno):
                yield "wrong name", node, "id", other
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
            for other in _attributes_like(function, node.attr):
                yield "wrong name", node, "attr", other


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement, without the statements inside it."""
    queue: list[ast.AST] = [statement]
    while queue:
        node = queue.pop(0)
        yield node
        queue += [one for one in ast.iter_child_nodes(node) if not isinstance(one, ast.stmt)]


def _alike(function: str, name: str, line: int) -> list[str]:
    """The names that were bound before this line and always held what is of the same shape."""
    seen = [kinds for kinds, first in _seen(function) if name in kinds and first <= line]
    seen = [kinds for kinds in seen if name in kinds]
    others = dict.fromkeys(one for kinds in seen for one in kinds if one != name)
    bound = _bound(function)
    return [
        other
        for other in others
        if bound.get(other, line) < line
        and all(kinds.get(other) == kinds[name] is not None for kinds in seen)
    ]


def _attributes_like(function: str, name: str) -> list[str]:
    """The next attribute of the object that always held the same kind of thing."""
    seen = [kinds for kinds, _ in _seen(function) if f"self.{name}" in kinds]
    if not seen or seen[-1][f"self.{name}"] is None:
        return []
    kind = seen[-1][f"self.{name}"]
    known = [one[5:] for one in seen[-1] if one.startswith("self.") and seen[-1][one] == kind]
    return [known[(known.index(name) + 1) % len(known)]] if len(known) > 1 else []


@cache
def _bound(function: str) -> dict[str, int]:
    """The line on which each name is first given a value, counted in the text of the function."""
    lines: dict[str, int] = {}
    tree = ast.parse(inspect.getsource(getattr(reference, function)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            lines[node.id] = min(lines.get(node.id, node.lineno), node.lineno)
        if isinstance(node, ast.arg):
            lines[node.arg] = 0
    return lines


@cache
def _seen(function: str) -> list[tuple[Kinds, int]]:
    """What each name held when a call returned, and the line on which that function begins."""
    code = getattr(reference, function)
    first = inspect.getsourcelines(code)[1]
    file = inspect.getsourcefile(code)
    last = first + len(inspect.getsourcelines(code)[0])
    seen: list[tuple[Kinds, int]] = []

    def look(frame: FrameType, event: str, arg: Any) -> None:
        inside: CodeType = frame.f_code
        begins = inside.co_firstlineno
        if event == "return" and inside.co_filename == file and first <= begins < last:
            seen.append((_kinds(frame.f_locals), begins - first))

    sys.setprofile(look)
    try:
        right = {name: getattr(reference, name) for name in reference.__all__}
        run([by_name(function)], InProcess(right), 1)
    finally:
        sys.setprofile(None)
    return seen


def _kinds(names: dict[str, Any]) -> Kinds:
    found = {name: _kind(value) for name, value in names.items()}
    if "self" in names:
        found |= {f"self.{name}": _kind(value) for name, value in vars(names["self"]).items()}
    return found


def _kind(value: object) -> object:
    """What makes two values interchangeable; None for what is like nothing else."""
    if isinstance(value, bool | str):
        return type(value).__name__
    if isinstance(value, int | float | np.number):
        return "number"
    if isinstance(value, np.ndarray) and value.ndim:
        return value.shape
    return "list" if isinstance(value, list) else None
