"""Make the mutants of one function or class of the book: every operator at every node."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import reference
from prove.mutants.names import other_names
from prove.mutants.operators import OPERATORS, changed

HELPERS = {"Solver": ("_rule", "_checked")}  # functions of its module that are a part of it
LEFT_OUT = {  # methods that no exercise asks for; the project's own tests hold them
    "Solver": ("_epoch_line", "_check_place", "_terms", "save", "resume"),
}
GONE = "(left out)"

Body = list[ast.stmt]


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    Args:
        function: the name of the contract that is changed.
        operator: the kind of change.
        old, new: the line before and after it.
        number: tells apart those of which all of this is the same.
        text: of the whole function or class, changed.
        part: the helper that was changed, where it is not the function itself.
    """

    function: str
    operator: str
    old: str
    new: str
    number: int
    text: str
    part: str

    @property
    def name(self) -> str:
        """What the committed files call it; it does not change with the lines around."""
        more = f" ({self.number})" if self.number else ""
        return f"{self.function}: {self.old} -> {self.new}{more}"

    def code(self) -> Any:
        """The function or class itself, with the rest of its module as it is."""
        space = dict(vars(module_of(self.function)))
        exec(compile(self.text, f"<{self.name}>", "exec"), space)
        if self.part != self.function:  # the class finds its helper in what it was defined in
            exec(source_of(self.function, self.function), space)
        return space[self.function]


def module_of(function: str) -> Any:
    """The module of the book that a name is in."""
    return importlib.import_module(getattr(reference, function).__module__)


def source_of(function: str, part: str) -> str:
    """The text of a function, class or helper."""
    return textwrap.dedent(inspect.getsource(getattr(module_of(function), part)))


def mutants_of(function: str) -> list[Mutant]:
    """Every mutant of one name of the contract, each text once."""
    parts = (function, *HELPERS.get(function, ()))
    return [mutant for part in parts for mutant in _of_part(function, part)]


def _of_part(function: str, part: str) -> list[Mutant]:
    tree = ast.parse(source_of(function, part))
    _without_docstrings(tree)
    known, counted, found = {ast.unparse(tree)}, dict[tuple[str, str], int](), []
    for operator, old, body, i in _changes(tree, function, part):
        text = ast.unparse(tree)
        if text in known or not _compiles(text):
            continue
        known.add(text)
        pair = (old, _head(body[i]))
        number = counted[pair] = counted.get(pair, -1) + 1
        found.append(Mutant(function, operator, *pair, number, text, part))
    return found


def _changes(tree: ast.Module, function: str, part: str) -> Iterator[tuple[str, str, Body, int]]:
    """Change the tree, one change at a time; it is as it was when this goes on.

    Yields the operator, the line as it was, and where the changed statement stands.
    """
    for statement, body, i in list(_statements(tree, LEFT_OUT.get(function, ()))):
        old = _head(statement)
        for operator in _in_turn(statement, body, i):
            yield operator, old, body, i
        names = list(other_names(statement, function)) if part == function else []
        for operator, node, field, value in [*_texts(statement), *names]:
            before = getattr(node, field)
            setattr(node, field, value)
            yield operator, old, body, i
            setattr(node, field, before)


def _in_turn(statement: ast.stmt, body: Body, i: int) -> Iterator[str]:
    """Put the statement as each operator makes it, then each node in it."""
    others = [(name, other) for name, make in OPERATORS.items() for other in make(statement)]
    if _can_go(statement, body, i):
        others.append(("stale state", ast.Pass()))
    for name, other in others:
        body[i] = ast.fix_missing_locations(other)  # type: ignore[call-overload]
        yield name
        body[i] = statement
    for parent, field, at, node in list(_places(statement)):
        for name, make in OPERATORS.items():
            for other in make(node):
                _put(parent, field, at, other)
                yield name
                _put(parent, field, at, node)


def _put(parent: ast.AST, field: str, at: int | None, node: ast.AST) -> None:
    """Hang a node where another one hung."""
    if at is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[at] = node


def _statements(tree: ast.AST, left_out: tuple[str, ...]) -> Iterator[tuple[ast.stmt, Body, int]]:
    """Every statement that can be changed, with the list that it stands in."""
    for field in ("body", "orelse"):
        body = getattr(tree, field, [])
        for i, statement in enumerate(body if isinstance(body, list) else ()):
            if isinstance(statement, ast.FunctionDef) and statement.name in left_out:
                continue
            if not isinstance(statement, ast.Raise | ast.Pass):
                yield statement, body, i
                yield from _statements(statement, left_out)


def _places(statement: ast.stmt) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Every node of a statement itself, with where it hangs; not what it holds inside."""
    queue: list[ast.AST] = [statement]
    while queue:
        parent = queue.pop(0)
        for field, value in ast.iter_fields(parent):
            if parent is statement and field in ("body", "orelse", "decorator_list"):
                continue
            for at, node in enumerate(value) if isinstance(value, list) else ((None, value),):
                if isinstance(node, ast.AST) and not isinstance(node, ast.JoinedStr):
                    queue.append(node)
                    yield parent, field, at, node


def _texts(statement: ast.stmt) -> Iterator[tuple[str, ast.AST, str, object]]:
    """Keys of dicts, and what each is mistaken for: the next one here, or a slip of the pen."""
    texts = [
        (node, node.value)
        for _, _, _, node in _places(statement)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    known = list(dict.fromkeys(value for _, value in texts))
    for node, value in texts:
        if len(known) > 1:
            yield "wrong name", node, "value", known[(known.index(value) + 1) % len(known)]
        yield "wrong name", node, "value", f"{value}_"


def _head(statement: ast.stmt) -> str:
    """A statement as one line, without what it holds inside."""
    if isinstance(statement, ast.Pass):
        return GONE
    if isinstance(statement, ast.FunctionDef):
        alone = ast.unparse(changed(statement, body=[ast.Pass()]))
        return " ".join(alone.split()).removesuffix(" pass")
    text = ast.unparse(ast.fix_missing_locations(statement))
    inside = isinstance(statement, ast.If | ast.For | ast.While | ast.With)
    return text.splitlines()[0] if inside else " ".join(text.split())


def _can_go(statement: ast.stmt, body: Body, i: int) -> bool:
    """Whether a statement can be left out without a name that is then nowhere."""
    if isinstance(statement, ast.AugAssign):
        return True
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Constant)
    if not isinstance(statement, ast.Assign):
        return False
    targets = _names_in(statement)
    earlier = [one for before in body[:i] for one in _names_in(before)]
    return all(isinstance(one, ast.Subscript) or ast.unparse(one) in map(ast.unparse, earlier)
               for one in targets)  # fmt: skip


def _names_in(statement: ast.stmt) -> list[ast.expr]:
    """What an assignment gives values to."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [
        one
        for target in targets
        for one in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]


def _without_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            del node.body[0]
            node.body = node.body or [ast.Pass()]


def _compiles(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True
