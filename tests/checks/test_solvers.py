"""Solvers judged by a spy: what it writes down, what is replayed, and what is accepted."""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import checks
import reference
from checks.beside.spy import MOST, VALIDATION, Spy
from checks.beside.standins import StandIn
from checks.beside.swap import swapped
from checks.exercises import by_name
from checks.exercises.runs import BOOK_SGD, book_rules, draw
from checks.exercises.scripts import EPOCHS, scripted
from checks.mistakes import mistakes_of
from checks.mistakes import solver as wrong_solvers
from checks.model import FAIL, NOT_STARTED, PASS, Code, Evidence, Probe, Report
from checks.run import run
from checks.show import words
from checks.show.plain import to_json
from checks.student import Files, InProcess, Worker, read

VARIANTS = Path(__file__).parent.parent / "variants"
SOLVER = by_name("Solver")
TEXT = "\n\n".join(
    ["import numpy as np", *map(inspect.getsource, (wrong_solvers.sgd, wrong_solvers.Solver))]
)
SCHEMA = Path(checks.__file__).parent / "show" / "report.schema.json"


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def judged(text: str, seed: int = 7) -> Report:
    scope: dict[str, Any] = {}
    exec(text, scope)
    return run([SOLVER], InProcess(scope), seed)


def states(report: Report) -> dict[str, str]:
    return {one.check: one.state for one in report.outcomes}


def failed(report: Report) -> list[str]:
    return [one.check for one in report.outcomes if one.state == FAIL]


def first(report: Report) -> Evidence:
    seen = next(one for one in report.outcomes if one.state != PASS).evidence
    assert seen is not None
    return seen


# The rule as a function

NAMED = '{"sgd": sgd}[settings.pop("update_rule", "sgd")]'


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        (NAMED, PASS),
        (
            "rule if callable(rule := settings.pop('update_rule', 'sgd')) else {'sgd': sgd}[rule]",
            PASS,
        ),
        ("{'sgd': sgd}.get(settings.pop('update_rule', 'sgd'), sgd)", FAIL),
    ],
    ids=["names alone", "names and functions", "sgd instead"],
)
def test_a_function_is_the_rule_where_functions_are_taken(rule: str, state: str) -> None:
    """A Solver may refuse a function, and one that takes it has to step with it."""
    report = judged(changed(NAMED, rule))
    assert states(report)["function"] == state
    seen = next(one for one in report.outcomes if one.check == "function").evidence
    assert seen is not None
    if state == FAIL:
        assert "where update_rule is a function" in str(seen.detail["at"])


# The spy


def test_spy_gives_real_gradients() -> None:
    """The spy's gradients are the slopes of its losses, and both are the replay's."""
    run_ = draw(Probe(7, "test"), n=12, batch_size=4, epochs=2)
    spy = Spy(run_.params, run_.data)
    X, y = run_.data["X_train"], run_.data["y_train"]
    loss, grads = spy.loss(X, y)
    assert loss == pytest.approx(run_.loss(run_.params))
    for name, right in run_.gradients(run_.params, np.arange(12)).items():
        assert grads[name] == pytest.approx(right)

        def f(w: Any, name: str = name) -> Any:
            return Spy({**run_.params, name: w}, run_.data).loss(X, y)[0]

        slopes = reference.numeric_gradient(f, run_.params[name])
        assert grads[name] == pytest.approx(slopes, rel=1e-6, abs=1e-9)


def test_spy_is_right_as_often_as_its_script_says() -> None:
    """After each change of the parameters the scripted accuracies hold, for argmax alone."""
    run_ = scripted(Probe(7, "test"), best=2)
    assert run_.plan is not None
    spy = Spy(run_.params, run_.data, run_.plan)
    for turn in range(5):
        for split in ("train", "val"):
            y = run_.data[f"y_{split}"]
            scores = spy.loss(run_.data[f"X_{split}"])
            assert (scores.argmax(axis=1) == y).sum() == run_.plan[split][turn]
            assert (scores.argmin(axis=1) == y).sum() == 0
        spy.params["W"] = spy.params["W"] + 1
    spy.params["W"] = run_.params["W"]  # back to the start, and to its accuracy
    scores = spy.loss(run_.data["X_val"])
    assert (scores.argmax(axis=1) == run_.data["y_val"]).sum() == run_.plan["val"][0]


