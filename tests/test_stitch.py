"""The way home: an edit of a tangled module reaches its chapter, or is reported, never lost."""

import ast
import random
import re

import pytest

from book._ext import stitch, tangle
from book._ext.chapters import ROOT, Chapter, chapters, read
from book._ext.segments import segments

BOOK = chapters()
MODULES = tangle.tangled(BOOK)
FRONT = "\n".join((ROOT / "book" / "affine.md").read_text("utf-8").split("\n")[:10]) + "\n"
NOT_DRAWN = random.Random(0)


def pages_of(module: str) -> list[Chapter]:
    """The chapters that a module comes from."""
    stems = {cell.chapter.stem for cell in tangle.exports(BOOK)[module]}
    return [page for page in BOOK if page.stem in stems]


def grown_in(module: str) -> set[str]:
    """The classes of a module that grow by parts."""
    return {cell.into for cell in tangle.exports(pages_of(module))[module] if cell.into}


def outside(page: Chapter) -> list[str]:
    """A chapter in pieces, without the code that it exports."""
    found, at = [], 0
    for cells in tangle.exports([page]).values():
        for cell in cells:
            start = page.text.index(cell.source, at)
            found.append(page.text[at:start])
            at = start + len(cell.source)
    return [*found, page.text[at:]]


# Edits that have a home. Each takes the text of a module and a random generator.


def a_local_renamed(text: str, rng: random.Random) -> str:
    """A local name is another one throughout its function."""
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    choices = []
    for node in functions:
        stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _stores(n)}
        choices += [(node, name) for name in sorted(stored)]
    node, name = rng.choice(choices)
    rows = text.split("\n")
    for row in range(node.lineno - 1, node.end_lineno):
        rows[row] = re.sub(rf"\b{name}\b", f"renamed_{name}", rows[row])
    return "\n".join(rows)


