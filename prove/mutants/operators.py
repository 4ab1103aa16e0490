"""The ways in which a line of the book is made wrong, one node of its tree at a time.

Each operator is given a node and yields what might stand in its place. Ours, and not those
of a general tool: what people get wrong in this subject is an axis, a transpose, a term, a
bias correction, a copy.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy

Operator = Callable[[ast.AST], Iterator[ast.AST]]

OPERATORS: dict[str, Operator] = {}

OTHER_SIGN = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
}
OTHER_ORDER = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OTHER_CALL = {
    "maximum": "minimum",
    "max": "min",
    "sum": "mean",
    "mean": "sum",
    "argmax": "argmin",
    "zeros": "ones",
    "zeros_like": "ones_like",
    "standard_normal": "random",
}
IDENTITY = {"sqrt", "exp", "log", "abs"}  # f(x) where x was forgotten to be put through f
KEEPS_NUMBERS = {"copy", "astype", "reshape"}  # x.f(...) where only x was written
IN_PLACE = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply"}
WRITES = {"maximum", "minimum", "sqrt", "exp"}


def operator(name: str) -> Callable[[Operator], Operator]:
    """Add an operator under the name that the results call it by."""

    def add(function: Operator) -> Operator:
        OPERATORS[name] = function
        return function

    return add


def called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def changed(node: ast.AST, **fields: object) -> ast.AST:
    """A copy of a node with some fields set."""
    other = deepcopy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


@operator("arithmetic")
def other_sign(node: ast.AST) -> Iterator[ast.AST]:
    """Plus for minus, times for divided by; a sign left out."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OTHER_SIGN:
        yield changed(node, op=OTHER_SIGN[type(node.op)]())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand


@operator("missing term")
def one_side_only(node: ast.AST) -> Iterator[ast.AST]:
    """One side of a sum, product or quotient alone; a function that was not applied."""
    if isinstance(node, ast.BinOp) and type(node.op) in OTHER_SIGN:
        yield node.left
        if not isinstance(node.op, ast.Div | ast.FloorDiv | ast.Pow):
            yield node.right
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([deepcopy(node.target)], node.value)
    if isinstance(node, ast.Call) and called(node) in IDENTITY:
        yield node.args[0]
    if isinstance(node, ast.Call) and called(node) in ("maximum", "minimum"):
        yield node.args[1] if isinstance(node.args[0], ast.Constant) else node.args[0]


@operator("another function")
def other_call(node: ast.AST) -> Iterator[ast.AST]:
    """A mean for a sum, the smallest for the largest, ones for zeros."""
    if isinstance(node, ast.Call) and called(node) in OTHER_CALL:
        name = OTHER_CALL[called(node)]
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        yield changed(node, func=changed(node.func, **{field: name}))


@operator("axis")
def other_axis(node: ast.AST) -> Iterator[ast.AST]:
    """The other axis, or all of them."""
    for i, keyword in enumerate(node.keywords if isinstance(node, ast.Call) else ()):
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
            other = changed(keyword, value=ast.Constant(1 - int(keyword.value.value)))
            yield changed(node, keywords=[*node.keywords[:i], other, *node.keywords[i + 1 :]])
            yield changed(node, keywords=[*node.keywords[:i], *node.keywords[i + 1 :]])


@operator("keepdims")
def other_keepdims(node: ast.AST) -> Iterator[ast.AST]:
    """keepdims left out where it stood, and set where a sum had none."""
    if not isinstance(node, ast.Call):
        return
    names = [keyword.arg for keyword in node.keywords]
    if "keepdims" in names:
        yield changed(node, keywords=[one for one in node.keywords if one.arg != "keepdims"])
    elif "axis" in names and called(node) in ("sum", "max", "mean", "min"):
        kept = ast.keyword("keepdims", ast.Constant(True))
        yield changed(node, keywords=[*node.keywords, kept])


@operator("transpose")
def other_transpose(node: ast.AST) -> Iterator[ast.AST]:
    """A transpose left out, one too many, the two sides of a product exchanged."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        for side in ("left", "right"):
            inside = getattr(node, side)
            if not (isinstance(inside, ast.Attribute) and inside.attr == "T"):
                yield changed(node, **{side: ast.Attribute(inside, "T", ast.Load())})
        yield changed(node, left=node.right, right=node.left)
        yield ast.Attribute(deepcopy(node), "T", ast.Load())


@operator("constant")
def other_constant(node: ast.AST) -> Iterator[ast.AST]:
    """A number that is one more or less, or twice as large; yes for no."""
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(2 * value)
        if value:
            yield ast.Constant(0.0)
        else:
            yield ast.Constant(1.0)


@operator("comparison")
def other_comparison(node: ast.AST) -> Iterator[ast.AST]:
    """The bound counted in or out, the other direction, a condition that always holds or never."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER_ORDER:
        for other in OTHER_ORDER[type(node.ops[0])]:
            yield changed(node, ops=[other()])
    if isinstance(node, ast.If | ast.IfExp):
        for always in (True, False):
            yield changed(node, test=ast.Constant(always))
    if isinstance(node, ast.BoolOp):
        yield from node.values


@operator("in place")
def written_in_place(node: ast.AST) -> Iterator[ast.AST]:
    """A result that is written over what it was made from; a copy that was not made."""
    if isinstance(node, ast.BinOp) and type(node.op) in IN_PLACE:
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, ast.Name) and not isinstance(other, ast.Constant):
                first, second = node.left, node.right
                yield _writing(IN_PLACE[type(node.op)], [first, second], side)
    if isinstance(node, ast.Call) and called(node) in WRITES and not node.keywords:
        names = [arg for arg in node.args if isinstance(arg, ast.Name)]
        yield from (_writing(called(node), node.args, name) for name in names)
    method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if method and called(node) in KEEPS_NUMBERS:
        yield node.func.value
    if isinstance(node, ast.Call) and called(node) == "dict" and node.args:
        yield node.args[0]


@operator("stale state")
def not_updated(node: ast.AST) -> Iterator[ast.AST]:
    """An entry that is not handed on; what was given, thrown away."""
    if isinstance(node, ast.Dict) and len(node.keys) > 1:
        for i in range(len(node.keys)):
            keys, values = node.keys[:], node.values[:]
            del keys[i], values[i]
            yield changed(node, keys=keys, values=values)


@operator("argument order")
def other_arguments(node: ast.AST) -> Iterator[ast.AST]:
    """Two neighbours exchanged, in a call and in a tuple that is handed back or taken apart."""
    if isinstance(node, ast.Call):
        for i in range(len(node.args) - 1):
            if not any(isinstance(arg, ast.Starred) for arg in node.args[i : i + 2]):
                yield changed(node, args=_exchanged(node.args, i))
    if isinstance(node, ast.Tuple):
        for i in range(len(node.elts) - 1):
            yield changed(node, elts=_exchanged(node.elts, i))


def _exchanged(parts: list[ast.expr], i: int) -> list[ast.expr]:
    return [*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :]]


def _writing(function: str, args: list[ast.expr], target: ast.Name) -> ast.Call:
    numpy = ast.Attribute(ast.Name("np", ast.Load()), function, ast.Load())
    return ast.Call(numpy, deepcopy(args), [ast.keyword("out", deepcopy(target))])
