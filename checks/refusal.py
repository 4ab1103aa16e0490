"""What the person who called can put right, said in a sentence."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO


class RefusalError(Exception):
    """The command cannot go on: a sentence with what was found and asked for, and an exit code."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code


def write(path: Path, text: str) -> None:
    """Write a text file, whole or not at all, with the folders above it; or refuse, with why."""
    with writing(path) as file:
        file.write(text)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """Write a text file piece by piece; it is there when all of it is, or not at all."""
    try:
        place = path.resolve() if path.is_symlink() else path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.is_file():  # such as /dev/stdout
            with path.open("w", encoding="utf-8") as file:
                yield file
            return
        beside = place.with_name(f".{place.name[-80:]}.{os.getpid()}.part")
        try:
            with beside.open("w", encoding="utf-8") as file:
                yield file
            beside.replace(place)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RefusalError(f"{path} cannot be written: {error.strerror}") from error
