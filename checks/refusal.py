"""What the person who called can put right, said in a sentence."""

from __future__ import annotations

from pathlib import Path


class RefusalError(Exception):
    """The command cannot go on: a sentence with what was found and asked for, and an exit code."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code


def write(path: Path, text: str) -> None:
    """Write a text file with the folders above it, or refuse with the reason."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RefusalError(f"{path} cannot be written: {error.strerror}") from error
