"""Tasks that one student has: the same ID draws the same ones for ever, and they are judged."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import combinations, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import reference
from checks import __main__ as command
from checks import check
from checks.exercises import EXERCISES
from checks.mistakes import mistakes_of
from checks.model import FAIL, PASS, Report
from checks.run import run
from checks.student import InProcess, read
from checks.tasks import FILE, MARK, TASKS, Task, exercises_of, marks_in, tidy
from tests.checks.answers import closed, stepwise

IDS = ("lee", "42", "kim", "o'neil", "\u738b\u82b3", "{0}")
VARIANTS = Path(__file__).parent.parent / "variants"
BOOKS = {name: getattr(reference, name) for name in reference.__all__}


def answers(task: Task, drawn: SimpleNamespace, style: Any = closed) -> dict[str, Any]:
    """The functions of a task, for what was drawn."""
    return {code.__name__: code for code in getattr(style, task.name)(drawn)}


def judged(task: Task, variant: str, code: Mapping[str, Any], seed: int = 7) -> Report:
    return run(task.exercises(variant), InProcess(dict(code)), seed)


def rejected(report: Report) -> bool:
    """Whether something fails, and points are lost for it."""
    points = sum(one.points for one in report.outcomes)
    return (
        any(one.state == FAIL for one in report.outcomes)
        and sum(one.earned for one in report.outcomes) < points
    )


# What an ID draws

DRAWN = {
    "lee": {
        "stored_affine": ("(M, D)", "centred", 2.3, 0.3),
        "soft_target_loss": (0.39, "all", 2.4, "sum"),
        "bent_relu": (-0.95, 2.1, -0.1),
        "class_weighted_loss": (2.3, 1.5, 1.2, 2.1, 0.3, "their weights"),
    },
    "42": {
        "stored_affine": ("(D, M)", "as they are", 1.5, 2.3),
        "squared_hinge_loss": (1.4, "the square of the largest", 0.9),
        "sparse_penalty": ("|w| / c", 0.27, 0.65, 1.5, "no entry"),
        "blended_momentum": ("momentum * v + dw", 1.4, 0.35, 0.004, 0.79),
    },
}
CHOICES = {
    "stored_affine": "fbce99951b90889d",
    "soft_target_loss": "7c00a678e7fc18b0",
    "squared_hinge_loss": "ae8562fdc0463564",
    "bent_relu": "2f29dcd706448c6c",
    "smooth_relu": "ca7bb28d76a12d51",
    "class_weighted_loss": "4ee8c03305a9ddd7",
    "sparse_penalty": "189234ba7fd2847a",
    "blended_momentum": "10340b28573ff09f",
    "fading_adam": "2e43a12572ed97d4",
}


def test_an_id_draws_what_it_always_drew() -> None:
    """A task that was handed out once is drawn again, on any machine and by any version."""
    by_name = {task.name: task for task in TASKS}
    for variant, tasks in DRAWN.items():
        for name, constants in tasks.items():
            assert tuple(vars(by_name[name].drawn(variant)).values()) == constants
    for name, digest in CHOICES.items():
        choices = repr(dict(by_name[name].choices)).encode()
        assert hashlib.sha256(choices).hexdigest()[:16] == digest, f"{name} was handed out already"


def test_the_documented_hash_is_the_one_that_draws() -> None:
    """The formula in the docstring of tasks.task gives the constants by itself."""
    (bent,) = (task for task in TASKS if task.name == "bent_relu")
    for name, choices in bent.choices.items():
        text = f"backprop-by-the-book/1/lee/bent_relu/{name}"
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        assert getattr(bent.drawn("lee"), name) == choices[number % len(choices)]


@pytest.mark.parametrize("same", ["Lee K", "  lee\tk ", "LEE  K", "\uff2cee k"])
def test_one_person_is_one_id(same: str) -> None:
    """Case, spaces and the width of a letter make no other ID."""
    assert tidy(same) == "lee k"
    assert tidy("jose\u0301") == tidy("JOS\u00c9")
    assert tidy("\u738b\u82b3") != tidy("\u738b\u65b9")


@pytest.mark.parametrize("bad", ["", "  \n", "a" * 81, "lee\x07", "\udc80"])
def test_what_is_no_id_is_told_so(bad: str, tmp_path: Path, capsys: Any) -> None:
    """An ID that no line of a file can hold is refused in a sentence, and nothing is written."""
    with pytest.raises(ValueError, match=r"ID"):
        tidy(bad)
    assert command.main(["start", str(tmp_path / "mine"), "--variant", bad]) == 2
    assert "--variant: " in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


def test_two_students_rarely_share_a_task() -> None:
    """Of 200 IDs, pairs with one version are as rare as chance makes them; no pair shares three.

    With 200 * 199 / 2 pairs and 3,000 versions, about seven pairs meet; twenty would be no chance.
    """
    shared: Counter[tuple[str, str]] = Counter()
    for task in TASKS:
        assert task.versions >= 3000
        drawn = {str(i): tuple(vars(task.drawn(str(i))).values()) for i in range(200)}
        same = [pair for pair in combinations(drawn, 2) if drawn[pair[0]] == drawn[pair[1]]]
        assert len(same) < 20
        shared.update(same)
    assert max(shared.values(), default=0) <= 2


# What is handed out


def test_there_are_tasks_enough() -> None:
    """At least eight tasks, each with checks, points, two hints and a formula to begin from."""
    assert len(TASKS) >= 8
    for one in exercises_of("lee"):
        assert one.variation
        assert one.file == FILE
        assert one.points >= 1
        assert len(one.hints) == 2
        assert "eq-" in one.hints[1]
        assert all(each.equation for each in one.checks if each.points)


def test_no_task_has_the_name_of_an_exercise() -> None:
    """A folder may hold the book's variations and the drawn ones side by side."""
    names = [one.name for one in (*EXERCISES, *exercises_of("lee"))]
    assert len(set(names)) == len(names)


