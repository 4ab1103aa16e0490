"""A statement at the top level that does not end is left out, like one that raises."""

import signal
import time
from contextlib import closing

import pytest

from checks.beside import alarm
from checks.beside.alarm import Alarm, TooLong
from checks.beside.clock import unknown
from checks.beside.load import Library
from checks.files import Files
from checks.show.problems import problem
from checks.student import Worker

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarms here")
LOOP = "while True: pass\n"
SWALLOWS = """
while True:
    try:
        x = 0
        while True: x = 1
    except BaseException: pass
"""


@pytest.fixture
def worker():
    """The code of some files in a process of its own; closed afterwards."""
    opened = []

    def make(texts, seconds=0.4):
        opened.append(Worker(Files(texts), seconds=seconds))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.mark.parametrize("line", ["while True: pass", "time.sleep(60)", "x = w()"])
def test_a_statement_without_an_end(worker, line):
    """It is told by file, line and time, and costs only what it binds."""
    text = f"import time\ndef w():\n    while True: pass\ndef f(): return 1\n{line}\n"
    mine = worker({"a.py": text + "def g(): return 2\ndef h(): return x()\n"})
    assert mine.call("f").value == 1
    assert mine.call("g").value == 2
    assert mine.lives == 1
    (note,) = mine.remarks()
    assert (note.kind, note.detail["seconds"], note.detail["left_out"]) == ("unfinished", 0.2, True)
    assert note.where == ("a.py:3" if line == "x = w()" else "a.py:5")
    said = problem(note.kind, note.where, note.detail)
    assert said[0] == (
        f"{note.where} was left out, since the import had not come to an end after 0.2 s."
    )
    if line == "x = w()":
        used = mine.call("h").problem
        assert (used.kind, used.where) == ("unfinished", "a.py:3")


def test_the_file_that_imports_it_goes_on(worker):
    """What an imported file leaves out costs the importing one neither a name nor its time."""
    texts = {
        "a.py": f"from b import g\n{LOOP}def f(): return g()\n",
        "b.py": f"{LOOP}def g(): return 3\n",
    }
    mine = worker(texts, 0.6)
    assert mine.call("f").value == 3
    assert [note.where for note in mine.remarks()] == ["b.py:1", "a.py:2"]
    assert mine.lives == 1


def test_the_next_one_without_an_end(worker):
    """Each loop has half of what is left, and all are one remark."""
    mine = worker({"a.py": f"{LOOP}def f(): return 1\n{LOOP}{LOOP}def g(): return 2\n"}, 0.6)
    assert (mine.call("f").value, mine.call("g").value) == (1, 2)
    assert [note.detail["more"] for note in mine.remarks()] == [2]


@pytest.mark.parametrize("text", [SWALLOWS, "sum(iter(int, 1))\n"])
def test_what_cannot_be_stopped_is_ended(worker, text):
    """Code that swallows the alarm, or that never leaves C, costs its file."""
    mine = worker({"a.py": f"{text}def f(): return 1\n"}, 0.2)
    found = mine.call("f").problem
    assert (found.kind, found.detail["doing"]) == ("timeout", "import")


def test_nothing_is_left_of_it(worker):
    """Whatever a file has done with the alarm and its handler, neither is there in a call."""
    text = "import signal\nsignal.signal(signal.SIGALRM, lambda *_: 1 / 0)\n"
    text += "signal.setitimer(signal.ITIMER_REAL, 0.05)\n"
    text += "def f():\n    handler = signal.getsignal(signal.SIGALRM)\n"
    text += "    return handler == signal.SIG_DFL, signal.getitimer(signal.ITIMER_REAL)[0]\n"
    assert worker({"a.py": text}).call("f").value == (True, 0.0)


def test_nobody_stops_code_in_this_process():
    """A library that no worker has made has no alarm."""
    with closing(Library({"a.py": "def f(): return 1"})) as library:
        assert library.alarm is None


def test_what_was_only_waited_does_not_count():
    """The alarm of a process that waits for a processor goes off later."""
    now = time.monotonic()
    ringing = Alarm(lambda: 0.1, lambda: min(0.1, time.monotonic() - now), "")
    code = compile("while True: pass", "a.py", "exec")
    with pytest.raises(TooLong), ringing.within(code):
        exec(code, {})
    assert time.monotonic() - now > 0.14
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0.0


def test_it_rings_for_nobody_else():
    """An alarm that comes when the file is at its end, or while another is fetched, is none."""
    before = signal.getsignal(signal.SIGALRM)
    ringing = Alarm(lambda: 0.02, unknown, "fetching.py")
    code, other = (compile("time.sleep(0.03)", name, "exec") for name in ("a.py", "fetching.py"))
    space = {"time": time}
    with ringing.within(code):
        exec(other, space)
    assert signal.getsignal(signal.SIGALRM) is before
    with ringing.within(code):
        time.sleep(0.03)
    ringing._ring(signal.SIGALRM, None)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0.0


def test_a_system_without_alarms(monkeypatch):
    """There nothing is set, and nothing stops."""
    monkeypatch.setattr(alarm, "set_timer", None)
    code = compile("x = 1", "a.py", "exec")
    with Alarm(lambda: 0.0, unknown, "").within(code):
        exec(code, {})
