"""Known mistakes as code that runs: each a wrong variant with the sentence that explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.mistakes.catalogue import MISTAKES, mistakes_of
from checks.mistakes.entry import Mistake

if TYPE_CHECKING:
    from checks.mistakes.puzzle import lineup as lineup

__all__ = ["MISTAKES", "Mistake", "lineup", "mistakes_of"]


def __getattr__(name: str) -> object:
    if name != "lineup":
        raise AttributeError(f"module 'checks.mistakes' has no attribute {name!r}")
    from checks.mistakes.puzzle import lineup

    return lineup