def test_no_answer_is_in_the_package() -> None:
    """Neither the book nor the catalogue of mistakes defines a function of a task."""
    for one in exercises_of("lee"):
        assert not hasattr(reference, one.name)
        assert not mistakes_of(one.name)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_stub_says_all_that_was_drawn(task: Task) -> None:
    """Each version's stub is Python in 88 columns, holds each number, and no gap is left in it."""
    for variant in map(str, range(40)):
        drawn = vars(task.drawn(variant))
        text = "\n\n".join(one.stub for one in task.exercises(variant))
        ast.parse(text)
        assert "NotImplementedError" in text
        assert max(map(len, text.splitlines())) <= 88
        for value in drawn.values():
            if isinstance(value, float):
                assert str(abs(value)) in text
        for one in task.exercises(variant):
            assert "{" not in one.stub + one.statement + "".join(one.hints)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_choice_changes_the_statement(task: Task) -> None:
    """Two versions that differ in one choice differ in what the stub says."""
    for name, choices in task.choices.items():
        base = task.drawn("lee")
        texts = set()
        for choice in choices:
            words = {**vars(base), name: choice}
            words |= task.words(SimpleNamespace(**words))
            texts.add("".join(part.exercise(task.chapter, words).stub for part in task.parts))
        assert len(texts) == len(choices)


# What is accepted, and what is not


