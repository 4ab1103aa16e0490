"""The book on other images: its claims are told, and nothing else is let through."""

import ast
import hashlib
import json
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from test_data_full import batches, made_up, packed
from test_literate import FRONT, ROOT, Copy, refuses

from book._ext import not_asserted
from reference.data.cifar10 import SHA256

TRAINING = (
    FRONT
    + """
# A tiny training chapter

```{code-cell} ipython3
from reference.data import load_images

data = load_images()
print(data["X_train"].shape[1:], "first class:", data["class_names"][0])
```

```{code-cell} ipython3
:alt: "Three T-shirts."

from reference.pictures import images

images(data["X_train"][:3])
```

```{code-cell} ipython3
spread = data["X_train"].std()
assert 74 < spread < 77 and len(data["class_names"]) == 10
```
"""
)


@pytest.fixture(autouse=True)
def the_books_own(monkeypatch):
    """A person's own setting does not reach the tests."""
    for name in ("DATA", "DATA_PATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Copy:
    """A book of one training chapter and one that loads no images, proved on its own images."""
    copy = Copy(tmp_path_factory.mktemp("book"))
    copy.only_tiny()
    copy.write("book/train.md", TRAINING)
    copy.write("book/index.md", "# Book\n\n```{toctree}\ntiny\ntrain\n```\n")
    assert copy.pytest("--book-accept", "book/train.md").returncode == 0
    X, y = made_up()
    np.savez(copy.root / "some.npz", X=X // 2, y=y)
    return copy


@pytest.fixture
def fresh(book, tmp_path) -> Copy:
    """The same book, to break."""
    return book.again(tmp_path)


@pytest.fixture
def cifar(monkeypatch):
    """DATA and DATA_PATH as a person types them in the project's folder."""
    monkeypatch.setenv("DATA", "cifar10")
    monkeypatch.setenv("DATA_PATH", "some.npz")


def edit(copy: Copy, old: str, new: str) -> None:
    """Change the training chapter."""
    copy.replace("book/train.md", old, new)


# Chapters


def test_on_its_own_images_the_book_enforces_its_claims(fresh):
    """Without DATA a claim that does not hold fails the chapter."""
    edit(fresh, "74 < spread", "76 < spread")
    refuses(fresh.pytest("book/train.md"), "AssertionError", "no proof")


def test_on_other_images_claims_are_told(fresh, cifar):
    """What is printed may differ, and a claim that does not hold is told with its numbers."""
    result = fresh.pytest("book")
    assert "7 passed" in result.stdout, result.stdout + result.stderr
    (proof,) = [
        path
        for path in (fresh.root / "_build/proved").rglob("train.ipynb")
        if "plane" in path.read_text("utf-8")
    ]
    told = [cell for cell in nbformat.read(proof, 4).cells if cell.cell_type == "code"][-1]
    (line, other) = told.outputs[0].text.splitlines()
    assert re.fullmatch(r"not asserted: 74 < spread < 77; here 74 < 3\d\.\d+ < 77, false", line), (
        line
    )
    assert other == "not asserted: len(data['class_names']) == 10; here 10 == 10, true"


def test_another_error_still_fails(fresh, cifar):
    """Only claims are let off: a cell that raises for another reason fails the chapter."""
    edit(fresh, "spread = ", "[][5]\nspread = ")
    refuses(fresh.pytest("book/train.md"), "IndexError", "no proof")


def test_a_warning_still_fails(fresh, cifar):
    """A page shows no warnings, whatever its images."""
    edit(fresh, "spread = ", "data['X_train'][0] / 0\nspread = ")
    refuses(fresh.pytest("book/train.md"), "writes to stderr", "divide by zero")


def test_a_chapter_without_images_stays_compared(fresh, cifar):
    """What does not depend on the images is held to what was accepted, and to its claims."""
    fresh.replace("book/outputs/tiny.json", "and 7", "and 8")
    refuses(fresh.pytest("book/tiny.md"), "and 8")
    fresh.replace("book/outputs/tiny.json", "and 8", "and 7")
    fresh.replace("book/tiny.md", "import numpy as np", "import numpy as np\nassert 1 > 2")
    refuses(fresh.pytest("book/tiny.md"), "AssertionError")


def test_nothing_is_accepted_on_other_images(fresh, cifar):
    """--book-accept is refused with a sentence, and records nothing."""
    before = (fresh.root / "book/outputs/train.json").read_text("utf-8")
    refuses(fresh.pytest("--book-accept", "book"), "recorded on its own images only")
    assert (fresh.root / "book/outputs/train.json").read_text("utf-8") == before


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("cifar100", "", "DATA=cifar100 names no images; there are fashion-mnist, cifar10"),
        ("cifar10", "gone.npz", "there is no file"),
        ("cifar10", "conf.py", "is cut short"),
        ("", "some.npz", "DATA_PATH=some.npz would not be read"),
    ],
)
def test_images_that_cannot_be_had_are_a_sentence(book, monkeypatch, name, path, said):
    """Before any chapter runs, one line says what is wrong with DATA or DATA_PATH."""
    monkeypatch.setenv("DATA", name)
    monkeypatch.setenv("DATA_PATH", path)
    result = book.pytest("book")
    refuses(result, said)
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 2


