"""Follow each equation: to its code, the cell that evaluates it, its checks, and what they reject.

``python -m book._ext.trace`` writes ``book/traceability.md``; with ``--check`` nothing is written,
and the exit code is 1 when the page is not what chapters, code and checks say, or when an equation
has lost its code, its evaluation or its check.

A formula that is only a step on the way says so: the line above it is ``{.step}``. One that a
variation asks for has no code in the package, on purpose, and needs a check all the more.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import reference
from book._ext.chapters import BOOK, ROOT, Chapter, chapters
from checks.exercises import EXERCISES, by_name
from checks.mistakes import MISTAKES, Mistake
from checks.model import FAIL
from checks.run import run
from checks.student import InProcess
from reference.files import write_whole

PAGE = BOOK / "traceability.md"
LABEL = re.compile(r"\beq-[a-z0-9-]*[a-z0-9]\b")
_FORMULA = re.compile(r"^(\{\.step\}\n)?\$\$\n.*?\n\$\$ \((eq-[a-z0-9-]+)\)$", re.M | re.S)
SEED = 7
JUDGES_NUMBERS = ("value", "gradient", "stability")  # the other stages ask for no formula

OPEN: dict[str, str] = {}
"""Formulas that have no check yet, each with what is missing; the page lists them."""


@dataclass
class Equation:
    """One displayed formula, and where it is kept.

    Args:
        label: such as eq-affine-db.
        chapter: the stem of its page.
        step: whether it is only a step on the way.
        code: the lines of ``reference`` that carry its label, each with its place.
        evaluated: the chapters and headings under which a cell evaluates it.
        checks: what judges it, as (exercise, check).
        kills: the mistakes that those checks reject.
    """

    label: str
    chapter: str
    step: bool = False
    code: list[tuple[str, str]] = field(default_factory=list)
    evaluated: list[tuple[str, str]] = field(default_factory=list)
    checks: list[tuple[str, str]] = field(default_factory=list)
    kills: list[Mistake] = field(default_factory=list)

    @property
    def variation(self) -> bool:
        """Whether it is asked for in a variation, which has no answer in the package."""
        asked = [by_name(exercise) for exercise, _ in self.checks]
        return bool(asked) and all(exercise.variation for exercise in asked)


def formulas(chapter: str, text: str) -> list[Equation]:
    """The displayed formulas of a page, in order."""
    found = _FORMULA.finditer(text)
    return [Equation(match[2], chapter, step=bool(match[1])) for match in found]


def coded(path: Path) -> Iterator[tuple[str, str, str]]:
    """The lines of a module that carry labels: ``(label, function, the line's code)``."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    spans = [
        (node.lineno, node.end_lineno or node.lineno, node.name)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        row = token.start[0]
        around = sorted((first, name) for first, last, name in spans if first <= row <= last)
        place = ".".join(name for _, name in around)
        for label in LABEL.findall(token.string):
            yield label, place, lines[row - 1][: token.start[1]].strip()


def headings(chapter: Chapter) -> Iterator[tuple[str, str, bool]]:
    """The code cells of a chapter: ``(heading above, source, whether it is exported)``."""
    heading = ""
    for cell in chapter.notebook.cells:
        if cell.cell_type == "markdown":
            rows = [row for row in cell.source.splitlines() if re.match(r"#{1,3} ", row)]
            heading = rows[-1].lstrip("# ") if rows else heading
        else:
            yield heading, cell.source, "export" in cell.metadata.get("tags", ())


def killed(mistakes: Iterable[Mistake]) -> Iterator[tuple[Mistake, str, str]]:
    """Which checks reject which mistakes: ``(mistake, exercise, check)``, by running them all."""
    ours = {name: getattr(reference, name) for name in reference.__all__}
    for mistake in mistakes:
        student = InProcess({**ours, mistake.function: mistake.code})
        try:
            report = run([by_name(mistake.function)], student, SEED)
        finally:
            student.close()
        for outcome in report.outcomes:
            if outcome.state == FAIL:
                yield mistake, outcome.exercise, outcome.check


def traced(
    book: list[Chapter] | None = None, mistakes: Iterable[Mistake] = MISTAKES
) -> list[Equation]:
    """All equations of the book, in its order, each followed to where it is kept."""
    book = chapters() if book is None else book
    found = [one for c in book for one in formulas(c.stem, c.path.read_text("utf-8"))]
    by_label = {one.label: one for one in found}
    carriers: dict[str, set[str]] = {}
    for path in sorted((ROOT / "reference").rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        for label, place, line in coded(path):
            if label in by_label:
                by_label[label].code.append((f"{place} in {where}", line))
                carriers.setdefault(label, set()).add(place.split(".")[0])
    for chapter in book:
        for heading, source, exported in headings(chapter):
            if exported:
                continue
            for label in set(LABEL.findall(source)) & by_label.keys():
                _add(by_label[label].evaluated, (chapter.stem, heading))
    _called(book, by_label, carriers)
    for exercise in EXERCISES:
        for check in exercise.checks:
            if check.equation in by_label:
                by_label[check.equation].checks.append((exercise.name, check.name))
    checked = {pair: one for one in found for pair in one.checks}
    for mistake, exercise, check in killed(mistakes):
        if (exercise, check) in checked:
            _add(checked[exercise, check].kills, mistake)
    return found


def _called(
    book: list[Chapter], by_label: dict[str, Equation], carriers: dict[str, set[str]]
) -> None:
    """Where no cell carries a label, the first cell that calls the function which does."""
    for label, names in carriers.items():
        equation = by_label[label]
        if equation.evaluated:
            continue
        ordered = sorted(book, key=lambda chapter: chapter.stem != equation.chapter)
        calls = re.compile(rf"\b(?:{'|'.join(sorted(names))})\(")
        for chapter in ordered:
            here = [
                heading
                for heading, source, exported in headings(chapter)
                if not exported and calls.search(source)
            ]
            if here:
                equation.evaluated.append((chapter.stem, here[0]))
                break


def _add(items: list[object], item: object) -> None:
    if item not in items:
        items.append(item)


def lost(equations: list[Equation]) -> list[str]:
    """What is missing, a sentence each; empty where every equation is kept."""
    sentences = []
    for one in equations:
        where = f"{one.label} (book/{one.chapter}.md)"
        if not one.evaluated and not one.variation:
            sentences.append(f"{where}: no cell evaluates it, or none says so with its label")
        if one.step:
            if one.checks:
                sentences.append(f"{where}: it has a check, so it is more than a step")
            continue
        if not one.code and not one.variation:
            sentences.append(
                f"{where}: no line of reference carries its label; a mere step says {{.step}}"
            )
        if not one.checks and one.label not in OPEN:
            sentences.append(f"{where}: no check stands on it")
        if one.checks and one.label in OPEN:
            sentences.append(f"{where}: it is listed as open, but has a check")
    labels = [one.label for one in equations]
    sentences += [
        f"{label} labels two formulas" for label in set(labels) if labels.count(label) > 1
    ]
    sentences += [
        f"{label} is listed as open, and no page has it" for label in OPEN.keys() - {*labels}
    ]
    known = {*labels, ""}
    for exercise in EXERCISES:
        for check in exercise.checks:
            name = f"{exercise.name} / {check.name}"
            if check.stage in JUDGES_NUMBERS and not check.equation:
                sentences.append(f"{name} judges numbers, and stands on no equation")
            if check.equation not in known:
                sentences.append(f"{name} stands on {check.equation}, which no page has")
    return sentences


HEAD = (Path(__file__).with_name("traceability.txt")).read_text("utf-8")


def page(equations: list[Equation]) -> str:
    """The page, as MyST Markdown."""
    steps = sum(one.step for one in equations)
    variations = sum(one.variation for one in equations)
    parts = [
        HEAD.format(
            count=len(equations),
            steps=steps,
            variations=variations,
            asked=len(equations) - steps - variations,
        )
    ]
    if OPEN:
        rows = [f"- {{eq}}`{label}`: {why}." for label, why in OPEN.items()]
        parts.append("## What has no check yet\n\n" + "\n".join(rows) + "\n")
    for chapter in dict.fromkeys(one.chapter for one in equations):
        parts.append(_section(chapter, [one for one in equations if one.chapter == chapter]))
    return "\n".join(parts)


def _section(chapter: str, equations: list[Equation]) -> str:
    """One chapter: a table of what is asked, the mistakes, and a list of the steps."""
    lines = [f"## {{doc}}`{chapter}`", ""]
    asked = [one for one in equations if not one.step]
    if asked:
        lines += [
            "| equation | code | evaluated under | checks | rejects |",
            "|---|---|---|---|---|",
        ]
        lines += [_row(one) for one in asked]
        lines.append("")
    kills = {mistake.name: mistake for one in asked for mistake in one.kills}
    if kills:
        lines += ["```{admonition} The mistakes that they reject", ":class: dropdown", ""]
        for function in dict.fromkeys(mistake.function for mistake in kills.values()):
            sentences = [m.sentence for m in kills.values() if m.function == function]
            lines += [f"- `{function}`", *(f"  - {sentence}" for sentence in sentences)]
        lines += ["```", ""]
    steps = [one for one in equations if one.step]
    if steps:
        lines += ["Steps on the way, and where they are evaluated:", ""]
        lines += [f"- {{eq}}`{one.label}`: {_places(one)}" for one in steps]
        lines.append("")
    return "\n".join(lines)


def _row(one: Equation) -> str:
    """One equation as a row of the table."""
    code = "<br>".join(f"`{line}`<br>{place}" for place, line in _unique(one.code))
    grouped: dict[str, list[str]] = {}
    for exercise, check in one.checks:
        grouped.setdefault(exercise, []).append(check)
    checks = "<br>".join(f"`{name}`: {', '.join(which)}" for name, which in grouped.items())
    count = f"{len(one.kills)} mistakes" if len(one.kills) != 1 else "1 mistake"
    if one.variation:
        count = "the catalogue knows none, on purpose"
    cells = [
        f"{{eq}}`{one.label}`",
        code or "none, on purpose: a variation",
        _places(one) or "its checks",
        checks or "open",
        count if one.checks else "",
    ]
    return f"| {' | '.join(cells)} |"


def _unique(code: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each line once, and a function without its file where the file is its own."""
    return list(
        dict.fromkeys((place.split(" in ")[0], line.replace("|", "\\|")) for place, line in code)
    )


def _places(one: Equation, most: int = 2) -> str:
    """Where it is evaluated: headings of its own chapter, and the names of others."""
    places = [
        heading if chapter == one.chapter else f"{{doc}}`{chapter}`"
        for chapter, heading in one.evaluated
    ]
    return "; ".join(list(dict.fromkeys(places))[:most])


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; the exit code of the command."""
    parser = argparse.ArgumentParser(prog="python -m book._ext.trace", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    options = parser.parse_args(arguments)
    equations = traced()
    missing = lost(equations)
    for sentence in missing:
        print(sentence)
    text = page(equations)
    if options.check:
        same = PAGE.exists() and PAGE.read_text("utf-8") == text
        if not same:
            print("book/traceability.md is not what chapters, code and checks say: `make trace`")
        return 1 if missing or not same else 0
    write_whole(PAGE, text.encode())
    print(f"wrote book/traceability.md: {len(equations)} equations")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
