"""Whatever code gives back, raises or does to the process: a verdict on it, and on it alone.

One function of each kind is spoiled in each way: a layer, a loss, a rule, a net and the
Solver. None of our checks may break on it, its report can be shown in every form, it is
not accepted where it is wrong, and what stands beside it is judged as if it were not there.
"""

from __future__ import annotations

import builtins
import json
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import reduce
from typing import Any

import numpy as np
import pytest

import reference
from checks.beside.desk import settle
from checks.exercises import EXERCISES, by_name
from checks.model import FAIL, NOT_STARTED, PASS, Foreign, Report
from checks.naming import named
from checks.run import FAULT, look, run
from checks.show import terminal
from checks.show.cards import Ways
from checks.show.plain import to_json
from checks.student import Files, InProcess, Worker

RIGHT = {name: getattr(reference, name) for name in reference.__all__}
BY_NAME = {one.name: one for one in EXERCISES}
FUNCTIONS = ("affine_forward", "softmax_loss", "adam", "affine_backward")
CLASSES = {"TwoLayerNet": "loss", "Solver": "check_accuracy"}

ALARM = hasattr(signal, "setitimer")

Change = Callable[[Any], Any]


def judged(*names: str, **code: object) -> Report:
    """Judge exercises with some functions replaced, and show what came of it in every form."""
    with closing(InProcess({**RIGHT, **code})) as student:
        name = None if names == ("Solver",) else named  # whose catalogue takes its time
        report = run([by_name(one) for one in names], student, 7, name=name)
    assert [dict(one.detail) for one in report.remarks if one.kind == FAULT] == []
    for hints in range(2):
        assert terminal.text(report, BY_NAME, Ways("a", "b", "c", "d"), hints=hints)
    json.loads(to_json(report))
    return report


def in_turn(kinds: Iterable[str]) -> list[tuple[str, str]]:
    """Each kind with two functions, which take turns; ALL_PAIRS=1 for all."""
    names = [*FUNCTIONS, *CLASSES]
    several = range(len(names)) if os.environ.get("ALL_PAIRS") else (0, 3)
    return [(kind, names[(i + k) % len(names)]) for i, kind in enumerate(kinds) for k in several]


def spoiled(name: str, change: Change) -> object:
    """The right function or class, whose result is changed on its way out."""
    right = RIGHT[name]
    if not isinstance(right, type):
        return lambda *args, **more: change(right(*args, **more))
    method = CLASSES[name]
    plain = getattr(right, method)
    return type(name, (right,), {method: lambda *args, **more: change(plain(*args, **more))})


def each(change: Callable[[Any], Any], kinds: Any = float | np.ndarray) -> Change:
    """The same change of every array of a result, and of every number."""

    def visit(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(visit, value))
        if isinstance(value, dict):
            return {key: visit(part) for key, part in value.items()}
        return change(np.asarray(value)) if isinstance(value, kinds) else value

    return visit


class Sub(np.ndarray):
    """An array that is one."""


class Liar(np.ndarray):
    """An array that is equal to anything."""

    def __eq__(self, other: object) -> Any:
        return True

    def __ne__(self, other: object) -> Any:
        return False

    __hash__ = None  # type: ignore[assignment]