def test_an_archive_in_the_published_format(fresh, cifar, monkeypatch):
    """The archive itself serves as DATA_PATH, and is verified before anything runs."""
    content = packed(batches(*made_up()))
    (fresh.root / "archive.tar.gz").write_bytes(content)
    monkeypatch.setenv("DATA_PATH", "archive.tar.gz")
    refuses(fresh.pytest("book/train.md"), "is cut short")
    text = (fresh.root / "reference/data/cifar10.py").read_text("utf-8")
    for published, ours in (
        ("170_052_171", str(len(content))),
        ("10_000", "50"),
        (SHA256, hashlib.sha256(content).hexdigest()),
    ):
        assert text.count(published) == 1
        text = text.replace(published, ours)
    fresh.write("reference/data/cifar10.py", text)
    assert "4 passed" in fresh.pytest("book/train.md").stdout


# Site, proofs and notebooks


@pytest.fixture(scope="module")
def two_sites(book) -> Copy:
    """The book built twice: on its own images, and on others."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATA", "DATA_PATH"):
            patch.delenv(name, raising=False)
        assert book.sphinx("html").returncode == 0
        patch.setenv("DATA", "cifar10")
        patch.setenv("DATA_PATH", str(book.root / "some.npz"))
        assert book.pytest("book").returncode == 0
        built = book.sphinx("html-cifar10")
        assert built.returncode == 0, built.stdout + built.stderr
    return book


def page(copy: Copy, name: str) -> str:
    return (copy.root / "_build" / name).read_text("utf-8")


def test_the_page_says_what_it_was_run_on(two_sites):
    """A training chapter begins with a banner, and its pictures are told apart from the text's."""
    text = page(two_sites, "html-cifar10/train.html")
    assert "Other images than the text speaks of" in text
    assert "cifar10 from some.npz: 240 images for training, 30 for validation" in text
    assert "Drawn from cifar10. Of Fashion-MNIST the book says: Three T-shirts." in text
    assert "not asserted" in text


@pytest.mark.parametrize("name", ["html/train.html", "html/tiny.html", "html-cifar10/tiny.html"])
def test_other_pages_have_no_banner(two_sites, name):
    """The book's own site, and a chapter that loads no images, are as they always are."""
    text = page(two_sites, name)
    assert "not asserted" not in text
    assert "Other images" not in text
    assert "Of Fashion-MNIST the book says" not in text


def test_both_proofs_stand(two_sites, monkeypatch):
    """Proving the book on other images leaves the proofs of its own, and the reverse."""
    assert "no tests ran" in two_sites.pytest("book", "--book-new").stdout
    monkeypatch.setenv("DATA", "cifar10")
    monkeypatch.setenv("DATA_PATH", "some.npz")
    assert "no tests ran" in two_sites.pytest("book", "--book-new").stdout


def test_another_file_voids_the_proofs(fresh, cifar):
    """A proof speaks about what is in the file of DATA_PATH, not about its name."""
    assert fresh.pytest("book").returncode == 0
    X, y = made_up(seed=1)
    np.savez(fresh.root / "some.npz", X=X, y=y)
    refuses(fresh.sphinx("html-cifar10"), "not proved as they stand now: tiny, train")


def test_the_notebook_tells_claims_too(two_sites):
    """The notebook of a training chapter says its images first, and runs to the bottom on any."""
    folder = two_sites.root / "_build"
    notebook = nbformat.read(folder / "extra-cifar10/notebooks/train.ipynb", as_version=4)
    said = notebook.cells[1].source
    assert "cifar10 from some.npz" in said
    assert "`DATA=cifar10` and `DATA_PATH=`" in said
    assert "first class: plane" in json.dumps(notebook)
    kernel = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=60, resources=kernel).execute()
    assert "not asserted: 74 < spread < 77; here 74 < 75" in json.dumps(notebook)
    own = (folder / "extra/notebooks/train.ipynb").read_text("utf-8")
    assert "not asserted" not in own
    plain = (folder / "extra-cifar10/notebooks/tiny.ipynb").read_text("utf-8")
    assert "not asserted" not in plain


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """What make would do."""
    command = ["make", "-n", "-C", str(ROOT), f"PYTHON={sys.executable}", *words]
    return subprocess.run(command, capture_output=True, text=True)


