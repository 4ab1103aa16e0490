"""The student edition: the same proved book, without the code that its readers are to write.

``EDITION=student make site`` leaves the source of every exported cell out of pages, notebooks and
copied sources; their outputs stay. It is a filter at the end, over the notebooks that were proved
whole. It removes temptation and not access: the package that readers install holds ``reference``.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from docutils import nodes

from book._ext.chapters import ChapterError, exported

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAME = "student"
WITHHELD = "Not in this edition: {what}."


def student() -> bool:
    """Whether the edition without our code is being built.

    Raises:
        ChapterError: EDITION names another one.
    """
    edition = os.environ.get("EDITION", "")
    if edition not in ("", NAME):
        raise ChapterError(f"EDITION is {edition!r}; there is {NAME!r}, or nothing for the whole")
    return edition == NAME


def suffix() -> str:
    """What the names of folders end in, so that editions lie apart."""
    return f"-{NAME}" if student() else ""


def withheld(source: str, options: Mapping[str, object]) -> str:
    """The line that stands where the source of an exported cell was."""
    names = exported(source, options)
    return WITHHELD.format(what=", ".join(names) or f"how {options['module']} begins")


def stand_in(source: str, options: Mapping[str, object]) -> str:
    """What a notebook runs in the place of an exported cell: imports, its own and of its names."""
    if "into" in options:
        return ""
    kept, names = [], []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            kept.append(ast.unparse(node))
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
    module = str(options["module"]).removesuffix(".py").replace("/", ".")
    if names:
        kept.append(f"from {module} import {', '.join(names)}")
    return "\n".join(kept)


def leave_out(app: Sphinx, doctree: nodes.document) -> None:
    """Take our code from a page: of exported cells the source, of the trace its lines."""
    if not student():
        return
    for cell in list(doctree.findall(nodes.Element)):
        if cell.get("nb_element") != "cell_code":
            continue
        options = cell["cell_metadata"]
        if "export" not in options.get("tags", ()):
            continue
        block = next(iter(cell.findall(nodes.literal_block)))
        line = nodes.paragraph("", withheld(block.astext(), options), classes=["withheld"])
        cell.attributes.pop("hide_mode", None)
        block.parent.replace(block, line)
    if app.env.current_document.docname == "traceability":
        for row in doctree.findall(nodes.row):
            for line in list(row.children[1].findall(nodes.literal)) if len(row) > 1 else ():
                line.replace_self(nodes.Text("a line of"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Take the code out after everything else has been done to a page."""
    app.connect("doctree-read", leave_out, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
