"""The command, end to end: what a stranger's folder is told, and the exit code."""

from __future__ import annotations

import inspect
import io
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import jsonschema
import pytest

from checks import __main__ as command
from checks.exercises import EXERCISES
from checks.mistakes import mistakes_of
from checks.mistakes import solver as solvers
from checks.mistakes import two_layer_net as nets
from reference import affine

MODULES = ("numeric_gradients", "affine", "softmax", "optim", "relu", "sandwich")
MODULES += ("boundary", "fully_connected_net")
TEXTS = [inspect.getsource(import_module(f"reference.{name}")) for name in MODULES]
TEXTS += [inspect.getsource(each) for each in (nets.TwoLayerNet, solvers.Solver)]
RIGHT = re.sub(r"^from reference.*\n", "", "\n\n".join(TEXTS), flags=re.MULTILINE)

BOOK = [one for one in EXERCISES if not one.variation]
CHECKS = sum(len(one.checks) for one in BOOK)
POINTS = sum(one.points for one in BOOK)


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder called mine, seen from beside it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


def said(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    """Run the command; its exit code, and all that it printed with lines joined."""
    try:
        code = command.main(args)
    except SystemExit as stop:  # argparse
        code = int(str(stop.code))
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


# Everything that the book's reader first meets


def test_no_argument_prints_a_short_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Without arguments the command says what it can do in under 12 lines."""
    assert command.main([]) == 0
    out = capsys.readouterr().out
    assert "checks start mine" in out
    assert len(out.splitlines()) < 12


def test_start_writes_stubs_that_are_not_started(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fresh folder of stubs is not started, and the first line says where to begin."""
    code, text = said(capsys, "start", "mine")
    assert code == 0
    assert "Begin with numeric_gradient in mine/numeric_gradients.py" in text
    assert {path.name for path in mine.iterdir()} == {one.file for one in EXERCISES}
    code, text = said(capsys, "mine")
    assert (code, text.split(". ")[0]) == (1, f"0 of {len(BOOK)} started")
    assert 'Begin with numeric_gradient (chapter "numeric-gradients", about 15 minutes).' in text
    assert "not yet" not in text


def test_stubs_import_what_they_build_on(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of stubs brings in what its exercises use of other files, and nothing more."""
    said(capsys, "start", "mine")
    text = (mine / "sandwich.py").read_text()
    assert "from affine import affine_backward, affine_forward\n" in text
    assert "from relu import relu_backward, relu_forward\n" in text
    assert "from " not in (mine / "relu.py").read_text().split("def ")[0]


def test_start_never_overwrites(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there already keeps every byte, and is named."""
    (mine / "affine.py").write_text("# mine")
    code, text = said(capsys, "start", "mine")
    assert code == 0
    assert "Left alone, since there already: affine.py" in text
    assert (mine / "affine.py").read_text() == "# mine"


def test_list_shows_every_exercise(capsys: pytest.CaptureFixture[str]) -> None:
    """`checks list` names each exercise with its chapter, minutes and points."""
    code, text = said(capsys, "list")
    assert code == 0
    for one in EXERCISES:
        assert f"{one.name} {one.chapter} {one.minutes} {one.points}" in text


def test_right_code_passes(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Right code gets exit code 0, all checks and all points."""
    (mine / "all.py").write_text(RIGHT)
    code, text = said(capsys, "mine")
    assert code == 0
    assert f"{CHECKS} of {CHECKS} public checks pass; {POINTS} of {POINTS} points." in text


# Wrong files

WRONG = [
    ("affine_backward", "db_is_a_mean", "db", "eq-affine-db"),
    ("affine_backward", "dx_stays_flat", "dx", "eq-affine-dx"),
    ("affine_backward", "dw_is_a_mean", "dw", "eq-affine-dw"),
    ("softmax_loss", "dx_of_the_sum", "dx", "eq-softmax-dx"),
    ("softmax_loss", "constant_inside_log", "loss", "eq-softmax-loss"),
    ("softmax_loss", "log_of_zero", "stability", "eq-softmax-shift"),
]


@pytest.mark.parametrize(("function", "name", "check", "equation"), WRONG)
def test_wrong_file_gets_its_first_evidence(
    function: str, name: str, check: str, equation: str, mine: Path
) -> None:
    """The first failed check names its equation, where it saw what, and what is right there."""
    mistake = next(one for one in mistakes_of(function) if one.name == name)
    forward = inspect.getsource(affine.affine_forward)
    (mine / "mine.py").write_text(f"import numpy as np\n{forward}\n{mistake.source}\n")
    assert command.main(["mine", "-k", function, "--json", "report.json"]) == 1
    (exercise,) = json.loads(Path("report.json").read_text())["exercises"]
    first = next(one for one in exercise["checks"] if one["state"] == "fail")
    assert (first["name"], first["equation"]) == (check, equation)
    detail = first["evidence"]["detail"]
    if first["evidence"]["kind"] == "shape":
        assert detail["got"] != detail["shape"]
    elif first["evidence"]["kind"] == "value":
        assert detail["yours"] != detail["right"]
        assert detail.get("slope", detail["right"]) == pytest.approx(detail["right"], rel=1e-5)
    else:
        assert (first["evidence"]["kind"], detail["value"]) == ("nonfinite", "inf")


# Strange folders


AFFINE = """
import numpy as np
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)
"""

STRANGE = {
    "syntax": (
        "def affine_forward(x, w, b):\n    return x @ w +, b\n",
        "affine.py:2 is not Python: invalid syntax. return x @ w +, b",
    ),
    "missing": (
        AFFINE.replace("affine_forward", "afine_forward"),
        "No function called affine_forward was found. Is it afine_forward?",
    ),
    "none": (
        "def affine_forward(x, w, b):\n    out = x.reshape(len(x), -1) @ w + b\n",
        "affine_forward returned None. Does every way through it end in return out, cache ?",
    ),
    "count": (
        AFFINE.replace(", (x, w, b)\n", "\n"),
        "affine_forward returned one result and no tuple; asked for are 2: out, cache.",
    ),
    "import": (
        "import torch\n" + AFFINE.replace("x.reshape", "torch.tensor(x).reshape"),
        "affine_forward needs torch, which is not there while code is judged (affine.py:1).",
    ),
    "loop": (
        "def affine_forward(x, w, b):\n    while True:\n        pass\n",
        "affine_forward had not come to an end after 1 second, at affine.py:",
    ),
    "exit": (
        "import os\ndef affine_forward(x, w, b):\n    os._exit(0)\n",
        "affine_forward ended the whole process that it ran in (exit status 0).",
    ),
    "exit at import": (
        "import os\nos._exit(0)\n" + AFFINE,
        "Importing affine.py ended the whole process that it ran in (exit status 0).",
    ),
    "raises": (
        AFFINE.replace("x.reshape(len(x), -1)", "x"),
        "affine_forward raised ValueError:",
    ),
    "number": ("affine_forward = 3\n", "affine_forward is no function: it is of type int"),
    "reference": (
        "from reference.affine import affine_forward\n",
        "affine.py:1 only imports it, from reference",
    ),
    "kwargs": ("def affine_forward(x, w):\n    return x, w\n", "takes 2 positional arguments"),
}


@pytest.mark.parametrize("what", STRANGE)
def test_strange_code_gets_a_sentence(
    what: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Code that cannot be judged is told why, in a sentence, with exit code 1."""
    code_text, sentence = STRANGE[what]
    (mine / "affine.py").write_text(code_text)
    code, text = said(capsys, "mine", "-k", "affine_forward", "--seconds", "1")
    assert code == 1
    assert sentence in text
    assert "Traceback" not in text


def test_empty_folder_gets_a_sentence(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In an empty folder there is nothing to judge: exit code 3, and how to begin."""
    code, text = said(capsys, "mine")
    assert code == 3
    assert "no Python file and no notebook in mine" in text
    assert "checks start mine" in text


def test_no_folder_gets_a_sentence(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path where nothing is gets exit code 2."""
    assert said(capsys, "yours")[0] == 2


def test_shadowing_files_are_files_among_others(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with checks.py, reference.py and numpy.py is judged like any other."""
    (mine / "checks.py").write_text(RIGHT)
    for name in ("reference.py", "numpy.py", "random.py"):
        (mine / name).write_text("raise SystemExit('this one')\n")
    code, text = said(capsys, "mine")
    assert f"{CHECKS} of {CHECKS} public checks pass" in text
    assert code == 0


def test_shadowed_modules_are_refused_or_passed_by(mine: Path) -> None:
    """Run in a folder whose numpy.py hides NumPy, the command works, or says what is hidden."""
    (mine / "affine.py").write_text(AFFINE)
    (mine / "numpy.py").write_text("raise SystemExit('this one')\n")
    (mine / "reference.py").write_text("raise SystemExit('this one')\n")
    home = str(Path(command.__file__).parent.parent)
    run = [sys.executable, "-m", "checks", ".", "-k", "affine_forward"]
    env = {**os.environ, "PYTHONPATH": home}
    done = subprocess.run(run, cwd=mine, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    inside = [sys.executable, "-c", "from checks.__main__ import main; raise SystemExit(main('.'))"]
    done = subprocess.run(inside, cwd=mine, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "reference.py hides the reference that checks needs" in done.stderr


# Options


def test_hints_come_in_two_steps(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--hint says what the pattern may mean, --hint --hint names the equation."""
    (mine / "layers.py").write_text(RIGHT.replace("dout.sum(axis=0)", "dout.mean(axis=0)"))
    card = said(capsys, "mine", "-k", "affine_backward")[1]
    assert "eq-" not in card
    assert "checks mine -k affine_backward --hint" in card
    one = said(capsys, "mine", "-k", "affine_backward", "--hint")[1]
    assert "db is a mean over the batch, where a sum belongs." in one
    two = said(capsys, "mine", "-k", "affine_backward", "--hint", "--hint")[1]
    assert "eq-affine-db" in two


def test_inputs_can_be_pasted(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--show-inputs prints Python that gives back the very numbers of the card."""
    (mine / "layers.py").write_text(RIGHT.replace("dout.sum(axis=0)", "dout.mean(axis=0)"))
    assert command.main(["mine", "-k", "affine_backward", "--show-inputs"]) == 1
    lines = capsys.readouterr().out.splitlines()
    start = next(i for i, line in enumerate(lines) if "import numpy" in line)
    end = next(i for i, line in enumerate(lines) if "public checks" in line)
    scope: dict[str, object] = {}
    exec("\n".join(line[4:] for line in lines[start:end]), scope)
    dout = scope["dout"]
    shown = next(line for line in lines if "db[" in line)
    index = int(shown.split("db[")[1].split("]")[0])
    assert f"{dout.mean(axis=0)[index]:.6f}" in shown  # type: ignore[attr-defined]


def test_json_says_the_same(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json writes every outcome with its evidence, as JSON that anything reads."""
    wrong = RIGHT.replace("dout.sum(axis=0)", "dout.mean(axis=0) * np.nan")
    (mine / "layers.py").write_text(wrong)
    assert command.main(["mine", "--json", "report.json"]) == 1
    report = json.loads(Path("report.json").read_text())
    assert (report["schema"], report["seed"]) == (1, 7)
    schema = Path(command.__file__).parent / "show" / "report.schema.json"
    jsonschema.validate(report, json.loads(schema.read_text()))
    backward = next(e for e in report["exercises"] if e["name"] == "affine_backward")
    db = next(c for c in backward["checks"] if c["name"] == "db")
    assert (db["state"], db["equation"]) == ("fail", "eq-affine-db")
    assert db["evidence"]["kind"] == "nonfinite"
    assert (backward["earned"], backward["points"]) == (2, 3)


def test_json_on_the_screen_stands_alone(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json - prints the report as data and no card; where cards are watched it is refused."""
    (mine / "layers.py").write_text(RIGHT.replace("dout.sum(axis=0)", "dout.mean(axis=0)"))
    code, text = said(capsys, "mine", "-k", "affine_backward", "--json", "-")
    assert (code, json.loads(text)["schema"]) == (1, 1)
    code, text = said(capsys, "mine", "-k", "affine_backward", "--html", "-")
    assert (code, text[:9].lower()) == (1, "<!doctype")
    assert not Path("-").exists()
    code, text = said(capsys, "mine", "--html", "-", "--json", "-")
    assert code == 2
    assert "name a file for one" in text
    code, text = said(capsys, "watch", "mine", "--json", "-")
    assert code == 2
    assert "name a file instead of -" in text


def test_pattern_without_a_match_is_a_usage_error(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """-k without a match is exit code 2, with the name that was probably meant."""
    (mine / "layers.py").write_text(RIGHT)
    code, text = said(capsys, "mine", "-k", "softmax_lose")
    assert code == 2
    assert "Is it softmax_loss?" in text


def test_subcommand_wins_over_a_folder(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`checks list` is the subcommand, `checks ./list` the folder."""
    folder = mine.parent / "list"
    folder.mkdir()
    assert said(capsys, "list")[0] == 0
    assert said(capsys, "./list")[0] == 3


def test_variations_count_once_begun(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A variation is left out while it is a stub, and judged once it is not."""
    (mine / "all.py").write_text(RIGHT)
    stub = "def graph_backward(x, y, z):\n    raise NotImplementedError\n"
    (mine / "more.py").write_text(stub)
    assert said(capsys, "mine")[0] == 0
    (mine / "more.py").write_text(stub.replace("raise NotImplementedError", "return 1.0, 2.0, x"))
    code, text = said(capsys, "mine")
    assert code == 1
    assert "graph_backward / dx: not yet" in text


def test_in_process_says_the_same(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --in-process the report is the same, word for word."""
    (mine / "layers.py").write_text(RIGHT.replace("dout.sum(axis=0)", "dout.mean(axis=0)"))
    assert said(capsys, "mine", "--in-process") == said(capsys, "mine")


def test_notebook_is_judged(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A notebook with the functions in its cells is judged like a file."""
    cells = [{"cell_type": "code", "source": RIGHT, "outputs": [], "metadata": {}}]
    text = json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
    (mine / "book.ipynb").write_text(text)
    assert said(capsys, "mine/book.ipynb")[0] == 0


def test_progress_is_shown_after_two_seconds_and_wiped_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A terminal sees which check is running once it takes long, and nothing of it at the end."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    exercise = EXERCISES[0]
    stream, quiet = Terminal(), io.StringIO()
    for each in (stream, quiet):
        now[0] = 0.0
        with command._Progress(each) as progress:
            progress(exercise, exercise.checks[0])
            assert each.getvalue() == ""
            now[0] = 2.5
            progress(exercise, exercise.checks[1])
    assert f"{exercise.name} / {exercise.checks[1].name}" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")
    assert quiet.getvalue() == ""


def test_ctrl_c_is_no_traceback(
    mine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C during a run ends it with one line, and the code that shells use for it."""

    def pressed(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    (mine / "layers.py").write_text(RIGHT)
    monkeypatch.setattr("checks.run.run", pressed)
    code, text = said(capsys, "mine")
    assert (code, text) == (130, "checks: stopped before anything was decided")


def test_our_own_fault_is_ours(
    mine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours is exit code 4 and is not blamed on the student."""
    (mine / "layers.py").write_text(RIGHT)
    monkeypatch.setattr("checks.run.verdict", lambda seen: 1 / 0)
    code, text = said(capsys, "mine")
    assert code == 4
    assert "a fault of checks, not of your code" in text
