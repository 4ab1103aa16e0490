"""A class is graded as the checks would, once each, and the same again whenever it is asked."""

from __future__ import annotations

import csv
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import reference
from checks.__main__ import main
from checks.exercises import EXERCISES, by_name
from checks.files import Files, read
from checks.grade import seeds
from checks.grade.judge import Rules, graded
from checks.grade.policy import DEFAULT, Policy, load
from checks.grade.records import read as read_records
from checks.grade.shown import lines
from checks.grade.zygote import Zygote
from checks.refusal import RefusalError
from checks.tasks import exercises_of
from tests.attacks.catalogue import HONEST as AFFINE

VARIANTS = Path(__file__).parent.parent / "variants"
MEAN = AFFINE.replace("sum(axis=0)", "mean(axis=0)")
ZEROS = AFFINE.replace("return (dout @ w.T).reshape(x.shape), X.T @ dout,", "return 0 * x, 0 * w,")


def a_class(folder: Path) -> Path:
    """Five students: right, a mean, a crash at import, a loop, and nothing written."""
    for name, text in {
        "ann": AFFINE,
        "bob": MEAN,
        "cy": "import numpy as np\nraise ValueError('no')\n",
        "di": AFFINE.replace("    x, w, b = cache", "    while True: pass"),
        "ed": "def affine_forward(x, w, b):\n    raise NotImplementedError\n",
    }.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "layers.py").write_text(text)
    return folder


def marks(out: Path) -> dict[str, float]:
    with (out / "grades.csv").open() as file:
        return {row["key"]: float(row["score"]) for row in csv.DictReader(file)}


def test_a_class_is_graded(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each gets the marks that its code deserves, and a second run finds all of them done."""
    subs, out = a_class(tmp_path / "in"), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy)]
    assert main([*command, "--processes", "2"]) == 0
    assert marks(out) == {"ann": 4, "bob": 3, "cy": 0, "di": 1, "ed": 0}
    before = (out / "records.jsonl").read_bytes()
    capsys.readouterr()
    assert main(command) == 0
    assert "5 of 5 were graded before" in capsys.readouterr().out
    assert (out / "records.jsonl").read_bytes() == before
    assert main(["regrade", str(out), "--submissions", str(subs), "--policy", str(policy)]) == 0


def test_a_changed_submission_is_graded_again(tmp_path: Path, policy: Path) -> None:
    """Who hands in again gets a new record, and the last one counts; the others keep theirs."""
    subs, out = a_class(tmp_path / "in"), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "0"]
    assert main(command) == 0
    (subs / "bob" / "layers.py").write_text(AFFINE)
    assert main(command) == 0
    assert marks(out)["bob"] == 4
    lines_of = (out / "records.jsonl").read_bytes().splitlines()
    assert sum(b'"key":"bob"' in line for line in lines_of) == 2
    assert len(read_records(out)) == 5


def test_shards_merge_to_the_same_marks(tmp_path: Path, policy: Path) -> None:
    """Graded in two parts and merged, a class has the marks of one run; a part too few is told."""
    subs, out = a_class(tmp_path / "in"), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "0"]
    assert main([*command, "--shard", "1/2"]) == 0
    assert main(["merge", str(out), "--policy", str(policy)]) == 2
    assert main([*command, "--shard", "2/2"]) == 0
    assert main(["merge", str(out), "--policy", str(policy)]) == 0
    assert marks(out) == {"ann": 4, "bob": 3, "cy": 0, "di": 1, "ed": 0}


def test_merge_refuses_before_it_writes(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parts of other rules or of another division are told, and no report is touched."""
    subs, out = a_class(tmp_path / "in"), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "0"]
    assert main([*command, "--shard", "1/1"]) == 0
    assert f"checks merge {out} --policy {policy}" in capsys.readouterr().out
    assert main(["merge", str(out)]) == 2
    assert "give the same --policy and --secret" in capsys.readouterr().err
    assert [one.name for one in out.iterdir()] == ["records-1-of-1.jsonl"]
    shutil.copy(out / "records-1-of-1.jsonl", out / "records-1-of-2.jsonl")
    assert main(["merge", str(out), "--policy", str(policy)]) == 2
    assert "parts of different wholes" in capsys.readouterr().err


