"""Whose work is where: folders, files, notebooks, zips, and the exports of course systems.

A submission is all that one student handed in: what has the same name but for its ending,
or what a course system says is one student's. Of several versions the last one counts:
Canvas numbers them (``file-1.ipynb`` replaces ``file.ipynb``), and a remark says so.
"""

from __future__ import annotations

import csv
import io
import lzma
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath

from checks.files import BIGGEST, MOST_FILES, MOST_TEXT, Files, Reader, is_seen, read, walk
from checks.model import Problem
from checks.refusal import RefusalError

CANVAS = re.compile(r"(?P<who>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)")
CANVAS_VERSION = re.compile(r"(?P<stem>.+)-(?P<version>\d+)$")
MOODLE = re.compile(
    r"(?P<who>.+)_(?P<id>\d+)_(?:assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?|file_?)"
)
METADATA = "submission_metadata.yml"
ZIP = ".zip"
ASKED_FOR = "folders, .py, .ipynb or .zip files"
WORTH = (*BIGGEST, ZIP)
ARCHIVES = (".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz")
NOT_A_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(OSError, ValueError, NotImplementedError, EOFError, RuntimeError),
)
BIGGEST_ZIP = 1 << 28
MOST_NAMED = 5  # files that were handed in, where none is Python
SYSTEMS = ("canvas", "moodle", "gradescope")


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Args:
        key: names it in records and reports; unique among the submissions of a run.
        name: the student's name, as far as the export tells.
        paths: the files or the folder that count.
        ids: by which a roster may know the student: e-mail, student number.
        remarks: what was set aside, and why.
        called: what a file was called when it was handed in, where an export renamed it.
        late: whether the export says that it was late.
        system: whose export it is of: one of ``SYSTEMS``; or "".
    """

    key: str
    name: str
    paths: tuple[Path, ...]
    ids: tuple[str, ...] = ()
    remarks: tuple[Problem, ...] = ()
    called: Mapping[Path, str] = field(default_factory=dict)
    late: bool = False
    system: str = ""

    def files(self) -> Files:
        """Read them, as one student's files.

        Raises:
            OSError: this process may not read what is there, or the disk fails.
        """
        texts: dict[str, str] = {}
        cells: dict[str, tuple[int, ...]] = {}
        remarks, left = list(self.remarks), MOST_TEXT
        for place, part in self._parts():
            remarks += part.remarks
            for name, text in part.texts.items():
                left -= len(text.encode("utf-8", "surrogatepass"))
                if left < 0 or len(texts) >= MOST_FILES:
                    why = f"{len(texts)} files were read, and that is the limit"
                    remarks.append(Problem("unreadable", name, {"message": why}))
                    break
                free = name
                while free in texts:
                    free = f"{place}/{free}"
                texts[free] = text
                if name in part.cells:
                    cells[free] = part.cells[name]
        for one in remarks:
            if one.detail.get("barred"):
                raise OSError(f"{one.where}: {one.detail['message']}")
        if not texts:
            there = tuple(islice(self._there(), MOST_NAMED))
            remarks.append(Problem("no_code", "", {"there": there}))
        return Files(texts, "", tuple(remarks), cells)

    def _parts(self) -> Iterator[tuple[str, Files]]:
        """What each path holds, and where to put what has the name of another."""
        for path in self.paths:
            called = self.called.get(path, path.name)
            if path.is_dir():
                yield called, read(path)
                yield from _packed_in(path)
            elif path.suffix.lower() == ZIP:
                yield PurePosixPath(called).stem, _zip(path)
            elif path.suffix.lower() in BIGGEST:
                reader = Reader()
                reader.take(path, called)
                yield path.name, reader.files()
            else:
                yield called, Files({}, "", (Problem("not_code", called),))

    def _there(self) -> Iterator[str]:
        """The names of all that was handed in."""
        for path in self.paths:
            if path.is_dir():
                yield from sorted(one.name for one in path.rglob("*") if one.is_file())
            else:
                yield self.called.get(path, path.name)


def submissions(folder: Path, out: Path | None = None) -> list[Submission]:
    """Find the submissions in a folder, in the order of their keys.

    Args:
        folder: where they are.
        out: where reports go, which is nobody's submission.

    Raises:
        RefusalError: there is no such folder, or nothing in it that could be one.
    """
    inside = [one for one in _inside(folder, out) if _is_worth(one)]
    metadata = folder / METADATA
    if metadata.is_file():
        found = list(_gradescope(inside, metadata))
    else:
        found = _grouped(_plain(path) for path in inside)
    if not found:
        raise RefusalError(
            f"there is no submission in {folder}: asked for are {ASKED_FOR}, or what Canvas, "
            "Moodle or Gradescope export"
        )
    return sorted(found, key=lambda one: one.key)


def others(folder: Path, out: Path | None = None) -> list[str]:
    """What is in the folder and is no submission: a roster, say, or a work as .rar."""
    inside = _inside(folder, out)
    return [one.name for one in inside if not _is_worth(one) and one.name != METADATA]


def _inside(folder: Path, out: Path | None) -> list[Path]:
    if not folder.is_dir():
        what = "a file; its folder is asked for" if folder.exists() else "not there"
        raise RefusalError(f"the folder of submissions {folder} is {what}")
    try:
        inside = sorted(one for one in folder.iterdir() if not one.name.startswith((".", "__")))
    except OSError as error:
        raise RefusalError(f"the folder {folder} cannot be read: {error.strerror}") from None
    if out is None:
        return inside
    if out.resolve() == folder.resolve():
        raise RefusalError(f"--out {out} is the folder of the submissions; name another one")
    return [one for one in inside if not out.resolve().is_relative_to(one.resolve())]


def _is_worth(path: Path) -> bool:
    """Whether it can be a submission, or the course system's part of one."""
    if path.is_dir() or path.suffix.lower() in WORTH:
        return True
    return bool(CANVAS.fullmatch(path.name) or MOODLE.fullmatch(path.name))


