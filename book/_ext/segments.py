"""Cut a module or a cell into what can be moved alone: definitions, and what stands between.

A definition begins at the comment that stands directly above it and ends with its last indented
line. A class that grows by parts is cut open: its head, up to the first method, then each method.
Everything else, imports, constants and free comments, belongs to no name.
"""

import ast
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from book._ext.tangle import Definition


@dataclass(frozen=True)
class Segment:
    """Some lines of a text, from ``start`` up to but not including ``end``, counted from 0.

    Args:
        name: ``sgd``, ``class Solver`` for a head, ``Solver.train`` for a method; "" for lines
            that no name owns. A second ``Solver.rate`` is ``Solver.rate#2``.
        inside: the class that was cut open around it, or "".
    """

    name: str
    inside: str
    start: int
    end: int


def segments(text: str, grown: set[str], into: str = "") -> list[Segment]:
    """Cut a text, which parses, with the classes ``grown`` cut open.

    ``into`` is the class whose methods stand at the top level of an ``:into:`` cell.
    """
    rows = text.split("\n")
    seen: Counter[str] = Counter()
    found = []
    for name, inside, start, end in _cut(ast.parse(text).body, rows, 0, len(rows), grown, into):
        while start < end and not rows[start].strip():
            start += 1
        while start < end and not rows[end - 1].strip():
            end -= 1
        if start < end:
            seen[name] += 1
            again = f"#{seen[name]}" if name and seen[name] > 1 else ""
            found.append(Segment(name + again, inside, start, end))
    return found


def _cut(
    body: list[ast.stmt], rows: list[str], at: int, end: int, grown: set[str], inside: str
) -> Iterator[tuple[str, str, int, int]]:
    """The segments of a body that takes up the rows from ``at`` to ``end``, blank rows and all."""
    owner = f"{inside}." if inside else ""
    free = at  # the first row that no statement above takes up
    for node in body:
        if not isinstance(node, Definition):
            free = node.end_lineno or 0
            continue
        start = min([node.lineno, *(mark.lineno for mark in node.decorator_list)]) - 1
        while (
            start > free and _indent(rows[start - 1]) == node.col_offset and _is_note(rows, start)
        ):
            start -= 1
        stop = free = _end(rows, node.end_lineno or 0, end, node.col_offset)
        yield "", inside, at, start
        at = stop
        if isinstance(node, ast.ClassDef) and node.name in grown and not inside:
            yield from _opened(node, rows, start, stop)
        else:
            yield owner + node.name, inside, start, stop
    yield "", inside, at, end


def _opened(
    node: ast.ClassDef, rows: list[str], start: int, stop: int
) -> Iterator[tuple[str, str, int, int]]:
    """The head of a class, then its methods and what stands between them."""
    parts = _cut(node.body, rows, start, stop, set(), node.name)
    _, _, _, head = next(parts)
    yield f"class {node.name}", node.name, start, head
    yield from parts


def _end(rows: list[str], at: int, end: int, column: int) -> int:
    """Where a definition ends that ends at ``at`` by its statements: indented comments follow."""
    for row in range(at, end):
        if rows[row].strip() and _indent(rows[row]) <= column:
            break
        if rows[row].strip():
            at = row + 1
    return at


def _is_note(rows: list[str], before: int) -> bool:
    return rows[before - 1].lstrip().startswith("#")


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())


def as_part(rows: list[str]) -> list[str]:
    """Rows of an ``:into:`` cell as they stand in the class: indented, ``@part_of`` gone."""
    for node in ast.parse("\n".join(rows)).body:
        if isinstance(node, Definition):
            mark = node.decorator_list[0]  # the tangle has seen to it
            rows = rows[: mark.lineno - 1] + rows[mark.end_lineno :]
    return textwrap.indent("\n".join(rows), "    ").split("\n")


def from_part(rows: list[str], into: str) -> list[str]:
    """Rows of a class as they stand in an ``:into:`` cell: ``@part_of`` before the first mark.

    Raises:
        SyntaxError: the rows cannot stand alone, since some are not indented.
    """
    rows = [row.removeprefix("    ") for row in rows]
    for node in ast.parse("\n".join(rows)).body:
        if isinstance(node, Definition):
            at = min([node.lineno, *(mark.lineno for mark in node.decorator_list)]) - 1
            rows = [*rows[:at], f"@part_of({into})", *rows[at:]]
    return rows
