"""Tell what a cell asserts instead of enforcing it: a kernel runs this first on other images.

The book asserts its claims about its own images. On others each ``assert`` of a cell is computed,
and printed below the cell with the values on both sides. A notebook carries this text as a cell,
so it stands on the standard library alone, and its names stay out of a reader's way.
"""

import ast as _ast
import operator as _operator

_OPS = {
    "==": _operator.eq,
    "!=": _operator.ne,
    "<": _operator.lt,
    "<=": _operator.le,
    ">": _operator.gt,
    ">=": _operator.ge,
    "is": _operator.is_,
    "is not": _operator.is_not,
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
}
_SIGNS = {
    **{_ast.Eq: "==", _ast.NotEq: "!=", _ast.Lt: "<", _ast.LtE: "<=", _ast.Gt: ">"},
    **{_ast.GtE: ">=", _ast.Is: "is", _ast.IsNot: "is not", _ast.In: "in", _ast.NotIn: "not in"},
}
_ALIKE = ("allclose", "array_equal", "isclose")
_told: dict = {}


def _number(value):
    """A value as a person reads it: numbers short, arrays by their shape and range."""
    if isinstance(value, list | tuple) and value and all(hasattr(v, "__float__") for v in value):
        low, high = min(value), max(value)
        return f"{len(value)} numbers from {_number(low)} to {_number(high)}"
    if getattr(value, "ndim", 0) > 0 and getattr(value, "size", 0) > 1:
        return f"{value.shape} from {_number(value.min())} to {_number(value.max())}"
    if getattr(value, "size", 0) == 1:
        value = value.item()
    if isinstance(value, float):
        return f"{value:.4g}"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _compared(signs, *sides):
    """A chain of comparisons: whether it holds, and its values."""
    held = all(_OPS[s](a, b) for s, a, b in zip(signs, sides, sides[1:], strict=False))
    shown = [_number(sides[0])]
    for sign, side in zip(signs, sides[1:], strict=True):
        shown += [sign, _number(side)]
    return held, " ".join(shown)


def _all_compared(how, sign, a, b):
    """A comparison of arrays, entry by entry, of which all or any must hold."""
    return bool(getattr(_OPS[sign](a, b), how)()), f"{_number(a)} {sign} {_number(b)}"


def _alike(same, args, options):
    """A call such as ``np.isclose``: whether it holds, and what was compared."""
    return bool(same(*args, **options)), " beside ".join(_number(a) for a in args[:2])


def _tell(*claims):
    """Compute claims that are joined by "and"; each is a text and ways that are joined by "or"."""
    reached = True
    for claim, ways in claims:
        try:
            held, shown = False, []
            for way in ways:
                held, values = way()
                shown += [values] if values else []
                if held:
                    break
        except Exception:
            if reached:
                raise  # the assert itself would have raised that
            held, shown = False, ["it cannot be computed"]
        reached = reached and bool(held)
        _told.setdefault(claim, []).append((bool(held), " or ".join(shown)))


class _Tell(_ast.NodeTransformer):
    """Replace each ``assert`` by a call of ``_tell``."""

    def visit_Assert(self, node):
        both = isinstance(node.test, _ast.BoolOp) and isinstance(node.test.op, _ast.And)
        claims = []
        for claim in node.test.values if both else [node.test]:
            either = isinstance(claim, _ast.BoolOp) and isinstance(claim.op, _ast.Or)
            ways = claim.values if either else [claim]
            lambdas = ", ".join(f"lambda: {self._way(way)}" for way in ways)
            claims.append(f"({_ast.unparse(claim)!r}, [{lambdas}])")
        call = _ast.parse(f"_tell({', '.join(claims)})").body[0]
        return _ast.fix_missing_locations(_ast.copy_location(call, node))

    def _way(self, test):
        """The expression that gives whether a test holds, and its values as a text."""
        if isinstance(test, _ast.Compare):
            signs = [_SIGNS[type(op)] for op in test.ops]
            sides = ", ".join(_ast.unparse(side) for side in (test.left, *test.comparators))
            return f"_compared({signs}, {sides})"
        if isinstance(test, _ast.Call) and isinstance(test.func, _ast.Attribute):
            how, inner = test.func.attr, test.func.value
            single = isinstance(inner, _ast.Compare) and len(inner.ops) == 1
            if how in ("all", "any") and single and not (test.args or test.keywords):
                sign = _SIGNS[type(inner.ops[0])]
                sides = f"{_ast.unparse(inner.left)}, {_ast.unparse(inner.comparators[0])}"
                return f"_all_compared({how!r}, {sign!r}, {sides})"
            plain = not any(isinstance(arg, _ast.Starred) for arg in test.args)
            if how in _ALIKE and plain:
                args = ", ".join(map(_ast.unparse, test.args))
                options = ", ".join(map(_ast.unparse, test.keywords))
                return f"_alike({_ast.unparse(test.func)}, [{args}], dict({options}))"
        return f"(bool({_ast.unparse(test)}), '')"


def _lines():
    """What is to be printed below a cell: a line for each claim, however often it was computed."""
    for claim, found in _told.items():
        values = next((shown for held, shown in found if not held), found[0][1])
        held = sum(one for one, _ in found)
        if len(found) == 1:
            verdict = "true" if held else "false"
        else:
            verdict = f"true {held} times of {len(found)}"
        yield f"not asserted: {claim}; here {f'{values}, ' if values else ''}{verdict}"
    _told.clear()


def _after_cell(*_):
    """Print the lines of the cell that has run."""
    for _line in _lines():
        print(_line)


if "get_ipython" in globals():
    get_ipython().ast_transformers.append(_Tell())  # noqa: F821
    get_ipython().events.register("post_run_cell", _after_cell)  # noqa: F821
