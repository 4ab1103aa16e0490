"""One line of JSON for each submission, which is there or is not, whatever happens.

A line is written in one piece, and no kill takes it back. What a crash leaves half-written
at the end is cut off when the file is opened again; a half-written line anywhere else is a
damaged file, and refused.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from checks.refusal import RefusalError

if sys.platform != "win32":
    import fcntl

NAME = "records.jsonl"
FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
BETWEEN = 0.2  # seconds between two waits for the disk
SCHEMA = 1

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What has to be known of a record without reading it again.

    Args:
        digest, rules: what was graded, and by what.
        is_fault: whether it could not be.
        at, size: where its line is in the file.
    """

    digest: str
    rules: str
    is_fault: bool
    at: int
    size: int


class Index:
    """The last record of each submission in a file; a record is read when it is asked for.

    A class of ten thousand does not fit into memory beside what else is there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[str, Entry] = {}
        self.is_whole = False  # whether all that was to be graded is in it

    def scan(self) -> int:
        """Look through the file; the length of its whole lines.

        Raises:
            RefusalError: it is not there, or damaged.
        """
        at = 0
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    if not line.endswith(b"\n"):
                        break
                    self.note(_parsed(line, number, self.path), at, len(line))
                    at += len(line)
        except OSError as error:
            raise RefusalError(f"{self.path} cannot be read: {error.strerror}") from None
        return at

    def note(self, record: Record, at: int, size: int) -> None:
        """Take up a record that is in the file."""
        if "whole" in record:
            self.is_whole = bool(record["whole"])
            return
        if "gone" in record:
            self.entries.pop(str(record["key"]), None)
            return
        fault = "fault" in record
        entry = Entry(record["digest"], sys.intern(record["rules"]), fault, at, size)
        self.entries[str(record["key"])] = entry

    def __iter__(self) -> Iterator[Record]:
        return map(self.load, list(self.entries))

    def __len__(self) -> int:
        return len(self.entries)

    def load(self, key: str) -> Record:
        """Read the last record of a submission."""
        entry = self.entries[key]
        with self.path.open("rb") as file:
            file.seek(entry.at)
            record: Record = json.loads(file.read(entry.size))
        return record


class Records:
    """The records of one folder, held by one process at a time.

    Args:
        folder: where they are; made if it is not there.
        name: of the file.

    Raises:
        RefusalError: another process grades into it, or the file is damaged.
    """

    def __init__(self, folder: Path, name: str = NAME) -> None:
        self.path = folder / name
        if folder.exists() and not folder.is_dir():
            raise RefusalError(f"{folder} is a file; --out asks for a folder")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.file = os.open(self.path, FLAGS, 0o644)
        except OSError as error:
            raise RefusalError(f"{self.path} cannot be written: {error.strerror}") from None
        self.index = Index(self.path)
        try:
            self._lock(folder)
            whole = self.index.scan()
            if whole < os.fstat(self.file).st_size:  # a last line that was never finished
                os.ftruncate(self.file, whole)
            self.synced, self.safe = 0.0, whole
            self.sync()
        except BaseException:
            os.close(self.file)
            raise

    def _lock(self, folder: Path) -> None:
        if sys.platform == "win32":
            return  # there, it is left to whoever grades
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefusalError(
                f"another run grades into {folder} at this moment; wait for it, or stop it first"
            ) from None
        except OSError as error:
            raise RefusalError(
                f"{self.path} cannot be locked ({error.strerror}): name a folder on another disk"
            ) from None

    def entry(self, key: str) -> Entry | None:
        """What is known of the last record of a submission."""
        return self.index.entries.get(key)

    def load(self, key: str) -> Record:
        """Read the last record of a submission."""
        return self.index.load(key)

    def forget(self, key: str) -> None:
        """Note that a submission is no longer there."""
        self.add({"schema": SCHEMA, "key": key, "gone": True})

    def mark(self, is_whole: bool) -> None:
        """Note whether all that is to be graded is in the file."""
        if self.index.is_whole != is_whole:
            self.add({"schema": SCHEMA, "whole": is_whole})

    @property
    def keys(self) -> list[str]:
        """Every submission that has a record."""
        return list(self.index.entries)

    def add(self, record: Record) -> None:
        """Write one record whole, or not at all; see ``sync`` for when it is on the disk.

        Raises:
            RefusalError: the disk is full, or gone.
        """
        line = json.dumps(record, allow_nan=False, separators=(",", ":")).encode() + b"\n"
        before = os.fstat(self.file).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self.file, rest) :]
        except OSError as error:
            self._cut(before)
            raise self._refusal(error) from None
        if time.monotonic() > self.synced + BETWEEN:
            self.sync()
        self.index.note(record, before, len(line))

    def _refusal(self, error: OSError) -> RefusalError:
        return RefusalError(
            f"{self.path} cannot be written: {error.strerror}. What is in it is safe; make "
            "room, and give the same command again"
        )

    def sync(self) -> None:
        """Wait until all is on the disk.

        A kill takes no record that was written, and a loss of power those of the last
        moment, which are then graded again: to wait for the disk each time would cost a
        tenth of a grade.

        Raises:
            RefusalError: the disk does not take it; what it is known to hold stays.
        """
        try:
            os.fsync(self.file)
        except OSError as error:  # a second try would succeed, and have written nothing
            self._cut(self.safe)
            raise self._refusal(error) from None
        self.synced = time.monotonic()
        self.safe = os.fstat(self.file).st_size

    def _cut(self, size: int) -> None:
        with contextlib.suppress(OSError):
            os.ftruncate(self.file, size)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.file)

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.sync()
        except RefusalError:
            if kind is None:
                raise
        finally:
            self.close()


def read(path: Path) -> Index:
    """Look through records, of a file or of the file in a folder.

    Raises:
        RefusalError: there are none, or the file is damaged.
    """
    index = Index(path / NAME if path.is_dir() else path)
    index.scan()
    return index


def _parsed(line: bytes, number: int, path: Path) -> Record:
    try:
        record = json.loads(line)
    except ValueError:
        if path.suffix != ".jsonl":
            raise RefusalError(f"{path} is no file of records; {NAME} is") from None
        raise RefusalError(
            f"{path}, line {number}, is damaged, and lines after it are not: keep a copy, and "
            "take that line out; its submission will be graded again"
        ) from None
    found = record.get("schema") if isinstance(record, dict) else None
    if found != SCHEMA:
        raise RefusalError(
            f"{path}, line {number}, is a record of schema {found!r}, and this "
            f"version writes schema {SCHEMA}"
        )
    parsed: Record = record
    if not ({"key", "digest", "rules"} <= parsed.keys() or {"whole", "gone"} & parsed.keys()):
        raise RefusalError(f"{path}, line {number}, is no record: it does not say whose")
    return parsed
