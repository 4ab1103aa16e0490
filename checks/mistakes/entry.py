"""One entry of the catalogue."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mistake:
    """A wrong variant.

    Args:
        function: the name that it is a variant of.
        name: its own name.
        sentence: what is wrong, in one sentence.
        code: the variant, which runs.
    """

    function: str
    name: str
    sentence: str
    code: Callable[..., Any]

    @property
    def source(self) -> str:
        """Its text, under the name that a reader would have given it."""
        text = textwrap.dedent(inspect.getsource(self.code))
        node = ast.parse(text).body[0]
        assert isinstance(node, ast.FunctionDef)
        lines = text.splitlines()[node.lineno - 1 :]
        return "\n".join(lines).replace(f"def {self.name}(", f"def {self.function}(", 1)


class Shelf(list[Mistake]):
    """The mistakes of one chapter, filled by decoration."""

    def variant(self, function: str, sentence: str) -> Callable[[F], F]:
        """Add a wrong variant of ``function``."""

        def add(code: F) -> F:
            self.append(Mistake(function, code.__name__, sentence, code))
            return code

        return add
