"""The notebook that a reader downloads: it runs to the bottom, and is judged as it is."""

import ast
import base64
import copy
import functools
import inspect
import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

import reference
from book._ext import notebooks, proofs
from book._ext.chapters import BOOK, ROOT, Chapter, ChapterError, chapters, read
from checks.__main__ import main as command
from checks.exercises import EXERCISES, by_name

CHAPTERS = [chapter.stem for chapter in chapters()]
ANSWERED = {exercise.name for exercise in EXERCISES if not exercise.variation}


def boxes(stem: str) -> list[str]:
    """The exercises that a chapter asks for."""
    text = (BOOK / f"{stem}.md").read_text("utf-8")
    return re.findall(r"^:{3,}\{your-turn\} (\w+)$", text, re.M)


JUDGED = [stem for stem in CHAPTERS if ANSWERED & set(boxes(stem))]
CLASSES = {exercise.name for exercise in EXERCISES if exercise.stub.startswith("class ")}
# A run takes as long as its chapter, so not all: one with functions, and each with a class.
RUN_FILLED = [stem for stem in JUDGED if stem == "affine" or CLASSES & set(boxes(stem))]
# These train for long below their last box, in cells that the chapter has proved.
RUN_TO_THE_LAST_BOX = {
    *("gradient-descent", "two-layer-net", "momentum", "rmsprop", "adam", "fully-connected-net"),
}


def reader(stem: str) -> NotebookNode:
    """The reader's notebook of a chapter, to be changed."""
    return copy.deepcopy(made(stem))


@functools.cache
def made(stem: str) -> NotebookNode:
    """The same, made once; the chapters were proved before the tests."""
    executed = proofs.load(read(BOOK / f"{stem}.md"))
    if executed is None:
        pytest.fail(f"book/{stem}.md is not proved: `make site` does it", pytrace=False)
    return notebooks.reader_notebook(executed, stem)


def asked(notebook: NotebookNode) -> list[tuple[NotebookNode, str]]:
    """The cells that the reader fills, each with its exercise."""
    found = []
    for cell in notebook.cells:
        last = cell.source.rstrip().rsplit("\n", 1)[-1]
        name = re.fullmatch(r"check\((\w+)\)", last)
        if cell.cell_type == "code" and name:
            found.append((cell, name[1]))
    return found


def solve(notebook: NotebookNode) -> list[str]:
    """Type right code into the stubs, as text; return what was filled.

    A function is the book's own, with those that it builds on: nothing that counts may come out of
    `reference`. A class is one of the correct variants, which stand alone: the book's comes in
    parts, with helpers that only the rest of the notebook defines.
    """
    ours = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("<details><summary>Ours"):
            for source in re.findall(r"```python\n(.*?)\n```", cell.source, re.S):
                for name in re.findall(r"^def (\w+)\(", source, re.M):
                    below = [inspect.getsource(getattr(reference, one)) for one in under(name)]
                    ours[name] = "\n\n".join([*below, source])
    for path in sorted((ROOT / "tests" / "variants").glob("*.py"), reverse=True):
        text = path.read_text("utf-8")
        there = CLASSES & {*re.findall(r"^class (\w+)\b", text, re.M)}
        ours.update((name, notebooks.without(text, there - {name})) for name in there)
    for cell, name in asked(notebook):
        if name in ours:
            cell.source = f"{ours[name]}\n\n\ncheck({name})"
    return sorted(set(ours) & {name for _, name in asked(notebook)})


def under(name: str) -> list[str]:
    """The exercises that one builds on, and those that they build on, each once."""
    after = [one for one in by_name(name).after if one in ANSWERED] if name in ANSWERED else []
    return list(dict.fromkeys(deep for one in after for deep in [*under(one), one]))


def run(notebook: NotebookNode) -> str:
    """Run all cells in a fresh kernel; what the cells printed and showed, as text."""
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(BOOK)}}).execute()
    rows = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            rows.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(rows)


