"""The notebook that a reader downloads: it runs to the bottom, and is judged as it is."""

import re
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from book._ext import notebooks, proofs
from book._ext.chapters import BOOK, Chapter, ChapterError, chapters, read
from checks.exercises import EXERCISES

CHAPTERS = [chapter.stem for chapter in chapters()]
JUDGED = ["numeric-gradients", "affine", "softmax", "gradient-descent"]


def reader(stem: str) -> NotebookNode:
    """The reader's notebook of a chapter; the chapters were proved before the tests."""
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
    """Type the book's own functions into the stubs, as text; return what was filled."""
    ours = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("<details><summary>Ours"):
            for source in re.findall(r"```python\n(.*?)\n```", cell.source, re.S):
                ours.update(dict.fromkeys(re.findall(r"^def (\w+)\(", source, re.M), source))
    for cell, name in asked(notebook):
        if name in ours:
            cell.source = f"{ours[name]}\n\n\ncheck({name})"
    return sorted(ours)


def run(notebook: NotebookNode) -> str:
    """Run all cells in a fresh kernel; what the cells printed and showed, as text."""
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(BOOK)}}).execute()
    rows = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            rows.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(rows)


def executed_with(text: str) -> NotebookNode:
    """An executed notebook that is one cell of Markdown."""
    kernel = {"name": "python3", "display_name": "Python 3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)], metadata=metadata)


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
    """Run All on the notebook as downloaded raises nothing, and takes the book's functions."""
    notebook = reader(stem)
    said = run(notebook)
    assert asked(notebook)
    assert "not started" in said
    assert "reference" in said


@pytest.mark.parametrize("stem", JUDGED)
def test_solutions_typed_in_get_full_marks(stem, tmp_path):
    """`checks` judges the notebook itself: with the solutions in it, every exercise passes."""
    notebook = reader(stem)
    names = {exercise.name for exercise in EXERCISES} & set(solve(notebook))
    assert names
    path = tmp_path / f"{stem}.ipynb"
    nbformat.write(notebook, path)
    for name in names:
        command = [sys.executable, "-m", "checks", str(path), "-k", name]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_readers_function_is_kept_where_it_passed():
    """mine_or_reference says whose function goes on: the reader's where it passed."""
    notebook = reader("affine")
    solve(notebook)
    said = run(notebook)
    assert "affine_backward: yours" in said
    assert re.search(r"affine_transposed_backward\W+not started", said)


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


def test_chapters_are_read_with_their_lines():
    """The line that a failing cell is reported on is the line of its code."""
    chapter: Chapter = read(BOOK / "affine.md")
    rows = (BOOK / "affine.md").read_text("utf-8").split("\n")
    for cell, line in zip(chapter.code, chapter.lines(), strict=True):
        assert rows[line - 1] == cell.source.split("\n")[0]
