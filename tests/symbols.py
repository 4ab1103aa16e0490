"""Symbols that the code of ``reference`` can compute with, as if they were numbers.

An array of ``Symbol`` goes through ``reference`` like any other array, and what comes out is the
formula that the code computes: SymPy's expressions, wrapped so that NumPy's functions find on them
the methods that they look for.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import sympy as sp


def _both_ways(operation: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """An operation with a symbol on its left, and with one on its right."""

    def left(self: Symbol, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return np.array([operation(self, one) for one in other.ravel()]).reshape(other.shape)
        return Symbol(operation(self.expr, plain(other)))

    def right(self: Symbol, other: Any) -> Any:
        return Symbol(operation(plain(other), self.expr))

    return left, right


class Symbol:
    """One SymPy expression as an element of an array of objects."""

    def __init__(self, expr: Any) -> None:
        self.expr = sp.nsimplify(sp.sympify(expr), rational=True)

    def __neg__(self) -> Symbol:
        return Symbol(-self.expr)

    __add__, __radd__ = _both_ways(operator.add)
    __sub__, __rsub__ = _both_ways(operator.sub)
    __mul__, __rmul__ = _both_ways(operator.mul)
    __truediv__, __rtruediv__ = _both_ways(operator.truediv)
    __pow__, __rpow__ = _both_ways(operator.pow)

    def __ge__(self, other: Any) -> bool:
        return decided(self.expr >= plain(other))

    def __gt__(self, other: Any) -> bool:
        return decided(self.expr > plain(other))

    def __le__(self, other: Any) -> bool:
        return decided(self.expr <= plain(other))

    def __lt__(self, other: Any) -> bool:
        return decided(self.expr < plain(other))

    def conjugate(self) -> Symbol:
        """All symbols are real."""
        return self

    def exp(self) -> Symbol:
        """What NumPy's exp looks for."""
        return Symbol(sp.exp(self.expr))

    def log(self) -> Symbol:
        """What NumPy's log looks for."""
        return Symbol(sp.log(self.expr))

    def sqrt(self) -> Symbol:
        """What NumPy's sqrt looks for."""
        return Symbol(sp.sqrt(self.expr))


def plain(value: Any) -> Any:
    """The expression of a symbol, and a number or a truth as a number."""
    if isinstance(value, Symbol):
        return value.expr
    if isinstance(value, bool | np.bool_):
        return int(value)
    return sp.nsimplify(value, rational=True)


def decided(relation: Any) -> bool:
    """Whether a comparison holds; one that the signs of the symbols leave open is an error."""
    if relation not in (sp.true, sp.false):
        raise ValueError(f"nothing is known about {relation}")
    return bool(relation)


def symbols(name: str, *shape: int, signs: Any = None) -> Any:
    """An array of symbols, real, or positive and negative as ``signs`` (of the shape) says."""
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        label = "_".join([name, *map(str, index)])
        known = {} if signs is None else {"positive": True}
        expr = sp.Symbol(label, real=True, **known)
        array[index] = Symbol(expr if signs is None or signs[index] > 0 else -expr)
    return array


def sign_patterns(*shape: int) -> Iterator[Any]:
    """Every way to choose the signs of an array."""
    size = int(np.prod(shape))
    for chosen in product((1, -1), repeat=size):
        yield np.array(chosen).reshape(shape)


def derivative(loss: Any, array: Any) -> Any:
    """The derivative of one expression with respect to each entry of an array of symbols."""
    total = plain(loss)
    found = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        entry = plain(array[index])
        (name,) = entry.free_symbols
        found[index] = Symbol(sp.diff(total, name) / sp.diff(entry, name))
    return found


def vanishes(one: Any, other: Any) -> bool:
    """Whether two arrays of expressions are the same: every difference simplifies to 0."""
    one, other = np.asarray(one, dtype=object), np.asarray(other, dtype=object)
    assert one.shape == other.shape
    pairs = zip(one.ravel(), other.ravel(), strict=True)
    return all(sp.simplify(plain(a) - plain(b)) == 0 for a, b in pairs)
