"""Whatever is told by the code's side can be shown and has a bound, and honest words come whole."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from checks import heard
from checks.contract import from_problem
from checks.exercises import EXERCISES
from checks.files import Files
from checks.model import FAIL, Foreign, Outcome, Report
from checks.show import terminal
from checks.show.cards import Ways
from checks.show.plain import plain

BY_NAME = {one.name: one for one in EXERCISES}
FILES = Files({"a.ipynb": "", "a.py": ""}, cells={"a.ipynb": (1, 5)})
KNOWN = {
    "message": "m" * 400,
    "source": "s" * 200,
    **{key: key for key in ("error", "function", "file", "module", "used", "borrowed", "from")},
    **{key: key for key in ("inner", "name", "near", "of", "old", "status", "type")},
    **dict.fromkeys(("close", "has", "keys", "others"), ("a", "b")),
    "shapes": (("x", "(2, 3)"), ("w", "(3,)")),
    **{"files": 0, "more": 3, "harmless": False, "left_out": True},
}
KEYS = (*KNOWN, "where", "problem", "seconds", "doing", "line", "check", "seed", "cells", "changed")
VALUES = (
    *("", "a", "x y", "x" * 9999, "²", "print", "izip", 3, -1, 0, 10**5000, True, None),
    *(1.5, float("nan"), float("inf"), (), ("a",), ("y" * 9999,) * 999, (1, 2), (("a", "b"),)),
    *((("a" * 999, "b"),) * 999, ((1,),), (None,), (np.ones(2),), np.ones(3), {}, [], ["a"]),
    Foreign("q"),
)
KINDS = (*heard.KINDS, "fault", "timeout", "other_variant", "in_place", 3, None, [], np.ones(2))
PLACES = (
    *("", "a.py:3", "x:y:z", "a.ipynb:3", "a.ipynb:0", "a.ipynb:²", "a.ipynb:٣"),
    *("a.ipynb:" + "9" * 5000, "x" * 9999, 3, None),
)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_told_can_be_shown(seed: int) -> None:
    """A forged problem is none, or a sentence in each form, and its record is short."""
    rng = random.Random(seed)
    came = 0
    for _ in range(250):
        detail = {rng.choice(KEYS): rng.choice(VALUES) for _ in range(rng.randint(0, 12))}
        told = {"kind": rng.choice(KINDS), "where": rng.choice(PLACES), "detail": detail}
        problem = heard.problem(told, rng.choice(["", "affine_forward"]), FILES)
        if problem is None:
            continue
        came += 1
        assert problem.kind in heard.KINDS
        evidence = from_problem(problem, "affine_forward")
        outcome = Outcome("affine_forward", "c", FAIL, evidence=evidence)
        for report in (
            Report(1, (), (problem,), ()),
            Report(1, (outcome,), (), ("affine_forward",)),
        ):
            assert len(json.dumps(plain(report), allow_nan=False)) < 20_000
            terminal.text(report, BY_NAME, Ways("a", "b", "c", "d"), hints=2)
    assert came > 50


def test_what_is_known_comes_whole() -> None:
    """Everything that our side of the pipe puts into a problem arrives as it was."""
    told = {"kind": "raised", "where": "a.ipynb:6", "detail": KNOWN}
    problem = heard.problem(told, "f", FILES)
    assert problem is not None
    assert problem.where == "a.ipynb, cell 2, line 2"
    assert dict(problem.detail) == KNOWN


def test_a_problem_names_the_function_that_was_asked_for() -> None:
    """Where no function is told, it is the one that was asked for; a remark has none."""
    told = {"kind": "raised", "where": "", "detail": {}}
    found = [heard.problem(told, name, FILES) for name in ("f", "")]
    assert [dict(one.detail) for one in found if one is not None] == [{"function": "f"}, {}]


@pytest.mark.parametrize(
    "told",
    [
        *(5, None, (), {}, {"kind": "raised"}),
        {"kind": "raised", "where": "", "detail": ()},
        {"kind": "raised", "where": 3, "detail": {}},
        {"kind": "fault", "where": "", "detail": {}},
        {"kind": "timeout", "where": "", "detail": {}},
    ],
)
def test_what_makes_no_sense_is_no_problem(told: object) -> None:
    """A problem is of a known kind, with a place and a detail; and some kinds are ours to find."""
    assert heard.problem(told, "f", FILES) is None
    assert heard.remarks((told,), FILES) == []
    assert heard.remarks(told, FILES) == []


def test_remarks_are_bounded() -> None:
    """The first hundred remarks are heard."""
    notes = tuple({"kind": "absent", "where": f"a.py:{i}", "detail": {}} for i in range(999))
    assert [one.where for one in heard.remarks(notes, FILES)] == [f"a.py:{i}" for i in range(100)]


def test_what_a_call_did_is_cut_short() -> None:
    """What an answer says beside its value has its type and its bound."""
    pairs = (("x" * 999, "y" * 999),) * 999
    told = {
        "changed": ("x" * 999, 3) * 999,
        "shares": pairs,
        "warned": pairs,
        "printed": "p" * 9999,
    }
    answer = heard.answer({**told, "seconds": float("inf"), "value": 1}, None, FILES)
    assert (answer.value, answer.seconds) == (1, 0.0)
    assert answer.changed == ("x" * 200,) * 10
    assert answer.shares == (("x" * 200, "y" * 200),) * 20
    assert answer.warned == (f"{'x' * 400}, {'y' * 400}",) * 20
    assert answer.printed == "p" * 4000


def test_what_a_call_did_comes_whole() -> None:
    """An honest answer says all that was seen, with places as their author knows them."""
    told = {
        "changed": ("dout", "cache[0]"),
        "shares": (("result 0", "dout"),),
        "warned": (("RuntimeWarning: overflow", "a.ipynb:2"), ("UserWarning: w", "")),
        "printed": "hello",
        "seconds": 0.25,
    }
    answer = heard.answer(told, None, FILES)
    assert (answer.changed, answer.shares) == (told["changed"], told["shares"])
    assert answer.warned == ("RuntimeWarning: overflow, a.ipynb, cell 1, line 2", "UserWarning: w")
    assert (answer.printed, answer.seconds) == ("hello", 0.25)
