"""A record is on the disk or it is not; nothing is lost, and nothing is graded twice."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from checks.grade.records import NAME, Records, read
from checks.refusal import RefusalError


def record(key: str, digest: str = "d", rules: str = "r") -> dict[str, object]:
    return {"schema": 1, "key": key, "digest": digest, "rules": rules, "score": 1.0}


def test_records_come_back(tmp_path: Path) -> None:
    """What was added is there when the folder is opened again, and known by key, text and rules."""
    with Records(tmp_path) as records:
        records.add(record("a"))
        records.add(record("b"))
    with Records(tmp_path) as records:
        records.add({**record("a", "other text"), "fault": "why"})
        first, second, none = map(records.entry, ("a", "b", "c"))
        assert first is not None
        assert second is not None
        assert (first.digest, first.rules, first.is_fault) == ("other text", "r", True)
        assert (second.digest, second.rules, second.is_fault) == ("d", "r", False)
        assert none is None
        assert records.keys == ["a", "b"]
        assert records.load("a")["fault"] == "why"
        assert records.load("b") == record("b")


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_half_a_line_is_cut_off(tmp_path: Path, cut: int) -> None:
    """A last line that a crash left half-written goes, wherever it was cut; the others stay."""
    with Records(tmp_path) as records:
        records.add(record("a"))
        records.add(record("b"))
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:-cut])
    with Records(tmp_path) as records:
        assert records.keys == ["a"]
        records.add(record("c"))
    assert [one["key"] for one in read(tmp_path)] == ["a", "c"]


def test_damage_in_the_middle_is_refused(tmp_path: Path) -> None:
    """A damaged line that is not the last is told by its number, and nothing is thrown away."""
    with Records(tmp_path) as records:
        records.add(record("a"))
        records.add(record("b"))
    path = tmp_path / NAME
    before = path.read_bytes().replace(b'{"schema"', b'["schema"', 1)
    path.write_bytes(before)
    for _ in range(2):  # and the folder is not held by the one that was refused
        with pytest.raises(RefusalError, match="line 1, is damaged"):
            Records(tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("line", ["[]", "1", "null", '"a"', '{"schema": 1, "key": "a"}'])
def test_json_that_is_no_record_is_refused(tmp_path: Path, line: str) -> None:
    """What is JSON and no record gets a sentence; so does a table, by its name."""
    (tmp_path / NAME).write_text(f"{line}\n")
    with pytest.raises(RefusalError, match=r"schema None|is no record"):
        read(tmp_path)
    (tmp_path / "grades.csv").write_text("key,name\n")
    with pytest.raises(RefusalError, match=r"grades\.csv is no file of records"):
        read(tmp_path / "grades.csv")


def test_another_schema_is_refused(tmp_path: Path) -> None:
    """Records of another version are told by their schema."""
    (tmp_path / NAME).write_text('{"schema": 99, "key": "a"}\n')
    with pytest.raises(RefusalError, match="schema 99"):
        read(tmp_path)


def test_the_disk_is_waited_for_now_and_then_and_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every record is in the file at once; many that come quickly wait for the disk together."""
    waits: list[int] = []
    monkeypatch.setattr(os, "fsync", waits.append)
    monkeypatch.setattr("checks.grade.records.BETWEEN", 3600)
    with Records(tmp_path) as records:
        for k in range(5):
            records.add(record(str(k)))
            assert len(read(tmp_path).entries) == k + 1
        assert len(waits) == 1
        monkeypatch.setattr("checks.grade.records.BETWEEN", -1)
        records.add(record("late"))
        assert len(waits) == 2
    assert len(waits) == 3


@pytest.mark.parametrize("where", ["sync", "add", "the end"])
def test_what_the_disk_does_not_take_is_not_called_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Where waiting for the disk fails, the file is cut to what it is known to hold.

    A system tells of such a failure once, and then takes the next wait for a success.
    """
    fails = [OSError(errno.EIO, "Input/output error")]

    def full(_: int) -> None:
        if fails:
            raise fails.pop()

    monkeypatch.setattr("checks.grade.records.BETWEEN", 3600)

    def grade() -> None:
        with Records(tmp_path) as records:
            records.add(record("a"))
            records.sync()
            monkeypatch.setattr(os, "fsync", full)
            records.add(record("b"))
            if where == "sync":
                records.sync()
            if where == "add":
                monkeypatch.setattr("checks.grade.records.BETWEEN", -1)
                records.add(record("c"))

    with pytest.raises(RefusalError, match="Input/output error"):
        grade()
    assert [one["key"] for one in read(tmp_path)] == ["a"]


def test_a_part_knows_when_it_is_whole(tmp_path: Path) -> None:
    """That a run has ended is in the file; a submission that is gone is no longer there."""
    with Records(tmp_path) as records:
        assert not records.index.is_whole
        for key in ("a", "b"):
            records.add(record(key))
        records.mark(is_whole=True)
        records.forget("a")
    index = read(tmp_path)
    assert index.is_whole
    assert [one["key"] for one in index] == ["b"]
    with Records(tmp_path) as records:
        records.mark(is_whole=False)
    assert not read(tmp_path).is_whole


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """Two runs cannot grade into one folder at once; when the first has ended, the next can."""
    with Records(tmp_path), pytest.raises(RefusalError, match="another run"):
        Records(tmp_path)
    Records(tmp_path).close()


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full after half a line, the file is as it was and the sentence says so."""
    real = os.write

    def full(file: int, data: bytes) -> int:
        real(file, bytes(data)[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with Records(tmp_path) as records:
        records.add(record("a"))
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", full)
            with pytest.raises(RefusalError, match="No space left"):
                records.add(record("b"))
        records.add(record("c"))
    assert [one["key"] for one in read(tmp_path)] == ["a", "c"]
