"""``checks watch``: it judges after each save, stays where one works, and ends cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checks import __main__ as command
from checks import watch
from checks.model import FAIL, PASS, Outcome, Report
from checks.refusal import RefusalError

FORWARD = "def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w + b, (x, w, b)\n"


def report(**states: str) -> Report:
    outcomes = tuple(Outcome(name, "out", state) for name, state in states.items())
    return Report(7, outcomes, (), tuple(states))


def watched(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *turns: Callable[[], Report]
) -> Callable[[], int]:
    """A watch over a folder in which something is saved before each turn; then Ctrl-C."""
    left = iter(turns)

    def judge() -> Report:
        (folder / "a.py").write_text(f"# {time.monotonic_ns()}" + "\n" * len(os.listdir(folder)))
        (folder / f"{time.monotonic_ns()}.py").write_text("")
        for turn in left:
            return turn()
        raise KeyboardInterrupt

    def code_of(one: Report) -> int:
        return int(any(each.state == FAIL for each in one.outcomes))

    monkeypatch.setattr(watch, "EVERY", 0.01)
    monkeypatch.setattr(watch, "_change", _without_waiting)
    return lambda: watch.watch(folder, judge, lambda one, only: f"<{only}>", code_of)


def _without_waiting(path: Path, seen: watch.Stamp | None) -> watch.Stamp:
    now = watch.stamp(path)
    assert now != seen, "nothing was saved"
    return now


def test_each_save_is_judged_and_the_last_code_is_the_exit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each save prints a report; Ctrl-C ends with the code of the last one."""
    turns = [lambda: report(f=FAIL), lambda: report(f=PASS)]
    assert watched(tmp_path, monkeypatch, *turns)() == 0
    assert watched(tmp_path, monkeypatch, *turns[::-1])() == 1
    printed = capsys.readouterr().out
    assert printed.count("Waiting for a change") == 4
    assert printed.count("2 times so far") == 2
    assert "Passes now: f." in printed
    assert "Passes no longer: f." in printed


def test_nothing_to_judge_for_a_moment_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is empty while an editor saves is told so, and the watch goes on."""

    def empty() -> Report:
        raise RefusalError("there is no Python file", 3)

    turns = [lambda: report(f=FAIL), empty, lambda: report(f=PASS)]
    assert watched(tmp_path, monkeypatch, *turns)() == 0
    assert "checks: there is no Python file" in capsys.readouterr().out


def test_what_was_never_understood_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option that asks for what is not there is refused, and so is a missing folder."""

    def refuse() -> Report:
        raise RefusalError("-k nope matches no exercise")

    with pytest.raises(RefusalError, match="matches no exercise"):
        watched(tmp_path, monkeypatch, refuse)()
    assert command.main(["watch", str(tmp_path / "nowhere")]) == 2


def test_place_is_kept_until_the_function_passes() -> None:
    """The shown function stays the same while it fails, whatever else does; then the next."""
    place = watch.Place()
    assert place.in_(report(f=PASS, g=FAIL, h=FAIL)) == "g"
    assert place.in_(report(f=FAIL, g=FAIL, h=FAIL)) == "g"
    assert place.in_(report(f=FAIL, g=PASS, h=FAIL)) == "h"
    assert place.in_(report(f=FAIL, g=PASS, h=PASS)) == "f"
    assert place.in_(report(f=PASS, g=PASS, h=PASS)) == ""


def test_stamp_changes_with_what_is_judged_and_nothing_else(tmp_path: Path) -> None:
    """A save, a new file and a lost one are seen; a cache, a text and a hidden folder are not."""
    (tmp_path / "a.py").write_text("1")
    seen = watch.stamp(tmp_path)
    for name in ("__pycache__/a.py", ".git/a.py", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("2")
        assert watch.stamp(tmp_path) == seen
    (tmp_path / "a.py").write_text("12")
    changed = watch.stamp(tmp_path)
    (tmp_path / "b.ipynb").write_text("{}")
    added = watch.stamp(tmp_path)
    (tmp_path / "a.py").unlink()
    assert len({seen, changed, added, watch.stamp(tmp_path)}) == 4


def test_save_in_two_steps_is_judged_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is still being written is waited for until it stays as it is."""
    stamps: Iterator[watch.Stamp] = iter([(("a", 1, 1),), (("a", 2, 0),), (("a", 3, 9),)] * 1)
    last: list[watch.Stamp] = []

    def next_stamp(path: Path) -> watch.Stamp:
        last.append(next(stamps, last[-1] if last else ()))
        return last[-1]

    monkeypatch.setattr(watch, "EVERY", 0.001)
    monkeypatch.setattr(watch, "stamp", next_stamp)
    assert watch._change(tmp_path, (("a", 1, 1),)) == (("a", 3, 9),)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to one process")
def test_watch_from_a_shell_ends_with_the_code_of_the_last_report(tmp_path: Path) -> None:
    """The command watches a real folder, and Ctrl-C leaves no traceback and no colour codes."""
    (tmp_path / "mine").mkdir()
    file = tmp_path / "mine" / "affine.py"
    file.write_text(FORWARD[:54])
    child = subprocess.Popen(
        [sys.executable, "-m", "checks", "watch", "mine", "-k", "affine_forward"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert child.stdout is not None
        first = _until(child, "Waiting")
        file.write_text(FORWARD)
        second = _until(child, "Waiting")
        child.send_signal(signal.SIGINT)
        rest = child.communicate(timeout=30)[0]
    finally:
        child.kill()
        child.wait()
    assert "affine.py:2 is not Python" in first
    assert "2 of 2 public checks pass" in second
    assert "Passes now: affine_forward." in second
    assert "Traceback" not in rest
    assert "\x1b" not in first + second + rest
    assert child.returncode == 0


def _until(child: subprocess.Popen[str], word: str) -> str:
    assert child.stdout is not None
    read = ""
    for line in child.stdout:
        read += line
        if word in line:
            break
    return read
