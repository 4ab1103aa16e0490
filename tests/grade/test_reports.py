"""Reports say what the records say, and nothing that a student wrote gets out of its place."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checks.__main__ import main
from checks.files import Files
from checks.grade import pages, statistics, tables
from checks.grade.judge import Rules, fault, graded
from checks.grade.policy import Policy
from checks.grade.records import Record
from checks.grade.zygote import Zygote
from checks.tasks import exercises_of
from tests.attacks.catalogue import HONEST as AFFINE

POLICY = Policy("Affine <1>", ("affine_forward", "affine_backward"))
EVIL = "=HYPERLINK(\"http://x\")\n<script>alert('x')</script>\x00\x1b[31m\u202e'\"&"
MEAN = AFFINE.replace("sum(axis=0)", "mean(axis=0)")


@pytest.fixture(scope="module")
def records(zygote: Zygote) -> list[Record]:
    """A right one, two with one mistake, one whose name and message are hostile, one not graded."""
    rules = Rules(POLICY)
    raising = f"def affine_forward(x, w, b):\n    raise ValueError({EVIL!r})\n"
    texts = {"ann": AFFINE, "bob": MEAN, "cy": MEAN + "# his\n", EVIL: raising}
    made = [
        graded(key, key, Files({"a.py": text}), rules, zygote.spawn, "")
        for key, text in texts.items()
    ]
    return [*made, fault("dot", "dot", "", rules, "it was <lost>")]


def handed_in(system: str, records: list[Record]) -> list[Record]:
    return [{**one, "system": system, "ids": [str(i)]} for i, one in enumerate(records)]


def test_csv_holds_marks_and_no_formula(records: list[Record]) -> None:
    """A row for each student; a name that begins like a formula is text, in every table."""
    rows = list(csv.DictReader(io.StringIO(tables.grades_csv(records, POLICY))))
    assert [float(row["score"]) for row in rows] == [4, 3, 3, 0, 0]
    assert rows[1]["affine_backward"] == "2"
    assert rows[4]["remark"] == "it was <lost>"
    for text in (
        tables.grades_csv(records, POLICY),
        tables.canvas_csv(handed_in("canvas", records), POLICY, {}),
        tables.moodle_csv(handed_in("moodle", records), {}),
    ):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
        assert not any("\x00" in cell or "\x1b" in cell or "\n" in cell for cell in cells)
        assert len(text.splitlines()) == 6


def test_junit_is_xml(records: list[Record]) -> None:
    """JUnit holds a suite for each student, with as many failures as the record has."""
    text = io.StringIO()
    junit = tables.Junit(text, POLICY.title)
    for record in records:
        junit.add(record)
    junit.end()
    root = ElementTree.fromstring(text.getvalue())
    assert root.get("name") == POLICY.title
    suites = root.findall("testsuite")
    assert [int(suite.get("failures", "")) for suite in suites] == [0, 1, 1, 1, 0]
    assert [int(suite.get("errors", "")) for suite in suites] == [0, 0, 0, 0, 1]


def test_pages_hold_nothing_that_runs(records: list[Record]) -> None:
    """No page holds a tag, an address or a control character that came from a student."""
    made = [pages.student(record, POLICY) for record in records]
    made.append(pages.whole_class(records, POLICY))
    for page in made:
        assert "<script" not in page
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", page)
        assert not re.search(r"(?:src|href)=\"(?:https?:|//)", page)
    assert "&lt;script&gt;" in made[3]
    assert "could not be graded" in made[4]


def test_student_page_says_what_the_policy_allows(records: list[Record]) -> None:
    """Evidence by default; the mistake with hint, the equation with equation; or the state."""
    said = {
        detail: pages.student(records[1], Policy("", POLICY.exercises, detail=detail))
        for detail in ("state", "evidence", "hint", "equation")
    }
    assert "the slope of your" not in said["state"]
    assert "the slope of your" in said["evidence"]
    assert "db is a mean over the batch" not in said["evidence"]
    assert "db is a mean over the batch" in said["hint"]
    assert "eq-affine-db" not in said["hint"]
    assert "eq-affine-db" in said["equation"]


def test_what_is_hidden_is_shown_when_it_is_revealed(zygote: Zygote) -> None:
    """A page under a secret shows which check failed alone; with --reveal, what it saw as well."""
    record = graded("k", "n", Files({"a.py": MEAN}), Rules(POLICY, b"a secret"), zygote.spawn, "")
    before, after = (pages.student(record, POLICY, reveal) for reveal in (False, True))
    assert "The inputs of these checks are hidden." in before
    assert "The inputs of these checks are hidden." not in after
    assert "db is the gradient with respect to b" in before
    assert "the slope of your" not in before
    assert "the slope of your" in after


HIDDEN = Rules(POLICY, b"a secret of sixteen bytes")


def on_page(zygote: Zygote, **texts: str) -> tuple[Record, str]:
    """A record under a secret, and what its student reads of it."""
    files = Files({f"{name}.py": text for name, text in texts.items()})
    record = graded("k", "n", files, HIDDEN, zygote.spawn, "")
    return record, pages.student(record, POLICY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def affine_forward(x, w, b:\n    return x\n", "a.py:1 is not Python"),
        (
            "def affine_forward(x, w, b):\n    raise ValueError(x[0, 0])\n",
            "It raised an exception.",
        ),
        (
            "import os\ndef affine_forward(x, w, b):\n    os._exit(0)\n",
            "It ended the whole process",
        ),
        (
            "import torch\ndef affine_forward(x, w, b):\n    return torch.ones(1)\n",
            "cannot be imported",
        ),
        ("while True: pass\ndef affine_forward(x, w, b):\n    return x\n", "was left out of a.py."),
    ],
)
def test_what_stopped_hidden_code_is_told_by_its_kind(zygote: Zygote, text: str, said: str) -> None:
    """A student reads which kind of thing it was, and where reading alone tells it the line."""
    record, page = on_page(zygote, a=text)
    assert record["score"] == 0
    assert said in page
    assert "It would be: A call changes none" not in page


def test_nothing_that_hidden_code_says_is_shown(zygote: Zygote) -> None:
    """Inputs in a message, a file's name or a forged remark reach no page before the reveal."""
    told = """
import sys
Trouble = sys.modules["beside.trouble"].Trouble
def affine_forward(x, w, b):
    raise Trouble("raised", "LEAK:3", error="LEAK", message="LEAK", source="LEAK")
def affine_backward(dout, cache):
    sys.modules["beside.load"].FINDER.libraries[next(iter(
        sys.modules["beside.load"].FINDER.libraries))].notes.extend([
            Trouble("ambiguous", "LEAK", function="affine_forward", file="LEAK", others=("a.py",)),
            Trouble("ambiguous", "", function="affine_forward", file="a.py", others=("a.py",)),
            Trouble("unfinished", "LEAK:1", source="LEAK", left_out=True),
            Trouble("unfinished", "a.py:271828", source="LEAK", left_out=True)])
    raise ValueError("LEAK")
"""
    record, page = on_page(zygote, a=told)
    assert "LEAK" in str(record["report"])
    assert "LEAK" not in page
    assert "271828" in str(record["report"])
    assert "271828" not in page
    assert "counts, and not" not in page
    assert "LEAK" not in tables.grades_csv([record], POLICY)
    assert "LEAK" not in tables.gradescope(record, pages.shown(record, POLICY, False))


