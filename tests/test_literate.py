"""The literate chain: each of its guards is seen to fail, on a copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from book._ext import tangle
from book._ext.chapters import ChapterError, read
from book._ext.stitch import write

ROOT = Path(__file__).resolve().parents[1]
FRONT = "\n".join((ROOT / "book" / "affine.md").read_text("utf-8").split("\n")[:10]) + "\n"

TINY = (
    FRONT
    + """
# A tiny chapter

$$
y = 2x
$$ (eq-tiny-double)

By {eq}`eq-tiny-double` two doubles to four.

```{code-cell} ipython3
import numpy as np

print(np.sqrt(2.0), "and", 7)
```

```{code-cell} ipython3
from reference import affine_forward

out, _ = affine_forward(np.ones((1, 2)), np.ones((2, 1)), np.zeros(1))
out
```
"""
)


class Copy:
    """A copy of the project in which anything may be broken."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("conf.py", "conftest.py", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, root)
        for name in ("book", "reference", "checks"):
            skip = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, root / name, ignore=skip)

    def again(self, root: Path) -> "Copy":
        """A copy of this copy, with whatever was built in it."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        other = object.__new__(Copy)
        other.root = root
        return other

    def only_tiny(self) -> None:
        """Reduce the book to one chapter of two cells, accepted as it is."""
        for page in (self.root / "book").glob("*.md"):
            page.unlink()
        shutil.rmtree(self.root / "book" / "outputs")
        self.write("book/tiny.md", TINY)
        self.write("book/index.md", "# Book\n\n```{toctree}\ntiny\n```\n")
        assert self.pytest("--book-accept", "book").returncode == 0

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, "utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text that is there exactly once."""
        text = (self.root / name).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.root), "COLUMNS": "200"}
        for name in ("PYTEST_XDIST_WORKER", "SKIPS_FAIL"):
            environment.pop(name, None)
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env=environment,
            text=True,
            capture_output=True,
            timeout=120,
        )

    def pytest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        plain = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")  # half a second
        return self.run("-m", "pytest", "-q", *plain, *arguments)

    def tangle(self) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "book._ext.tangle", "--check")

    def sphinx(self, site: str = "html") -> subprocess.CompletedProcess[str]:
        options = f"-b html -n -W --keep-going -q -c . book _build/{site}"
        return self.run("-m", "sphinx", *options.split())


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The book of one tiny chapter, whose outputs were accepted once for all tests."""
    made = Copy(tmp_path_factory.mktemp("tiny"))
    made.only_tiny()
    return made


@pytest.fixture
def tiny(accepted: Copy, tmp_path: Path) -> Copy:
    """That book, to break."""
    return accepted.again(tmp_path)


def refuses(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """The command failed, and said why."""
    said = result.stdout + result.stderr
    assert result.returncode != 0, said
    for word in words:
        assert word in said, said


# The tangle


def test_the_modules_are_what_the_chapters_say(copy):
    """As committed, nothing is stale."""
    result = copy.tangle()
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_reference_edited_alone_is_stale(copy):
    """An edit of reference/*.py that the chapter does not have is found and shown."""
    copy.replace("reference/affine.py", "X.T @ dout", "X.T @ dout / 2")
    refuses(copy.tangle(), "reference/affine.py", "-    dw = X.T @ dout / 2")


def test_a_module_without_a_chapter_is_stale(copy):
    """A generated module that no chapter exports to any more is found, and removed by tangling."""
    module = copy.root / "reference" / "gone.py"
    module.write_text("# Generated from book/gone.md: edit there, then `make tangle`.\n")
    refuses(copy.tangle(), "reference/gone.py", "no chapter exports")
    assert copy.run("-m", "book._ext.tangle").returncode == 0
    assert not module.exists()


@pytest.mark.parametrize(
    ("options", "source", "words"),
    [
        (":tags: [export]\n", "x = 1", "module None"),
        (":module: reference/affine.py\n", "x = 1", "`:tags: [export]`"),
        (":tags: [export]\n:module: checks/run.py\n", "x = 1", "checks/run.py"),
        (":tags: [export]\n:module: reference/tiny.py\n", "%matplotlib inline", "plain Python"),
        (":tags: [export]\n:module: reference/affine.py\n", "def affine_forward(): ...", "again"),
    ],
)
def test_a_cell_that_cannot_be_exported_is_refused(copy, options, source, words):
    """An export cell says where it goes, parses, and defines no name a second time."""
    cell = f"\n```{{code-cell}} ipython3\n{options}\n{source}\n```\n"
    copy.write("book/softmax.md", (copy.root / "book/softmax.md").read_text("utf-8") + cell)
    refuses(copy.tangle(), "book/softmax.md", words)


OPENING = 'class Tiny:\n    """A class that grows."""'
PART = "@part_of(Tiny)\ndef two(self):\n    return 2"


def cells(*sources: tuple[str, str]) -> str:
    """Exported cells of reference/tiny.py, each an option line or "" and its source."""
    opening = "\n```{code-cell} ipython3\n:tags: [export]\n:module: reference/tiny.py\n"
    return "".join(f"{opening}{option}\n{source}\n```\n" for option, source in sources)


def tangled(text: str) -> str:
    """What the module reference/tiny.py holds, if this is the whole of a chapter."""
    page = read(ROOT / "book" / "relu.md", FRONT + text)
    return tangle.tangled([page])["reference/tiny.py"]


def parts(*sources: str, opening: str = OPENING) -> str:
    """Cells that begin the class Tiny and let it grow."""
    return cells(("", opening), *((":into: Tiny\n", source) for source in sources))


def test_a_class_grows_by_parts():
    """Functions of later cells become methods; decorators, comments and texts stay as they are."""
    first = (
        "# How many\n# there are.\n@part_of(Tiny)\n@property\ndef two(self):\n"
        '    """Give\n\n\n    two."""\n    return 2  # eq-affine-out\n\n\n'
        "# Section.\n\n@part_of(\n    Tiny,\n)\n@staticmethod\ndef three():\n    # Why not?\n"
        "    return 3"
    )
    setter = "@part_of(Tiny)\n@two.setter\ndef two(self, value):\n\n\n    pass"
    helper = ("", "def helper():\n    return Tiny")
    text = parts() + cells(helper, (":into: Tiny\n", first), (":into: Tiny\n", setter))
    assert tangled(text).split("\n", 1)[1] == (
        '''class Tiny:
    """A class that grows."""

    # How many
    # there are.
    @property
    def two(self):
        """Give


        two."""
        return 2  # eq-affine-out

    # Section.

    @staticmethod
    def three():
        # Why not?
        return 3

    @two.setter
    def two(self, value):


        pass


def helper():
    return Tiny
'''
    )


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("def two(self):\n    return 2", "two in a cell `:into: Tiny` has no @part_of(Tiny)"),
        ("@property\ndef two(self):\n    return 2", "has no @part_of(Tiny)"),
        ("@part_of(Other)\ndef two(self):\n    return 2", "is under @part_of(Other), and its cell"),
        (
            "@part_of(Tiny)\n@part_of(Tiny)\ndef two(self):\n    return 2",
            "@part_of(Tiny) and @part",
        ),
        ("@property\n@part_of(Tiny)\ndef two(self):\n    return 2", "above the other decorators"),
        (f"{PART}\n\n\nTiny.three = 3", "and nothing else; found `Tiny.three = 3`"),
        ("# Nothing yet.", "without a function"),
        (f"{PART}\n\n\n{PART}", "defines Tiny.two again, after book/relu.md:"),
        (PART.replace("two", "__init__"), "defines Tiny.__init__ again, after book/relu.md:"),
        ('@part_of(Tiny)\ndef two(self):\n    return """a\nb"""', "would change a text"),
    ],
)
def test_a_part_that_cannot_be_one_is_refused(part, words):
    """A part is a function under @part_of of its class, new to it, and as it is when indented."""
    opening = f"{OPENING}\n\n    def __init__(self):\n        self.one = 1"
    with pytest.raises(ChapterError, match=r"^book/relu\.md:\d+") as error:
        tangled(parts(part, opening=opening))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("opening", "words"),
    [
        ("class Other:\n    pass", "no cell above exports `class Tiny` to reference/tiny.py"),
        (f"{OPENING}\n\n\nTINY = Tiny()", "nothing may follow `class Tiny`"),
        (f"{OPENING}\n\n\n# So far.", "nothing may follow `class Tiny`"),
    ],
)
def test_a_class_that_cannot_grow_is_refused(opening, words):
    """The class is begun above its parts, at the end of its cell."""
    with pytest.raises(ChapterError, match=r"^book/relu\.md:\d+") as error:
        tangled(parts(PART, opening=opening))
    assert words in str(error.value)


def test_a_part_that_is_not_exported_is_refused():
    """`:into:` says which class, and not that a cell is exported."""
    with pytest.raises(ChapterError, match=r"has both `:tags: \[export\]` and `:module:"):
        tangled(parts() + "\n```{code-cell} ipython3\n:into: Tiny\n\n" + PART + "\n```\n")


def test_tangled_modules_have_their_blank_lines():
    """Between what cells brought together there are the blank lines that PEP 8 asks for."""
    command = ["ruff", "check", "--preview", "--select", "E30", "--quiet", "reference"]
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, text=True, capture_output=True
    )
    assert done.returncode == 0, done.stdout


# The way home, as a command (what goes where: tests/test_stitch.py)


def stitch(copy: Copy, *options: str) -> subprocess.CompletedProcess[str]:
    return copy.run("-m", "book._ext.stitch", *options)


def test_stitch_writes_the_chapter_and_nothing_else(copy):
    """An edit of the module is shown by --check, then in the chapter; the two are in sync again."""
    copy.replace("reference/affine.py", "    dw = X.T @ dout  ", "    dw = X.T.dot(dout)  ")
    module = (copy.root / "reference/affine.py").read_text("utf-8")
    chapter = (copy.root / "book/affine.md").read_text("utf-8")
    refuses(stitch(copy, "--check"), "-    dw = X.T @ dout  ", "+    dw = X.T.dot(dout)  ")
    assert (copy.root / "book/affine.md").read_text("utf-8") == chapter
    done = stitch(copy)
    assert (done.returncode, done.stderr) == (0, "")
    assert "+    dw = X.T.dot(dout)  " in done.stdout
    want = chapter.replace("    dw = X.T @ dout  ", "    dw = X.T.dot(dout)  ")
    assert (copy.root / "book/affine.md").read_text("utf-8") == want
    assert (copy.root / "reference/affine.py").read_text("utf-8") == module
    assert copy.tangle().returncode == 0
    assert stitch(copy, "--check").returncode == 0


def test_stitch_fails_where_something_stays(copy):
    """A new function is reported, and stays in the module; the edit beside it goes home."""
    copy.replace("reference/affine.py", "    dw = X.T @ dout  ", "    dw = X.T.dot(dout)  ")
    module = copy.root / "reference/affine.py"
    module.write_text(module.read_text("utf-8") + "\n\ndef new():\n    pass\n", "utf-8")
    before = module.read_text("utf-8")
    refuses(stitch(copy), "reference/affine.py:", "new is new")
    assert "X.T.dot(dout)" in (copy.root / "book/affine.md").read_text("utf-8")
    assert module.read_text("utf-8") == before


def test_stitch_needs_chapters_that_tangle(copy):
    """A chapter that cannot be tangled is a sentence, and nothing is written."""
    copy.replace("book/affine.md", "def affine_forward(x, w, b):", "def affine_forward(x, w, b:")
    assert stitch(copy).returncode == 2
    refuses(stitch(copy), "stitch: book/affine.md:", "plain Python")


def test_stitch_leaves_a_chapter_that_is_newer(copy):
    """What was edited in the chapter alone, since the last commit, is not undone by stitching."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "book", "reference"], ["commit", "-qm", "All"]):
        subprocess.run([*git, *command], cwd=copy.root, check=True)
    copy.replace("book/affine.md", "    dw = X.T @ dout  ", "    dw = dout.T @ X  ")
    copy.replace("book/affine.md", '"""An affine layer, ``out', '"""A layer, ``out')
    refuses(stitch(copy), "affine_backward is newer here; `make tangle` takes it over")
    copy.replace("reference/affine.py", "    out = X @ w + b", "    out = b + X @ w")
    refuses(stitch(copy), "affine_backward is newer here", "between the definitions is newer")
    chapter = (copy.root / "book/affine.md").read_text("utf-8")
    assert "    dw = dout.T @ X  " in chapter
    assert '"""A layer, ``out' in chapter
    assert "    out = b + X @ w" in chapter
    assert copy.run("-m", "book._ext.tangle").returncode == 0
    assert stitch(copy, "--check").returncode == 0


def test_a_chapter_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    """A write that is cut short leaves the chapter as it was."""
    path = tmp_path / "tiny.md"
    path.write_text(TINY, "utf-8")

    def cut(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", cut)
    with pytest.raises(KeyboardInterrupt):
        write({read(path): "other"})
    assert path.read_text("utf-8") == TINY
    monkeypatch.undo()
    write({read(path): "other"})
    assert path.read_text("utf-8") == "other"
    assert [*tmp_path.iterdir()] == [path]


# Chapters as tests


def test_a_chapter_that_prints_what_was_accepted_passes(tiny):
    """An unchanged chapter passes, leaves a proof, and is not run again by --book-new."""
    result = tiny.pytest("book")
    assert "3 passed" in result.stdout, result.stdout
    assert "no tests ran" in tiny.pytest("book", "--book-new").stdout


def test_a_number_changed_in_the_golden_outputs_fails(tiny):
    """A golden number that the cell does not print fails, with both numbers."""
    tiny.replace("book/outputs/tiny.json", "1.4142135623730951", "1.4142235623730951")
    refuses(tiny.pytest("book"), "tiny.md:", "1.41421 is not within")


def test_a_float_within_its_tolerance_passes(tiny):
    """A difference below rtol is rounding; the whole number beside it compares to the letter."""
    tiny.replace("book/outputs/tiny.json", "1.4142135623730951", "1.4142135623999999")
    assert tiny.pytest("book").returncode == 0
    tiny.replace("book/outputs/tiny.json", "and 7", "and 8")
    refuses(tiny.pytest("book"), "and 8")


def test_a_cell_whose_printed_value_changes_fails(tiny):
    """The cell's code changed, its last line did not: what it prints is compared, and differs."""
    tiny.replace("book/tiny.md", "np.ones((2, 1))", "np.full((2, 1), 3.0)")
    refuses(tiny.pytest("book"), "array([[6.]])", "array([[2.]])")


def test_the_real_chapter_fails_when_its_formula_does(copy):
    """A factor in the exported affine_backward is noticed by the chapter itself."""
    copy.replace("book/affine.md", "    dw = X.T @ dout  ", "    dw = 2 * X.T @ dout  ")
    refuses(copy.pytest("book/affine.md"), "affine.md:", "no proof")


def test_a_stale_golden_entry_fails(tiny):
    """An accepted output whose cell is gone is refused by name."""
    path = tiny.root / "book" / "outputs" / "tiny.json"
    entries = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps([*entries, {"cell": "gone()", "outputs": []}]), "utf-8")
    refuses(tiny.pytest("book"), "gone()", "--book-accept")


def test_an_old_processor_is_tried_as_well(tiny):
    """With --book-old chapters run on the kernels of an old processor, and no proof is left."""
    claim = 'import os\n\nassert os.environ.get("OPENBLAS_CORETYPE") != "Prescott"\n'
    tiny.replace("book/tiny.md", "import numpy as np\n", f"{claim}import numpy as np\n")
    assert tiny.pytest("--book-accept", "book").returncode == 0
    assert tiny.pytest("book").returncode == 0
    refuses(tiny.pytest("book", "--book-old"), "AssertionError", "3 failed")
    tiny.replace("book/tiny.md", '!= "Prescott"', '== "Prescott"')
    assert tiny.pytest("book", "--book-old").returncode == 0
    refuses(tiny.sphinx(), "not proved as they stand now: tiny")
    refuses(tiny.pytest("book", "--book-old", "--book-accept"), "accepted without --book-old")


def test_a_cell_that_raises_fails(tiny):
    """An exception in a cell fails that cell, and the chapter leaves no proof."""
    tiny.replace("book/tiny.md", 'print(np.sqrt(2.0), "and", 7)', "np.ones(2) @ np.ones(3)")
    refuses(tiny.pytest("book"), "ValueError", "no proof")


def test_a_cell_that_prints_unaccepted_fails(tiny):
    """A new cell that prints has no golden entry, and fails until it is accepted."""
    cell = "\n```{code-cell} ipython3\n1 + 1\n```\n"
    tiny.write("book/tiny.md", TINY + cell)
    refuses(tiny.pytest("book"), "nothing was accepted for it")
    assert tiny.pytest("book", "--book-accept").returncode == 0
    assert tiny.pytest("book").returncode == 0


def test_a_cell_that_warns_fails(tiny):
    """A warning on a page is a fault of the chapter."""
    tiny.replace("book/tiny.md", 'print(np.sqrt(2.0), "and", 7)', "np.array(1.0) / 0")
    refuses(tiny.pytest("book", "--book-accept"), "writes to stderr", "divide by zero")


@pytest.mark.parametrize("mark", ["# NBVAL_IGNORE_OUTPUT", "# NBVAL_SKIP"])
def test_a_cell_cannot_opt_out(tiny, mark):
    """No comment turns the comparison off."""
    tiny.replace("book/tiny.md", "import numpy as np", f"{mark}\nimport numpy as np")
    refuses(tiny.pytest("book"), "no cell whose output is not compared")


def test_a_failed_chapter_is_not_accepted(tiny):
    """--book-accept records nothing for a chapter in which a cell raises."""
    before = (tiny.root / "book/outputs/tiny.json").read_text("utf-8")
    tiny.replace("book/tiny.md", "np.zeros(1)", "np.zeros(3)[5]")
    refuses(tiny.pytest("book", "--book-accept"), "IndexError")
    assert (tiny.root / "book/outputs/tiny.json").read_text("utf-8") == before


# The hand-off to the site


def test_the_site_shows_what_was_proved(tiny):
    """The built page holds the outputs of the proof, the formula's label and the notebook."""
    result = tiny.sphinx()
    assert result.returncode == 0, result.stdout + result.stderr
    page = (tiny.root / "_build/html/tiny.html").read_text("utf-8")
    assert "1.4142135623730951" in page
    assert "equation-eq-tiny-double" in page
    assert 'href="notebooks/tiny.ipynb"' in page


PARTS = """
:::{your-turn} Solver
:::

```{code-cell} ipython3
:tags: [export]
:module: reference/tiny.py

class Solver:
    \"\"\"Ours.\"\"\"

    def __init__(self):
        self.steps = 0
```

```{code-cell} ipython3
:tags: [export]
:module: reference/tiny.py

def _helper():
    return 1
```

```{code-cell} ipython3
def part_of(cls):
    \"\"\"Make the function below a method of a class that is there already.\"\"\"

    def add(part):
        name = getattr(part, "fget", part).__name__
        setattr(cls, name, part)
        return part

    return add
```

```{code-cell} ipython3
:tags: [export]
:module: reference/tiny.py
:into: Solver

# A step, and how many there were.
@part_of(Solver)
def train(self):
    \"\"\"Take
    a step.\"\"\"
    self.steps += _helper()


@part_of(Solver)
@property
def half(self):
    return self.steps / 2  # eq-tiny-double


# Nothing of the instance is needed.
@part_of(Solver)
@staticmethod
def name():
    return "tiny"
```

```{code-cell} ipython3
solver = Solver()
solver.train()
print(solver.half, Solver.name())
```
"""


def test_the_site_folds_every_part_of_a_class_that_was_asked_for(tiny):
    """The class and its later methods are folded by name; a helper of ours stays open."""
    from checks.exercises import by_name

    hinted = set(re.findall(r"\beq-[a-z0-9-]+", " ".join(by_name("Solver").hints)))
    formulas = "".join(f"\n$$\nx\n$$ ({label})\n" for label in sorted(hinted))
    tiny.write("book/tiny.md", TINY + formulas + PARTS)
    result = tiny.pytest("book", "--book-accept")
    assert result.returncode == 0, result.stdout
    result = tiny.sphinx()
    assert result.returncode == 0, result.stdout + result.stderr
    page = (tiny.root / "_build/html/tiny.html").read_text("utf-8")
    shown = re.findall(r">Show (.*?)<", page)
    assert shown == ["ours: Solver", "ours: Solver.train, Solver.half, Solver.name"]
    assert "_helper" in page


def test_a_label_that_does_not_exist_stops_the_build(tiny):
    """A reference to an equation that nobody labelled is an error, not a dead link."""
    tiny.replace("book/tiny.md", "{eq}`eq-tiny-double`", "{eq}`eq-tiny-triple`")
    refuses(tiny.sphinx(), "eq-tiny-triple")


def test_an_edited_cell_stops_the_build(tiny):
    """A chapter whose cell changed after its proof is not published, and nothing is run."""
    tiny.replace("book/tiny.md", "np.sqrt(2.0)", "np.sqrt(3.0)")
    refuses(tiny.sphinx(), "not proved as they stand now: tiny")


def test_an_edited_golden_output_stops_the_build(tiny):
    """Outputs that were edited by hand are not taken for proved."""
    tiny.replace("book/outputs/tiny.json", "and 7", "and 8")
    refuses(tiny.sphinx(), "not proved as they stand now: tiny")


@pytest.mark.parametrize("what", ["reference/affine.py", "constraints.txt"])
def test_a_library_change_behind_a_filled_cache_stops_the_build(tiny, what):
    """A changed library makes every proof void, however full the cache is."""
    tiny.write(what, (tiny.root / what).read_text("utf-8") + "\n# changed\n")
    refuses(tiny.sphinx(), "not proved as they stand now: tiny")
    assert "3 passed" in tiny.pytest("book", "--book-new").stdout


def test_prose_may_change_without_a_new_proof(tiny):
    """Editing a sentence runs nothing again."""
    tiny.replace("book/tiny.md", "two doubles to four", "three doubles to six")
    assert tiny.sphinx().returncode == 0
    assert "three doubles" in (tiny.root / "_build/html/tiny.html").read_text("utf-8")


def test_a_page_outside_the_contents_is_refused(tiny):
    """A chapter that no toctree lists has no place in the book's order."""
    tiny.write("book/lost.md", TINY)
    refuses(tiny.tangle(), "book/lost.md is in no toctree")


# Golden outputs, compared


@pytest.mark.parametrize(
    ("line", "want", "rtol", "same"),
    [
        ("x = 1.0000001", "x = 1.0", 1e-6, True),
        ("x = 1.00001", "x = 1.0", 1e-6, False),
        ("[ 1.  -2. ]", "[1. -2.]", 1e-6, True),
        ("5e-11", "2e-10", 100, True),
        ("5e-06", "2e-10", 100, False),
        ("nan", "1.0", 1e-6, False),
        ("1 of 12", "2 of 12", 1e-6, False),
        ("-0.5", "0.5", 1e-6, False),
        ("1.5 1.5", "1.5", 1e-6, False),
    ],
)
def test_floats_compare_with_a_tolerance_and_words_to_the_letter(line, want, rtol, same):
    """Rounding passes, a changed number, sign, word or count does not."""
    from book._ext import golden

    outputs = [[{"stream": "stdout", "text": [text]}] for text in (line, want)]
    assert (golden.difference(*outputs, rtol=rtol, atol=1e-12) == "") is same


def test_two_cells_with_one_last_line_are_told_apart():
    """Entries are handed out in order, and what is left over is stale."""
    from book._ext import golden

    entries = [{"cell": "out", "outputs": [1]}, {"cell": "out", "outputs": [2]}]
    assert golden.match(entries, ["a\nout", "b\nout"]) == ([[1], [2]], [])
    assert golden.match(entries, ["a\nout"]) == ([[1]], ["out"])


def test_every_displayed_formula_has_a_label():
    """No chapter shows a formula that code, check or message could not name."""
    for page in sorted((ROOT / "book").glob("*.md")):
        text = page.read_text("utf-8")
        shown = re.findall(r"^\$\$$", text, re.M)
        labelled = re.findall(r"^\$\$ \(eq-[\w-]+\)$", text, re.M)
        assert len(shown) == len(labelled), f"{page.name} shows a formula without a label"


def labels() -> set[str]:
    """The labels of all formulas of the book."""
    texts = [page.read_text("utf-8") for page in (ROOT / "book").glob("*.md")]
    return {label for text in texts for label in re.findall(r"^\$\$ \((eq-[\w-]+)\)$", text, re.M)}


def test_code_names_only_formulas_that_exist():
    """Each label that a line of `reference` carries is on a page."""
    for module in sorted((ROOT / "reference").glob("*.py")):
        named = set(re.findall(r"\beq-[a-z0-9-]+", module.read_text("utf-8")))
        assert named <= labels(), module.name


def test_every_value_check_names_its_formula():
    """Each check that earns points, and each hint, names a formula that is on a page."""
    from checks.exercises import EXERCISES

    for exercise in EXERCISES:
        hinted = set(re.findall(r"\beq-[a-z0-9-]+", " ".join(exercise.hints)))
        assert hinted, f"{exercise.name}: no hint names a formula"
        assert hinted <= labels(), exercise.name
        for check in exercise.checks:
            assert check.equation in labels() | (set() if check.points else {""}), check


def test_stubs_fit_their_box():
    """No line of a stub is cut off at the edge of the box on the page."""
    from checks.exercises import EXERCISES

    for exercise in EXERCISES:
        widest = max(exercise.stub.split("\n"), key=len)
        assert len(widest) <= 76, f"{exercise.name}: {widest}"
