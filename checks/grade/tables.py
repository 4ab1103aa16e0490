"""Grades as files that other programs read: CSV, Canvas, Moodle, JUnit, Gradescope, JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from checks.grade.policy import Policy
from checks.grade.records import Record
from checks.refusal import write

FORMULA = ("=", "+", "-", "@", "\t", "\r")
UNPRINTABLE = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd]|[\x7f-\x9f]")


def cell(value: object) -> str:
    """A value for a spreadsheet, which must not take a name for a formula."""
    text = f"{value:g}" if isinstance(value, float) else UNPRINTABLE.sub("?", str(value))
    text = " ".join(text.splitlines())
    return "'" + text if isinstance(value, str) and text.startswith(FORMULA) else text


def grades_csv(records: Sequence[Record], policy: Policy) -> str:
    """One row a student: name, score, max, a remark, then a column for each exercise."""
    names = policy.names
    table = [["key", "name", "score", "max", "remark", *names]]
    for record in records:
        each = [record["exercises"].get(name, {}).get("score", 0.0) for name in names]
        remark = record.get("fault") or record.get("remark", "")
        row = [record["key"], record["name"], record["score"], record["max"], remark, *each]
        table.append([cell(value) for value in row])
    return _csv(table)


def canvas_csv(records: Sequence[Record], policy: Policy) -> str:
    """A gradebook to import into Canvas: it knows students by the number in their export."""
    table = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", policy.title]]
    for record in records:
        ident = (*record.get("ids", ()), "")[0]
        table.append([cell(record["name"]), cell(ident), "", "", "", cell(record["score"])])
    return _csv(table)


def moodle_csv(records: Sequence[Record]) -> str:
    """A grading worksheet to import into Moodle: it knows students by their participant number."""
    table = [["Identifier", "Full name", "Grade", "Maximum Grade"]]
    for record in records:
        ident = (*record.get("ids", ()), "")[0]
        row = [f"Participant {ident}", record["name"], record["score"], record["max"]]
        table.append([cell(value) for value in row])
    return _csv(table)


def _csv(table: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


def junit(records: Sequence[Record], policy: Policy) -> str:
    """JUnit XML: a suite for each student, a case for each check."""
    root = ElementTree.Element("testsuites", name=_xml(policy.title))
    for record in records:
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(record["key"]))
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
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode", xml_declaration=False)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


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
    if "fault" in record:
        result["output"] = f"It could not be graded: {record['fault']}"
    return json.dumps(result, indent=2) + "\n"


def file_name(key: str) -> str:
    """A name for a file that belongs to a student, safe on every system and unlike others'."""
    plain = re.sub(r"[^\w.() -]", "_", key).strip(". ")[:80] or "_"
    if plain == key:
        return plain
    return f"{plain}-{abs(hash_of(key)):08x}"


def hash_of(text: str) -> int:
    """A short number for a text, the same everywhere."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def _lines(record: Record) -> str:
    """A record's JSON, a line for each thing: indented JSON takes Python ten times as long."""
    return ",\n".join(f"  {json.dumps(name)}: {json.dumps(part)}" for name, part in record.items())


def write_all(folder: Path, records: Sequence[Record], policy: Policy) -> None:
    """Write the class's tables, and one file of JSON for each student."""
    write(folder / "grades.csv", grades_csv(records, policy))
    write(folder / "canvas.csv", canvas_csv(records, policy))
    write(folder / "moodle.csv", moodle_csv(records))
    write(folder / "junit.xml", junit(records, policy))
    for record in records:
        text = f"{{\n{_lines(record)}\n}}\n"
        write(folder / "results" / f"{file_name(record['key'])}.json", text)
