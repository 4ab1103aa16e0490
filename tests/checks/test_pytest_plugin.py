"""``pytest --checks=PATH``: the same verdicts as pytest's own tests, and nothing of theirs run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checks import pytest_items  # noqa: F401 - loaded once, and not in each run below
from checks.exercises import EXERCISES, by_name

pytest_plugins = ["pytester"]

FILE = """
import numpy as np
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.mean(axis=0)
"""
OURS = ("-p", "no:cacheprovider", "-p", "no:nbval", "--checks=mine")


@pytest.fixture
def mine(pytester: pytest.Pytester) -> Path:
    """A folder with a right function, a wrong one, and files that must never run here."""
    folder = pytester.mkdir("mine")
    (folder / "affine.py").write_text(FILE)
    for name in ("conftest.py", "test_all.py"):
        (folder / name).write_text("open('../it_ran', 'w')\nraise SystemExit('it ran')\n")
    return folder


def test_one_test_for_each_check(pytester: pytest.Pytester, mine: Path) -> None:
    """Passed, failed and not started checks are passes, failures with their card, and skips."""
    done = pytester.runpytest_inprocess(*OURS, "-k", "affine_forward or affine_backward or sgd")
    stubs = [one for one in EXERCISES if one.name.startswith("sgd") and not one.variation]
    waiting = sum(len(one.checks) for one in stubs)
    right = len(by_name("affine_forward").checks) + len(by_name("affine_backward").checks) - 1
    done.assert_outcomes(passed=right, failed=1, skipped=waiting, deselected=None)
    done.stdout.fnmatch_lines(
        [
            "affine_backward / db: not yet (the numbers of db)",
            "*the slope of your affine_forward is*",
            "*What does it mean?  checks mine -k affine_backward --hint",
            "FAILED mine::affine_backward::db - affine_backward / db: not yet*",
        ]
    )
    done.stdout.no_fnmatch_line("*Traceback*")
    assert done.ret == 1
    assert not (pytester.path / "it_ran").exists()


def test_file_alone_is_judged_and_its_folder_is_not_imported(
    pytester: pytest.Pytester, mine: Path
) -> None:
    """--checks takes one file as well, and runs no conftest.py beside it."""
    options = (*OURS[:-1], "--checks=mine/affine.py", "-k", "affine_forward")
    done = pytester.runpytest_inprocess(*options)
    done.assert_outcomes(passed=len(by_name("affine_forward").checks), deselected=None)
    assert not (pytester.path / "it_ran").exists()


def test_other_tests_are_collected_where_they_are_named(
    pytester: pytest.Pytester, mine: Path
) -> None:
    """With other paths named, both are collected, also where one is inside the other."""
    pytester.makepyfile(test_ours="def test_affine_forward(): pass")
    checks = len(by_name("affine_forward").checks)
    whole = pytester.runpytest_inprocess(".", *OURS, "-k", "affine_forward")
    whole.assert_outcomes(passed=checks + 1, deselected=None)


def test_junit_and_xdist_get_the_card(pytester: pytest.Pytester, mine: Path) -> None:
    """Spread over processes, the tests are the same, and the XML holds each card."""
    options = ("-n", "2", "--dist", "loadscope", "--junitxml=out.xml")
    done = pytester.runpytest_subprocess(*OURS, *options, "-k", "affine_backward")
    checks = len(by_name("affine_backward").checks)
    done.assert_outcomes(passed=checks - 1, failed=1)
    cases = list(ElementTree.parse(pytester.path / "out.xml").iter("testcase"))
    assert {case.get("classname") for case in cases} == {"mine.affine_backward"}
    (failure,) = [case.find("failure") for case in cases if case.find("failure") is not None]
    assert failure is not None
    assert (failure.text or "").startswith(
        "affine_backward / db: not yet (the numbers of db)\n\n  db["
    )


def test_what_is_not_there_is_a_usage_error(pytester: pytest.Pytester) -> None:
    """A missing path is pytest's exit code 4 and one sentence."""
    done = pytester.runpytest_inprocess(*OURS)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["ERROR: --checks=mine: there is no mine.*"])


def test_old_pytest_is_told_so(
    pytester: pytest.Pytester, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pytest that cannot do it is refused in a sentence, and only where --checks is given."""
    monkeypatch.setattr(pytest, "version_tuple", (7, 4, 0))
    done = pytester.runpytest_inprocess(*OURS)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["ERROR: --checks needs pytest 8 or later*"])


def test_plugin_imports_nothing_until_it_is_asked() -> None:
    """Loading the plugin, as every run of pytest does, loads neither NumPy nor the checks."""
    code = (
        "import sys; import checks.pytest_plugin; "
        "print(sorted(name for name in sys.modules if name.split('.')[0] in "
        "('numpy', 'pytest', '_pytest', 'checks', 'reference')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['checks', 'checks.pytest_plugin']"


def test_plugin_is_found_by_its_entry_point() -> None:
    """The installed package offers the plugin to pytest under the name checks."""
    from importlib.metadata import entry_points

    (found,) = [one for one in entry_points(group="pytest11") if one.name == "checks"]
    assert found.value == "checks.pytest_plugin"
