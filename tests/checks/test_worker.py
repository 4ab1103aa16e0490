"""The worker, from the inside and through its pipe: what is there, what is not, what leaks."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from checks.beside import wire
from checks.files import Files
from checks.process import WORKER, Dead, Late, Process
from checks.student import MEMORY, InProcess, Worker


@pytest.fixture
def ask():
    """Ask a function f, in a worker of its own, for one answer."""
    opened = []

    def make(text, *args, seconds=10.0, **options):
        student = Worker(Files({"a.py": text}), seconds=seconds, **options)
        opened.append(student)
        answer = student.call("f", *args)
        assert answer.problem is None, answer.problem
        return answer.value

    yield make
    for one in opened:
        one.close()


# What is there


@pytest.mark.parametrize("name", ["checks", "reference", "pytest", "hypothesis"])
def test_nothing_of_the_judges_can_be_imported(ask, name):
    """Neither our packages nor anything else installed can be found, by any way of importing."""
    text = f"""
import importlib, importlib.util, sys
def f():
    found = [{name!r} in sys.modules, importlib.util.find_spec({name!r}) is not None]
    for way in (importlib.import_module, importlib.__import__):
        try:
            way({name!r})
            found.append(True)
        except ImportError:
            found.append(False)
    return tuple(found)
"""
    assert ask(text) == (False, False, False, False)


def test_only_the_standard_library_is_on_the_path(ask):
    """sys.path names no folder of the judge's, of the caller's or of site-packages."""
    here = str(Path(wire.__file__).parents[2])
    for entry in ask("import sys\ndef f(): return tuple(sys.path)"):
        assert "site-packages" not in entry
        assert entry not in {"", ".", here, os.getcwd()}


def test_numpy_is_whole(ask):
    """Parts of NumPy that load late still load."""
    text = "import numpy as np\ndef f(): return int(np.polynomial.Polynomial([1, 2])(3)), "
    assert ask(text + "np.testing.assert_equal(1, 1), np.fft.fft([1.0]).real")[0] == 7


def test_the_environment_holds_no_secret(ask, monkeypatch):
    """Nothing of the judge's environment arrives but what libraries need to start."""
    monkeypatch.setenv("SECRET", "s3cret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    found = ask("import os\ndef f(): return dict(os.environ)")
    assert "SECRET" not in found
    assert "PYTHONPATH" not in found
    assert found["OPENBLAS_NUM_THREADS"] == found["OMP_NUM_THREADS"] == "1"


def test_one_thread_for_the_mathematics(ask):
    """A matrix product starts no threads of its own."""
    text = """
import os
import numpy as np
def f():
    np.ones((300, 300)) @ np.ones((300, 300))
    return len(os.listdir("/proc/self/task")) if os.path.isdir("/proc") else 2
"""
    assert ask(text) == 2  # the conversation and its watch


def test_standard_input_is_at_its_end(ask):
    """Code that asks for input gets the end of the file, not the judge's requests."""
    text = """
import sys, os
def f():
    try:
        input()
    except EOFError:
        return sys.stdin.read(), os.read(0, 10) == b""
"""
    assert ask(text) == ("", True)


def test_prints_cannot_reach_the_pipe(ask):
    """Prints on every level, a flood of them included, leave the answer intact."""
    text = """
import os, sys
def f():
    print("x" * 100_000)
    sys.__stdout__.write("BB" * 100_000); sys.__stdout__.flush()
    for descriptor in (0, 1, 2):
        os.write(descriptor, b"BB" * 100_000)
    os.system("echo BB")
    return 5
"""
    assert ask(text) == 5


def test_children_do_not_inherit_the_pipe(ask):
    """A program that the code starts holds neither end of the conversation."""
    text = """
import subprocess, sys
def f():
    look = "import os; print(sorted(os.listdir('/proc/self/fd')))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, close_fds=False)
    return done.stdout.decode()
"""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("this system does not list a process's descriptors under /proc")
    assert ask(text).strip() == "['0', '1', '2', '3']"  # 3 lists the folder


def test_random_numbers_start_afresh(ask):
    """Each worker draws the same numbers, from NumPy's and Python's global generators."""
    text = "import numpy as np, random\ndef f(): return np.random.rand(3), random.random()"
    one, other = ask(text), ask(text)
    assert np.array_equal(one[0], other[0])
    assert one[1] == other[1]


def test_draws_of_one_worker_go_on(ask):
    """Two calls do not draw the same numbers, so that a forward pass that draws is unsteady."""
    with closing(
        Worker(Files({"a.py": "import numpy as np\ndef f(): return np.random.rand(3)"}))
    ) as w:
        assert not np.array_equal(w.call("f").value, w.call("f").value)


def test_files_that_are_written_land_nowhere(ask):
    """Code that saves a file does so in a folder that is gone when the worker is."""
    text = "import os\nopen('out.txt', 'w').write('x')\ndef f(): return os.getcwd()"
    with closing(Worker(Files({"a.py": text}))) as student:
        folder = student.call("f").value
        assert os.listdir(folder) == ["out.txt"]
    assert not os.path.exists(folder)


def test_one_call_changes_nothing_for_the_next(ask):
    """What a call did to NumPy and to Python is put back in the worker as well."""
    text = """
import builtins, os, sys
import numpy as np
def f():
    before = os.getcwd()
    np.sum = np.linalg.norm = builtins.len = sys.modules["numpy"] = None
    sys.meta_path.clear()
    sys.setrecursionlimit(60)
    os.chdir("/")
    return before
def g():
    import numpy, helper
    return float(np.sum(np.ones(3))), len([1]), sys.getrecursionlimit() > 60, os.getcwd()
"""
    with closing(Worker(Files({"a.py": text, "helper.py": ""}))) as student:
        folder = student.call("f").value
        answer = student.call("g")
    assert answer.problem is None, answer.problem
    assert answer.value == (3.0, 1, True, folder)


def test_a_budget_that_is_spent_ends_it():
    """When the time for all calls is over no call is begun, and the problem says so."""
    text = "def f(): return 1\ndef g(): return 1"
    with closing(Worker(Files({"a.py": text}), budget=10.0)) as student:
        assert student.call("g").value == 1
        student.end = 0.0
        for problem in (student.call("g").problem, student.defines("f")):
            assert problem.kind == "timeout"
            assert problem.detail["doing"] == "everything"
            assert problem.detail["seconds"] == 10.0


def test_what_is_done_within_a_call_stays_while_it_runs():
    """An import in the middle of an import, or of a call, puts nothing of theirs back too early."""
    text = """
import sys
import numpy as np
sys.setrecursionlimit(20000)
import helper
def deep(n): return n and 1 + deep(n - 1)
N = deep(3000)
def f():
    with np.errstate(divide="raise"):
        import another
        try:
            np.log(np.zeros(1))
        except FloatingPointError:
            return N
"""
    files = Files({"a.py": text, "helper.py": "", "another.py": ""})
    for make in (Worker, InProcess):
        with closing(make(files)) as student:
            assert student.call("f").value == 3000
            assert student.call("f").value == 3000


def test_a_module_may_put_another_in_its_place():
    """What a file leaves in sys.modules under its own name is what its neighbours import."""
    helper = "import sys, types\nnew = types.ModuleType('new')\nnew.word = 'replaced'\n"
    helper += "word = 'original'\nsys.modules[__name__] = new\n"
    files = Files({"a.py": "import helper\ndef f(): return helper.word", "helper.py": helper})
    for make in (Worker, InProcess):
        with closing(make(files)) as student:
            assert student.call("f").value == "replaced"


def test_a_call_that_the_budget_cuts_is_not_blamed():
    """Where little was left, the problem is the sum of it all, and not the call that met it."""
    text = "import time\ndef f(): time.sleep(5)"
    with closing(Worker(Files({"a.py": text}), seconds=10.0, budget=60.0)) as student:
        assert student.defines("f") is None
        student.end = time.monotonic() + 0.6
        problem = student.call("f").problem
    assert (problem.kind, problem.detail["doing"]) == ("timeout", "everything")
    assert problem.detail["seconds"] == 60.0


def test_a_budget_bounds_whatever_waits():
    """A file that never ends, and a question about it, wait for what is left and no longer."""
    began = time.monotonic()
    text = "sum(iter(int, 1))\ndef f(): return 1"
    with closing(Worker(Files({"a.py": text}), seconds=60.0, budget=1.0)) as student:
        assert student.call("f").problem.kind == "timeout"
        assert student.remarks() == ()
    assert time.monotonic() - began < 20


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not keep this limit")
def test_memory_is_limited(ask):
    """An array beyond the limit is a MemoryError of the code's."""
    text = """
import numpy as np
def f():
    try:
        return np.ones(1 << 28).size
    except MemoryError:
        return "too much"
"""
    assert ask(text, memory=1 << 30) == "too much"


# The process


def descriptors():
    return set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_started_in_isolation():
    """The command line isolates Python: -I for the environment and the folder, -S for the site."""
    process = Process(MEMORY)
    try:
        command = process.child.args
        assert command[:4] == [sys.executable, "-I", "-S", "-B"]
        assert command[4] == str(WORKER)
    finally:
        process.end()


def test_end_leaves_no_process_and_no_descriptor():
    """After end there is no zombie, no child of the code's, no open pipe and no folder."""
    text = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
def f():
    import os
    return os.getpid(), child.pid, os.getcwd()
"""
    before = descriptors()
    student = Worker(Files({"a.py": text}))
    mine, child, folder = student.call("f").value
    student.close()
    student.close()
    assert not is_alive(mine)
    for _ in range(100):  # an orphan is reaped by whoever inherits it
        if not is_alive(child) or is_zombie(child):
            break
        time.sleep(0.01)
    else:
        pytest.fail("a child of the student's code is still running")
    assert not os.path.exists(folder)
    assert descriptors() == before


def is_zombie(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_it_ends_when_the_judge_hangs_up():
    """A worker whose requests end goes away by itself, whatever threads the code has left."""
    text = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"
    text += "def f(): return 1"
    process = Process(MEMORY)
    try:
        process.ask(("files", {"texts": {"a.py": text}, "homes": "", "first": 0}), 10)
        call = {"name": "f", "args": (), "keep": (), "names": (), "seconds": 5.0}
        assert process.ask(("call", call), 10)["value"] == 1
        process.child.stdin.close()
        assert process.child.wait(5) == 0
    finally:
        process.end()


def test_a_judge_that_dies_takes_it_along(tmp_path):
    """A worker that is busy when its judge is killed ends soon after."""
    judge = """
import sys
from checks.files import Files
from checks.student import Worker
text = "import os\\ndef f(): return os.getpid()\\ndef g():\\n    while True: pass\\n"
student = Worker(Files({"a.py": text}), seconds=30)
print(student.call("f").value, flush=True)
student.call("g")
"""
    root = Path(wire.__file__).parents[2]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}  # nobody is left to clean it up
    with subprocess.Popen(
        [sys.executable, "-c", judge], stdout=subprocess.PIPE, cwd=root, env=environment
    ) as child:
        worker = int(child.stdout.readline())
        child.kill()
    for _ in range(300):
        if not is_alive(worker) or is_zombie(worker):
            return
        time.sleep(0.01)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("the worker outlived its judge")


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (b"XX\x01\0\0\0N", "made no sense"),
        (b"BB\xff\xff\xff\xff", "made no sense"),
        (b"BB\x01\0\0\0?", "made no sense"),
        (b"", "exit status 0"),
    ],
)
def test_what_is_no_frame_is_a_death(monkeypatch, tmp_path, reply, status):
    """A process that answers with other bytes, or with none, is told as dead and not believed."""
    script = tmp_path / "worker.py"
    ready = wire.encode({"ready": True})
    script.write_text(f"import os\nos.write(1, {ready!r})\nos.read(0, 100)\nos.write(1, {reply!r})")
    monkeypatch.setattr("checks.process.WORKER", script)
    process = Process(MEMORY)
    try:
        with pytest.raises(Dead, match=status):
            process.ask(("remarks", {}), 10)
    finally:
        process.end()


def test_half_a_frame_is_late(monkeypatch, tmp_path):
    """A process that stops in the middle of a frame is waited for until the deadline."""
    script = tmp_path / "worker.py"
    ready = wire.encode({"ready": True})
    script.write_text(f"import os, time\nos.write(1, {ready!r} + b'BB')\ntime.sleep(60)")
    monkeypatch.setattr("checks.process.WORKER", script)
    process = Process(MEMORY)
    try:
        start = time.monotonic()
        with pytest.raises(Late):
            process.ask(("remarks", {}), 0.2)
        assert time.monotonic() - start < 5
    finally:
        process.end()


def test_a_process_that_does_not_start_is_our_fault(monkeypatch, tmp_path):
    """Where the worker cannot start at all, that is an error of ours and nobody's result."""
    script = tmp_path / "worker.py"
    script.write_text("raise SystemExit(3)")
    monkeypatch.setattr("checks.process.WORKER", script)
    with pytest.raises(RuntimeError, match="exit status 3"):
        Process(MEMORY)


def test_large_arrays_go_both_ways(ask):
    """Arrays far larger than a pipe's buffer arrive whole, in both directions."""
    x = np.arange(500_000.0).reshape(1000, 500)
    assert np.array_equal(ask("def f(x): return x.T", x), x.T)


def test_an_answer_beyond_the_limit_is_a_problem():
    """A result of more bytes than a frame may have is a problem, and the worker lives on."""
    text = "import numpy as np\ndef f(): return tuple(np.zeros(1 << 23) for _ in range(5))"
    with closing(Worker(Files({"a.py": text + "\ndef g(): return 1"}))) as student:
        answer = student.call("f")
        assert answer.problem.kind == "raised"
        assert "over the limit" in answer.problem.detail["message"]
        assert student.call("g").value == 1
        assert student.lives == 1


def test_an_answer_that_is_too_large_takes_no_remark_with_it():
    """What was found on the way is told with the sentence that stands for the answer."""
    text = "def f():\n    import b\n    return tuple(np.zeros(1 << 21) for _ in range(20))\n"
    files = Files({"a.py": f"import numpy as np\n{text}", "b.py": "1 / 0\n"})
    with closing(Worker(files)) as student:
        assert student.call("f").problem.detail["error"] == "OverflowError"
        assert [one.where for one in student.remarks()] == ["b.py:1"]
