"""The directive ``your-turn NAME``: what the reader writes next, and how it is checked.

Stub, minutes and hints come from the exercise in ``checks``; our own function, the exported cell
that follows, is folded, as are all parts of a class, and answers. The same pass over a page gives
each picture its alternative text and each formula its name.
"""

import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from book._ext.chapters import asked_for, exported
from checks.exercises import by_name
from checks.model import Exercise

LOG = logging.getLogger(__name__)
_ASKED = "your-turn"


class YourTurn(SphinxDirective):
    """A box with the stub of an exercise, its command and its hints."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Build the box; a name that no exercise has is an error with a sentence."""
        try:
            exercise = by_name(self.arguments[0])
        except KeyError as error:
            raise self.error(f"your-turn: {error.args[0]}") from None
        box = nodes.admonition(classes=["your-turn"], names=[f"your-turn-{exercise.name}"])
        box[_ASKED] = exercise.name
        self.set_source_info(box)
        self.state.document.note_explicit_target(box)
        box += nodes.title("", "", nodes.Text("Your turn: "), nodes.literal("", exercise.name))
        box += nodes.paragraph(
            "", f"To write in about {exercise.minutes} minutes: {exercise.statement}."
        )
        box += _code(exercise.stub.strip(), "python")
        box += nodes.paragraph("", "Then ask what is right about it:")
        box += _code(f"checks mine -k {exercise.name}", "console", prompt=True)
        box += _hints(exercise, self.env.docname)
        return [box]


def _code(text: str, language: str, prompt: bool = False) -> nodes.literal_block:
    """A block of code that can be copied."""
    text = f"$ {text}" if prompt else text
    return nodes.literal_block(text, text, language=language)


def _linked(text: str, page: str) -> list[nodes.Node]:
    """A text in which each label of an equation leads to it; one that no page has is an error."""
    found: list[nodes.Node] = []
    for part in re.split(r"(\beq-[a-z0-9-]+\b)", text):
        if not part.startswith("eq-"):
            found.append(nodes.Text(part))
            continue
        link = pending_xref(
            "", nodes.literal("", part), refdomain="math", reftype="numref", reftarget=part
        )
        link["refdoc"] = page
        found.append(link)
    return found


def _hints(exercise: Exercise, page: str) -> list[nodes.Node]:
    """The hints, each folded: the first says what to think of, the last names the equation."""
    found: list[nodes.Node] = []
    for number, hint in enumerate(exercise.hints, 1):
        summary = "A hint" if number == 1 else "Another hint"
        found += [
            nodes.raw("", f'<details class="hint"><summary>{summary}</summary>', format="html"),
            nodes.paragraph("", "", *_linked(hint, page)),
            nodes.raw("", "</details>", format="html"),
        ]
    return found


def fold_answers(app: Sphinx, doctree: nodes.document) -> None:
    """Make each admonition of the class ``dropdown`` a box that opens on a click."""
    for box in list(doctree.findall(nodes.admonition)):
        if "dropdown" not in box["classes"]:
            continue
        title, *body = box.children
        summary = f'<summary class="admonition-title">{escape(title.astext())}</summary>'
        opening = f'<details class="admonition answer">{summary}<div class="answer-body">'
        box.replace_self(
            [
                nodes.raw("", opening, format="html"),
                *body,
                nodes.raw("", "</div></details>", format="html"),
            ]
        )


def finish_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Fold the reference after each "Your turn", and describe each picture."""
    asked: set[str] = set()
    for node in doctree.findall(nodes.Element):
        if node.get(_ASKED):
            asked.add(node[_ASKED])
        if node.get("nb_element") != "cell_code":
            continue
        options: dict[str, Any] = node["cell_metadata"]
        if "export" in options.get("tags", ()):
            source = next(iter(node.findall(nodes.literal_block))).astext()
            names = exported(source, options)
            ours = asked_for(names, asked)
            if ours:
                _fold(node, f"ours: {', '.join(ours)}")
            elif not names:
                _fold(node, f"how {options['module']} begins")
        for image in node.findall(nodes.image):
            if "alt" in options:
                image["alt"] = options["alt"]
            else:
                LOG.warning("a picture without :alt:", location=node)


def _fold(cell: nodes.Element, what: str) -> None:
    """Fold the code of a cell under a line that says what it is."""
    cell["hide_mode"] = "input"
    cell["prompt_show"] = f"Show {what}"
    cell["prompt_hide"] = f"Hide {what}"


def name_formulas(app: Sphinx, doctree: nodes.document) -> None:
    """Show each formula's label where Sphinx would count: code, checks and messages name it."""
    page = app.env.current_document.docname
    objects = app.env.get_domain("math").data["objects"]
    for formula in doctree.findall(nodes.math_block):
        if formula.get("label"):
            formula["number"] = formula["label"]
            objects[formula["label"]] = (page, formula["label"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive and the pass over each page."""
    app.add_directive("your-turn", YourTurn)
    app.connect("doctree-read", fold_answers)
    app.connect("doctree-read", finish_cells)
    app.connect("doctree-read", name_formulas)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