def executed_with(text: str, *code: str) -> NotebookNode:
    """An executed notebook: one cell of Markdown, then code; ``:into:`` where it has @part_of."""
    kernel = {"name": "python3", "display_name": "Python 3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    cells = [nbformat.v4.new_markdown_cell(text)]
    for source in code:
        cell = nbformat.v4.new_code_cell(source)
        if not source.startswith("print"):
            cell.metadata = {"tags": ["export"], "module": "reference/tiny.py"}
        if part := re.match(r"@part_of\((\w+)\)", source):
            cell.metadata["into"] = part[1]
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


OPENING = '''"""What a module is for."""

import json


def _helper():
    return json.dumps([])


class Solver:
    """Ours."""

    def __init__(self):
        self.steps = 0'''
PART = "@part_of(Solver)\ndef train(self):\n    self.steps += 1"
USE = "print(Solver)"


def test_a_class_in_parts_becomes_text_and_one_cell_that_keeps_the_readers():
    """A class that was asked for is whole where it begins; its later parts are text alone.

    What our cell holds beside it stands above the stub, so that the reader's own names win.
    """
    executed = executed_with(":::{your-turn} Solver\n:::", OPENING, USE, PART)
    cells = notebooks.reader_notebook(executed, "tiny").cells
    (stub,) = [at for at, cell in enumerate(cells) if cell.source.endswith("check(Solver)")]
    rest, statement = cells[stub - 2 : stub]
    ours, keep, use, part = cells[stub + 1 :]
    assert cells[stub].source.startswith("class Solver:")
    assert statement.source.startswith("**Your turn: `Solver`.**")
    assert rest.source == "import json\n\n\ndef _helper():\n    return json.dumps([])"
    assert ours.source.startswith("<details><summary>Ours: Solver</summary>")
    assert OPENING in ours.source
    assert (keep.cell_type, keep.source) == ("code", "Solver = mine_or_reference(Solver)")
    assert use.source == USE
    assert part.cell_type == "markdown"
    assert part.source.startswith("<details><summary>Ours: Solver.train</summary>")
    assert PART in part.source


def test_what_two_boxes_need_is_given_once():
    """Two functions of one cell are both folded, and the imports beside them are there once."""
    both = "import math\n\n\ndef affine_forward():\n    pass\n\n\ndef affine_backward():\n    pass"
    text = ":::{your-turn} affine_forward\n:::\n\n:::{your-turn} affine_backward\n:::"
    cells = notebooks.reader_notebook(executed_with(text, both), "tiny").cells
    assert [cell.source for cell in cells].count("import math") == 1
    assert cells[-1].source.split("\n") == [
        f"{name} = mine_or_reference({name})" for name in ("affine_forward", "affine_backward")
    ]


def test_a_class_that_nobody_asks_for_stays_code():
    """Where the reader was not asked, the parts of a class are cells that run."""
    executed = executed_with("# A title", OPENING, PART, USE)
    cells = notebooks.reader_notebook(executed, "tiny").cells
    assert [cell.source for cell in cells[-3:]] == [OPENING, PART, USE]
    assert {cell.cell_type for cell in cells[-3:]} == {"code"}


@pytest.mark.parametrize("stem", JUDGED)
def test_numpy_is_there_before_the_first_stub(stem):
    """A reader can fill a stub with ``np`` in it and run it: the import is in a cell above."""
    above = []
    for cell in reader(stem).cells:
        if re.search(r"^check\(\w+\)$", cell.source, re.M):
            break
        above.append(cell.source if cell.cell_type == "code" else "")
    assert re.search(r"^import numpy as np$", "\n".join(above), re.M)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_no_markup_of_the_site_is_left(stem):
    """A notebook shows no role, directive or anchor of MyST."""
    for cell in reader(stem).cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"```python\n.*?```", "", cell.source, flags=re.S)
            left = re.search(r"\{[\w:-]+\}`|^(:{3}|`{3}\{)|^\([\w-]+\)=$", prose, re.M)
            assert left is None, f"{left}: {cell.source}"


@pytest.mark.parametrize("stem", JUDGED)
def test_unfilled_stubs_reach_the_bottom(stem):
    """Run All on the notebook as downloaded raises nothing, and takes the book's functions.

    Below the last box stand the cells of the chapter, with the functions that they were proved
    with. Where they train for long they are not run again: nothing that they name is missing.
    """
    notebook = reader(stem)
    assert asked(notebook)
    if stem in RUN_TO_THE_LAST_BOX:
        below = cut_below_the_last_box(notebook, stem)
        assert len(below) > 3
        names = sorted(needed(below))
        notebook.cells.append(nbformat.v4.new_code_cell(MISSING.format(names)))
    said = run(notebook)
    assert "not started" in said
    assert "reference" in said
    assert stem not in RUN_TO_THE_LAST_BOX or "missing: []" in said


MISSING = """\
import builtins
missing = [name for name in {} if not hasattr(builtins, name) and name not in globals()]
print("missing: " + str(missing))  # in one piece, or it may come in two
"""


def cut_below_the_last_box(notebook: NotebookNode, stem: str) -> list[NotebookNode]:
    """Take away the chapter's own cells below the one that keeps the reader's last function."""
    kept = [at for at, cell in enumerate(notebook.cells) if "= mine_or_ref" in cell.source]
    own = {cell.source for cell in read(BOOK / f"{stem}.md").code}
    below = [cell for cell in notebook.cells[kept[-1] + 1 :] if cell.source in own]
    notebook.cells = [cell for cell in notebook.cells if not any(cell is one for one in below)]
    return below


def needed(cells: list[NotebookNode]) -> set[str]:
    """The names that cells read and do not give a meaning to themselves."""
    nodes = [node for cell in cells for node in ast.walk(ast.parse(cell.source))]
    read_ = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    bound |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    bound |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    imports = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    bound |= {alias.asname or alias.name for n in imports for alias in n.names}
    return read_ - bound


def test_a_name_that_is_missing_below_the_last_box_is_seen():
    """What later cells need and no cell defines is found without running them."""
    cells = [nbformat.v4.new_code_cell(source) for source in ("y = [x for _ in y]", "def f(a): z")]
    assert needed(cells) == {"x", "z"}
    notebook = executed_with("", "print(1)", MISSING.format(["x", "len", "builtins"]))
    assert "missing: ['x']" in run(notebook)


