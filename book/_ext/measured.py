"""The directive ``measured NAME``: the numbers of a benchmark as the table of a page.

They come from ``benchmarks/results/NAME.json``, as ``benchmarks.measure.record`` writes it, or
from ``prove/results/NAME.json``, as ``make prove`` does; no number is typed into prose, and a page
about results that are not there stops the build.
"""

import json
import os
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from book._ext.chapters import ROOT
from book._ext.dots import dots, finding

RESULTS = ROOT / "benchmarks" / "results"
PROVED = ROOT / "prove" / "results"

_IN_TARGET = ("bound", "reached")
_MACHINE = ("processor", "cores")

Row = dict[str, Any]


class Measured(SphinxDirective):
    """One table for each part of a benchmark's rows, and below it what they were measured on."""

    required_arguments = 1
    has_content = False
    option_spec: ClassVar[dict[str, Any]] = {
        "part": directives.unchanged_required,
        "dots": directives.unchanged_required,
        "same-run": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Build the tables; results or a part that are not there are an error with a sentence."""
        path = place(self.arguments[0])
        if not path.exists():
            there = ", ".join(sorted(other.stem for other in RESULTS.glob("*.json"))) or "none"
            raise self.error(
                f"measured: there is no benchmarks/results/{path.name}, which a benchmark writes;"
                f" there are {there}"
            )
        self.env.note_dependency(os.path.relpath(path, self.env.srcdir))
        results = json.loads(path.read_text("utf-8"))
        parts = split(results["rows"])
        if "part" in self.options:
            part = self.options["part"]
            if part not in parts:
                raise self.error(
                    f"measured: benchmarks/results/{path.name} has no part {part!r};"
                    f" it has {', '.join(filter(None, parts)) or 'no parts'}"
                )
            parts = {"": parts[part]}
        found: list[nodes.Node] = [table(part, rows) for part, rows in parts.items()]
        if "dots" in self.options:
            found.insert(0, self.picture([row for rows in parts.values() for row in rows]))
        return [*found, conditions(results, same_run="same-run" in self.options)]

    def picture(self, rows: list[Row]) -> nodes.image:
        """The ratios of these rows as dots; the option names their columns: group, name and value.

        The words that replace the picture are made of the same numbers.
        """
        group, name, value, *label = self.options["dots"].split(maxsplit=3)
        ratios: dict[str, dict[str, float]] = {}
        targets: dict[str, dict[str, float]] = {}
        for row in rows:
            if isinstance(row.get(value), float):
                ratios.setdefault(row[group], {})[row[name]] = row[value]
                if "target" in row:
                    targets.setdefault(row[group], {})[row[name]] = row["target"]
        drawn = dots(ratios, targets, " ".join(label))
        path = Path(self.env.doctreedir) / "measured" / f"{self.env.new_serialno('measured')}.svg"
        path = path.with_name(f"{self.env.docname}-{path.name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn.save(path)
        place = Path(os.path.relpath(path, self.env.srcdir)).as_posix()
        return nodes.image("", uri=f"/{place}", alt=finding(ratios), width=f"{drawn.width}px")


def place(name: str) -> Path:
    """The file of these results: of a count, or else of a benchmark."""
    proved = PROVED / f"{name}.json"
    return proved if proved.exists() else RESULTS / f"{name}.json"


def split(rows: list[Row]) -> dict[str, list[Row]]:
    """Rows by their ``part``, which is no column; one without a name where there are none."""
    parts: dict[str, list[Row]] = {}
    for row in rows:
        rest = {name: value for name, value in row.items() if name != "part"}
        parts.setdefault(row.get("part", ""), []).append(rest)
    return parts


def columns(rows: list[Row]) -> list[str]:
    """The names of all cells, in the order in which they first stand in a row."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [name for name in names if name not in _IN_TARGET]


def words(name: str, row: Row) -> str:
    """A cell as text; a target says in words whether it was reached."""
    value = row.get(name, "")
    text = digits(value) if isinstance(value, float) else str(value)
    if name != "target" or value == "":
        return text
    bound = f"{row['bound']} {text}" if "bound" in row else text
    return f"{bound}: {'reached' if row['reached'] else 'missed'}" if "reached" in row else bound


def digits(value: float) -> str:
    """A measured number to the digits that a second measurement would keep."""
    if abs(value) < 0.1:
        return f"{value:.2g}"
    return f"{value:.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}"


def table(title: str, rows: list[Row]) -> nodes.table:
    """A table of these rows, numbers to the right."""
    names = columns(rows)
    right = [any(isinstance(row.get(name), int | float) for row in rows) for name in names]
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in names), cols=len(names))
    group += nodes.thead("", _line([name.replace("_", " ") for name in names], right))
    group += nodes.tbody("", *(_line([words(n, row) for n in names], right) for row in rows))
    titles = [nodes.title("", title)] if title else []
    return nodes.table("", *titles, group, classes=["measured"])


def _line(cells: list[str], right: list[bool]) -> nodes.row:
    """One row of a table."""
    line = nodes.row()
    for text, at_right in zip(cells, right, strict=True):
        entry = nodes.entry("", nodes.paragraph("", text))
        entry["classes"] = ["text-right"] if at_right else []
        line += entry
    return line


def conditions(results: dict[str, Any], same_run: bool = False) -> nodes.paragraph:
    """When, by which command and on what the rows were measured."""
    if same_run:
        return nodes.paragraph("", "From the same run.", classes=["measured-on"])
    machine: dict[str, str] = results["machine"]
    versions = [f"{name} {value}" for name, value in machine.items() if name not in _MACHINE]
    computer = f"{machine['processor']}, {machine['cores']} cores"
    line = nodes.paragraph("", classes=["measured-on"])
    line += nodes.Text(f"Measured {results['date']} by " if "date" in results else "Measured by ")
    line += nodes.literal("", results["command"])
    line += nodes.Text(f" on {computer}; {', '.join(versions)}.")
    return line


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("measured", Measured)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
