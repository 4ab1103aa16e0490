"""One line of JSON for each submission, which is there or is not, whatever happens.

A line is written in one piece, and no kill takes it back. What a crash leaves half-written
at the end is cut off when the file is opened again; a half-written line anywhere else is a
damaged file, and refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from checks.refusal import RefusalError

NAME = "records.jsonl"
BETWEEN = 0.2  # seconds between two waits for the disk
SCHEMA = 1

Record = dict[str, Any]


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
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise RefusalError(f"{self.path} cannot be written: {error.strerror}") from None
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self.file)
            raise RefusalError(
                f"another run grades into {folder} at this moment; wait for it, or stop it first"
            ) from None
        opened = self._opened()
        self.synced, self.safe = 0.0, os.fstat(self.file).st_size
        self.sync()
        self.known = {_key(record) for record in opened}
        self._latest = {str(record["key"]): record for record in opened}

    def _opened(self) -> list[Record]:
        """Read what is there, and cut off a last line that was never finished."""
        whole = self.path.read_bytes()
        end = whole.rfind(b"\n") + 1
        records = list(_parsed(whole[:end], self.path))
        if end < len(whole):
            os.ftruncate(self.file, end)
        return records

    def has(self, key: str, digest: str, rules: str) -> bool:
        """Whether exactly this submission was graded by exactly these rules."""
        return (key, digest, rules) in self.known

    def latest(self, key: str) -> Record | None:
        """The last record of a submission."""
        return self._latest.get(key)

    def newest(self) -> list[Record]:
        """The last record of every submission."""
        return list(self._latest.values())

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
        self.known.add(_key(record))
        self._latest[str(record["key"])] = record

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


def read(path: Path) -> list[Record]:
    """Read records, of a file or of the file in a folder; the last one of each submission counts.

    Raises:
        RefusalError: there are none, or the file is damaged.
    """
    path = path / NAME if path.is_dir() else path
    try:
        whole = path.read_bytes()
    except OSError as error:
        raise RefusalError(f"{path} cannot be read: {error.strerror}") from None
    records = _parsed(whole[: whole.rfind(b"\n") + 1], path)
    return list({record["key"]: record for record in records}.values())


def _key(record: Record) -> tuple[str, str, str]:
    return record["key"], record["digest"], record["rules"]


def _parsed(whole: bytes, path: Path) -> Iterator[Record]:
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            record = json.loads(line)
        except ValueError:
            raise RefusalError(
                f"{path}, line {number}, is damaged, and lines after it are not: keep a copy, and "
                "take that line out; its submission will be graded again"
            ) from None
        if not isinstance(record, dict) or record.get("schema") != SCHEMA:
            raise RefusalError(
                f"{path}, line {number}, is a record of schema {record.get('schema')!r}, and this "
                f"version writes schema {SCHEMA}"
            )
        yield record
