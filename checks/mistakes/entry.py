"""One entry of the catalogue."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mistake:
    """A wrong variant.

    Args:
        function: the name that it is a variant of.
        name: its own name.
        sentence: what is wrong, in one sentence.
        given: the variant, where it was written as code.
        text: all of its text, where it was made from the text of a right class.
        right: that text.
        equation: the label of what it misses, where the check does not say it.
    """

    function: str
    name: str
    sentence: str
    given: Callable[..., Any] | None = None
    text: str = ""
    right: str = ""
    equation: str = ""

    @cached_property
    def code(self) -> Callable[..., Any]:
        """The variant, which runs."""
        return self.given or self._made()

    @property
    def remembers(self) -> bool:
        """Whether a call changes what the next one does, through a default of the function."""
        defaults = getattr(self.code, "__defaults__", None) or ()
        return any(isinstance(one, dict | list) for one in defaults)

    def fresh(self) -> Callable[..., Any]:
        """The variant as it was before anybody called it."""
        return self._made() if self.remembers else self.code

    def _made(self) -> Callable[..., Any]:
        space: dict[str, Any] = {"np": np}
        exec(compile(self.source, f"<{self.name}>", "exec"), space)
        made: Callable[..., Any] = space[self.function]
        return made

    @property
    def source(self) -> str:
        """Its text, under the name that a reader would have given it."""
        if self.text:
            return self.text
        assert self.given is not None
        text = textwrap.dedent(inspect.getsource(self.given))
        node = ast.parse(text).body[0]
        assert isinstance(node, ast.FunctionDef)
        lines = text.splitlines()[node.lineno - 1 :]
        return "\n".join(lines).replace(f"def {self.name}(", f"def {self.function}(", 1)

    @property
    def shown(self) -> str:
        """What a reader who looks for the mistake is shown: of a class, the method it is in."""
        return _changed_methods(self.right, self.text) if self.text else self.source


class Shelf(list[Mistake]):
    """The mistakes of one chapter, filled by decoration, or by changing a right class.

    Args:
        right: a class that is right, and before it what it needs; their texts are what
            ``change`` starts from.
    """

    def __init__(self, *right: Callable[..., Any]) -> None:
        super().__init__()
        self.right = "\n\n".join(inspect.getsource(each) for each in right)
        self.function = right[-1].__name__ if right else ""

    def variant(self, function: str, sentence: str, equation: str = "") -> Callable[[F], F]:
        """Add a wrong variant of ``function``."""

        def add(code: F) -> F:
            name = code.__name__
            self.append(Mistake(function, name, sentence, code, equation=equation))
            return code

        return add

    def change(
        self, name: str, sentence: str, *changes: tuple[str, str], equation: str = ""
    ) -> None:
        """Add the right class with a few lines changed.

        Args:
            name: of the mistake.
            sentence: what is wrong.
            changes: pairs of old and new text; each old one stands there exactly once.
            equation: the label of what it misses.
        """
        text = self.right
        for old, new in changes:
            if text.count(old) != 1:
                raise ValueError(f"{name}: {old!r} stands there {text.count(old)} times")
            text = text.replace(old, new)
        self.append(Mistake(self.function, name, sentence, None, text, self.right, equation))


def _changed_methods(right: str, wrong: str) -> str:
    """The class with only those methods that are not as they were."""
    before = _methods(right)
    head, changed = "", []
    for name, text in _methods(wrong).items():
        if name == "":
            head = text
        elif before.get(name) != text:
            changed.append(text)
    return "\n\n".join([head + "\n    ...", *changed])


def _methods(text: str) -> dict[str, str]:
    """The methods of the last class in a text, by name; under "" the line that begins it."""
    lines = text.splitlines()
    owner = ast.parse(text).body[-1]
    assert isinstance(owner, ast.ClassDef)
    parts = [node for node in owner.body if isinstance(node, ast.FunctionDef)]
    found = {part.name: "\n".join(lines[part.lineno - 1 : part.end_lineno]) for part in parts}
    return {"": lines[owner.lineno - 1], **found}