def test_make_builds_other_images_apart():
    """The site of other images has a folder of its own, also from the command line."""
    for words, site in (
        (("site",), "_build/html"),
        (("site", "DATA=fashion-mnist"), "_build/html"),
        (("site", "DATA=cifar10"), "_build/html-cifar10"),
    ):
        assert re.findall(r"sphinx .* book (\S+)", make(*words).stdout) == [site]


def test_make_test_is_about_the_books_own_images():
    """`make test` on other images is refused with a sentence, and as it is without."""
    refuses(make("test", "DATA=cifar10"), "DATA is for `make book` and `make site`")
    assert make("test").returncode == 0


# Claims, told


def told(source: str) -> list[str]:
    """What is printed for the asserts of a cell."""
    names = {**vars(not_asserted), "np": np, "f": lambda: 1 / 0}
    exec(compile(not_asserted._Tell().visit(ast.parse(source)), "cell", "exec"), names)
    return list(not_asserted._lines())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("assert 1.23456 > 2", ["1.23456 > 2; here 1.235 > 2, false"]),
        ("assert 1 < 2 <= 2, 'never read'", ["1 < 2 <= 2; here 1 < 2 <= 2, true"]),
        ("x = 'a'; assert x in 'bc'", ["x in 'bc'; here 'a' in 'bc', false"]),
        ("assert 2 > 1 and 1 > 2", ["2 > 1; here 2 > 1, true", "1 > 2; here 1 > 2, false"]),
        ("assert 1 > 2 or 3 > 4", ["1 > 2 or 3 > 4; here 1 > 2 or 3 > 4, false"]),
        ("assert 1 < 2 or f()", ["1 < 2 or f(); here 1 < 2, true"]),
        ("assert not []", ["not []; here true"]),
        ("assert []", ["[]; here false"]),
        (
            "x = np.arange(3.0)\nassert (x < 1).all()",
            ["(x < 1).all(); here (3,) from 0 to 2 < 1, false"],
        ),
        ("x = np.ones(1)\nassert (x == 1).any()", ["(x == 1).any(); here 1 == 1, true"]),
        (
            "assert np.isclose(1.0, 1.1, rtol=0.2)",
            ["np.isclose(1.0, 1.1, rtol=0.2); here 1 beside 1.1, true"],
        ),
        (
            "for i in range(3):\n    assert i < 1",
            ["i < 1; here 1 < 1, true 1 times of 3"],
        ),
        (
            "def g(a):\n    b = a + 1\n    assert b > a + 2\ng(1)",
            ["b > a + 2; here 2 > 3, false"],
        ),
        ("assert [0.5, 2] < [1]", ["[0.5, 2] < [1]; here 2 numbers from 0.5 to 2 < 1 numbers"]),
        ("assert 1 > 2 and f()", ["1 > 2; here 1 > 2, false", "f(); here it cannot be computed"]),
    ],
)
def test_a_claim_is_told_with_its_values(source, said):
    """Each kind of claim keeps its words and shows what was measured on both sides."""
    lines = told(source)
    assert len(lines) == len(said)
    for line, words in zip(lines, said, strict=True):
        assert line.startswith(f"not asserted: {words}"), line


@pytest.mark.parametrize("source", ["assert f()", "assert 2 > 1 and f()", "assert 1 > 2 or f()"])
def test_a_claim_that_raises_is_no_claim(source):
    """Where computing a claim would have raised in the book, it raises here."""
    with pytest.raises(ZeroDivisionError):
        told(source)
    not_asserted._told.clear()


def test_a_claim_is_computed_once():
    """Telling a claim calls nothing more often than asserting it."""
    source = "calls = []\ndef h(x):\n    calls.append(x)\n    return x\n"
    source += "assert h(2) > h(1) and np.isclose(h(3), h(4)) and calls == [2, 1, 3, 4]"
    assert told(source)[-1].endswith("true")


def test_code_without_claims_is_left_alone():
    """Only asserts are replaced."""
    source = "x = [i for i in range(3)]\nif x:\n    x.pop()\nx"
    tree = ast.parse(source)
    assert ast.dump(not_asserted._Tell().visit(ast.parse(source))) == ast.dump(tree)