def test_script_has_one_best_epoch() -> None:
    """The best validation accuracy is where it was asked for, the best training one elsewhere."""
    for seed in range(40):
        for best in range(EPOCHS + 1):
            run_ = scripted(Probe(seed, "test"), best)
            assert run_.plan is not None
            val = run_.plan["val"][:: run_.per_epoch]
            train = run_.plan["train"][:: run_.per_epoch]
            assert np.flatnonzero(val == val.max()).tolist() == [best]
            assert train.argmax() != best != val.argmin()
            assert train.argmax() != val.argmin()
            assert run_.plan["train"].max() <= len(run_.data["y_train"])


def test_spy_refuses_what_is_no_batch() -> None:
    """One example, a batch laid out flat, and labels for others are sentences, as a net's are."""
    run_ = draw(Probe(7, "test"), n=6, batch_size=3, epochs=1)
    spy = Spy(run_.params, run_.data)
    X, y = run_.data["X_train"], run_.data["y_train"]
    for wrong in (X[0], X.reshape(6, -1), X[:0]):
        with pytest.raises(ValueError, match="X has the shape"):
            spy.loss(wrong)
    with pytest.raises(ValueError, match="but y has the shape"):
        spy.loss(X, y[:2])


def test_spy_does_not_answer_for_ever() -> None:
    """A loop that never ends comes to an end by itself, in this process, too."""
    began = time.monotonic()
    report = judged(changed("for _ in range(steps):", "while True:"))
    assert f"the net was asked {MOST} times" in " ".join(words.says(first(report)))
    assert time.monotonic() - began < 30


def test_rows_that_are_none_are_seen() -> None:
    """Rows from elsewhere, moved examples and nan are noticed, and none of them crashes the spy."""
    run_ = draw(Probe(7, "test"), n=6, batch_size=3, epochs=1)
    X = run_.data["X_train"]
    for other, untouched in ((X, True), (X + 1, False), (X * np.nan, False), (X[::-1], True)):
        spy = Spy(run_.params, run_.data)
        with np.errstate(all="ignore"):
            spy.loss(other, run_.data["y_train"])
        assert np.asarray(spy.seen()["untouched"]).tolist() == [untouched]
    assert run_.data["X_val"][0, 0, 0] == VALIDATION


# Which rule a Solver finds


def test_rule_is_lent_to_a_solver_and_to_nobody_else() -> None:
    """`from reference import optim` serves a Solver, and earns nothing for sgd itself."""
    text = (VARIANTS / "one_file_each" / "solver.py").read_text()
    own = "from reference.optim import sgd\n"
    student = Worker(Files({"solver.py": text, "optim.py": own}))
    try:
        report = run([SOLVER, by_name("sgd")], student, 7)
    finally:
        student.close()
    assert not [one for one in report.of("Solver") if one.state != PASS]
    assert sum(one.earned for one in report.of("sgd")) == 0


def test_own_rule_is_used_before_a_lent_one() -> None:
    """A Solver is judged with its own sgd, and told where only that is wrong."""
    report = judged(changed("return w - config", "return w + config"))
    assert first(report).detail["right_with"] == ("sgd",)
    said = " ".join(words.says(first(report)))
    assert "The step is exactly -1 times the right one." in said
    assert "With the book's sgd it would be right: yours comes first." in said


def test_rule_out_of_reach_decides_nothing() -> None:
    """Where a Solver's rule cannot be replaced, its configs are not held against it."""
    inside = """
        def rule(w, dw, config):
            config.setdefault("learning_rate", 1e-2)
            return w - config["learning_rate"] * dw, config
        self.rule = {"sgd": rule}[settings.pop("update_rule", "sgd")]
"""
    line = '        self.rule = {"sgd": sgd}[settings.pop("update_rule", "sgd")]\n'
    assert not failed(judged(changed(line, inside)))


def test_swap_reaches_names_and_tables_and_puts_them_back() -> None:
    """Functions under their names and in dicts are replaced for a while, stand-ins lent to."""

    class Loading:
        loading = 0

    def sgd(w: Any, dw: Any, config: Any = None) -> Any:
        return "theirs"

    absent = StandIn("reference.optim", ("solver.py:1", ""), Loading())
    scope: dict[str, Any] = {"sgd": sgd, "RULES": {"sgd": sgd}, "other": sgd, "optim": absent}
    scope |= {"from_there": absent.sgd, "plot": StandIn("matplotlib", ("", ""), Loading())}
    before, table = dict(scope), dict(scope["RULES"])
    one = np.ones(2)
    with swapped([scope], BOOK_SGD, book_rules()):
        for rule in (scope["sgd"], scope["RULES"]["sgd"], scope["other"], scope["optim"].sgd):
            assert rule(one, one)[0] == pytest.approx(0.99)
        assert scope["from_there"](one, one)[0] == pytest.approx(0.99)
        assert scope["plot"] is before["plot"]
    assert scope == before
    assert scope["RULES"] == table
    with swapped([scope], None, book_rules()):
        assert scope["sgd"] is sgd
        assert not hasattr(scope["optim"], "adam_of_tomorrow")
    with pytest.raises(ZeroDivisionError), swapped([scope], BOOK_SGD, None):
        raise ZeroDivisionError
    assert scope == before