class Like:
    """Something that NumPy would make an array of."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        return self.array


class NoFloat(float):
    """A number that is none."""

    def __float__(self) -> float:
        raise ValueError("not with me")


class NoItems(dict):  # type: ignore[type-arg]
    """A dict that does not tell what is in it."""

    def items(self) -> Any:
        raise KeyError("not with me")


def read_only(array: Any) -> Any:
    array = array.copy()
    array.flags.writeable = False
    return array


def endless() -> list[object]:
    held: list[object] = []
    held.append(held)
    return held


HARMLESS: dict[str, Change] = {
    "read-only": each(read_only, np.ndarray),
    "a subclass": each(lambda a: a.view(Sub), np.ndarray),
    "not contiguous": each(lambda a: np.repeat(a, 2, -1)[..., ::2] if a.ndim else a, np.ndarray),
    "a list for a tuple": lambda value: list(value) if isinstance(value, tuple) else value,
}
HOSTILE: dict[str, Change] = {
    "nan": each(lambda a: np.full(a.shape, np.nan)),
    "one nan": each(lambda a: np.where(np.arange(a.size).reshape(a.shape) == 0, np.nan, a)),
    "inf": each(lambda a: np.full(a.shape, -np.inf)),
    "the largest": each(lambda a: np.full(a.shape, 1e308)),
    "complex": each(lambda a: a + 1j),
    "complex, with nothing imaginary": each(lambda a: a + 0j),
    "objects": each(lambda a: a.astype(object)),
    "objects that are None": each(lambda a: np.full(a.shape, None)),
    "masked": each(np.ma.masked_array),
    "masked throughout": each(lambda a: np.ma.masked_array(a, np.ones(a.shape, bool))),
    "a liar": each(lambda a: (a + 1).view(Liar)),
    "like an array": each(Like),
    "text": each(lambda a: a.astype(str)),
    "records": each(lambda a: np.zeros(a.shape, [("a", "f8")])),
    "dates": each(lambda a: np.zeros(a.shape, "M8[s]")),
    "truth values": each(lambda a: a > 0),
    "bytes": each(lambda a: np.zeros(a.shape, np.uint8)),
    "half precision": each(lambda a: a.astype(np.float16)),
    "generators": each(lambda a: (one for one in np.atleast_1d(a))),
    "lists of lists": each(lambda a: a.tolist() if a.ndim else [a.tolist()]),
    "nothing in it": each(lambda a: np.zeros(0)),
    "nothing in it, in as many dimensions": each(lambda a: np.zeros((0,) * max(a.ndim, 1))),
    "one row": each(lambda a: a[:1] if a.ndim else a[None]),
    "one dimension more": each(lambda a: a[None]),
    "thirteen dimensions": each(lambda a: a.reshape(a.shape + (1,) * (13 - a.ndim))),
    "a terabyte that is none": each(lambda a: np.broadcast_to(1.0, (10**6, 10**6))),
    "zeros": each(lambda a: 0.0),
    "no float": each(lambda a: NoFloat(1.0)),
    "no items": lambda value: NoItems(a=1),
    "None": lambda value: None,
    "a tuple of None": lambda value: (None,) * 3,
    "an empty tuple": lambda value: (),
    "a deep tuple": lambda value: reduce(lambda inner, _: (inner,), range(90), value),
    "a list in itself": lambda value: endless(),
    "a dict of odd keys": lambda value: {1: 2, (3,): 4, None: value},
    "a huge number": lambda value: 10**400,
    "a long text": lambda value: "x" * 10**6,
    "half a letter": lambda value: "\ud800",
    "a type": lambda value: int,
    "a function": lambda value: lambda: value,
    "an ellipsis": lambda value: ...,
    "NotImplemented": lambda value: NotImplemented,
}


@pytest.mark.parametrize(("kind", "name"), in_turn(HOSTILE))
def test_a_hostile_result_is_a_verdict(kind: str, name: str) -> None:
    """A result of this kind is refused, and no check of ours breaks on it."""
    report = judged(name, **{name: spoiled(name, HOSTILE[kind])})
    assert FAIL in {one.state for one in report.outcomes} or NOT_STARTED in {
        one.state for one in report.outcomes
    }


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
@pytest.mark.parametrize("kind", HARMLESS)
def test_a_harmless_result_is_accepted(kind: str, name: str) -> None:
    """A result of this kind holds the right numbers, and is right."""
    report = judged(name, **{name: spoiled(name, HARMLESS[kind])})
    assert [(o.check, o.evidence) for o in report.outcomes if o.state != PASS] == []


def test_a_long_result_is_a_verdict() -> None:
    """A result of more parts than are read is refused, and what is beside it is still read."""
    report = judged("affine_forward", affine_forward=lambda x, w, b: ([0.0] * 21_000, (x, w, b)))
    assert report.outcomes[1].state == FAIL
    told = settle({"many": [0.0] * 21_000, "few": [1.0, 2.0]})
    assert isinstance(told, dict)
    assert isinstance(told["many"][-1], Foreign)
    assert told["few"] == (1.0, 2.0)


# What a net and a Solver hold


KEPT = ("loss_history", "val_acc_history", "best_val_acc", "best_params")


@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("kind", ["nan", "None", "text", "no items", "a type"])
def test_a_hostile_attribute_is_a_verdict(kind: str, kept: str) -> None:
    """What a Solver keeps may be anything: that is one check's affair, and the others pass."""
    change = HOSTILE[kind]

    class Solver(RIGHT["Solver"]):  # type: ignore[misc, name-defined]
        def train(self) -> None:
            super().train()
            value = getattr(self, kept)
            setattr(self, kept, change(tuple(value) if type(value) is list else value))

    report = judged("Solver", Solver=Solver)
    failed = {one.check for one in report.outcomes if one.state == FAIL}
    assert failed == {"best" if kept.startswith("best") else kept}