def test_merge_takes_whole_parts_of_one_class(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A part that is not finished, or holds whom another one has now, is told; no row twice."""
    subs, out = a_class(tmp_path / "in"), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "0"]
    merge = ["merge", str(out), "--policy", str(policy)]
    for part in ("1/2", "2/2"):
        assert main([*command, "--shard", part]) == 0
    half = out / "records-2-of-2.jsonl"
    lines_of = half.read_bytes().splitlines(keepends=True)
    half.write_bytes(b"".join(lines_of[:-1]))
    capsys.readouterr()
    assert main(merge) == 2
    assert "records-2-of-2.jsonl is not finished" in capsys.readouterr().err
    half.write_bytes(b"".join(lines_of))
    (subs / "aa").mkdir()
    (subs / "aa" / "layers.py").write_text(MEAN)  # and everybody moves on by one
    assert main([*command, "--shard", "1/2"]) == 0
    capsys.readouterr()
    assert main(merge) == 2
    assert "is in two parts" in capsys.readouterr().err
    assert main([*command, "--shard", "2/2"]) == 0
    for _ in range(2):
        assert main(merge) == 0
        assert marks(out) == {"aa": 3, "ann": 4, "bob": 3, "cy": 0, "di": 1, "ed": 0}
        assert len((out / "grades.csv").read_text().splitlines()) == 7
        size = (out / "records.jsonl").stat().st_size
    assert size == (out / "records.jsonl").stat().st_size


def test_merge_takes_what_a_part_says_now(tmp_path: Path, policy: Path) -> None:
    """A part that was graded again counts as it is, also where it is what it was before."""
    subs, out = a_class(tmp_path / "in"), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "0"]
    seen = []
    for text in (AFFINE, MEAN, AFFINE):
        (subs / "ann" / "layers.py").write_text(text)
        assert main([*command, "--shard", "1/1"]) == 0
        assert main(["merge", str(out), "--policy", str(policy)]) == 0
        seen.append(marks(out)["ann"])
    assert seen == [4, 3, 4]


def test_a_secret_that_is_forgotten_is_asked_for(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Marks from hidden draws are not replaced by public ones; other wording changes no mark."""
    subs, out, secret = a_class(tmp_path / "in"), tmp_path / "out", tmp_path / "secret"
    secret.write_text("a secret of at least sixteen bytes")
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "0"]
    assert main([*command, "--secret", str(secret)]) == 0
    before = (out / "records.jsonl").read_bytes()
    capsys.readouterr()
    assert main(command) == 2
    assert "there is no --secret: give it" in capsys.readouterr().err
    policy.write_text(policy.read_text() + '[show]\ndetail = "hint"\n')
    assert main([*command, "--secret", str(secret)]) == 0
    assert "5 of 5 were graded before" in capsys.readouterr().out
    assert (out / "records.jsonl").read_bytes() == before


def test_a_class_and_its_roster(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who is missing and who is unknown is listed, names come from the list, and lists go again."""
    subs, out, listed = a_class(tmp_path / "in"), tmp_path / "out", tmp_path / "class.csv"
    (subs / "bob.pdf").touch()
    listed.write_text("login,Name,Student,ID\nann,Ann Lee,Ann,77\nzoe,Zoe,Zoe,78\n")
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "0"]
    assert main([*command, "--roster", str(listed), "--key", "login"]) == 0
    assert "are read: bob.pdf." in capsys.readouterr().out
    assert (out / "missing.txt").read_text() == "zoe\n"
    assert (out / "not-in-roster.txt").read_text() == "bob\ncy\ndi\ned\n"
    assert ",Ann Lee,4" in (out / "grades.csv").read_text()
    assert (out / "canvas.csv").read_text().splitlines()[1] == "Ann,77,,,,4"
    assert not (out / "moodle.csv").exists()
    shutil.rmtree(subs / "ed")
    assert main(command) == 0
    assert not {"missing.txt", "canvas.csv"} & {one.name for one in out.iterdir()}
    assert sorted(one.stem for one in (out / "students").iterdir()) == ["ann", "bob", "cy", "di"]
    assert main([*command, "--roster", str(listed), "--key", "ID"]) == 2
    assert main([*command, "--roster", str(listed), "--key", "login", "--shard", "1/2"]) == 2


@pytest.mark.parametrize(
    "options",
    [
        ["--processes", "-1"],
        ["--shard", "\u00b2/3"],
        ["--shard", "3/2"],
        ["--tls-ca", "ca.pem"],
        ["--scheduler", "tls://host:1"],
    ],
)
def test_options_that_make_no_sense(
    tmp_path: Path, policy: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is refused in a sentence that names it, before anything is written."""
    subs, out = a_class(tmp_path / "in"), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), *options]
    assert main(command) == 2
    assert options[0] in capsys.readouterr().err
    assert not out.exists()