def test_a_task_s_page_says_what_was_asked_for(zygote: Zygote) -> None:
    """Everybody has another statement; the page of a gradient quotes that of its forward pass."""
    own = {one.name: one for one in exercises_of("lee")}
    policy = Policy("", (), ("bent_relu_forward", "bent_relu_backward"), detail="equation")
    text = "def bent_relu_forward(x):\n    return x, x\ndef bent_relu_backward(dout, cache):\n"
    files = Files({"a.py": f"{text}    return dout\n"})
    record = graded("lee", "lee", files, Rules(policy), zygote.spawn, "", "lee")
    page = pages.student(record, policy)
    statement = f"The statement: {own['bent_relu_forward'].statement}."
    assert page.count(html.escape(statement)) == 2
    assert "the chapter &quot;relu&quot;." in page
    assert "&quot;&quot;" not in page


def test_a_long_name_makes_no_long_record(zygote: Zygote) -> None:
    """Keys of millions of letters, honest or not, are cut where they are written down."""
    text = (
        "import numpy as np\nclass TwoLayerNet:\n"
        "    def __init__(self, *a, **k):\n"
        "        self.params = {name * 1_000_000: np.ones(1) for name in 'ab'}\n"
        "    def loss(self, X, y=None): return 0.0, dict(self.params)\n"
    )
    policy = Policy("", ("TwoLayerNet",))
    record = graded("k", "n", Files({"a.py": text}), Rules(policy), zygote.spawn, "")
    assert len(json.dumps(record)) < 100_000


def test_which_file_counts_is_said(zygote: Zygote) -> None:
    """Where two files define the same functions, pages and tables name the one that counts."""
    record, page = on_page(zygote, affine=AFFINE, affine_old=MEAN)
    said = "affine.py counts, and not affine_old.py, for affine_forward and affine_backward."
    assert said in page
    assert said in tables.grades_csv([record], POLICY)
    assert said in pages.whole_class([record], POLICY)