@pytest.mark.parametrize("style", [closed, stepwise], ids=lambda style: style.__name__)
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_right_answers_are_accepted(task: Task, style: Any) -> None:
    """A right answer to any version gets every point, as one formula or the long way round."""
    for seed, variant in enumerate(IDS, 40):
        report = judged(task, variant, answers(task, task.drawn(variant), style), seed)
        assert [(o.check, o.evidence) for o in report.outcomes if o.state != PASS] == []
        assert sum(o.earned for o in report.outcomes) == sum(
            one.points for one in task.exercises(variant)
        )


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_answer_of_another_is_rejected(task: Task) -> None:
    """What is right for one ID fails for another."""
    for mine, theirs in pairwise(IDS):
        assert task.drawn(mine) != task.drawn(theirs)
        assert rejected(judged(task, mine, answers(task, task.drawn(theirs))))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_each_constant_counts(task: Task) -> None:
    """An answer in which one choice is another student's fails, whichever choice it is."""
    for seed, variant in enumerate(IDS[:3]):
        drawn = task.drawn(variant)
        for name, choices in task.choices.items():
            other = choices[(choices.index(getattr(drawn, name)) + 1) % len(choices)]
            wrong = SimpleNamespace(**{**vars(drawn), name: other})
            report = judged(task, variant, answers(task, wrong), seed)
            assert rejected(report), (variant, name, other)


def of_the_book() -> dict[str, list[Callable[..., Any]]]:
    """For each function of a task, what the book has that is nearest to it."""
    fixed: dict[str, Any] = {}
    exec((VARIANTS / "variations.py").read_text(), fixed)
    return {
        "stored_affine_forward": [
            reference.affine_forward,
            fixed["affine_transposed_forward"],
        ],
        "stored_affine_backward": [
            reference.affine_backward,
            fixed["affine_transposed_backward"],
        ],
        "bent_relu_forward": [
            reference.relu_forward,
            lambda x: (fixed["leaky_relu_forward"](x, 0.1)[0], x),
        ],
        "bent_relu_backward": [
            reference.relu_backward,
            lambda dout, cache: fixed["leaky_relu_backward"](dout, (cache, 0.1)),
        ],
        "smooth_relu_forward": [reference.relu_forward, lambda x: (np.logaddexp(0, x), x)],
        "smooth_relu_backward": [
            reference.relu_backward,
            lambda dout, cache: dout / (1 + np.exp(-np.clip(cache, -500, 500))),
        ],
        "soft_target_loss": [
            reference.softmax_loss,
            lambda x, y: fixed["smoothed_softmax_loss"](x, y, 0.1),
        ],
        "squared_hinge_loss": [reference.svm_loss],
        "class_weighted_loss": [
            reference.softmax_loss,
            lambda x, y: fixed["weighted_softmax_loss"](x, y, np.arange(1.0, 6.0)),
        ],
        "sparse_penalty": [lambda w: (0.5 * (w**2).sum(), w.copy())],
        "blended_momentum": [reference.sgd_momentum, fixed["nesterov_momentum"], reference.sgd],
        "fading_adam": [reference.adam, fixed["adamw"], reference.rmsprop],
    }


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_functions_of_the_book_are_rejected(task: Task) -> None:
    """No function of the book, and no answer to a variation that is the same for all, will do."""
    near = of_the_book()
    for variant in IDS[:4]:
        right = answers(task, task.drawn(variant))
        for one in task.exercises(variant):
            for code in near[one.name]:
                report = run([one], InProcess({**BOOKS, **right, one.name: code}), 7)
                assert rejected(report), (variant, one.name, code)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_doing_nothing_earns_nothing(task: Task) -> None:
    """Zeros, or the arguments as they came, earn no point."""
    for one in task.exercises("lee"):
        count = len(inspect.signature(answers(task, task.drawn("lee"))[one.name]).parameters)
        for what in (np.zeros_like, lambda a: a):
            if one.name.endswith("loss") or one.name == "sparse_penalty":
                code = lambda x, *_, what=what: (0.0, what(x))  # noqa: E731
            elif count == 3 and "config" in one.stub:
                code = lambda w, dw, config=None, what=what: (what(w), config or {})  # noqa: E731
            elif one.name.endswith("backward"):
                code = lambda dout, cache, what=what: what(dout)  # noqa: E731
            else:
                code = lambda x, *_, what=what: (what(x), x)  # noqa: E731
            report = run([one], InProcess({one.name: code}), 7)
            assert any(o.state == FAIL for o in report.outcomes)
            assert sum(o.earned for o in report.outcomes) == 0


