"""Take an edit of ``reference/*.py`` home into the chapters: the inverse of the tangle.

A definition goes home by its name, a method of a class that grows by parts to its ``:into:`` cell;
imports, constants and free comments go home to the cell that they came from. What has no home, such
as a new function or one that is gone, is reported and written nowhere: it needs words around it.
No module is changed, and of a chapter only rows of code. ``python -m book._ext.stitch`` writes the
chapters; with ``--check`` it shows what it would write. The exit code is 1 where something stays.
"""

import argparse
import ast
import difflib
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import accumulate

from book._ext.chapters import ROOT, Chapter, ChapterError, chapters, read
from book._ext.segments import Segment, as_part, from_part, segments
from book._ext.tangle import Export, exports, tangled

Row = tuple[str, "Piece | None", int]  # a row, the piece that it is of, and where in its cell


@dataclass(frozen=True, eq=False)
class Piece:
    """A segment of an exported cell, with its rows as they stand in the module."""

    segment: Segment
    home: Export
    rows: list[str]

    @property
    def where(self) -> str:
        return f"{self.home.page}:{self.home.line + self.segment.start}"


@dataclass
class Plan:
    """What is to be done for one module.

    Args:
        changes: for a cell, rows that take the place of others: ``(start, end, rows)``.
        stays: what cannot go home, each a sentence that names its place.
    """

    changes: dict[Export, list[tuple[int, int, list[str]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    stays: list[str] = field(default_factory=list)

    def put(self, home: Export, start: int, end: int, rows: list[str]) -> None:
        """Let rows of the module take the place of rows of a cell."""
        rows = from_part(rows, home.into) if home.into else rows
        self.changes[home].append((start, end, rows))


def stitched() -> tuple[dict[Chapter, str], list[str]]:
    """The new texts of chapters, with the edits of all modules in them; and what stays out.

    Raises:
        ChapterError: the chapters cannot be tangled as they stand.
    """
    before = chapters()
    pages, stays = list(before), []
    for module, text in tangled(before).items():
        path = ROOT / module
        edited = path.read_text("utf-8") if path.exists() else ""
        if not edited:
            stays.append(f"{module} is gone; `make tangle` writes it from the chapters")
        elif edited != text:
            pages, remarks = taken_home(pages, module, edited, _committed(module, before))
            stays += remarks
    pairs = zip(before, pages, strict=True)
    return {old: new.text for old, new in pairs if old.text != new.text}, stays


def taken_home(
    pages: list[Chapter], module: str, edited: str, committed: str = ""
) -> tuple[list[Chapter], list[str]]:
    """The chapters with the edits of one module in them, and a sentence for each that stays out.

    ``committed`` is the module as it was before, where its chapters may be newer than that.
    """
    try:
        ast.parse(edited)
    except SyntaxError as error:
        return pages, [f"{module}:{error.lineno}: not Python ({error.msg}), so all of it stays"]
    plan = _plan(module, edited, exports(pages)[module], committed)
    for home, changes in plan.changes.items():
        try:
            pages = _changed(pages, home, changes)
        except ChapterError as error:
            plan.stays.append(str(error))
    left = _diff(tangled(pages)[module], edited, f"{module} (stitched)", f"{module} (as it is)")
    if left and not plan.stays:
        plan.stays.append(f"{module}: what stands between the cells cannot go home:\n{left}")
    return pages, plan.stays


def _committed(module: str, pages: list[Chapter]) -> str:
    """The module as git has it, where a chapter of it has edits that git has not; else ""."""
    sources = {cell.page for cell in exports(pages)[module]}
    return _git("show", f"HEAD:./{module}") if _git("status", "--porcelain", "--", *sources) else ""


def _git(*command: str) -> str:
    """What git says; nothing where there is no git, or no repository."""
    try:
        done = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def _plan(module: str, edited: str, cells: list[Export], committed: str) -> Plan:
    """Find a home for everything in which a module differs from its cells."""
    plan = Plan()
    grown = {cell.into for cell in cells if cell.into}
    pieces = _pieces(cells, grown)
    found = _segments(edited, grown)
    there = {piece.segment.name: piece for piece in pieces if piece.segment.name}
    here = {one.name: (one.start + 1, rows) for one, rows in found if one.name}
    before = {one.name: rows for one, rows in _segments(committed, grown) if one.name}
    kept = _in_order(list(there), list(here))

    for name, piece in there.items():
        owner = f"class {piece.segment.inside}"
        if name not in here:
            if committed and name not in before:
                plan.stays.append(f"{piece.where}: {name} is new here; `make tangle` adds it")
            elif name == owner or owner == "class " or owner in here:
                plan.stays.append(f"{module}: {name} is gone; {piece.where} still has it")
            continue
        line, rows = here[name]
        if name not in kept:
            plan.stays.append(f"{module}:{line}: {name} was moved, away from {piece.where}")
        if rows == piece.rows:
            continue
        if rows == before.get(name):
            plan.stays.append(f"{piece.where}: {name} is newer here; `make tangle` takes it over")
            continue
        try:
            plan.put(piece.home, piece.segment.start, piece.segment.end, rows)
        except SyntaxError:
            plan.stays.append(f"{module}:{line}: {name} has rows that are not indented as a part")
    for one, _ in found:
        if one.name and one.name not in there:
            how = f"with `:into: {one.inside}`" if one.inside else "of its own"
            plan.stays.append(
                f"{module}:{one.start + 1}: {one.name} is new; give it an exported cell {how},"
                " before the next `make tangle` removes it"
            )
    if not committed or _free(found) != _free(_segments(committed, grown)):
        _plan_the_rest(plan, module, pieces, found, kept)
    elif _free(found) != [row for piece in pieces if not piece.segment.name for row in piece.rows]:
        pages = " and ".join(dict.fromkeys(cell.page for cell in cells))
        plan.stays.append(f"{pages}: what stands between the definitions is newer here")
    return plan


def _pieces(cells: list[Export], grown: set[str]) -> list[Piece]:
    """The segments of the cells, in the order in which they stand in the module."""
    parts: list[list[Piece]] = []
    for cell in cells:
        pieces = []
        for one in segments(cell.source, set() if cell.into else grown, cell.into):
            rows = cell.source.split("\n")[one.start : one.end]
            pieces.append(Piece(one, cell, as_part(rows) if cell.into else rows))
        opening = f"class {cell.into}"
        home = [part for part in parts if any(piece.segment.name == opening for piece in part)]
        if cell.into:
            home[0].extend(pieces)
        else:
            parts.append(pieces)
    return [piece for part in parts for piece in part]


def _segments(text: str, grown: set[str]) -> list[tuple[Segment, list[str]]]:
    """The segments of a module, each with its rows; the first line, which is ours, left out."""
    rows = text.split("\n")
    if rows[0].startswith("#"):
        rows[0] = ""
    found = segments("\n".join(rows), grown)
    return [(one, rows[one.start : one.end]) for one in found]


def _free(found: list[tuple[Segment, list[str]]]) -> list[str]:
    """The rows that no name owns."""
    return [row for one, rows in found if not one.name for row in rows]


def _in_order(ours: list[str], theirs: list[str]) -> set[str]:
    """The names that two lists have in the same order."""
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    return {
        name
        for block in matcher.get_matching_blocks()
        for name in ours[block.a : block.a + block.size]
    }


def _plan_the_rest(
    plan: Plan,
    module: str,
    pieces: list[Piece],
    found: list[tuple[Segment, list[str]]],
    kept: set[str],
) -> None:
    """Take home what no name owns: it is compared between one kept definition and the next."""
    ours: dict[tuple[int, str], list[Row]] = defaultdict(list)
    theirs: dict[tuple[int, str], list[tuple[str, int]]] = defaultdict(list)
    gaps = accumulate(piece.segment.name in kept for piece in pieces)
    for gap, piece in zip(gaps, pieces, strict=True):
        one = piece.segment
        if not one.name:
            run = ours[gap, one.inside]
            run += [("", None, 0)] if run else []
            run += [(row, piece, one.start + i) for i, row in enumerate(piece.rows)]
    gaps = accumulate(one.name in kept for one, _ in found)
    for gap, (one, rows) in zip(gaps, found, strict=True):
        if not one.name:
            lines = theirs[gap, one.inside]
            lines += [("", 0)] if lines else []
            lines += [(row, one.start + 1 + i) for i, row in enumerate(rows)]
    for place, lines in theirs.items():
        if place not in ours:
            row, line = lines[0]
            plan.stays.append(f"{module}:{line}: no cell has `{row.strip()}`, nor its neighbours")
    for place, run in ours.items():
        _plan_rows(plan, run, [row for row, _ in theirs[place]])


def _plan_rows(plan: Plan, ours: list[Row], theirs: list[str]) -> None:
    """Let rows take the place of others, each in the cell of those that it replaces."""
    matcher = difflib.SequenceMatcher(None, [row for row, _, _ in ours], theirs, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            continue
        rows = theirs[first:last]
        replaced: dict[Piece, list[int]] = defaultdict(list)
        for _, piece, at in ours[start:end]:
            if piece is not None:
                replaced[piece].append(at)
        if not replaced:
            _, piece, at = ours[start - 1] if start else ("", None, 0)
            if piece is None:
                _, piece, at = ours[start]
                at -= 1
            assert piece is not None  # between two rows of one piece, or beside a separator
            plan.put(piece.home, at + 1, at + 1, rows)
        for piece, places in replaced.items():
            plan.put(piece.home, places[0], places[-1] + 1, rows)
            rows = []


def _changed(
    pages: list[Chapter], home: Export, changes: list[tuple[int, int, list[str]]]
) -> list[Chapter]:
    """The pages with rows of one cell changed, everything else as it was.

    Raises:
        ChapterError: the cell would be empty, end early, or could not be tangled.
    """
    cell = home.source.split("\n")
    for start, end, rows in sorted(changes, key=lambda change: change[:2], reverse=True):
        while not rows and end < len(cell) and not cell[end].strip():
            end += 1
        cell[start:end] = rows
    source = "\n".join(cell).strip("\n")
    if not source:
        raise ChapterError(f"{home.where}: nothing would be left in this cell, so it stays")

    number = [page.path for page in pages].index(home.chapter.path)
    page = pages[number]
    at = exports([page])[home.module]
    line = next(one.line for one in at if one.number == home.number) - 1
    text = page.text.split("\n")
    text[line : line + home.source.count("\n") + 1] = source.split("\n")
    new = read(page.path, "\n".join(text))
    if _told(new, home.number) != _told(page, home.number) or (
        new.code[home.number].source.strip("\n") != source
    ):
        raise ChapterError(f"{home.where}: with this edit the cell would end early, so it stays")
    changed = [*pages[:number], new, *pages[number + 1 :]]
    tangled(changed)
    return changed


def _told(page: Chapter, number: int) -> list[object]:
    """Everything that a chapter says, but for one cell of code."""
    spared = page.code[number]
    return [
        (cell.cell_type, cell.metadata, None if cell is spared else cell.source)
        for cell in page.notebook.cells
    ]


def _diff(old: str, new: str, *names: str) -> str:
    rows = (text.splitlines(keepends=True) for text in (old, new))
    return "".join(difflib.unified_diff(*rows, *names, n=1))


def write(texts: dict[Chapter, str]) -> None:
    """Write the chapters, each whole or not at all."""
    for chapter, text in texts.items():
        draft = chapter.path.with_suffix(".stitching")
        draft.write_text(text, "utf-8", newline="")
        os.replace(draft, chapter.path)


def main(arguments: list[str] | None = None) -> int:
    """Take all edits home, or show them; the exit code of the command."""
    parser = argparse.ArgumentParser(prog="python -m book._ext.stitch", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    options = parser.parse_args(arguments)
    try:
        texts, stays = stitched()
    except ChapterError as error:
        print(f"stitch: {error}", file=sys.stderr)
        return 2
    for chapter, text in texts.items():
        page = f"book/{chapter.path.name}"
        print(_diff(chapter.text, text, f"{page} (as it is)", f"{page} (stitched)"), end="")
    if not options.check:
        write(texts)
    for sentence in stays:
        print(f"stitch: {sentence}", file=sys.stderr)
    return 1 if stays or (options.check and texts) else 0


if __name__ == "__main__":
    sys.exit(main())
