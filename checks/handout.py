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
from checks.tasks import FILE, MARK, TASKS, exercises_of, marks_in
from checks.tasks.whose import known

VARIANT = "a student's number or name: tasks that this ID draws, as a file of their own"


def start(args: Sequence[str]) -> None:
    """Write the stubs into a folder, one file for each chapter; never over another file."""
    parser = argparse.ArgumentParser(prog="checks start", allow_abbrev=False)
    parser.add_argument("folder", metavar="DIR", help="where the stubs go")
    parser.add_argument("--variant", metavar="ID", help=VARIANT)
    asked = parser.parse_args(args)
    folder, variant = Path(asked.folder), known(asked.variant)
    if folder.exists() and not folder.is_dir():
        raise RefusalError(f"{folder} is a file; `checks start` needs a folder, old or new")
    _refuse_another(folder / FILE, variant)
    given = (*EXERCISES, *exercises_of(variant))
    made, kept = [], []
    for name in dict.fromkeys(one.file for one in given):
        path = folder / name
        if path.exists():
            kept.append(name)
        else:
            write(path, _stubs(name, given, variant))
            made.append(name)
    if made:
        print(f"Wrote {', '.join(made)} into {folder}{os.sep}")
    if kept:
        print(f"Left alone, since there already: {', '.join(kept)}")
    if variant:
        count, place = len(exercises_of(variant)), shlex.quote(str(folder))
        print(f"{folder / FILE} asks for {count} functions of variant {variant} alone:  ", end="")
        print(f"checks {place} -k {FILE}")
    first = EXERCISES[0]
    if made:
        print(f"Begin with {first.name} in {folder / first.file}, then:  ", end="")
    else:
        print("To judge what you have:  ", end="")
    print(f"checks {shlex.quote(str(folder))}")


def _refuse_another(path: Path, variant: str) -> None:
    """Do not add to a folder that holds the tasks of somebody else."""
    if not variant or not path.is_file():
        return
    try:
        found = marks_in({str(path): path.read_text("utf-8", errors="replace")})
    except ValueError:
        found = {}
    other = found.get(str(path), "no variant")
    if other != variant:
        raise RefusalError(
            f"{path} is there already and says {other}, not {variant}: "
            "start in another folder, or move that file away"
        )


def _stubs(name: str, given: Sequence[Exercise], variant: str) -> str:
    """One file of stubs: the book's own exercises first, then the variations."""
    if name == FILE:
        return _stubs_of(variant, [one for one in given if one.file == name])
    exercises = [one for one in given if one.file == name]
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


def _stubs_of(variant: str, exercises: Sequence[Exercise]) -> str:
    """The file of one student's tasks, which says whose they are."""
    head = '"""Yours alone: no one else has these tasks, and no book their answers."""\n\n'
    head += (
        f"import numpy as np\n\n{MARK} = {variant!r}  # drew the tasks; checks reads this line\n"
    )
    parts, chapter = [head], ""
    for one in exercises:
        note = "" if one.chapter == chapter else f'# For the chapter "{one.chapter}".\n\n\n'
        parts.append(note + one.stub)
        chapter = one.chapter
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
    parser = argparse.ArgumentParser(prog="checks list", allow_abbrev=False)
    parser.add_argument("--variant", metavar="ID", help="say what this ID draws")
    variant = known(parser.parse_args(args).variant)
    drawn = exercises_of(variant or "nobody")
    listed = drawn if variant else (*EXERCISES, *drawn)
    wide = max(len(one.name) for one in listed)
    across = max(len(one.chapter) for one in listed)
    print(f"{'exercise':<{wide}}  {'chapter':<{across}}  minutes  points")
    for one in listed:
        mark = "  variation" if one.variation else ""
        mark = f"  {one.statement}" if variant else "  --variant" if one in drawn else mark
        line = f"{one.name:<{wide}}  {one.chapter:<{across}}  {one.minutes:>7}  {one.points:>6}"
        print(line + mark)
    if variant:
        whose = shlex.quote(variant)
        print(f"\nVariant {variant}. To hand it out:  checks start DIR --variant {whose}")
        return
    least = min(task.versions for task in TASKS)
    print("\nVariations have no answer in the book. They count once they are begun.")
    print(
        "What --variant marks is drawn by `checks start DIR --variant ID`: each task has at least"
    )
    print(f"{least} versions, and `checks list --variant ID` says which one an ID has.")
