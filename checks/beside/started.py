"""Tell a function that nobody has begun from one that returns None by mistake.

A stub's body has no arithmetic: it unpacks its cache, sets results to None, fills in
default settings, passes, and returns None first, or the course's ``0, {}``. Anything
more is somebody's work.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import chain
from types import FunctionType

Function = ast.FunctionDef | ast.AsyncFunctionDef


def does_nothing(function: Function) -> bool:
    """Whether this is a stub, told from its text alone."""
    empty: dict[str, str] = {}
    returned: list[ast.expr | None] = []
    if not all(_is_filler(statement, empty, returned) for statement in function.body):
        return False
    if _keeps_something(function) and not _is_left_open(function.body[-1]):
        return False  # a constructor may do no more than that
    return all(_is_none(value, empty) for value in returned)


def text_of(function: object) -> Function | None:
    """Find the definition of a function in the text that Python keeps of it."""
    if not isinstance(function, FunctionType):
        return None
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError, RecursionError):
        return None
    first = tree.body[0] if tree.body else None
    return first if isinstance(first, Function) else None


def definition(tree: ast.AST, function: object) -> Function | None:
    """Find the definition of a function in the tree of its file."""
    if not isinstance(function, FunctionType):
        return None
    code = function.__code__
    for node in chain(ast.iter_child_nodes(tree), ast.walk(tree)):  # mostly it is on top
        if isinstance(node, Function) and node.name == code.co_name:
            lines = [node.lineno, *(decorator.lineno for decorator in node.decorator_list)]
            if code.co_firstlineno in lines:
                return node
    return None


def _keeps_something(function: Function) -> bool:
    """Whether it sets attributes, such as ``self.reg = reg``."""
    targets = [t for node in function.body if isinstance(node, ast.Assign) for t in node.targets]
    return any(isinstance(target, ast.Attribute) for target in targets)


def _is_left_open(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass | ast.Raise)


def _is_filler(statement: ast.stmt, empty: dict[str, str], returned: list[ast.expr | None]) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
        case ast.Return(value):
            returned.append(value)
            return value is None or _is_still(value)
        case ast.Assign(targets, value):
            for target in targets:
                _note(target, value, empty)
            return _is_still(value)
        case ast.Expr(ast.Call(func=ast.Attribute(attr="setdefault"), args=args)):
            return all(isinstance(arg, ast.Constant) for arg in args)
        case ast.If(test=ast.Compare(ops=[ast.Is()]), body=body, orelse=[]):
            return all(_is_filler(inner, empty, []) for inner in body)
    return False


def _is_still(value: ast.expr) -> bool:
    """Whether an expression computes nothing: names, constants, and tuples of them."""
    match value:
        case ast.Constant() | ast.Name() | ast.Dict(keys=[]):
            return True
        case ast.Tuple(elts) | ast.List(elts):
            return all(map(_is_still, elts))
    return False


def _note(target: ast.expr, value: ast.expr, empty: dict[str, str]) -> None:
    """Follow which names stand for None, for 0 and for an empty dict."""
    match target, value:
        case ast.Name(name), _:
            empty[name] = _kind(value, empty)
        case ast.Tuple(targets), ast.Tuple(values) if len(targets) == len(values):
            for inner, part in zip(targets, values, strict=True):
                _note(inner, part, empty)
        case ast.Tuple(targets), _:
            for inner in targets:
                _note(inner, ast.Constant(1), empty)


def _kind(value: ast.expr | None, empty: dict[str, str]) -> str:
    """Say "none", "zero", "dict", or "" for anything that may be somebody's result."""
    match value:
        case None | ast.Constant(None):
            return "none"
        case ast.Constant(int() | float() as number) if number == 0:
            return "zero"
        case ast.Dict(keys=[]):
            return "dict"
        case ast.Name(name):
            return empty.get(name, "")
    return ""


def _is_none(value: ast.expr | None, empty: dict[str, str]) -> bool:
    """Whether what is returned is None, None where the first result should be, or ``0, {}``."""
    if isinstance(value, ast.Tuple) and value.elts:
        kinds = [_kind(part, empty) for part in value.elts]
        return kinds[0] == "none" or (kinds[0] == "zero" and kinds[-1] == "dict")
    return _kind(value, empty) == "none"
