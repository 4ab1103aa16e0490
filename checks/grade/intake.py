"""Whose work is where: folders, files, notebooks, zips, and the exports of course systems.

A submission is all that one student handed in. Of several versions the last one counts:
Canvas numbers them (``file-1.ipynb`` replaces ``file.ipynb``), and a remark says so.
"""

from __future__ import annotations

import csv
import re
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from checks.files import BIGGEST, MOST_FILES, MOST_TEXT, Files, read
from checks.model import Problem
from checks.refusal import RefusalError

CANVAS = re.compile(r"(?P<who>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)")
CANVAS_VERSION = re.compile(r"(?P<stem>.+)-(?P<version>\d+)$")
MOODLE = re.compile(r"(?P<who>.+)_(?P<id>\d+)_(?:assignsubmission_)?file_?$")
METADATA = "submission_metadata.yml"
WORTH = (*BIGGEST, ".zip")


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Args:
        key: names it in records and reports; unique among the submissions of a run.
        name: the student's name, as far as the export tells.
        paths: the files or the folder that count.
        ids: by which a roster may know the student: e-mail, student number.
        remarks: what was set aside, and why.
    """

    key: str
    name: str
    paths: tuple[Path, ...]
    ids: tuple[str, ...] = ()
    remarks: tuple[Problem, ...] = ()

    def files(self) -> Files:
        """Read them, as one student's files."""
        parts = [_zip(path) if path.suffix == ".zip" else read(path) for path in self.paths]
        if len(parts) == 1:
            return replace(parts[0], root="", remarks=(*self.remarks, *parts[0].remarks))
        return Files(
            {name: text for part in parts for name, text in part.texts.items()},
            "",
            (*self.remarks, *(one for part in parts for one in part.remarks)),
            {name: cells for part in parts for name, cells in part.cells.items()},
        )


def submissions(folder: Path) -> list[Submission]:
    """Find the submissions in a folder, in the order of their keys.

    Raises:
        RefusalError: there is no such folder, or nothing in it that could be one.
    """
    if not folder.is_dir():
        what = "a file; its folder is asked for" if folder.exists() else "not there"
        raise RefusalError(f"the folder of submissions {folder} is {what}")
    inside = sorted(one for one in folder.iterdir() if not one.name.startswith((".", "__")))
    inside = [one for one in inside if one.is_dir() or one.suffix in WORTH]
    metadata = folder / METADATA
    if metadata.is_file():
        found = list(_gradescope(inside, metadata))
    elif any(CANVAS.fullmatch(one.name) for one in inside if one.is_file()):
        found = list(_canvas(inside))
    else:
        found = [_moodle(one) or Submission(_stem(one), _stem(one), (one,)) for one in inside]
    if not found:
        raise RefusalError(
            f"there is no submission in {folder}: asked for are folders, .py, .ipynb or .zip "
            "files, or what Canvas, Moodle or Gradescope export"
        )
    return _with_keys_of_their_own(found)


def _stem(path: Path) -> str:
    return path.name if path.is_dir() else path.stem


def _moodle(path: Path) -> Submission | None:
    """``Name_123_assignsubmission_file``."""
    found = MOODLE.fullmatch(path.name) if path.is_dir() else None
    if found is None:
        return None
    return Submission(f"{found['who']}_{found['id']}", found["who"], (path,), (found["id"],))


def _canvas(inside: Sequence[Path]) -> Iterator[Submission]:
    """``name_LATE_123_456_file.ipynb``, one or more of them a student, the last version counts."""
    students: dict[tuple[str, str], dict[str, tuple[int, Path]]] = {}
    remarks: dict[tuple[str, str], list[Problem]] = {}
    for path in inside:
        found = CANVAS.fullmatch(path.name)
        if found is None:
            yield Submission(_stem(path), _stem(path), (path,))
            continue
        who = (found["who"], found["id"])
        handed = PurePosixPath(found["file"])
        numbered = CANVAS_VERSION.fullmatch(handed.stem)
        name = f"{numbered['stem']}{handed.suffix}" if numbered else found["file"]
        version = int(numbered["version"]) if numbered else 0
        known = students.setdefault(who, {})
        older, kept = sorted([known.get(name, (-1, path)), (version, path)])
        known[name] = kept
        if older[0] >= 0:
            remarks.setdefault(who, []).append(_set_aside(older[1], kept[1]))
    for who, files in sorted(students.items()):
        paths = tuple(path for _, path in files.values())
        noted = tuple(remarks.get(who, ()))
        yield Submission(f"{who[0]}_{who[1]}", who[0], paths, (who[1],), noted)


