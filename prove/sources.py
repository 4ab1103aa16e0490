"""What a result stands on: one number for all code that it depends on, and for none of its prose.

Comments, layout, docstrings, statements, stubs and hints do not count, and neither does the
version of Python that reads the files.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROSE = ("statement", "stub", "hints", "minutes", "chapter")  # arguments of an Exercise

JUDGE = (  # who judges, and by what
    *("reference/*.py", "checks/beside/*.py", "checks/exercises/*.py"),
    *("checks/contract.py", "checks/gradient.py", "checks/model.py"),
    *("checks/files.py", "checks/recall.py", "checks/run.py", "checks/student.py"),
)
MISTAKES = (
    *("checks/mistakes/*.py", "checks/naming.py", "checks/patterns/*.py", "prove/mistakes.py"),
)
STANDS_ON: dict[str, tuple[str, ...]] = {
    "variants": (*JUDGE, "tests/variants/**/*.py", "prove/variants.py"),
    "mistakes": (*JUDGE, *MISTAKES),
    "mutants": (*JUDGE, "prove/mutants/*.py"),
    "kinks": (
        *(*JUDGE, "checks/verdict/*.py", "checks/mistakes/*.py", "checks/*gradient*.py"),
        *("checks/by_slopes.py", "prove/kinks/*.py", "prove/kink_counts.py"),
    ),
    "grading": (
        *(*JUDGE, "checks/grade/*.py", "checks/process.py", "tests/attacks/[cw]*.py"),
        *("checks/naming.py", "checks/patterns/*.py", "checks/mistakes/*.py", "checks/show/*.py"),
        *("tests/grade/faults.py", "prove/grading.py"),
    ),
}


def digest(part: str, root: Path = ROOT) -> str:
    """One number for all that a part's result depends on."""
    files = sorted({path for pattern in STANDS_ON[part] for path in root.glob(pattern)})
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(root).as_posix()}\n".encode())
        whole.update(_digest(path.read_text("utf-8")))
    return whole.hexdigest()[:32]


@cache
def _digest(text: str) -> bytes:
    return hashlib.sha256("".join(_said(ast.parse(text))).encode()).digest()


def _said(node: object) -> Iterator[str]:
    """A tree as text, the same on every version of Python, without its prose."""
    if isinstance(node, ast.AST):
        yield f"({type(node).__name__}"
        for field, value in ast.iter_fields(node):
            if value is None or value == [] or field in ("ctx", "kind", "type_comment"):
                continue
            yield f" {field}="
            yield from _said(_code(node, field, value))
        yield ")"
    elif isinstance(node, list):
        for each in node:
            yield from _said(each)
            yield ","
    else:
        yield repr(node)


def _code(node: ast.AST, field: str, value: object) -> object:
    """What of a field is code: no docstring, and no words that an exercise is told with."""
    if field == "body" and isinstance(value, list):
        return [each for each in value if not _is_text(each)]
    if isinstance(node, ast.JoinedStr) and isinstance(value, list):
        return [each for each in value if not _is_empty(each)]  # which 3.12 has and 3.11 has not
    if field == "keywords" and isinstance(node, ast.Call) and _name(node.func) == "Exercise":
        assert isinstance(value, Iterable)
        return [each for each in value if each.arg not in PROSE]
    return value


def _is_empty(node: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == ""


def _is_text(node: object) -> bool:
    inside = node.value if isinstance(node, ast.Expr) else None
    return isinstance(inside, ast.Constant) and isinstance(inside.value, str)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""
