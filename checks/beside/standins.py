"""What takes the place of a module that is not there while code is judged.

While a student's file is being loaded a stand-in lets everything happen and does
nothing, so that one unused import costs nothing. Used by a function that is judged,
one for plots still does nothing; one for mathematics raises ``Absent`` or ``Refused``.
"""

from __future__ import annotations

import builtins
import functools
import pickle
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from .trouble import Absent, Broken, Refused, Trouble

PICTURES = {
    "IPython",
    "google",
    "ipywidgets",
    "matplotlib",
    "mpl_toolkits",
    "plotly",
    "pylab",
    "seaborn",
    "tqdm",
}
SHIMS = {"past", "future", "six"}
NO_ANSWERS = (  # the parts of reference that a notebook needs: data, pictures, and helpers
    *("reference.boundary", "reference.data", "reference.files"),
    *("reference.pictures", "reference.progress"),
)
SILENT = ("reference.boundary", "reference.pictures", "reference.progress")  # they give nothing

OLD: dict[str, object] = {
    "xrange": range,
    "unicode": str,
    "basestring": str,
    "long": int,
    "raw_input": input,
    "unichr": chr,
    "reduce": functools.reduce,
    "cPickle": pickle,
    "old_div": lambda a, b: a // b if isinstance(a, int) and isinstance(b, int) else a / b,
    "iteritems": lambda table: iter(table.items()),
    "iterkeys": iter,
    "itervalues": lambda table: iter(table.values()),
}


class Loading(Protocol):
    """Whoever loads the files, and knows whether one is being loaded now."""

    loading: int

    @property
    def asked(self) -> Container[str]:
        """The functions that the book asks for."""

    def own(self, name: str) -> AbstractContextManager[Callable[..., Any] | None]:
        """The student's own function of a name; None where there is none to be called."""


class StandIn:
    """One absent module, or anything that was taken out of it.

    Args:
        module: the name that was imported.
        line: where the import is, and its text.
        loader: whoever put this here.
        name: the path from the module to this.
    """

    __slots__ = ("_line", "_loader", "_module", "_name")
    __all__: tuple[str, ...] = ()

    def __init__(self, module: str, line: tuple[str, str], loader: Loading, name: str = "") -> None:
        object.__setattr__(self, "_module", module)
        object.__setattr__(self, "_line", line)
        object.__setattr__(self, "_loader", loader)
        object.__setattr__(self, "_name", name or module)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if top(self._module) in SHIMS:
            if name in OLD:
                return OLD[name]
            if hasattr(builtins, name):
                return getattr(builtins, name)
        return self._part(name)

    def _part(self, name: str) -> StandIn:
        return StandIn(self._module, self._line, self._loader, f"{self._name}.{name}")

    def __setattr__(self, name: str, value: object) -> None:
        use(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        last = self._name.rpartition(".")[2]
        if is_answer(self._module) and not self._loader.loading:
            with self._loader.own(last) as own:
                if own is not None:
                    return own(*args, **kwargs)
        use(self)
        if last == "subplots":
            return self._part("figure"), self._part("axes")
        if last == "trange":
            return range(*args)
        if args and (last == "tqdm" or (len(args) == 1 and callable(args[0]))):
            return args[0]  # a progress bar, a decorator, mine_or_reference
        return self

    def __iter__(self) -> Iterator[object]:
        use(self)
        return iter(())

    def __mro_entries__(self, bases: object) -> tuple[type, ...]:
        use(self)
        return (object,)

    def __exit__(self, *raised: object) -> None:
        return None

    def __repr__(self) -> str:
        return f"<{self._name}, which is not there>"


class Gone(StandIn):
    """A name of theirs whose definition was left out: whoever uses it meets what is wrong with it.

    Args:
        name: what it is called.
        trouble: why it was left out.
        path: their file.
        loader: whoever put this here.
    """

    __slots__ = ("_path", "_trouble")

    def __init__(self, name: str, trouble: Trouble, path: str, loader: Loading) -> None:
        super().__init__(name, (trouble.where, ""), loader)
        object.__setattr__(self, "_trouble", trouble)
        object.__setattr__(self, "_path", path)

    def _part(self, name: str) -> StandIn:
        return Gone(name, self._trouble, self._path, self._loader)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise trouble_of(self)

    def __mro_entries__(self, bases: object) -> tuple[type, ...]:
        raise trouble_of(self)


def top(name: str) -> str:
    """The first part of a dotted name."""
    return name.partition(".")[0]


def trouble_of(thing: StandIn) -> Absent | Broken:
    """The exception that says what this stands for."""
    if isinstance(thing, Gone):
        return Broken(object.__getattribute__(thing, "_trouble"), thing._path)
    module: str = object.__getattribute__(thing, "_module")
    line: tuple[str, str] = object.__getattribute__(thing, "_line")
    if not is_answer(module):
        return Absent(module, line)
    loader: Loading = object.__getattribute__(thing, "_loader")
    used = path_of(thing).rpartition(".")[2]
    return Refused(module, line, used if used in loader.asked else "")


def path_of(thing: StandIn) -> str:
    """The dotted name of what this stands for."""
    path: str = object.__getattribute__(thing, "_name")
    return path


def is_answer(module: str) -> bool:
    """Whether a module of this name would hold the book's answers."""
    return top(module) == "reference" and not module.startswith(NO_ANSWERS)


def is_harmless(module: str) -> bool:
    """Whether a judged function may use this stand-in and be none the worse."""
    return top(module) in PICTURES | SHIMS or module.startswith(SILENT)


def use(thing: StandIn) -> None:
    """Raise where a function that is judged needs what is not there."""
    module: str = object.__getattribute__(thing, "_module")
    loader: Loading = object.__getattribute__(thing, "_loader")
    if not (loader.loading or is_harmless(module)):
        raise trouble_of(thing)


SAME = object()
_OPERATIONS: dict[object, str] = {
    SAME: "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow "
    "matmul rmatmul and rand or ror xor rxor neg pos abs invert getitem enter",
    False: "lt le gt ge bool contains instancecheck",
    None: "setitem delitem delattr",
}


def _operation(result: object) -> Callable[..., object]:
    def operation(self: StandIn, *_: object, **__: object) -> object:
        use(self)
        return self if result is SAME else result

    return operation


for _result, _names in _OPERATIONS.items():
    for _name in _names.split():
        setattr(StandIn, f"__{_name}__", _operation(_result))
setattr(StandIn, "__len__", _operation(0))  # noqa: B010 - like the others
setattr(StandIn, "__int__", _operation(0))  # noqa: B010
setattr(StandIn, "__float__", _operation(0.0))  # noqa: B010
setattr(StandIn, "__array__", _operation(np.zeros(0)))  # noqa: B010