@dataclass(frozen=True)
class _Part:
    """One entry of the folder, and what its name says."""

    path: Path
    key: str
    name: str
    called: str
    ids: tuple[str, ...] = ()
    late: bool = False
    system: str = ""


def _plain(path: Path) -> _Part:
    """What the name of a file or folder says of it."""
    canvas = None if path.is_dir() else CANVAS.fullmatch(path.name)
    moodle = MOODLE.fullmatch(path.name)
    found = moodle or canvas
    if found is None:
        return _by_name(path)
    key, late = f"{found['who']}_{found['id']}", bool(canvas and canvas["late"])
    system = "moodle" if moodle else "canvas"
    called = found.groupdict().get("file") or path.name
    return _Part(path, key, found["who"], called, (found["id"],), late, system)


def _by_name(path: Path) -> _Part:
    stem = path.name if path.is_dir() else path.stem
    return _Part(path, stem, stem, path.name)


def _grouped(parts: Iterable[_Part]) -> list[Submission]:
    """Put together what is one student's."""
    students: dict[str, list[_Part]] = {}
    for part in parts:
        students.setdefault(part.key, []).append(part)
    found = []
    for key, own in students.items():
        remarks = [Problem("late")] if any(one.late for one in own) else []
        if own[0].system == "canvas":
            own, set_aside = _last_versions(own)
            remarks += set_aside
        called = {one.path: one.called for one in own if one.called != one.path.name}
        paths = tuple(one.path for one in own)
        first = own[0]
        found.append(
            Submission(
                *(key, first.name, paths, first.ids, tuple(remarks), called),
                *(any(one.late for one in own), first.system),
            )
        )
    return found


def _last_versions(parts: Sequence[_Part]) -> tuple[list[_Part], list[Problem]]:
    """Of ``file.py``, ``file-1.py`` and ``file-2.py`` the last, and a remark on each other."""
    counts: dict[str, tuple[int, _Part]] = {}
    remarks: list[Problem] = []
    for part in parts:
        handed = PurePosixPath(part.called)
        numbered = CANVAS_VERSION.fullmatch(handed.stem)
        name = f"{numbered['stem']}{handed.suffix}" if numbered else part.called
        this = (int(numbered["version"]) if numbered else 0, replace(part, called=name))
        before = counts.get(name)
        older, newer = sorted([before or this, this], key=lambda one: one[0])
        counts[name] = newer
        if before:
            newest = newer[1].path.name
            remarks.append(Problem("set_aside", older[1].path.name, {"newer": newest}))
    return [part for _, part in counts.values()], remarks


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
    for one in _grouped(_by_name(path) for path in inside):
        about = told.get(one.key) if isinstance(told, dict) else None
        people = about.get(":submitters") if isinstance(about, dict) else None
        people = [each for each in people or () if isinstance(each, dict)]
        names = " and ".join(str(each.get(":name", "")) for each in people) or one.key
        ids = [str(each[name]) for each in people for name in (":email", ":sid") if each.get(name)]
        yield replace(one, name=names, ids=tuple(ids), system="gradescope")


def _packed_in(folder: Path) -> Iterator[tuple[str, Files]]:
    """The zips in a folder, each as if unpacked beside itself; other archives with a remark."""
    left = Reader()

    def leave(name: str, why: str, error: OSError | None = None) -> None:
        """What cannot be looked into was told when the folder was read."""

    for path in walk(folder, (ZIP, *ARCHIVES), leave):
        inside = path.relative_to(folder)
        if path.suffix.lower() != ZIP:
            left.remark(Problem("not_code", inside.as_posix()))
            continue
        place, found = inside.with_suffix("").as_posix(), _zip(path)
        texts = {f"{place}/{name}": text for name, text in found.texts.items()}
        cells = {f"{place}/{name}": starts for name, starts in found.cells.items()}
        yield place, Files(texts, "", found.remarks, cells)
    yield "", left.files()


