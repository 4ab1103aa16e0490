"""``checks start`` and ``checks list``: what there is to write, as stubs and as a table."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from checks.exercises import EXERCISES
from checks.model import Exercise
from checks.refusal import RefusalError, write


def start(args: Sequence[str]) -> None:
    """Write the stubs into a folder, one file for each chapter; never over another file."""
    parser = argparse.ArgumentParser(prog="checks start", allow_abbrev=False)
    parser.add_argument("folder", metavar="DIR", help="where the stubs go")
    folder = Path(parser.parse_args(args).folder)
    if folder.exists() and not folder.is_dir():
        raise RefusalError(f"{folder} is a file; `checks start` needs a folder, old or new")
    made, kept = [], []
    for name in dict.fromkeys(one.file for one in EXERCISES):
        path = folder / name
        if path.exists():
            kept.append(name)
        else:
            write(path, _stubs(name, [one for one in EXERCISES if one.file == name]))
            made.append(name)
    if made:
        print(f"Wrote {', '.join(made)} into {folder}{os.sep}")
    if kept:
        print(f"Left alone, since there already: {', '.join(kept)}")
    first = EXERCISES[0]
    if made:
        print(f"Begin with {first.name} in {folder / first.file}, then:  ", end="")
    else:
        print("To judge what you have:  ", end="")
    print(f"checks {shlex.quote(str(folder))}")


def _stubs(name: str, exercises: Sequence[Exercise]) -> str:
    """One file of stubs: the book's own exercises first, then the variations."""
    names = dict.fromkeys(one.chapter for one in exercises)
    chapters = " and ".join(f'"{chapter}"' for chapter in names)
    parts = [f'"""Yours to write: chapter {chapters}."""\n\nimport numpy as np\n{_imports(name)}']
    parts += [one.stub for one in exercises if not one.variation]
    marked = False
    for one in exercises:
        if one.variation:
            note = "" if marked else "# Variations: the book holds no answer to these.\n\n\n"
            parts.append(note + one.stub)
            marked = True
    return "\n\n".join(parts)


def _imports(name: str) -> str:
    """The lines that bring in what one file of stubs builds on from the others."""
    homes = {one.name: one.file for one in EXERCISES}
    needed = {other for one in EXERCISES if one.file == name for other in one.after}
    lines = []
    for file in dict.fromkeys(homes.values()):
        names = sorted(other for other in needed if homes[other] == file != name)
        if names:
            lines.append(f"from {file.removesuffix('.py')} import {', '.join(names)}\n")
    return "\n" + "".join(lines) if lines else ""


def table(args: Sequence[str]) -> None:
    """Print what there is to write: exercise, chapter, minutes and points."""
    argparse.ArgumentParser(prog="checks list", allow_abbrev=False).parse_args(args)
    wide = max(len(one.name) for one in EXERCISES)
    across = max(len(one.chapter) for one in EXERCISES)
    print(f"{'exercise':<{wide}}  {'chapter':<{across}}  minutes  points")
    for one in EXERCISES:
        mark = "  variation" if one.variation else ""
        line = f"{one.name:<{wide}}  {one.chapter:<{across}}  {one.minutes:>7}  {one.points:>6}"
        print(line + mark)
    print("\nVariations have no answer in the book. They count once they are begun.")