# What is accepted, and what it costs to be nearly right


def test_fault_of_the_course_costs_one_point() -> None:
    """A Solver that starts its best accuracy at 0 loses one point and passes the rest."""
    texts = dict(read(VARIANTS / "course").texts)
    path = "cs231n/solver.py"
    assert texts[path].count("self.best_val_acc = -1") == 1
    texts[path] = texts[path].replace("self.best_val_acc = -1", "self.best_val_acc = 0")
    student = InProcess(Files(texts))
    try:
        for seed in range(4):
            report = run([SOLVER], student, seed)
            assert failed(report) == ["no accuracy"]
            assert sum(one.earned for one in report.outcomes) == SOLVER.points - 1
    finally:
        student.close()


def test_natural_refusals_are_enough() -> None:
    """Python's own TypeError and KeyError name what they refuse, and are accepted."""
    text = (VARIANTS / "net_caches.py").read_text()
    assert "raise" not in text[text.index("class Solver") :]
    scope: dict[str, Any] = {}
    exec(text, scope)
    assert not failed(run([SOLVER], InProcess(scope), 7))


def test_rule_that_is_not_there_yet_may_say_so() -> None:
    """A NotImplementedError that names the rule refuses it, and does not make a stub of it all."""
    rule = '{"sgd": sgd}[settings.pop("update_rule", "sgd")]'
    text = changed(
        f"        self.rule = {rule}\n",
        """
        name = settings.pop("update_rule", "sgd")
        if name != "sgd":
            raise NotImplementedError(f"{name} comes later")
        self.rule = sgd
""",
    )
    assert not failed(judged(text))
    assert NOT_STARTED not in states(judged(text)).values()


def test_every_seed_is_accepted() -> None:
    """No seed makes a right Solver fail: 25 of them, with minibatches drawn at random."""
    for seed in range(25):
        report = judged(TEXT, 100 + seed)
        assert not failed(report), [one.evidence for one in report.outcomes if one.state != PASS]


# Stubs, errors and odd Solvers


def test_stub_is_not_a_failure() -> None:
    """A class of stubs, a missing class and a class without train are not started."""
    for text in (SOLVER.stub, "x = 1\n", "class Solver:\n    pass\n"):
        student = InProcess(Files({"solver.py": text}))
        report = run([SOLVER], student, 7)
        student.close()
        assert set(states(report).values()) == {NOT_STARTED}


def test_stub_of_the_rule_is_named() -> None:
    """A Solver that calls a rule which is still a stub is told which."""
    stub = "\n\ndef sgd(w, dw, config=None):\n    raise NotImplementedError\n"
    text = TEXT.replace(inspect.getsource(wrong_solvers.sgd), stub)
    report = run([SOLVER], InProcess(Files({"solver.py": text})), 7)
    said = " ".join(words.says(first(report)))
    assert said.startswith("Solver.train calls sgd, which is still a stub (solver.py:")


def test_error_in_train_is_told_at_its_line() -> None:
    """What train raises is told with its line and its text."""
    text = changed("self.loss_history.append(loss)", "self.losses.append(loss)")
    student = Worker(Files({"mine/solver.py": text}))
    try:
        said = " ".join(words.says(first(run([SOLVER], student, 7))))
    finally:
        student.close()
    line = next(i for i, each in enumerate(text.splitlines(), 1) if "self.losses" in each)
    assert said.startswith("Solver.train raised AttributeError: 'Solver' object has no attribute")
    assert f"at mine/solver.py:{line} in Solver." in said
    assert "self.losses.append(loss)" in said


def test_endless_train_costs_its_time_once() -> None:
    """A train without an end is stopped, told where, and not run again."""
    text = changed("    def train(self):\n", "    def train(self):\n        while True: pass\n")
    student = Worker(Files({"solver.py": text}), seconds=0.5)
    began = time.monotonic()
    try:
        report = run([SOLVER], student, 7)
    finally:
        student.close()
    assert time.monotonic() - began < 10
    assert "Solver.train had not come to an end" in " ".join(words.says(first(report)))
    assert failed(report) == ["inputs"]


