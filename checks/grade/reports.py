"""All reports of a run: pages, tables, and each student's results.

Records are read one by one, and of each only what the class needs is kept: a whole record
says everything that was seen, and ten thousand of them fit into no memory.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from checks.grade import pages, tables
from checks.grade.intake import Roster
from checks.grade.policy import Policy
from checks.grade.records import Record
from checks.refusal import RefusalError, write, writing

if TYPE_CHECKING:
    from tqdm import tqdm

T = TypeVar("T")
ABSENT, STRANGERS = "missing.txt", "not-in-roster.txt"
FOR_CANVAS, FOR_MOODLE = "canvas.csv", "moodle.csv"
NAMES = ("name", "full name", "student", "student name")  # columns of a roster, in any case


@dataclass(frozen=True)
class Summary:
    """What came of a run.

    Args:
        graded, faults: how many were, and how many could not be.
        mean: of the points of those that were.
        tables: for course systems, that were written.
    """

    graded: int
    faults: int
    mean: float
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Class:
    """Who should have handed in.

    Args:
        roster: the list; None where there is none.
        absent, strangers: who is in it alone, and who is not in it.
    """

    roster: Roster | None = None
    absent: Sequence[str] = ()
    strangers: Sequence[str] = field(default=())

    def row(self, record: Record) -> Mapping[str, str]:
        """The roster's row of a record's student."""
        if self.roster is None:
            return {}
        names = (record["key"], record["name"], *record.get("ids", ()))
        return self.roster.row(map(str, names)) or {}


def write_all(
    out: Path, records: Iterable[Record], count: int, policy: Policy, reveal: bool, who: Class
) -> Summary:
    """Write every report.

    Args:
        out: the folder.
        records: in the order in which they are listed; there are ``count`` of them.
        policy: by which they were graded.
        reveal: show students what hidden checks saw.
        who: should have handed in.
    """
    kept: list[Record] = []
    rows: dict[str, Mapping[str, str]] = {}
    with writing(out / "junit.xml") as file:
        junit = tables.Junit(file, policy.title)
        for record in watched(records, count, "page"):
            rows[record["key"]] = who.row(record)
            record = _named(record, rows[record["key"]])
            name = tables.file_name(str(record["key"]))
            write(out / "results" / f"{name}.json", tables.results(record))
            write(out / "students" / f"{name}.html", pages.student(record, policy, reveal))
            junit.add(record)
            kept.append({part: told for part, told in record.items() if part != "report"})
        junit.end()
    write(out / "class.html", pages.whole_class(kept, policy))
    write(out / "grades.csv", tables.grades_csv(kept, policy))
    made = {
        FOR_CANVAS: tables.canvas_csv(kept, policy, rows),
        FOR_MOODLE: tables.moodle_csv(kept, rows),
        ABSENT: _lines(who.absent),
        STRANGERS: _lines(who.strangers),
    }
    for name, text in made.items():
        _write_or_remove(out / name, text if text.count("\n") > name.endswith(".csv") else "")
    graded = [one["score"] for one in kept if "fault" not in one]
    mean = sum(graded) / len(graded) if graded else 0.0
    written = tuple(name for name in (FOR_CANVAS, FOR_MOODLE) if (out / name).exists())
    return Summary(len(graded), len(kept) - len(graded), mean, written)


def forget(out: Path, keys: Iterable[str]) -> int:
    """Take away the reports on submissions that are no longer there; how many had some."""
    count = 0
    for key in keys:
        name = tables.file_name(key)
        places = (out / "results" / f"{name}.json", out / "students" / f"{name}.html")
        count += any(place.exists() for place in places)
        for place in places:
            place.unlink(missing_ok=True)
    return count


def watched(items: Iterable[T], count: int, unit: str) -> Iterator[T]:
    """Pass things on, with a bar on a terminal where it takes long."""
    with bar(count, unit, delay=2) as shown:
        for item in items:
            yield item
            shown.update()


def bar(count: int, unit: str, delay: float = 0) -> tqdm[None]:
    """A progress bar on standard error, where that is a terminal."""
    try:
        from tqdm import tqdm
    except ImportError:
        raise RefusalError(
            "grading a class needs tqdm:  pip install 'backprop-by-the-book[grade]'"
        ) from None
    return tqdm(total=count, unit=unit, disable=None, file=sys.stderr, delay=delay)


def _named(record: Record, row: Mapping[str, str]) -> Record:
    """With the name that the roster has, where the submission told none."""
    found = [value for column, value in row.items() if str(column).strip().casefold() in NAMES]
    own = record["name"] != record["key"]
    return record if own or not found or not found[0] else {**record, "name": found[0]}


def _lines(names: Sequence[str]) -> str:
    return "".join(f"{tables.line(name)}\n" for name in names)


def _write_or_remove(path: Path, text: str) -> None:
    """What an earlier run wrote there is not left to be taken for this one's."""
    if text:
        write(path, text)
    else:
        path.unlink(missing_ok=True)