def test_one_submission_that_breaks_us_costs_itself(
    tmp_path: Path, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where grading one fails in a way that nobody thought of, it is told, and the rest goes on."""
    subs, out = a_class(tmp_path / "in"), tmp_path / "out"
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "0"]

    def broken(files: Files, *_: object) -> list[str]:
        if "mean" in files.texts["layers.py"]:
            raise KeyError("of ours")
        return []

    with monkeypatch.context() as patched:
        patched.setattr("checks.grade.judge.remarks", broken)
        assert main(command) == 1
    assert marks(out) == {"ann": 4, "bob": 0, "cy": 0, "di": 1, "ed": 0}
    assert "KeyError: 'of ours'" in (out / "grades.csv").read_text()
    assert main(["regrade", str(out), "--submissions", str(subs), "--policy", str(policy)]) == 0
    assert main(command) == 0
    assert marks(out)["bob"] == 3


def test_what_is_lent_is_not_kept(zygote: Zygote) -> None:
    """A Solver is lent the book's rules while it runs; no function answers with them later."""
    thief = """
import sys
from optim import adam as A
KEPT = {}
class Solver:
    def __init__(self, model, data, **settings):
        self.model = model
    def train(self):
        frame = sys._getframe()
        while frame:
            for place in (frame.f_globals, frame.f_locals):
                for value in list(place.values()):
                    if callable(getattr(value, "adam", None)):
                        KEPT["adam"] = value.adam
            frame = frame.f_back
        KEPT.setdefault("adam", A)
def adam(w, dw, config=None):
    return KEPT["adam"](w, dw, config)
"""
    policy = Policy("", ("Solver", "adam"))
    record = graded("k", "n", Files({"a.py": thief}), Rules(policy), zygote.spawn, "")
    assert record["score"] == 0
    assert record["exercises"]["Solver"]["state"] == "fail"  # and it was run


def test_a_net_s_layers_are_not_kept(zygote: Zygote) -> None:
    """A net that fails is looked at with the book's layers; it cannot go on with them."""
    thief = """
import numpy as np
def affine_forward(x, w, b): raise ValueError
def affine_backward(dout, cache): raise ValueError
def relu_forward(x): raise ValueError
def relu_backward(dout, cache): raise ValueError
def softmax_loss(x, y): raise ValueError
KEPT = {}
class TwoLayerNet:
    def __init__(self, input_dim=8, hidden_dim=8, num_classes=3, weight_scale=1e-3, reg=0.0):
        self.reg, rng = reg, np.random.default_rng(0)
        self.params = {"W1": weight_scale * rng.standard_normal((input_dim, hidden_dim)),
            "b1": np.zeros(hidden_dim), "b2": np.zeros(num_classes),
            "W2": weight_scale * rng.standard_normal((hidden_dim, num_classes))}
    def loss(self, X, y=None):
        for name in ("affine_forward", "affine_backward", "relu_forward", "relu_backward",
                     "softmax_loss"):
            if globals()[name].__code__.co_filename == "<the check>":
                KEPT[name] = globals()[name]
        if not KEPT:
            X += 1  # so that it is looked at again, with the book's
            return np.zeros((len(X), 3)) if y is None else (0.0, {})
        f, p = KEPT, self.params
        h, one = f["affine_forward"](X, p["W1"], p["b1"])
        a, two = f["relu_forward"](h)
        scores, three = f["affine_forward"](a, p["W2"], p["b2"])
        if y is None:
            return scores
        loss, dscores = f["softmax_loss"](scores, y)
        da, dW2, db2 = f["affine_backward"](dscores, three)
        _, dW1, db1 = f["affine_backward"](f["relu_backward"](da, two), one)
        loss += 0.5 * self.reg * sum((p[k] ** 2).sum() for k in ("W1", "W2"))
        return loss, {"W1": dW1 + self.reg * p["W1"], "b1": db1, "b2": db2,
                      "W2": dW2 + self.reg * p["W2"]}
"""
    for secret in (b"", b"a secret of sixteen bytes"):
        rules = Rules(Policy("", ("TwoLayerNet",)), secret)
        record = graded("k", "n", Files({"a.py": thief}), rules, zygote.spawn, "")
        earned = {
            check["name"]: check["earned"] for check in record["report"]["exercises"][0]["checks"]
        }
        assert {name for name, points in earned.items() if points} <= {"initial weights"}


def test_a_killed_run_goes_on(tmp_path: Path, policy: Path) -> None:
    """Killed in the middle, a run leaves whole records and no process; the next does the rest."""
    subs, out = tmp_path / "in", tmp_path / "out"
    for i in range(60):
        (subs / f"s{i:02}").mkdir(parents=True)
        (subs / f"s{i:02}" / "layers.py").write_text(f"# {i}\n{AFFINE}")
    command = ["grade", str(subs), "--out", str(out), "--policy", str(policy), "--processes", "2"]
    run = subprocess.Popen(
        [sys.executable, "-m", "checks", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (out / "records.jsonl").exists() and (out / "records.jsonl").stat().st_size > 20_000:
            break
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    done = len(read_records(out))
    assert 0 < done < 60
    while time.monotonic() < deadline and _in_session(run.pid):
        time.sleep(0.05)
    assert not _in_session(run.pid)
    assert main(command) == 0
    assert set(marks(out).values()) == {4.0}
    assert len((out / "records.jsonl").read_bytes().splitlines()) == 60


def _in_session(session: int) -> list[int]:
    """Processes of a session that are alive."""
    found = []
    for place in Path("/proc").iterdir():
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if place.name.isdigit() and int(fields[3]) == session and fields[0] != "Z":
            found.append(int(place.name))
    return found


@pytest.mark.parametrize("style", ["einsum", "old_course", "net_of_objects", "course"])
def test_right_code_gets_full_marks_through_the_sandbox(zygote: Zygote, style: str) -> None:
    """Correct code in other styles and layouts loses nothing to the sandbox or to hidden draws."""
    path = VARIANTS / style
    files = read(path if path.is_dir() else path.with_suffix(".py"))
    for secret in (b"", b"one secret of ours"):
        record = graded("k", "n", files, Rules(load(None), secret), zygote.spawn, zygote.described)
        wrong = {
            name: part
            for name, part in record["exercises"].items()
            if part["state"] not in ("pass", "not started")
        }
        assert not wrong
        assert record["score"] > 0


def test_hidden_draws_are_the_secret_s_alone(zygote: Zygote) -> None:
    """A secret and a text fix the draws; neither is in the record, and nothing of them is shown."""
    files, policy = Files({"a.py": MEAN}), Policy("", ("affine_forward", "affine_backward"))
    rules = [Rules(policy, secret) for secret in (b"", b"a secret", b"another")]
    records = [graded("k", "n", files, one, zygote.spawn, "") for one in rules]
    seen = [json.dumps(record["report"]) for record in records]
    assert len(set(seen)) == 3
    assert graded("k", "n", files, rules[1], zygote.spawn, "")["report"] == records[1]["report"]
    assert records[1]["report"]["seed"] is None
    assert all(str(rules[1].seed(seeds.digest(files))) not in text for text in seen)
    public, secret = (lines(record, policy)["affine_backward"] for record in records[:2])
    assert any("slope" in line for line in public)
    assert not any("slope" in line for line in secret)
    assert "db is the gradient with respect to b" in secret[0]
    assert lines(records[1], policy, reveal=True)["affine_backward"][1:] != []


def test_nothing_is_kept_of_a_submission(zygote: Zygote) -> None:
    """The judge holds no more objects after forty submissions than after ten, right or wrong."""
    rules, counts = Rules(Policy("", ("affine_forward", "affine_backward")), b"a secret"), []
    for number in range(40):
        text = f"# {number}\n{MEAN if number % 2 else AFFINE}"
        graded("k", "n", Files({"a.py": text}), rules, zygote.spawn, "")
        if number in (9, 39):
            gc.collect()
            counts.append(len(gc.get_objects()))
    assert counts[1] - counts[0] < 30  # less than one for each of them


def test_code_that_does_nothing_gets_nothing(zygote: Zygote) -> None:
    """Zeros of the right shapes are worth no point, whatever the draws."""
    policy = Policy("", ("affine_backward",))
    record = graded("k", "n", Files({"a.py": ZEROS}), Rules(policy), zygote.spawn, "")
    assert record["exercises"]["affine_backward"]["score"] == 1  # db is right
    assert by_name("affine_backward").points == 3


def test_the_default_policy_is_what_the_code_says() -> None:
    """policy.toml and the dataclass agree, and it asks for all that the book answers."""
    policy = load(None)
    assert policy == Policy(policy.title, policy.exercises)
    answered = [one.name for one in EXERCISES if hasattr(reference, one.name)]
    assert policy.exercises == tuple(answered)
    assert len(answered) == 17


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exercises = ['affin_backward']", "matches no exercise"),
        ("lessons = []", "lessons is unknown; there are title"),
        ("[limits]\nseconds = 0", "must be above 0"),
        ("[limits]\nseconds = inf", "must be above 0, and finite"),
        ("[limits]\nmemory_mib = 1", "too little for Python and NumPy"),
        ("[points]\nadam = nan", "no number of points"),
        ("title = ' '", "title is empty"),
        ("exercises = ['bent_relu_forward']", "is a task; name it under  tasks"),
        ("exercises = ['optimizer-race']", "matches variations alone"),
        ("[limits]\nseconds = 'long'", "of another kind"),
        ("[show]\ndetail = 'all'", "there are state, evidence, hint, equation"),
        ("tasks = ['leaky']", "'leaky' is no task; there are"),
        ("variant = 'mail'", "there are key, name, id"),
        ("[points]\nnone = 3", "not among the exercises"),
        ("[points]\nadam = -3", "no number of points"),
        ("title = [", "is not TOML"),
    ],
)
def test_wrong_policies_are_told(tmp_path: Path, text: str, said: str) -> None:
    """What a policy asks for and there is not gets a sentence."""
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(RefusalError, match=said):
        load(path)


def test_policies_weigh(tmp_path: Path, zygote: Zygote) -> None:
    """Points of the policy take the place of those of the checks, in proportion."""
    path = tmp_path / "p.toml"
    path.write_text('exercises = ["affine"]\n[points]\naffine_backward = 30\n')
    record = graded("k", "n", Files({"a.py": MEAN}), Rules(load(path)), zygote.spawn, "")
    assert (record["score"], record["max"]) == (21.0, 31.0)


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    """A secret that could be guessed is no secret."""
    path = tmp_path / "s"
    path.write_text("1234")
    with pytest.raises(RefusalError, match="has 4 bytes"):
        seeds.read_secret(path)
    assert DEFAULT.is_file()


def test_each_student_is_held_to_their_own_task(tmp_path: Path) -> None:
    """A policy with tasks gives Kim's answer full marks from Kim, and none from Lee."""
    own = {one.name: one for one in exercises_of("kim")}["bent_relu_forward"]
    assert "slope 2.5 above -0.2, slope -0.4 below" in own.statement
    answer = (
        "import numpy as np\n"
        "def bent_relu_forward(x):\n"
        "    return np.where(x + 0.2 > 0, 2.5, -0.4) * (x + 0.2), x\n"
    )
    for name in ("kim", "lee"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "work.py").write_text(answer)
    path, out = tmp_path / "p.toml", tmp_path / "out"
    path.write_text("exercises = ['relu_forward']\ntasks = ['bent_relu_forward']\n")
    command = ["grade", str(tmp_path / "in"), "--out", str(out), "--policy", str(path)]
    assert main([*command, "--processes", "0"]) == 0
    assert marks(out) == {"kim": 1, "lee": 0}