END = "        self.model.params = self.best_params\n"
ODD = {
    "recursion": ("        self.look()\n        steps", "        self.train()\n        steps",
                  "inputs", "problem"),
    "no history": ("self.loss_history.append(loss)", "pass", "loss_history", "length"),
    "history gone": (END, END + "        del self.loss_history\n", "loss_history", "attribute"),
    "a number": (END, END + "        self.loss_history = 1.5\n", "loss_history", "attribute"),
    "texts": ("self.loss_history.append(loss)", "self.loss_history.append(f'{loss}!')",
              "loss_history", "attribute"),
    "nan": ("self.loss_history.append(loss)", "self.loss_history.append(loss * np.nan)",
            "loss_history", "nonfinite"),
    "no accuracies": ("self.val_acc_history[-1] > self.best_val_acc", "False", "best", "best"),
    "params none": (END, "        self.model.params = None\n", "best", "best"),
    "params a list": (END, "        self.model.params = list(self.best_params)\n", "best", "best"),
    "best a text": (END, END + "        self.best_val_acc = 'good'\n", "best", "best"),
    "accuracy none": ("return float(hits / len(X))", "print(hits)", "inputs", "problem"),
    "accuracy a row": ("return float(hits / len(X))", "return np.full(1, hits / len(X))",
                       "check_accuracy", "shape"),
    "diverges": ("self.model.params[name] = next_w", "self.model.params[name] = next_w * np.nan",
                 "step", "nonfinite"),
    "data scaled": ('self.data["X_train"], self.data["y_train"]\n        rows',
                    '2 * self.data["X_train"], self.data["y_train"]\n        rows', "minibatch",
                    "minibatch"),
    "one example": ("return X[rows], y[rows]", "return X[rows[0]], y[rows[0]]", "inputs",
                    "problem"),
    "nothing trained": ("            for _ in range(steps):\n                self.step()\n", "",
                        "steps", "length"),
    "data centred in place": ("        self.look()\n        steps",
                              "        self.data['X_train'] -= 1\n        self.look()\n"
                              "        steps", "inputs", "changed"),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_odd_solvers_neither_crash_nor_pass(what: str) -> None:
    """Whatever a Solver does or leaves behind, the first check that sees it says what it is."""
    old, new, name, kind = ODD[what]
    with np.errstate(all="ignore"):
        report = judged(changed(old, new))
    seen = next(one for one in report.outcomes if one.state == FAIL)
    assert (seen.check, seen.evidence and seen.evidence.kind) == (name, kind)
    assert all(words.says(o.evidence) for o in report.outcomes if o.state == FAIL and o.evidence)
    jsonschema.validate(json.loads(to_json(report)), json.loads(SCHEMA.read_text()))


def test_solvers_that_do_nothing_earn_nothing() -> None:
    """A train that returns at once, with an accuracy made up, earns no point."""
    text = changed("        self.look()\n        steps", "        return\n        steps")
    text = text.replace("return float(hits / len(X))", "return 0.5")
    report = judged(text)
    assert sum(one.earned for one in report.outcomes) == 0


def test_costs_only_take_away() -> None:
    """A Solver that passes over unknown settings loses one point and no more."""
    (mistake,) = (one for one in mistakes_of("Solver") if one.name == "unknown_setting_ignored")
    report = run([SOLVER], InProcess({"Solver": mistake.code}), 7)
    assert sum(one.earned for one in report.outcomes) == SOLVER.points - 1
    assert failed(report) == ["settings"]


def test_minibatches_that_leave_the_data_out_of_order_are_told_apart() -> None:
    """Each of the ways to draw wrong minibatches has its own sentence."""
    names = (
        *("same_minibatch", "only_the_first_rows", "the_same_slices", "labels_drawn_separately"),
        *("short_last_minibatch", "trained_on_the_validation_data", "all_the_data_at_once"),
    )
    said = set()
    for mistake in mistakes_of("Solver"):
        if mistake.name in names:
            seen = first(run([SOLVER], InProcess({"Solver": mistake.code}), 7))
            assert seen.kind in ("minibatch", "afresh")
            said.add(" ".join(words.says(seen)))
    assert len(said) == len(names)


def test_swap_refuses_a_text_without_its_function() -> None:
    """A text that lacks a function which it is to replace is a fault of ours, and loud."""
    with pytest.raises(KeyError), swapped([{}], Code("x = 1", "sgd"), None):
        pass


def test_solver_is_judged_quickly() -> None:
    """A right Solver costs less than a second of processor time, five times what it takes."""
    scope: dict[str, Any] = {}
    exec(TEXT, scope)
    student = InProcess(scope)
    began = time.process_time()
    run([SOLVER], student, 7)
    assert time.process_time() - began < 1