# The command


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder called mine, seen from beside it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mine"


def said(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    code = command.main(args)
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


def reported(*args: str) -> dict[str, Any]:
    command.main([*args, "--in-process", "--json", "report.json"])
    report: dict[str, Any] = json.loads(Path("report.json").read_text())
    return report


def submit(folder: Path, mark: str | None, answered: str) -> None:
    """Write a folder that claims to be of one ID and answers a task of another."""
    folder.mkdir(exist_ok=True)
    line = f"{MARK} = {mark!r}\n" if mark is not None else ""
    (bent,) = (task for task in TASKS if task.name == "bent_relu")
    constants = f"SimpleNamespace(**{vars(bent.drawn(answered))!r})"
    text = f"{line}import numpy as np\nfrom types import SimpleNamespace\n"
    text += inspect.getsource(closed.bent_relu)
    text += f"\nbent_relu_forward, bent_relu_backward = bent_relu({constants})\n"
    (folder / "answers.py").write_text(text, encoding="utf-8")


def test_start_hands_out_tasks(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`checks start DIR --variant ID` writes a file of stubs that says whose they are."""
    code, text = said(capsys, "start", "mine", "--variant", "Lee K")
    own = exercises_of("lee k")
    assert code == 0
    assert f"asks for {len(own)} functions of variant lee k alone: checks mine -k {FILE}" in text
    assert {path.name for path in mine.iterdir()} == {one.file for one in (*EXERCISES, *own)}
    stubs = (mine / FILE).read_text("utf-8")
    assert marks_in({FILE: stubs}) == {FILE: "lee k"}
    for one in own:
        assert one.stub in stubs
    code, text = said(capsys, "mine", "-k", FILE)
    assert (code, text.split(". ")[0]) == (1, f"0 of {len(own)} started")
    assert "Variant: lee k." in text
    first_screen = said(capsys, "mine")[1]
    assert f"0 of {sum(not one.variation for one in EXERCISES)} started" in first_screen


def test_start_never_mixes_two_ids(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with the tasks of one ID is not given those of another; its own are left alone."""
    said(capsys, "start", "mine", "--variant", "lee")
    before = (mine / FILE).read_bytes()
    code, text = said(capsys, "start", "mine", "--variant", "kim")
    assert code == 2
    assert "says lee, not kim" in text
    code, text = said(capsys, "start", "mine", "--variant", "LEE")
    assert code == 0
    assert "Left alone" in text
    assert (mine / FILE).read_bytes() == before


def test_a_folder_is_judged_as_what_it_says(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --variant the folder's own line counts, and the report names the ID."""
    submit(mine, "lee", "lee")
    report = reported("mine", "-k", "bent_relu")
    assert report["variant"] == "lee"
    assert [one["state"] for one in report["exercises"]] == ["pass", "pass"]
    assert "Variant: lee." in capsys.readouterr().out
    submit(mine, "kim", "lee")
    assert "fail" in {one["state"] for one in reported("mine", "-k", "bent_relu")["exercises"]}
    assert reported("mine", "-k", "affine_forward")["variant"] == "kim"


def test_the_word_of_the_instructor_counts(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --variant the folder's line is only remarked on, where it says something else."""
    submit(mine, "kim", "kim")  # lee hands in what is right for kim
    report = reported("mine", "--variant", "Lee", "-k", "bent_relu")
    assert report["variant"] == "lee"
    assert {one["state"] for one in report["exercises"]} == {"fail"}
    (remark,) = report["remarks"]
    assert remark["says"] == [
        "answers.py says that it answers variant kim; it was judged as variant lee."
    ]
    assert "checks mine --variant lee -k bent_relu_forward --hint" in capsys.readouterr().out
    submit(mine, "kim", "lee")  # the right answers under another's name
    report = reported("mine", "--variant", "lee", "-k", "bent_relu")
    assert {one["state"] for one in report["exercises"]} == {"pass"}
    submit(mine, None, "lee")
    assert not reported("mine", "--variant", "lee", "-k", "bent_relu")["remarks"]


def test_with_variant_all_tasks_are_due(mine: Path) -> None:
    """For an instructor each task counts, begun or not, so that all have the same total."""
    submit(mine, "lee", "lee")
    names = [one["name"] for one in reported("mine", "--variant", "lee")["exercises"]]
    assert set(names) >= {one.name for one in exercises_of("lee")}
    begun = [one["name"] for one in reported("mine")["exercises"]]
    assert {"bent_relu_forward", "bent_relu_backward"} <= set(begun)
    assert "sparse_penalty" not in begun


def test_a_notebook_says_whose_it_is(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line survives in a notebook, of which only definitions and constants are read."""
    mine.mkdir()
    source = f"# mine\n{MARK} = 'lee'\nprint('hello')\ndef bent_relu_forward(x):\n    return x, x\n"
    cells = [{"cell_type": "code", "source": source, "outputs": [], "metadata": {}}]
    text = json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
    (mine / "book.ipynb").write_text(text)
    report = reported("mine/book.ipynb", "-k", "bent_relu_forward")
    assert (report["variant"], report["exercises"][0]["state"]) == ("lee", "fail")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ({"a.py": "'lee'", "b.py": "'kim'"}, "a.py says lee, b.py says kim. Whose tasks are they?"),
        ({"a.py": "'  '"}, "a.py says CHECKS_VARIANT = ' ', but a variant needs an ID"),
        ({"a.py": "'\\ud800'"}, "a.py says CHECKS_VARIANT = '\\ud800', but the ID"),
    ],
)
def test_a_line_that_says_nothing_is_a_question(
    lines: dict[str, str], sentence: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two IDs in one folder, or none in the line, are answered with a question and exit code 2."""
    mine.mkdir()
    for name, value in lines.items():
        (mine / name).write_text(f"{MARK} = {value}\n")
    code, text = said(capsys, "mine")
    assert code == 2
    assert sentence in text


def test_a_task_needs_an_id(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """-k with a function of a task, where no file names an ID, asks for one."""
    submit(mine, None, "lee")
    for pattern in ("bent_relu_forward", FILE):
        code, text = said(capsys, "mine", "-k", pattern)
        assert code == 2
        assert f"-k {pattern} is drawn from an ID" in text


def test_list_says_what_an_id_draws(capsys: pytest.CaptureFixture[str]) -> None:
    """`checks list` marks the tasks, and with --variant says which versions an ID has."""
    code, text = said(capsys, "list")
    assert code == 0
    for one in exercises_of("nobody"):
        assert f"{one.name} {one.chapter} {one.minutes} {one.points} --variant" in text
    code, text = said(capsys, "list", "--variant", "lee")
    assert code == 0
    assert "bent_relu_forward relu 5 1 slope 2.1 above -0.95, slope -0.1 below" in text


def test_a_session_asks_with_an_id() -> None:
    """`check(function, variant=ID)` judges a task; without an ID it says that one is needed."""
    (bent,) = (task for task in TASKS if task.name == "bent_relu")
    right = answers(bent, bent.drawn("lee"))
    report = check(right["bent_relu_forward"], variant="Lee")
    assert (report.variant, {one.state for one in report.outcomes}) == ("lee", {PASS})
    wrong = check(right["bent_relu_forward"], variant="kim")
    assert FAIL in {one.state for one in wrong.outcomes}
    with pytest.raises(ValueError, match="variant="):
        check("bent_relu_forward")


def test_handed_in_folders_say_whose_they_are() -> None:
    """The correct submissions among the variants are of two students, and answer every task."""
    for name, variant in (("drawn_for_lee", "lee"), ("drawn_for_42.py", "42")):
        files = read(VARIANTS / name)
        assert set(marks_in(files.texts).values()) == {variant}
        student = InProcess(files)
        try:
            assert all(student.defines(one.name) is None for one in exercises_of(variant))
        finally:
            student.close()