@pytest.mark.parametrize("row", [25.0, 20.0, -30.0, 1000.0, 1050.0, 1e300, np.nan, np.inf, 0.5])
def test_rows_that_are_not_there(row: float) -> None:
    """A Solver that shows its net other rows breaks no check, also none that looks alone."""

    class Solver(RIGHT["Solver"]):  # type: ignore[misc, name-defined]
        def train(self) -> None:
            asked = self.model.loss

            def loss(X: Any, y: Any = None) -> Any:
                X = X.copy()
                X.reshape(len(X), -1)[:, 0] = row
                return asked(X, y)

            self.model.loss = loss
            super().train()

    solver = by_name("Solver")
    with closing(InProcess({**RIGHT, "Solver": Solver})) as student, np.errstate(all="ignore"):
        for check in solver.checks:
            look(solver, check, student, 7)
    states = {one.check: one.state for one in judged("Solver", Solver=Solver).outcomes}
    assert states["minibatch"] == FAIL


# What is raised


class Odd(BaseException):
    """No Exception."""


class Mute(Exception):  # noqa: N818
    """It does not say what it is."""

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


class Nameless(NameError):  # noqa: N818
    """It does not say which name."""

    @property
    def name(self) -> str:  # type: ignore[override]
        raise ValueError


RAISED: dict[str, BaseException] = {
    "SystemExit": SystemExit(0),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "GeneratorExit": GeneratorExit(),
    "StopIteration": StopIteration(3),
    "MemoryError": MemoryError(),
    "a BaseException": Odd(),
    "a mute one": Mute(),
    "a nameless one": Nameless(),
    "a group": ExceptionGroup("several", [ValueError(1), Mute()]),
    "a warning": UserWarning("w"),
    "a long one": ValueError("x" * 10**6),
    "one that moves the cursor": ValueError("\x1b[2J\x00\ud800"),
}


@pytest.mark.parametrize(("kind", "name"), in_turn(RAISED))
def test_an_exception_is_a_verdict(kind: str, name: str) -> None:
    """Whatever is raised is told as raised, and breaks no check."""

    def refuse(*args: object, **more: object) -> None:
        raise RAISED[kind]

    right = RIGHT[name]
    methods = ["__init__", CLASSES[name]] if isinstance(right, type) else [""]
    for method in methods:
        code = type(name, (right,), {method: refuse}) if method else refuse
        report = judged(name, **{name: code})
        first = next(one for one in report.outcomes if one.state == FAIL)
        assert first.evidence is not None
        expected = {"raised"} if name != "Solver" else {"raised", None}
        assert first.evidence.detail.get("problem") in expected


# What is done to the process, in this process and in one of its own