def _stores(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def a_comment_added(text: str, rng: random.Random) -> str:
    """A statement in a function has another comment at its end."""
    rows = text.split("\n")
    row = rng.choice(_statements(text)).end_lineno - 1
    rows[row] = re.sub(r" +# .*$", "", rows[row]) + "  # another comment"
    return "\n".join(rows)


def a_line_added(text: str, rng: random.Random) -> str:
    """A function has a statement and a comment more."""
    rows = text.split("\n")
    node = rng.choice(_statements(text))
    indent = " " * node.col_offset
    rows[node.lineno - 1 : node.lineno - 1] = [f"{indent}# Once more.", "", f"{indent}pass"]
    return "\n".join(rows)


def a_line_at_the_end_of_a_function(text: str, rng: random.Random) -> str:
    """A function ends with a comment, which no statement follows."""
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    node = rng.choice(functions)
    rows = text.split("\n")
    rows[node.end_lineno : node.end_lineno] = [f"{' ' * node.body[0].col_offset}# The end."]
    return "\n".join(rows)


def a_comment_above_a_function(text: str, rng: random.Random) -> str:
    """A comment of two lines stands above a function or a method."""
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    node = rng.choice([n for n in functions if not n.decorator_list and n.col_offset <= 4])
    rows = text.split("\n")
    indent = " " * node.col_offset
    rows[node.lineno - 1 : node.lineno - 1] = [f"{indent}# Two", f"{indent}# lines."]
    return "\n".join(rows)


def a_docstring_reworded(text: str, rng: random.Random) -> str:
    """A docstring begins otherwise and has a paragraph more."""
    starts = [found.end() for found in re.finditer(r'^ *"""(?=[A-Z])', text, re.M)]
    at = rng.choice(starts)
    return f"{text[:at]}Otherwise.\n\n    {text[at:]}"


def an_import_added(text: str, rng: random.Random) -> str:
    """A module imports one more, above the others or below its docstring."""
    first = ast.parse(text).body[1]
    rows = text.split("\n")
    if isinstance(first, ast.Import | ast.ImportFrom):
        rows[first.lineno - 1 : first.lineno - 1] = ["import math", ""]
    else:
        rows[2:2] = ["", "import math"]
    return "\n".join(rows)


def the_docstring_changed(text: str, rng: random.Random = NOT_DRAWN) -> str:
    """A module says otherwise what it is for."""
    return text.replace('"""', '"""Otherwise: ', 1)


AT_HOME = [
    a_local_renamed,
    a_comment_added,
    a_line_added,
    a_line_at_the_end_of_a_function,
    a_comment_above_a_function,
    a_docstring_reworded,
    an_import_added,
    the_docstring_changed,
]


def _statements(text: str) -> list[ast.stmt]:
    """Statements of functions that take up one row each, docstrings left out."""
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    found = [node for one in functions for node in one.body if node.lineno == node.end_lineno]
    return [n for n in found if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]


# Edits that have none. Each gives the text, and the name that is to be reported.


def a_function_deleted(text: str, module: str, rng: random.Random) -> tuple[str, str]:
    """A definition, or a method of a class that grows by parts, is gone."""
    one = rng.choice([one for one in segments(text, grown_in(module)) if one.name])
    rows = text.split("\n")
    del rows[one.start : one.end]
    if one.name.startswith("class "):  # its methods go with it
        last = [s for s in segments(text, grown_in(module)) if s.inside == one.inside][-1]
        rows = text.split("\n")
        del rows[one.start : last.end]
    return "\n".join(rows), f"{one.name} is gone"


def a_function_added(text: str, module: str, rng: random.Random) -> tuple[str, str]:
    """There is a function that no chapter knows."""
    one = rng.choice([one for one in segments(text, set()) if one.name])
    rows = text.split("\n")
    rows[one.start : one.start] = ["def nobody_knows():", "    return 1", "", ""]
    return "\n".join(
        rows
    ), f":{one.start + 1}: nobody_knows is new; give it an exported cell of its"


def a_function_moved(text: str, module: str, rng: random.Random) -> tuple[str, str]:
    """The last definition of a module stands first."""
    named = [one for one in segments(text, set()) if one.name]
    rows = text.split("\n")
    first, last = named[0], named[-1]
    moved = rows[last.start : last.end]
    del rows[last.start : last.end]
    rows[first.start : first.start] = [*moved, "", ""]
    return "\n".join(rows), "was moved, away from book/"


SEVERAL = [module for module, text in MODULES.items() if text.count("\ndef ") > 1]
HOMELESS = [(edit, one) for edit in (a_function_deleted, a_function_added) for one in MODULES]
HOMELESS += [(a_function_moved, module) for module in SEVERAL]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("edit", AT_HOME)
def test_an_edit_goes_home_and_comes_back(module, edit):
    """Stitch, then tangle: the module is as it was edited, and prose and other cells untouched."""
    before = pages_of(module)
    for seed in range(2):
        edited = edit(MODULES[module], random.Random(seed))
        after, stays = stitch.taken_home(before, module, edited)
        assert stays == []
        assert tangle.tangled(after)[module] == edited
        for old, new in zip(before, after, strict=True):
            assert outside(new) == outside(old)


@pytest.mark.parametrize(("edit", "module"), HOMELESS)
def test_what_has_no_home_is_reported_and_the_rest_goes_home(edit, module):
    """A new, lost or moved definition is named; an edit beside it is in the chapter."""
    before = pages_of(module)
    for seed in range(2):
        edited, sentence = edit(MODULES[module], module, random.Random(seed))
        after, stays = stitch.taken_home(before, module, the_docstring_changed(edited))
        assert any(sentence in one for one in stays), stays
        assert '"""Otherwise: ' in tangle.tangled(after)[module]
        for old, new in zip(before, after, strict=True):
            assert outside(new) == outside(old)


@pytest.mark.parametrize("module", MODULES)
def test_without_an_edit_nothing_changes(module):
    """Tangle, then stitch: the chapters are what they were, to the byte."""
    before = pages_of(module)
    after, stays = stitch.taken_home(before, module, MODULES[module])
    assert stays == []
    assert [page.text for page in after] == [page.text for page in before]


# One class that grows, one chapter after another


TINY = "reference/tiny.py"


def page(stem: str, *cells: tuple[str, str]) -> Chapter:
    """A chapter with exported cells, each an option line or "" and its source."""
    opening = f"\nProse.\n\n```{{code-cell}} ipython3\n:tags: [export]\n:module: {TINY}\n"
    text = "".join(f"{opening}{option}\n{source}\n```\n" for option, source in cells)
    return read(ROOT / "book" / f"{stem}.md", FRONT + text)


PAGES = [
    page(
        "affine",
        ("", '"""What it is for."""'),
        ("", "import math\n\nONE = 1"),
        (
            "",
            'class Tiny:\n    """It grows."""\n\n    start = 0\n\n'
            "    def __init__(self):\n        self.n = 1",
        ),
        ("", "def first():\n    return math.pi\n\n\nTWO = 2\n\n\ndef second():\n    return TWO"),
    ),
    page(
        "softmax",
        (
            ":into: Tiny\n",
            "@part_of(Tiny)\n@property\ndef rate(self):\n    return self.n\n\n\n"
            "# On setting it.\n\n@part_of(Tiny)\n@rate.setter\ndef rate(self, n):\n    self.n = n",
        ),
        ("", "def third():\n    return 3"),
    ),
]
BEFORE = tangle.tangled(PAGES)[TINY]


def home(old: str, new: str) -> tuple[str, list[str], list[str]]:
    """Replace a text that is once in the module, and stitch: module, chapters, what stays."""
    assert BEFORE.count(old) == 1, BEFORE
    after, stays = stitch.taken_home(PAGES, TINY, BEFORE.replace(old, new))
    return tangle.tangled(after)[TINY], [page.text for page in after], stays


@pytest.mark.parametrize(
    ("old", "new", "at_home"),
    [
        (
            "import math",
            "import cmath\nimport math",
            "\n\nimport cmath\nimport math\n\nONE = 1\n```",
        ),
        ("ONE = 1", "ONE = 11", "\nimport math\n\nONE = 11\n```"),
        ("\n\nONE = 1", "", "\nimport math\n```"),
        ("TWO = 2", "TWO = 22  # more", "\n\n\nTWO = 22  # more\n\n\ndef second"),
        ("\nTWO = 2\n\n", "", "return math.pi\n\n\ndef second"),
        (
            "    start = 0",
            "    start = 5",
            '    """It grows."""\n\n    start = 5\n\n    def __init__',
        ),
        ("self.n = 1", "self.n = 2", "def __init__(self):\n        self.n = 2\n```"),
        (
            "    @property\n",
            "    # It has two names.\n    @property\n    @cached\n",
            "\n\n# It has two names.\n@part_of(Tiny)\n@property\n@cached\ndef rate(",
        ),
        (
            "# On setting it.",
            "# Setting.",
            "\n\n\n# Setting.\n\n@part_of(Tiny)\n@rate.setter\ndef rate",
        ),
        (
            "        self.n = n",
            "        self.n = n\n\n        # End.",
            "\n    self.n = n\n\n    # End.\n```",
        ),
        ("return 3", 'return """\n3"""', '\ndef third():\n    return """\n3"""\n```'),
    ],
)
def test_each_kind_of_row_goes_to_its_cell(old, new, at_home):
    """Imports, constants, attributes, methods, comments: each to the cell that it came from."""
    after, texts, stays = home(old, new)
    assert stays == []
    assert after == BEFORE.replace(old, new)
    assert any(at_home in text for text in texts), "\n".join(texts)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "    @property\n",
            "    def new(self):\n        pass\n\n    @property\n",
            "reference/tiny.py:17: Tiny.new is new; give it an exported cell with `:into: Tiny`",
        ),
        (
            "    def __init__(self):\n        self.n = 1\n",
            "",
            "reference/tiny.py: Tiny.__init__ is gone; book/affine.md:43 still has it",
        ),
        ("def third", "NEW = 1\n\n\ndef third", "reference/tiny.py:39: no cell has `NEW = 1`"),
        ('"""What it is for."""\n', "", "book/affine.md:18: nothing would be left in this cell"),
        ("return TWO", 'return """\n```\n"""', "the cell would end early"),
        ("return self.n", 'return """\n    n"""', "indenting would change a text"),
        ("return self.n", 'return """\nn"""', "indenting would change a text"),
        (
            "def first():",
            "def first(:",
            "reference/tiny.py:28: not Python (invalid syntax), so all",
        ),
        ("ONE = 1\n\n", "ONE = 1\n\n\n\n", "what stands between the cells cannot go home"),
        ("# Generated from", "# Made from", "what stands between the cells cannot go home"),
    ],
)
def test_what_cannot_go_home_is_said_with_its_place(old, new, sentence):
    """Each edit that no cell can hold is a sentence with a file and a line, and changes nothing."""
    _, texts, stays = home(old, new)
    assert len(stays) == 1, stays
    assert sentence in stays[0]
    assert texts == [page.text for page in PAGES]
