"""The long counts: what they stand on, how they go on, and what they make of mutants."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from prove import __main__ as command
from prove.mutants import banks, course, equivalents, judge, make
from prove.mutants import part as mutants
from prove.part import Found, Part, at_most, blocks
from prove.sources import ROOT, STANDS_ON, digest

SMALL = ("affine_backward", "softmax_loss", "sgd", "relu_backward", "rel_error")  # quick to make


# What is recorded


@pytest.mark.parametrize("name", STANDS_ON)
def test_results_belong_to_the_sources(name: str) -> None:
    """What `make prove` recorded was counted on the sources as they are, and all was well."""
    path = command.RESULTS / f"{name}.json"
    again = f"`make prove` counts again (`make prove PART={name}` only this)"
    assert path.exists(), f"prove/results/{name}.json is not there: {again}"
    result = json.loads(path.read_text("utf-8"))
    stale = f"prove/results/{name}.json was counted on other sources: {again}"
    assert result["sources"] == digest(name), stale
    few = f"it has few seeds: {again}"
    assert name == "mutants" or result["seeds"] >= command.PARTS[name].seeds, few
    assert result["against"] == []


def test_prose_leaves_a_result_as_it_was(tmp_path: Path) -> None:
    """The number of the sources changes with code, and not with comments or docstrings."""
    file = tmp_path / "checks" / "exercises" / "affine.py"
    file.parent.mkdir(parents=True)
    shutil.copy(ROOT / file.relative_to(tmp_path), file)
    before, text = digest("variants", tmp_path), file.read_text("utf-8")
    told = text.replace("A call changes none of", "No call changes any of")
    told = told.replace("Through which outputs", "Along which outputs")
    file.write_text(f"# A comment\n{told.replace('minutes=10', 'minutes=11')}", "utf-8")
    assert told != text
    assert digest("variants", tmp_path) == before
    file.write_text(text.replace("low=4, high=9", "low=4, high=8"), "utf-8")
    assert digest("variants", tmp_path) != before


def test_every_source_that_is_named_is_there() -> None:
    """No pattern of the sources has outlived its files."""
    for name in STANDS_ON:
        for pattern in STANDS_ON[name]:
            assert list(ROOT.glob(pattern)), f"{name}: nothing is called {pattern}"


# How it goes on


def doubled(job: tuple[int]) -> int:
    """One job of a count that is made up."""
    return 2 * job[0]


def part() -> Part:
    """A count of three jobs."""
    return Part("made up", lambda seeds: [(i,) for i in range(seeds)], doubled, _found)


def _found(results: Any) -> Found:
    return Found([{"sum": sum(result for _, result in results)}])


def test_what_is_done_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that was stopped goes on with the jobs that are left, and with other sources anew."""
    did = []

    def work(part: Part, left: list[Any], folder: Path, *rest: Any) -> None:
        for job in left:
            did.append(job)
            (folder / f"{job[0]}.json").write_text(json.dumps(part.do(job)))

    monkeypatch.setattr(command, "DONE", tmp_path)
    monkeypatch.setattr(command, "_work", work)
    jobs = part().jobs(3)
    assert command.done(part(), jobs[:2], "abc", 1) == [((0,), 0), ((1,), 2)]
    assert command.done(part(), jobs, "abc", 1) == [((0,), 0), ((1,), 2), ((2,), 4)]
    assert did == jobs
    assert "3 jobs, 2 done before" in capsys.readouterr().out
    command.done(part(), jobs, "other", 1)
    assert did == [*jobs, *jobs]


def test_command_refuses_what_it_does_not_count() -> None:
    """A part that does not exist is refused with those that do."""
    done = subprocess.run(
        [sys.executable, "-m", "prove", "mutant"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "mutants" in done.stderr


def test_bounds_are_those_of_the_rule_of_three() -> None:
    """Where nothing failed in n runs, at most 3 / n do; all seeds are in exactly one block."""
    assert at_most(1500) == 0.002
    assert [seed for first, end in blocks(45, 20) for seed in range(first, end)] == list(range(45))


# Mutants


def test_mutants_differ_from_the_book_and_from_one_another() -> None:
    """Each mutant is another program that compiles, and has a name of its own."""
    for function in SMALL:
        found = make.mutants_of(function)
        assert len({one.name for one in found}) == len({one.text for one in found}) == len(found)
        assert all(one.old != one.new for one in found)


def test_each_kind_of_change_is_made() -> None:
    """The run holds every kind of change that was asked for."""
    kinds = {one.operator for name in SMALL for one in mutants.mutants(name)}
    assert kinds == {
        *("arithmetic", "missing term", "another function", "axis", "keepdims", "transpose"),
        *("constant", "comparison", "in place", "stale state", "argument order", "wrong name"),
    }


def test_two_mutants_of_each_function_are_judged() -> None:
    """A mutant that has to be rejected is, and the book's own code is not."""
    for name in SMALL:
        found = mutants.mutants(name)
        for one in (found[len(found) // 3], found[-1]):
            reason = equivalents.reason_for(name, f"{one.old} -> {one.new}")
            assert judge.rejected_by(one, 5) or reason is not None, one.name
    right = make.Mutant("adam", "", "", "", 0, make.source_of("adam", "adam"), "adam")
    assert judge.rejected_by(right, 5) == ""


def test_mutant_without_an_end_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that never ends costs its limit and is rejected."""
    monkeypatch.setattr(judge, "SECONDS", 0.2)
    text = "def sgd(w, dw, config=None):\n    while True:\n        pass\n"
    endless = make.Mutant("sgd", "", "", "", 0, text, "sgd")
    assert judge.rejected_by(endless, 5)


@pytest.mark.parametrize("name", SMALL)
def test_bank_tells_right_from_wrong(name: str) -> None:
    """Inputs on which equivalents are compared do tell the book's code from a mutant's."""
    right = make.Mutant(name, "", "", "", 0, make.source_of(name, name), name).code()
    assert banks.first_difference(name, right) is None
    wrong = [one for one in mutants.mutants(name) if one.operator == "missing term"]
    wrong = wrong or mutants.mutants(name)[-1:]
    assert banks.first_difference(name, wrong[-1].code()) is not None


@pytest.mark.parametrize("name", course.CELLS)
def test_cells_of_the_course_accept_what_is_right(name: str) -> None:
    """The cells that were rebuilt show nothing wrong with the book's own code."""
    assert course.seen_by(name, getattr(make.reference, name)) == ""


def test_what_lives_without_a_reason_is_told() -> None:
    """A mutant that nothing rejects, one that some seeds let pass, and a false reason are told."""
    one = {"name": "x", "operator": "axis", "cells": "", "reason": None}
    assert "rejected by nothing" in mutants._against({**one, "rejected": ["", "", ""]})
    assert "at seed 2" in mutants._against({**one, "rejected": ["a", "", "a"]})
    differs = {**one, "rejected": ["", "", ""], "reason": 0, "differs": 3}
    assert "differs on input 3" in mutants._against(differs)
    assert mutants._percent(999, 1000) == "99.9 %"
