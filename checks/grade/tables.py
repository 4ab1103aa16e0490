"""Grades as files that other programs read: CSV, Canvas, Moodle, JUnit, Gradescope, JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import TextIO
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from checks.grade.policy import Policy
from checks.grade.records import Record

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
UNPRINTABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f]")


def number(value: float) -> str:
    """Points for people: two places at most, and none that is a nought."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def cell(value: object) -> str:
    """A value for a spreadsheet, which must not take a name for a formula."""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    text = line(value)
    return "'" + text if isinstance(value, str) and text.startswith(FORMULA) else text


def line(value: object) -> str:
    """A value on one line, with nothing in it that a terminal would obey."""
    return " ".join(UNPRINTABLE.sub("?", str(value)).splitlines())


def grades_csv(records: Sequence[Record], policy: Policy) -> str:
    """One row a student: key, name, score, max, remarks, then a column for each exercise."""
    names = policy.names
    table = [["key", "name", "score", "max", "remark", *names]]
    for record in records:
        each = [float(record["exercises"].get(name, {}).get("score", 0.0)) for name in names]
        remark = record.get("fault") or " ".join(record.get("remarks", ()))
        row = [record["key"], record["name"], record["score"], record["max"], remark, *each]
        table.append([cell(value) for value in row])
    return _csv(table)


Rows = Mapping[str, Mapping[str, str]]
"""For a submission's key, the row of its student in the roster."""


def canvas_csv(records: Sequence[Record], policy: Policy, rows: Rows) -> str:
    """A gradebook to import into Canvas, of those whom it knows by a number.

    The number is that of its export, or the column ID of a roster that is its gradebook.
    """
    table = [[*CANVAS, policy.title]]
    for record in records:
        row = rows.get(record["key"], {})
        ident = _number_of(record, "canvas") or (row.get("ID") if "Student" in row else "")
        if ident:
            own = {**row, "Student": row.get("Student") or record["name"], "ID": ident}
            cells = [cell(own.get(name) or "") for name in CANVAS]
            table.append([*cells, cell(record["score"])])
    return _csv(table)


def moodle_csv(records: Sequence[Record], rows: Rows) -> str:
    """A grading worksheet to import into Moodle, of those whom it knows by a number.

    The number is that of its export, or the column Identifier of a roster that is its worksheet.
    """
    table = [["Identifier", "Full name", "Grade", "Maximum Grade"]]
    for record in records:
        known = _number_of(record, "moodle")
        ident = f"Participant {known}" if known else rows.get(record["key"], {}).get("Identifier")
        if ident:
            row = [ident, record["name"], record["score"], record["max"]]
            table.append([cell(value) for value in row])
    return _csv(table)


def _number_of(record: Record, system: str) -> str:
    """By which this course system knows the student, where the submission came out of it."""
    return str((*record.get("ids", ()), "")[0]) if record.get("system") == system else ""


def _csv(table: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


class Junit:
    """JUnit XML: a suite for each student, a case for each check.

    Args:
        file: where it goes.
        title: of the whole.
    """

    def __init__(self, file: TextIO, title: str) -> None:
        self.file = file
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        self.file.write(f"{head}\n<testsuites name={quoteattr(_xml(title))}>\n")

    def add(self, record: Record) -> None:
        """Write one student's suite."""
        suite = ElementTree.Element("testsuite", name=_xml(record["key"]))
        counts = {"tests": 0, "failures": 0, "skipped": 0, "errors": 0}
        for exercise in record.get("report", {}).get("exercises", ()):
            for check in exercise["checks"]:
                counts["tests"] += 1
                name = f"{exercise['name']} / {check['name']}"
                case = ElementTree.SubElement(suite, "testcase", classname=exercise["name"])
                case.set("name", name)
                if check["state"] == "fail":
                    counts["failures"] += 1
                    ElementTree.SubElement(case, "failure", message=_xml(check["sentence"]))
                elif check["state"] != "pass":
                    counts["skipped"] += 1
                    ElementTree.SubElement(case, "skipped", message=_xml(check["state"]))
        if "fault" in record:
            counts["tests"], counts["errors"] = 1, 1
            case = ElementTree.SubElement(suite, "testcase", classname="grade", name="grade")
            ElementTree.SubElement(case, "error", message=_xml(record["fault"]))
        for name, count in counts.items():
            suite.set(name, str(count))
        ElementTree.indent(suite)
        self.file.write(f"{ElementTree.tostring(suite, encoding='unicode')}\n")

    def end(self) -> None:
        """Write what closes it."""
        self.file.write("</testsuites>\n")


def _xml(text: str) -> str:
    """Text without what XML cannot hold, not even escaped."""
    return UNPRINTABLE.sub("?", text)


def gradescope(record: Record, shown: Mapping[str, str]) -> str:
    """What Gradescope reads: ``results.json``.

    Args:
        record: of the submission.
        shown: for each exercise, what its student may read.
    """
    tests = [
        {
            "name": name,
            "score": part["score"],
            "max_score": part["max"],
            "status": "passed" if part["score"] == part["max"] else "failed",
            "output": shown.get(name, ""),
            "output_format": "text",
            "visibility": "visible",
        }
        for name, part in record["exercises"].items()
    ]
    result: dict[str, object] = {"score": record["score"], "tests": tests}
    said = [f"It could not be graded: {record['fault']}"] if "fault" in record else []
    said += record.get("remarks", ())
    if said:
        result["output"] = "\n".join(said)
    return json.dumps(result, indent=2) + "\n"


def file_name(key: str) -> str:
    """A name for a file that belongs to a student, safe on every system and unlike others'."""
    plain = (
        re.sub(r"[^\w.() -]", "_", key).encode("utf-8", "replace")[:80].decode("utf-8", "ignore")
    )
    plain = plain.strip(". ") or "_"
    if plain == key:
        return plain
    return f"{plain}-{abs(hash_of(key)):08x}"


def hash_of(text: str) -> int:
    """A short number for a text, the same everywhere."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def results(record: Record) -> str:
    """A record's JSON, a line for each thing: indented JSON takes Python ten times as long."""
    lines = (f"  {json.dumps(name)}: {json.dumps(part)}" for name, part in record.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"