def _zip(path: Path) -> Files:
    """Read the Python in a zip; what leads out of it, links or swells is left aside."""
    reader = Reader()
    try:
        if path.stat().st_size > BIGGEST_ZIP:
            reader.leave(path.name, f"it has {path.stat().st_size} bytes")
            return reader.files()
        packed = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    except OSError as error:
        reader.leave(path.name, str(error.strerror), error)
    except NOT_A_ZIP as error:
        reader.leave(path.name, f"it is no zip that can be read: {error}")
    else:
        for info in sorted(packed.infolist(), key=lambda info: info.filename):
            _unpack(packed, info, reader)
    return reader.files()


def _unpack(packed: zipfile.ZipFile, info: zipfile.ZipInfo, reader: Reader) -> None:
    """Read one file of a zip, no more than it says that it holds."""
    name = PurePosixPath(info.filename.replace("\\", "/"))
    suffix, folders = name.suffix.lower(), name.parts[:-1]
    if info.is_dir() or name.name.startswith(".") or not all(map(is_seen, _plain_of(folders))):
        return
    if suffix in (ZIP, *ARCHIVES):
        reader.remark(Problem("not_code", info.filename))
    if suffix not in BIGGEST:
        return
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        reader.leave(info.filename, "its name leads out of the zip")
    elif stat.S_ISLNK(info.external_attr >> 16):
        reader.leave(info.filename, "it is a link")
    elif info.flag_bits & 1:
        reader.leave(info.filename, "it is encrypted")
    elif info.file_size > BIGGEST[suffix]:
        reader.leave(info.filename, f"it is too much: {info.file_size} bytes")
    else:
        try:
            with packed.open(info) as stream:
                data = stream.read(info.file_size + 1)
        except NOT_A_ZIP as error:
            return reader.leave(info.filename, f"it is damaged: {error}")
        if len(data) > info.file_size:
            return reader.leave(info.filename, "it holds more than it says")
        reader.add(str(name), data)


def _plain_of(folders: Iterable[str]) -> Iterator[str]:
    """Names of folders without those that mean this one and the one above."""
    return (name for name in folders if name not in (".", ".."))


# The roster


@dataclass(frozen=True)
class Roster:
    """The list of students.

    Args:
        path: where it was read.
        column: the one that knows them.
        rows: by what is in that column.
    """

    path: Path
    column: str
    rows: Mapping[str, Mapping[str, str]]

    @cached_property
    def _known(self) -> Mapping[str, Mapping[str, str]]:
        return {_known_as(student): row for student, row in self.rows.items()}

    def row(self, names: Iterable[str]) -> Mapping[str, str] | None:
        """The row of whoever goes by one of these names."""
        keys = map(_known_as, names)
        return next((self._known[key] for key in keys if key in self._known), None)

    def absent(self, handed_in: Sequence[Submission]) -> list[str]:
        """Those who handed nothing in."""
        there = {_known_as(name) for one in handed_in for name in names_of(one)}
        return [student for student in self.rows if _known_as(student) not in there]

    def strangers(self, handed_in: Sequence[Submission]) -> list[str]:
        """Those who handed something in and are not in it.

        Raises:
            RefusalError: that is everybody, so the column is another one.
        """
        found = [one.key for one in handed_in if self.row(names_of(one)) is None]
        if handed_in and len(found) == len(handed_in):
            columns = ", ".join(map(str, next(iter(self.rows.values()))))
            raise RefusalError(
                f"none of the {len(found)} submissions is of somebody in the roster {self.path}: "
                f"{found[0]!r} is not in its column {self.column!r}. Its columns are {columns}; "
                "name the right one with --key"
            )
        return found


def names_of(submission: Submission) -> tuple[str, ...]:
    """By which a roster may know a student."""
    return (submission.key, submission.name, *submission.ids)


def _known_as(name: str) -> str:
    """A name whichever way its letters are written: case, and accents as macOS keeps them."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def roster(path: Path, column: str) -> Roster:
    """Read the list of students: rows of a CSV by the column that knows them.

    Raises:
        RefusalError: it cannot be read, or has no such column; the sentence lists those it has.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise RefusalError(f"the roster {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RefusalError(
            f"the roster {path} is not UTF-8; save it again, in Excel as 'CSV UTF-8'"
        ) from None
    counts = Counter(one for one in text.partition("\n")[0] if one in ",;\t")
    between = counts.most_common(1)[0][0] if counts else ","
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=between))
    except csv.Error as error:
        raise RefusalError(f"the roster {path} cannot be read: {error}") from None
    if not rows:
        raise RefusalError(f"the roster {path} has no row below its headings")
    if column not in rows[0]:
        columns = ", ".join(map(str, rows[0]))
        raise RefusalError(f"the roster {path} has no column {column!r}; there are {columns}")
    known = {row[column].strip(): row for row in rows if (row[column] or "").strip()}
    if not known:
        raise RefusalError(f"the roster {path} has nobody in its column {column!r}")
    return Roster(path, column, known)
