"""The student edition holds none of the code that its readers are to write."""

import ast
import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from book._ext import edition, notebooks, tangle
from book._ext.chapters import ROOT, ChapterError
from checks.exercises import EXERCISES

WHOLE = ROOT / "_build" / "html"


def squeezed(text: str) -> str:
    """A text without anything that layout may change."""
    return re.sub(r"\s+", "", text)


def bodies() -> Iterator[tuple[str, str]]:
    """The body of every function of ``reference`` that a chapter derives, as one string."""
    for module in tangle.tangled():
        text = (ROOT / module).read_text("utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                body = node.body[ast.get_docstring(node) is not None :]
                rows = text.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
                yield f"{module}: {node.name}", squeezed("\n".join(rows))


def texts(site: Path) -> Iterator[tuple[str, str]]:
    """What every file of a site says, squeezed: pages without their tags, notebooks by cells."""
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.suffix == ".html":
            yield name, squeezed(html.unescape(re.sub(r"<[^>]*>", "", path.read_text("utf-8"))))
        elif path.suffix == ".ipynb":
            cells = nbformat.read(path, as_version=4).cells
            yield name, squeezed("\n".join(cell.source for cell in cells))
        elif path.suffix in {".md", ".txt", ".js", ".json"} and "mathjax" not in name:
            yield name, squeezed(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The student edition, built from the proofs that are there."""
    out = tmp_path_factory.mktemp("student") / "html"
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-n", "-W", "-q", "-c", ".", "book", out],
        cwd=ROOT,
        env={**os.environ, "EDITION": "student", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return out


def test_no_body_of_the_reference_is_on_the_site(site: Path) -> None:
    """No page, notebook, source or index holds the body of a function of the reference."""
    everything = dict(texts(site))
    assert len(everything) > 20
    for name, body in bodies():
        assert [file for file, text in everything.items() if body in text] == [], name


def test_the_search_would_find_them() -> None:
    """On the whole site the same search finds every body, in its chapter and its notebook."""
    everything = dict(texts(WHOLE))
    for name, body in bodies():
        assert [file for file, text in everything.items() if body in text], name


def test_outputs_and_boxes_stay(site: Path) -> None:
    """Pages keep their boxes, hints and results; only our code is gone, and a line says so."""
    page = (site / "affine.html").read_text("utf-8")
    assert "Not in this edition: affine_backward." in page
    text = html.unescape(re.sub(r"<[^>]*>", "", page))
    for kept in (
        "Your turn: affine_backward",
        "raise NotImplementedError",
        "eq-affine-db",
        "h = 1:",
    ):
        assert kept in text
    whole = (WHOLE / "affine.html").read_text("utf-8")
    assert page.count("<img") + page.count("<svg") == whole.count("<img") + whole.count("<svg")
    assert not any(path.is_file() for path in (site / "_sources").rglob("*"))


def test_each_edition_says_what_is_true_in_it(site: Path) -> None:
    """Text about our code is on the whole site alone, and what stands for it on the other alone."""
    for page, whole, student in (
        ("how-to-use", "our function is folded below the box as well", "the student edition"),
        ("softmax", "In ours, z is x with", ""),
        ("solver", "hang one method after another", "Their code is not in this edition"),
        ("two-layer-net", "part_of", ""),
        ("softmax", "Show how reference/softmax.py begins", ""),
    ):
        there, here = (
            html.unescape(re.sub(r"<[^>]*>", "", (of / f"{page}.html").read_text("utf-8")))
            for of in (WHOLE, site)
        )
        assert whole in there
        assert whole not in here
        assert student in here
        assert not student or student not in there


@pytest.mark.parametrize("stem", ["numeric-gradients", "softmax", "relu"])
def test_pages_show_the_imports_that_their_cells_need(site: Path, stem: str) -> None:
    """Where a module's beginning stood, its imports are left, on the page and in the notebook."""
    page = html.unescape(re.sub(r"<[^>]*>", "", (site / f"{stem}.html").read_text("utf-8")))
    assert page.index("import numpy as np") < page.index("np.")
    cells = nbformat.read(site / "notebooks" / f"{stem}.ipynb", as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert code.index("import numpy as np") < code.index("np.")


def test_every_exercise_has_its_box(site: Path) -> None:
    """The edition asks for everything that the whole book asks for."""
    pages = "".join(path.read_text("utf-8") for path in site.glob("*.html"))
    for exercise in EXERCISES:
        assert f"checks mine -k {exercise.name}" in html.unescape(re.sub("<[^>]*>", "", pages))


def test_the_editions_notebook_reaches_the_bottom(site: Path, tmp_path: Path) -> None:
    """Run All works on an unfilled notebook of this edition."""
    notebook = nbformat.read(site / "notebooks" / "solver.ipynb", as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert "Solver = mine_or_reference(Solver)" in "\n".join(code)
    script = tmp_path / "run.py"
    script.write_text("\n\n".join(code), "utf-8")
    done = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Solver: the reference's" in done.stdout


def test_an_unknown_edition_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """EDITION is "student" or nothing."""
    monkeypatch.setenv("EDITION", "teacher")
    with pytest.raises(ChapterError, match="EDITION is 'teacher'; there is 'student'"):
        edition.student()


def test_text_of_an_edition_is_in_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directive gives its text in one edition, in notebooks too, and refuses another name."""
    text = ":::{edition} whole\nOurs is *short*.\n:::\n\n:::{edition} student\nYours.\n:::\n"
    for name, said in (("", "Ours is *short*."), ("student", "Yours.")):
        monkeypatch.setenv("EDITION", name)
        assert [cell.source for cell in notebooks._markdown_cells(text, "affine")] == [said]
        assert edition.left_out({"tags": ["whole-edition"]}) == bool(name)
        assert not edition.left_out({"tags": ["hide-output"]})
    with pytest.raises(ChapterError, match="edition 'teacher': there is 'whole', and 'student'"):
        edition.concerns("teacher")


def test_a_stand_in_imports_what_it_replaces() -> None:
    """What later cells need of an exported cell comes from the package."""
    source = '"""Doc."""\nimport numpy as np\n\nA = 1\n\n\ndef f(x):\n    return x'
    options = {"tags": ["export"], "module": "reference/solver.py"}
    wanted = "import numpy as np\nfrom reference.solver import A, f"
    assert edition.stand_in(source, options) == wanted
    assert edition.stand_in(source, {**options, "into": "Solver"}) == ""