def test_points_are_written_for_people_and_for_programs() -> None:
    """Two places on a page, all that count in a table, and no power of ten in either."""
    assert [tables.number(x) for x in (0.0, 3.0, 17.833333, 1234567.0)] == [
        "0",
        "3",
        "17.83",
        "1234567",
    ]
    assert [tables.cell(x) for x in (0.0, 17.833333, 1234567.5)] == ["0", "17.833333", "1234567.5"]


def test_class_page_counts(records: list[Record]) -> None:
    """The class's page has its mean, its mistakes by name, and who shares a body."""
    page = pages.whole_class(records, POLICY)
    assert "5 handed in. 1 could not be graded." in page
    ((name, says, count),) = statistics.mistakes(records[:3])
    assert (name, count) == ("affine_backward", 2)
    assert says in page
    alike = {(one.exercise, one.keys) for one in statistics.shared(records[:4])}
    assert ("affine_backward", ("bob", "cy")) in alike
    forward, backward = statistics.items(records[:3], POLICY)
    assert forward.share == 1
    assert backward.share == pytest.approx(7 / 9)
    assert backward.discrimination != backward.discrimination  # the other one tells nobody apart


def test_file_names_are_safe_and_unlike() -> None:
    """A key becomes a file name without slashes or controls, and two keys never the same one."""
    keys = ["a", "../../etc/passwd", "a/b", "a\\b", "a:b", EVIL, "", "." * 5, "x" * 300, "y" * 300]
    names = [tables.file_name(key) for key in keys]
    assert len(set(names)) == len(keys)
    assert all(re.fullmatch(r"[\w.() -]{1,100}", name) for name in names)
    assert not any(name.startswith(".") for name in names)


def test_gradescope_layout(tmp_path: Path) -> None:
    """The zip, unpacked as Gradescope does, gives its self-test full marks, and nothing 0."""
    root, secret = tmp_path / "autograder", tmp_path / "secret"
    secret.write_text("a secret of at least sixteen bytes")
    policy = tmp_path / "p.toml"
    policy.write_text('title = "Layers"\nexercises = ["affine", "sandwich", "softmax"]\n')
    out = tmp_path / "grader.zip"
    command = ["gradescope-zip", "--out", str(out), "--policy", str(policy)]
    assert main([*command, "--secret", str(secret), "--selftest"]) == 0
    (root / "submission").mkdir(parents=True)
    with zipfile.ZipFile(out) as packed:
        packed.extractall(root / "source")
    with zipfile.ZipFile(tmp_path / "grader-selftest.zip") as packed:
        packed.extractall(root / "submission")
    assert _graded_there(root) == (True, "")
    for path in (root / "submission").iterdir():
        path.unlink()
    (root / "submission" / "all.py").write_text("import numpy as np\n")
    full, said = _graded_there(root)
    assert not full
    assert "slope" not in said


def test_gradescope_draws_tasks_for_its_student(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tasks come from the e-mail in the metadata; a key, which changes each time, is refused."""
    root, policy, out = tmp_path / "autograder", tmp_path / "p.toml", tmp_path / "grader.zip"
    text = 'exercises = ["affine"]\ntasks = ["bent_relu_forward"]\nvariant = "{}"\n'
    command = ["gradescope-zip", "--out", str(out), "--policy", str(policy)]
    policy.write_text(text.format("key"))
    assert main(command) == 2
    assert 'write variant = "id" (the e-mail)' in capsys.readouterr().err
    for variant, said in (("name", "names nobody"), ("id", "by id, and this submission has none")):
        policy.write_text(text.format(variant))
        assert main(command) == 0
        assert said in _told_there(out, root)
    user = {"email": "lee@school.edu", "id": 7, "name": "Lee"}
    (root / "submission_metadata.json").write_text(json.dumps({"id": 12, "users": [user]}))
    told = json.loads(_told_there(out, root))
    assert [test["score"] for test in told["tests"]] == [1.0, 3.0, 0.0]


def _told_there(packed: Path, root: Path) -> str:
    """What is told of one right file, where the zip is unpacked here."""
    with zipfile.ZipFile(packed) as parts:
        parts.extractall(root / "source")
    (root / "submission").mkdir(exist_ok=True)
    (root / "submission" / "a.py").write_text(AFFINE)
    assert main(["gradescope", str(root)]) == 0
    return (root / "results" / "results.json").read_text()


def _graded_there(root: Path) -> tuple[bool, str]:
    """Run what Gradescope runs; whether it is full marks, and all that was said."""
    done = subprocess.run(
        ["bash", root / "source" / "run_autograder"],
        env={**os.environ, "AUTOGRADER": str(root), "PATH": f"{Path(sys.executable).parent}:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads((root / "results" / "results.json").read_text())
    assert "Nothing was graded" not in told.get("output", "")
    most = sum(test["max_score"] for test in told["tests"])
    failed = [test["output"] for test in told["tests"] if test["score"] < test["max_score"]]
    return told["score"] == most, "\n".join(failed)