def _gradescope(inside: Sequence[Path], metadata: Path) -> Iterator[Submission]:
    """Folders ``submission_123``, with the students' names in one YAML file."""
    try:
        import yaml
    except ImportError:
        raise RefusalError(
            f"{metadata} is YAML, and no library for it is here: "
            "pip install 'backprop-by-the-book[grade]'"
        ) from None
    try:
        told = yaml.safe_load(metadata.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise RefusalError(f"{metadata} cannot be read: {error}") from None
    for path in inside:
        about = told.get(path.name) if isinstance(told, dict) else None
        people = about.get(":submitters") if isinstance(about, dict) else None
        people = [one for one in people or () if isinstance(one, dict)]
        names = " and ".join(str(one.get(":name", "")) for one in people) or path.name
        ids = [str(one[key]) for one in people for key in (":email", ":sid") if one.get(key)]
        yield Submission(path.name, names, (path,), tuple(ids))


def _set_aside(older: Path, newer: Path) -> Problem:
    why = f"{newer.name} was handed in after it, and that one counts"
    return Problem("unreadable", older.name, {"message": why})


def _with_keys_of_their_own(found: Sequence[Submission]) -> list[Submission]:
    """Number those whose keys would be the same, as ``work.py`` and ``work.zip`` would be."""
    taken: dict[str, int] = {}
    unique = []
    for one in sorted(found, key=lambda one: (one.key, one.paths)):
        count = taken[one.key] = taken.get(one.key, 0) + 1
        unique.append(one if count == 1 else replace(one, key=f"{one.key} ({count})"))
    return unique


def _zip(path: Path) -> Files:
    """Read the Python in a zip; what leads out of it, links or swells is left aside."""
    remarks: list[Problem] = []

    def leave(name: str, why: str) -> None:
        remarks.append(Problem("unreadable", name, {"message": why}))

    with tempfile.TemporaryDirectory(prefix="checks-zip-") as place:
        root, left, count = Path(place), MOST_TEXT * 4, 0
        try:
            with zipfile.ZipFile(path) as packed:
                for info in packed.infolist():
                    name = PurePosixPath(info.filename.replace("\\", "/"))
                    if name.suffix not in BIGGEST or info.is_dir():
                        continue
                    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
                        leave(info.filename, "its name leads out of the zip")
                    elif stat.S_ISLNK(info.external_attr >> 16):
                        leave(info.filename, "it is a link")
                    elif info.flag_bits & 1:
                        leave(info.filename, "it is encrypted")
                    elif info.file_size > min(left, BIGGEST[name.suffix]) or count >= MOST_FILES:
                        leave(info.filename, f"it is too much: {info.file_size} bytes")
                    else:
                        count += 1
                        left -= _unpacked(packed, info, root.joinpath(*name.parts), left)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            leave(path.name, f"it is no zip that can be read: {error}")
        found = read(root)
    return Files(found.texts, "", (*remarks, *found.remarks), found.cells)


def _unpacked(packed: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Write one file of a zip, no more than it says that it holds; its size."""
    with packed.open(info) as stream:
        data = stream.read(min(info.file_size, most) + 1)
    if len(data) > info.file_size:
        raise ValueError(f"{info.filename} holds more than it says")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return len(data)


# The roster


def roster(path: Path, column: str) -> dict[str, Mapping[str, str]]:
    """Read the list of students: CSV rows by the column that knows them.

    Raises:
        RefusalError: it cannot be read, or has no such column; the sentence lists those it has.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RefusalError(f"the roster {path} cannot be read: {error}") from None
    if not rows:
        raise RefusalError(f"the roster {path} has no row below its headings")
    if column not in rows[0]:
        raise RefusalError(
            f"the roster {path} has no column {column!r}; there are {', '.join(rows[0])}"
        )
    return {row[column].strip(): row for row in rows if (row[column] or "").strip()}


def absent(students: Mapping[str, object], handed_in: Sequence[Submission]) -> list[str]:
    """Those of a roster who handed nothing in."""
    known = {name.casefold() for one in handed_in for name in (one.key, one.name, *one.ids)}
    return [student for student in students if student.casefold() not in known]
