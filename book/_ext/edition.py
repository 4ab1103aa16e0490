"""The student edition: the same proved book, without the code that its readers are to write.

``EDITION=student make site`` leaves the source of every exported cell out of pages, notebooks and
copied sources; their outputs stay. It is a filter at the end, over the notebooks that were proved
whole. It removes temptation and not access: the package that readers install holds ``reference``.
Text about that code stands in the directive ``edition whole``, and what is said in its place in
``edition student``; a cell that only serves it has the tag ``whole-edition``.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book._ext.chapters import ChapterError, exported

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAME, WHOLE = "student", "whole"
TAG = "whole-edition"
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


def concerns(name: str) -> bool:
    """Whether text of this edition is in the one that is being built.

    Raises:
        ChapterError: there is no edition of that name.
    """
    if name not in (WHOLE, NAME):
        raise ChapterError(f"edition {name!r}: there is {WHOLE!r}, and {NAME!r}")
    return (name == NAME) == student()


class Edition(SphinxDirective):
    """Text of one edition: ``edition whole`` or ``edition student``."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Give the text where its edition is built, and nothing where the other one is."""
        try:
            return self.parse_content_to_nodes() if concerns(self.arguments[0]) else []
        except ChapterError as error:
            raise self.error(str(error)) from None


def left_out(options: Mapping[str, object]) -> bool:
    """Whether a cell only serves our code, which is not in this edition."""
    tags = options.get("tags", ())
    return student() and isinstance(tags, list | tuple) and TAG in tags


def withheld(source: str, options: Mapping[str, object]) -> str:
    """The line that stands where the source of an exported cell was; "" where it began a module.

    Such a cell holds a line about the module, and imports, which are no secret.
    """
    names = exported(source, options)
    return WITHHELD.format(what=", ".join(names)) if names else ""


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
        if left_out(options):
            cell.parent.remove(cell)
        elif "export" in options.get("tags", ()):
            _replace(cell, options)
    if app.env.current_document.docname == "traceability":
        for row in doctree.findall(nodes.row):
            for line in list(row.children[1].findall(nodes.literal)) if len(row) > 1 else ():
                line.replace_self(nodes.Text("a line of"))


def _replace(cell: nodes.Element, options: Mapping[str, object]) -> None:
    """Put a line in the place of an exported cell, or the imports with which a module begins."""
    block = next(iter(cell.findall(nodes.literal_block)))
    source, line = block.astext(), withheld(block.astext(), options)
    kept = "" if line else stand_in(source, options)
    cell.attributes.pop("hide_mode", None)
    if line:
        block.parent.replace(block, nodes.paragraph("", line, classes=["withheld"]))
    elif kept:
        block.parent.replace(block, nodes.literal_block(kept, kept, **block.attributes))
    else:
        cell.parent.remove(cell)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive, and take the code out after everything else was done to a page."""
    app.add_directive("edition", Edition)
    app.connect("doctree-read", leave_out, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