@pytest.mark.parametrize("stem", JUDGED)
def test_solutions_typed_in_get_full_marks(stem, tmp_path, capsys):
    """`checks` judges notebooks: with solutions in them, every exercise passes.

    What a chapter takes from those before it is the reader's own, out of their notebooks.
    """
    names = ANSWERED & set(boxes(stem))
    needed = {other for one in EXERCISES if one.name in names for other in one.after}
    for chapter in {stem, *(one.chapter for one in EXERCISES if one.name in needed)}:
        notebook = reader(chapter)
        assert set(solve(notebook)) == ANSWERED & set(boxes(chapter))
        nbformat.write(notebook, tmp_path / f"{chapter}.ipynb")
    for name in names:
        code = command([str(tmp_path), "-k", name])
        assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize("stem", RUN_FILLED)
def test_solutions_typed_in_reach_the_bottom_and_are_kept(stem):
    """mine_or_reference goes on with what passed; the chapter's later cells run on it."""
    notebook = reader(stem)
    names = solve(notebook)
    said = run(notebook)
    for name in names:
        assert f"{name}: yours" in said


def test_a_stub_left_open_is_said_beside_what_passed():
    """A variation that was not written is "not started", whatever else was."""
    notebook = reader("affine")
    solve(notebook)
    assert re.search(r"affine_transposed_backward\W+not started", run(notebook))


def test_an_unproved_chapter_has_no_notebook(tmp_path):
    """No notebook is written of a chapter whose cells changed after the proof."""
    page = tmp_path / "affine.md"
    text = (BOOK / "affine.md").read_text("utf-8")
    page.write_text(text.replace("np.random.default_rng(231)", "np.random.default_rng(0)"), "utf-8")
    with pytest.raises(ChapterError, match="not proved"):
        notebooks.write(read(page), tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{math}`x`", "role math"),
        (":::{chart} x\n:::", "directive chart"),
        (":::{note}\nx", "not closed"),
        (":::{your-turn} nothing\n:::", "no exercise is called 'nothing'"),
        ("{ref}`nowhere`", "label nowhere"),
        ("```{image} _static/none.svg\n:alt: None.\n```", "no picture book/_static/none.svg"),
    ],
)
def test_markup_that_a_notebook_cannot_show_is_refused(text, words):
    """What would come out raw stops the build with a sentence."""
    executed = executed_with(text)
    with pytest.raises(ChapterError, match=words):
        notebooks.reader_notebook(executed, "tiny")


def test_formulas_and_answers_stay_readable():
    """A label becomes a tag, a link a title, a folded answer a folded answer."""
    text = (
        "(there)=\n## A title\n\n$$\ny = 2x\n$$ (eq-tiny-double)\n\nSee {eq}`eq-tiny-double` and"
        " {ref}`affine`.\n\n```{admonition} Answer\n:class: dropdown\nIt is {eq}`eq-a`.\n```\n"
    )
    source = notebooks.reader_notebook(executed_with(text), "tiny").cells[-1].source
    assert "## A title" in source
    assert "y = 2x \\tag{eq-tiny-double}" in source
    assert '`eq-tiny-double` and "Push a batch' in source
    assert "<details><summary>Answer</summary>\n\nIt is `eq-a`.\n\n</details>" in source
    assert "(there)=" not in source


def test_a_measured_table_is_a_table():
    """The numbers of a benchmark are in the notebook too; results that are not there are not."""
    source = notebooks.reader_notebook(executed_with(":::{measured} imports\n:::"), "t").cells[-1]
    assert "| import |" in source.source
    assert re.search(r"^\| checks \| \d+", source.source, re.M)
    assert "Measured" in source.source
    with pytest.raises(ChapterError, match=r"no benchmarks/results/gone\.json"):
        notebooks.reader_notebook(executed_with(":::{measured} gone\n:::"), "t")


def test_a_picture_is_in_the_notebook_itself():
    """A drawing of the book is shown with its bytes, its sentence and its width; no file beside."""
    text = (
        "```{figure} _static/chain.svg\n:alt: \"A 'chain' is seen.\"\n:width: 90%\nCaption.\n```\n"
    )
    source = notebooks.reader_notebook(executed_with(text), "tiny").cells[-1].source
    found = re.fullmatch(
        r'<img alt="(.*?)" width="90%" src="data:(.*?);base64,(.*?)">\n\nCaption\.', source
    )
    assert found is not None, source
    assert found[1] == "A &#x27;chain&#x27; is seen."
    assert found[2] == "image/svg+xml"
    assert base64.b64decode(found[3]) == (BOOK / "_static" / "chain.svg").read_bytes()


def test_chapters_are_read_with_their_lines():
    """The line that a failing cell is reported on is the line of its code."""
    chapter: Chapter = read(BOOK / "affine.md")
    rows = (BOOK / "affine.md").read_text("utf-8").split("\n")
    for cell, line in zip(chapter.code, chapter.lines(), strict=True):
        assert rows[line - 1] == cell.source.split("\n")[0]
