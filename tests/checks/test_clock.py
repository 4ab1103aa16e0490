"""A limit is on time that the code had: what it only waited for a processor does not count."""

import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from checks.beside import clock
from checks.beside.clock import MOST, Clock
from checks.files import Files
from checks.process import Late, Process
from checks.student import MEMORY, Worker

NAP = "import time\ndef f(s):\n    time.sleep(s)\n    return s\n"


@pytest.fixture
def now(monkeypatch):
    """A time that only the test lets pass."""
    times = [100.0]
    monkeypatch.setattr(clock, "monotonic", lambda: times[0])
    return times


def test_all_time_counts_where_nothing_was_waited(now):
    """Without a word about waiting a limit is over when it is over."""
    limit = Clock(2.0, clock.unknown)
    now[0] += 1.5
    assert limit.look() == limit.pause(10.0) == 0.5
    assert limit.pause(0.2) == 0.2
    now[0] += 0.5
    assert limit.look() == limit.pause(10.0) == limit.spared == 0.0


def test_what_was_waited_is_given_back(now):
    """A limit is over as much later as was waited since it began, and no earlier wait counts."""
    waited = [7.0]
    limit = Clock(2.0, lambda: waited[0])
    assert limit.look() == 2.0
    now[0] += 2.0
    waited[0] += 1.5
    assert limit.look() == limit.spared == 1.5
    now[0] += 1.5
    assert limit.look() == 0.0
    waited[0] = 0.0  # it can no longer be read
    assert limit.look() == 0.0


def test_a_late_first_look_errs_for_the_code(now):
    """Of the time before the first look, no more is given back than has passed."""
    limit = Clock(2.0, lambda: 7.0)
    now[0] += 0.25
    assert limit.look() == 2.0


def test_a_limit_ends_however_long_was_waited(now):
    """Who waits all the time is waited for no longer than ten times the limit."""
    limit = Clock(2.0, lambda: now[0])
    limit.look()
    now[0] += 2.0 * MOST - 1.0
    assert limit.look() == 1.0
    now[0] += 1.0
    assert limit.look() == 0.0


def test_the_kernel_is_asked():
    """A process reads of itself what others read of it, and of none that is gone."""
    first, here = clock.of(os.getpid()), clock.own()
    assert Path("/proc/self/schedstat").exists() or first == 0.0
    assert 0.0 <= first <= here() <= clock.of(os.getpid())
    assert clock.of(-1) == 0.0
    assert clock._read(-1) == 0.0


@pytest.fixture
def process():
    """A worker that can take a nap, and is asked without a limit of its own."""
    one = Process(MEMORY)
    files = {"texts": {"a.py": NAP}, "homes": "", "first": 0}
    one.ask(("files", files), 10.0)
    one.ask(("defines", {"name": "f"}), 10.0)
    yield one
    one.end()


def asked(process, nap, seconds):
    return process.ask(("call", {"name": "f", "args": (nap,)}), seconds)["value"]


def test_a_starved_worker_has_more_time(process, monkeypatch):
    """An answer is waited for beyond its limit where the time was only waited for."""
    monkeypatch.setattr("checks.beside.clock.of", lambda pid: time.monotonic() / 2)
    assert asked(process, 0.3, 0.2) == 0.3
    assert process.spared > 0.05
    assert asked(process, 0.0, 0.2) == process.spared == 0.0


def test_a_worker_that_sleeps_has_not(process):
    """A nap counts in full."""
    with pytest.raises(Late):
        asked(process, 5.0, 0.2)
    assert process.spared < 0.15


def test_the_budget_does_not_pay_for_waiting(monkeypatch):
    """What a call only waited is added to the time of the whole submission, to ten times that."""
    with closing(Worker(Files({"a.py": NAP}), budget=20.0)) as student:
        student.call("f", 0.0)
        monkeypatch.setattr("checks.beside.clock.of", lambda pid: time.monotonic())
        before = student.end
        student.call("f", 0.15)
        assert student.end > before
        student.latest = student.end
        student.call("f", 0.15)
        assert student.end == student.latest
