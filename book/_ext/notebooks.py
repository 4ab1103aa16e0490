"""Turn a proved chapter into the notebook that a reader downloads.

The outputs are those of the proof. Where the page says "Your turn", the notebook has a cell with
the stub that ends in its check; our own function or class is folded text, and one cell keeps the
reader's where it passed and takes ours otherwise, so that Run All always reaches the bottom.
"""

import ast
import base64
import functools
import json
import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from pybtex.database import Entry, parse_file

from book._ext import edition, measured, other_images, proofs
from book._ext.chapters import BOOK, Chapter, ChapterError, asked_for, exported
from checks.exercises import by_name

_OPEN = re.compile(r"(`{3,}|:{3,})\{([\w:-]+)\} *(.*)")
_ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`", re.S)
_ANCHOR = re.compile(r"^\([\w-]+\)=\n", re.M)
_DISPLAY = re.compile(r"^\$\$\n(.*?)\n\$\$ \(([\w-]+)\)$", re.M | re.S)
_BOXES = {"note": "Note", "tip": "Tip", "warning": "Warning", "important": "Important"}

FIRST = """\
*The notebook of the chapter "{stem}".
Cells with a stub are yours: fill them, run them, and read the card below.
It needs NumPy, matplotlib and this project: `pip install '.[book]'` in the project's folder.*"""


def write(chapter: Chapter, folder: Path) -> Path:
    """Write the reader's notebook of a proved chapter into a folder; return its path.

    Raises:
        ChapterError: the chapter has no proof, or markup that a notebook cannot show.
    """
    executed = proofs.load(chapter)
    if executed is None:
        raise ChapterError(f"book/{chapter.path.name} is not proved, so there is no notebook of it")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{chapter.stem}.ipynb"
    notebook = reader_notebook(executed, chapter.stem)
    if other_images.concerns(chapter):
        tell = new_code_cell(other_images.first_cell(), id=f"{chapter.stem}-not-asserted")
        tell.metadata["jupyter"] = {"source_hidden": True}
        note = new_markdown_cell(other_images.note(), id=f"{chapter.stem}-images")
        notebook.cells[1:1] = [note, tell]
    nbformat.write(notebook, path)
    return path


def reader_notebook(executed: NotebookNode, stem: str) -> NotebookNode:
    """The notebook for the reader, from the executed notebook of the chapter."""
    cells = [
        new_markdown_cell(FIRST.format(stem=stem)),
        new_code_cell("from checks import check, mine_or_reference"),
    ]
    asked: set[str] = set()
    parts = [part for cell in executed.cells for part in _parts(cell, stem)]
    boxes = {part.metadata["asks"] for part in parts if "asks" in part.metadata}
    given: set[str] = set()
    for at, part in enumerate(parts):
        name = part.metadata.pop("asks", "")
        if name:
            asked.add(name)
            needed = _needed(parts[at:], name, boxes)
            cells += [new_code_cell(source) for source in needed if source not in given]
            given.update(needed)
        cells += _reference(part, asked) if part.cell_type == "code" else [part]
    for number, cell in enumerate(cells):
        cell.id = f"{stem}-{number}"
    metadata = {key: executed.metadata[key] for key in ("kernelspec", "language_info")}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _parts(cell: NotebookNode, stem: str) -> Iterator[NotebookNode]:
    """A cell of the chapter, taken apart at each "Your turn" if it is text."""
    if cell.cell_type == "code":
        yield cell
    else:
        yield from _markdown_cells(cell.source, stem)


def _needed(below: list[NotebookNode], name: str, asked: set[str]) -> list[str]:
    """What our cell with this name holds beside it, imports and helpers, for above the stub.

    A reader who defines a helper of the same name then keeps their own.
    """
    found = []
    for cell in below:
        names = exported(cell.source, cell.metadata) if cell.cell_type == "code" else []
        if name in names:
            rest = without(cell.source, set(asked_for(names, asked)))
            found.append(edition.stand_in(rest, cell.metadata) if edition.student() else rest)
    return [rest for rest in found if rest]


def _reference(cell: NotebookNode, asked: set[str]) -> list[NotebookNode]:
    """An exported cell: folded text where the reader was asked for it, else as it is.

    Where our function or class begins, one cell keeps the reader's if it passed; the rest of a
    class that grows by parts is text alone, since by then the name is whole.
    """
    ours = asked_for(exported(cell.source, cell.metadata), asked)
    if edition.left_out(cell.metadata):
        return []
    if edition.student() and "export" in cell.metadata.get("tags", ()):
        return _withheld(cell, ours)
    if not ours:
        return [_shown(cell)]
    keep = "\n".join(f"{name} = mine_or_reference({name})" for name in ours if "." not in name)
    return [
        new_markdown_cell(_details(f"Ours: {', '.join(ours)}", f"```python\n{cell.source}\n```")),
        *([new_code_cell(keep)] if keep else []),
    ]


def _withheld(cell: NotebookNode, ours: list[str]) -> list[NotebookNode]:
    """An exported cell in the student edition: what later cells need of it, and none of its code.

    Where the reader was asked for it, their own is kept if it passed, as in the full edition.
    """
    keep = "\n".join(f"{name} = mine_or_reference({name})" for name in ours if "." not in name)
    source = keep if ours else edition.stand_in(cell.source, cell.metadata)
    line = edition.withheld(cell.source, cell.metadata)
    cells = [new_markdown_cell(f"*{line}*")] if line else []
    return [*cells, *([new_code_cell(source)] if source else [])]


def without(source: str, names: set[str]) -> str:
    """What a text holds beside these definitions: imports, helpers; "" if that is only a text."""
    lines = source.split("\n")
    for node in reversed(ast.parse(source).body):
        if getattr(node, "name", None) in names:
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            del lines[first - 1 : node.end_lineno]
    rest = "\n".join(lines)
    body = ast.parse(rest).body
    if body and ast.get_docstring(ast.Module(body, [])) is not None:
        rest = "\n".join(rest.split("\n")[body[0].end_lineno :])
    return re.sub(r"\n{4,}", "\n\n\n", rest).strip("\n") if ast.parse(rest).body else ""


def _shown(cell: NotebookNode) -> NotebookNode:
    """A cell of the chapter with its outputs; folding becomes Jupyter's own."""
    tags = cell.metadata.get("tags", [])
    hidden = {
        "source_hidden": any(tag in tags for tag in ("hide-input", "remove-input")),
        "outputs_hidden": "hide-output" in tags,
    }
    folding = {"jupyter": {name: True for name, on in hidden.items() if on}} if tags else {}
    shown = new_code_cell(cell.source, outputs=cell.outputs, metadata=folding)
    shown.execution_count = None
    for output in shown.outputs:
        if output.output_type == "execute_result":
            output.execution_count = None
    return shown


def _markdown_cells(source: str, stem: str) -> Iterator[NotebookNode]:
    """A markdown cell as plain Markdown, with a code cell at each "Your turn"."""
    text: list[str] = []
    for kind, argument, body in _blocks(source, stem):
        if kind != "your-turn":
            text.append(_directive(kind, argument, body, stem))
            continue
        if "".join(text).strip():
            yield new_markdown_cell("".join(text).strip())
        text = []
        yield from _reader_cells(argument, stem)
    if "".join(text).strip():
        yield new_markdown_cell("".join(text).strip())


def _reader_cells(name: str, stem: str) -> Iterator[NotebookNode]:
    """The statement of an exercise, and the cell in which the reader writes it."""
    try:
        exercise = by_name(name)
    except KeyError as error:
        raise ChapterError(f"book/{stem}.md: {error.args[0]}") from None
    hints = "\n\n".join(
        _details("A hint" if i == 0 else "Another hint", hint)
        for i, hint in enumerate(exercise.hints)
    )
    title = (
        f"**Your turn: `{name}`.** To write in about {exercise.minutes} minutes:"
        f" {exercise.statement}."
    )
    statement = new_markdown_cell(f"{title}\n\n{hints}".strip())
    statement.metadata["asks"] = name
    yield statement
    yield new_code_cell(f"{exercise.stub.strip()}\n\n\ncheck({name})")


def _blocks(source: str, stem: str) -> Iterator[tuple[str, str, str]]:
    """Split Markdown into directives and the text between them (kind "")."""
    lines = source.splitlines(keepends=True)
    text, i = "", 0
    while i < len(lines):
        found = _OPEN.fullmatch(lines[i].strip())
        if not found:
            text += lines[i]
            i += 1
            continue
        fence, kind, argument = found.groups()
        end = next((j for j in range(i + 1, len(lines)) if lines[j].strip() == fence), None)
        if end is None:
            raise ChapterError(f"book/{stem}.md: the directive {kind} is not closed")
        yield "", "", text
        yield kind, argument, "".join(lines[i + 1 : end])
        text, i = "", end + 1
    yield "", "", text


def _directive(kind: str, argument: str, body: str, stem: str) -> str:
    """A directive as plain Markdown."""
    if kind == "":
        return _plain(body, stem)
    options = dict(re.findall(r"^:(\w+): *(.*)$", body, re.M))
    body = re.sub(r"^:\w+:.*\n", "", body, flags=re.M)
    inner = "".join(_directive(*block, stem) for block in _blocks(body, stem)).strip()
    if kind == "toctree":
        return ""
    if kind == "edition":
        return f"\n{inner}\n" if edition.concerns(argument.strip()) else ""
    if kind == "admonition" and "dropdown" in options.get("class", ""):
        return "\n" + _details(_plain(argument, stem), inner) + "\n"
    if kind in _BOXES or kind == "admonition":
        title = _plain(argument, stem) if kind == "admonition" else _BOXES[kind]
        return "\n" + "\n".join(f"> {row}" for row in [f"**{title}.**", *inner.split("\n")]) + "\n"
    if kind in ("exercises", "syllabus"):  # counted where the site is built: what is told stays
        return f"\n{inner}\n"
    if kind == "measured":
        return _table(argument, stem)
    if kind in {"image", "figure"}:
        return f"\n{_picture(argument, options, stem)}\n\n{inner}\n"
    raise ChapterError(f"book/{stem}.md: a notebook cannot show the directive {kind} yet")


def _table(name: str, stem: str) -> str:
    """The numbers of a benchmark as tables in Markdown, and what they were measured on."""
    path = measured.place(name)
    if not path.exists():
        raise ChapterError(f"book/{stem}.md: there is no benchmarks/results/{path.name}")
    results = json.loads(path.read_text("utf-8"))
    text = ""
    for part, rows in measured.split(results["rows"]).items():
        names = measured.columns(rows)
        lines = [[measured.words(name, row) for name in names] for row in rows]
        cells = [[name.replace("_", " ") for name in names], ["---"] * len(names), *lines]
        text += f"\n{part}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"
    return f"{text}\n{measured.conditions(results).astext()}\n"


def _picture(name: str, options: dict[str, str], stem: str) -> str:
    """A picture of the book with its bytes in the page, so that the notebook stands alone."""
    path = BOOK / name.strip()
    kind, _ = mimetypes.guess_type(path.name)
    if not path.is_file() or kind is None:
        raise ChapterError(f"book/{stem}.md: there is no picture book/{name.strip()}")
    alt = escape(options.get("alt", "").strip("\"'"))
    width = f' width="{options["width"]}"' if "width" in options else ""
    content = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{alt}"{width} src="data:{kind};base64,{content}">'


def _plain(text: str, stem: str) -> str:
    """MyST's own inline markup as plain Markdown."""
    roles: dict[str, Callable[[str], str]] = {
        "eq": lambda target: f"`{target}`",
        "ref": _title_of,
        "doc": _title_of,
        "cite": lambda keys: f"({_cited(keys)})",
        "cite:p": lambda keys: f"({_cited(keys)})",
        "cite:t": _cited,
        "download": lambda target: f"`{target}`",
    }

    def role(found: re.Match[str]) -> str:
        kind, target = found.groups()
        if kind not in roles:
            raise ChapterError(f"book/{stem}.md: a notebook cannot show the role {kind} yet")
        explicit = re.fullmatch(r"(.*?)\s*<[^>]+>", target, re.S)
        return explicit[1] if explicit else roles[kind](target)

    text = _ANCHOR.sub("", text).replace("{.step}\n", "")
    text = _DISPLAY.sub(lambda found: f"$$\n{found[1]} \\tag{{{found[2]}}}\n$$", text)
    return _ROLE.sub(role, text)


def _title_of(target: str) -> str:
    """The heading that a label stands on, in quotation marks."""
    for page in sorted(BOOK.glob("*.md")):
        text = page.read_text("utf-8")
        found = re.search(rf"^\({re.escape(target)}\)=\n+#+ (.*)$", text, re.M)
        if found:
            return f'"{found[1]}"'
        if page.stem == target:
            heading = re.search(r"^# (.*)$", text, re.M)
            return f'"{heading[1]}"' if heading else target
    raise ChapterError(f"no page of the book has the label {target}")


@functools.cache
def _sources() -> Mapping[str, Entry]:
    """What the book cites, by key."""
    return parse_file(str(BOOK / "references.bib")).entries


def _cited(keys: str) -> str:
    """Sources by author and year, as the bibliography has them."""
    sources = _sources()
    names = []
    for key in keys.split(","):
        if key.strip() not in sources:
            raise ChapterError(f"book/references.bib has no source {key.strip()}")
        source = sources[key.strip()]
        last = [" ".join(person.last_names) for person in source.persons["author"]]
        who = last[0] if len(last) == 1 else f"{last[0]} and {last[1]}"
        who = f"{last[0]} et al." if len(last) > 2 else who
        names.append(f"{who}, {source.fields['year']}".replace("{", "").replace("}", ""))
    return "; ".join(names)


def _details(title: str, body: str) -> str:
    """Text that is folded until the reader opens it."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
