"""Known mistakes as code that runs: each a wrong variant with the sentence that explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.mistakes.catalogue import MISTAKES, mistakes_of
from checks.mistakes.entry import Mistake

if TYPE_CHECKING:
    from checks.mistakes.puzzle import lineup as lineup
    from checks.mistakes.puzzle import messages as messages

__all__ = ["MISTAKES", "Mistake", "lineup", "messages", "mistakes_of"]


def __getattr__(name: str) -> object:
    if name not in ("lineup", "messages"):
        raise AttributeError(f"module 'checks.mistakes' has no attribute {name!r}")
    from checks.mistakes import puzzle

    return getattr(puzzle, name)