DONE = {
    "a thread": "threading.Thread(target=time.sleep, args=(0.5,), daemon=True).start()",
    "NumPy's errors": "np.seterr(all='raise')",
    "NumPy itself": "np.sum = np.exp = np.array = np.abs = np.shares_memory = None",
    "NumPy's parts": "np.linalg.norm = np.random.default_rng = None",
    "the built-ins": "builtins.len = builtins.isinstance = None",
    "the generator": "np.random.seed(0); import random; random.seed(0)",
    "the folder": "os.chdir('/')",
    "the path": "sys.path[:] = ['/nowhere']; sys.meta_path.clear()",
    "another path": "sys.path = None; sys.meta_path = []",
    "the modules": "sys.modules['numpy'] = sys.modules['json'] = None",
    "the screen": "sys.stdout = sys.stderr = None",
    "the keyboard": "sys.stdin = None",
    "the depth": "sys.setrecursionlimit(100_000)",
    "the warnings": "warnings.simplefilter('error')",
    "how arrays are shown": "np.set_printoptions(precision=1, threshold=1)",
    "signals": "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "an alarm": "signal.setitimer(signal.ITIMER_REAL, 60)" if ALARM else "",
    "a tracer": "sys.settrace(lambda *args: None)",
    "a flood": "[print('x' * 10**5, file=f) for f in (sys.stdout, sys.stderr) for i in range(9)]",
    "a warning": "warnings.warn('beware')",
}
BEFORE = """
import builtins, os, signal, sys, threading, time, warnings
import numpy as np

def relu_forward(x):
    out = x * (x > 0)
    {line}
    return out, x
"""
BESIDE = """
import numpy as np

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
NEIGHBOURS = ("relu_forward", "affine_forward", "relu_backward")


@pytest.fixture
def unharmed() -> Iterator[None]:
    """The state of this process, which is afterwards what it was."""

    def state() -> list[object]:
        ours = [np.sum, np.exp, np.array, np.linalg.norm, builtins.len, sys.stdout, sys.stdin]
        settings = [np.geterr(), np.get_printoptions(), os.getcwd(), sys.getrecursionlimit()]
        process = [list(sys.path), list(sys.meta_path), sys.modules["numpy"], sys.gettrace()]
        rest = [signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)]
        rest += [signal.getitimer(signal.ITIMER_REAL)] if ALARM else []
        return [*ours, *settings, *process, *rest, list(warnings.filters)]

    before = state()
    yield
    assert state() == before


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("kind", DONE)
def test_what_is_done_to_the_process_is_undone(kind: str) -> None:
    """Code that changes the process is judged by what it returns, and so are its neighbours."""
    files = Files({"relu.py": BEFORE.format(line=DONE[kind]), "affine.py": BESIDE})
    with closing(InProcess(files)) as student:
        report = run([by_name(name) for name in NEIGHBOURS], student, 7)
    assert [(o.check, o.evidence) for o in report.outcomes if o.state != PASS] == []


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("kind", DONE)
def test_what_an_import_does_to_the_process_is_undone(kind: str) -> None:
    """A file that changes the process when it is imported is judged like any other."""
    text = f"{BEFORE.format(line='pass')}\n{DONE[kind]}\n"
    with closing(InProcess(Files({"relu.py": text, "affine.py": BESIDE}))) as student:
        report = run([by_name(name) for name in NEIGHBOURS], student, 7)
    assert [(o.check, o.evidence) for o in report.outcomes if o.state != PASS] == []


def test_all_of_it_at_once_across_the_pipe() -> None:
    """In a process of its own, what one function does to it costs the others nothing."""
    done = [line for kind, line in DONE.items() if kind != "an alarm"]
    lines = "\n    ".join(f"try: {line}\n    except Exception: pass" for line in done if line)
    files = Files({"relu.py": BEFORE.format(line=lines), "affine.py": BESIDE})
    with closing(Worker(files)) as student:
        report = run([by_name(name) for name in NEIGHBOURS], student, 7)
    assert [(o.check, o.evidence) for o in report.outcomes if o.state != PASS] == []
    assert threading.active_count() < 20


ENDS = {
    "recursion": "return relu_forward(x)",
    "recursion that raised its limit": "sys.setrecursionlimit(10**9)\n    return relu_forward(x)",
    "an exit": "os._exit(0)",
    "an alarm": "os.kill(os.getpid(), 9)",
    "an endless generator": "return iter(int, 1), x",
    "SystemExit": "raise SystemExit(0)",
    "more than there is": "return np.zeros((10**5, 10**5)) + 1, x",
}


@pytest.mark.parametrize("kind", ENDS)
def test_what_ends_a_process_is_a_verdict(kind: str) -> None:
    """Code that takes its process with it fails, and its neighbours pass."""
    files = Files({"relu.py": BEFORE.format(line=ENDS[kind]), "affine.py": BESIDE})
    with closing(Worker(files, seconds=2)) as student:
        report = run([by_name(name) for name in NEIGHBOURS], student, 7, name=named)
    assert FAIL in {one.state for one in report.of("relu_forward")}
    others = [one.state for name in NEIGHBOURS[1:] for one in report.of(name)]
    assert set(others) == {PASS}
    json.loads(to_json(report))
    assert terminal.text(report, BY_NAME, Ways())
