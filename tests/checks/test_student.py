"""The judge's side: files are found and bounded, and whatever the code does is a sentence."""

import _thread
import json
import os
import signal
import sys
import threading
import time
from contextlib import closing

import numpy as np
import pytest

from checks.files import MOST_FILES, Files, python_of
from checks.model import Code, Foreign, Handle
from checks.student import InProcess, Worker, read

AFFINE = """import numpy as np

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    X = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), X.T @ dout, dout.sum(axis=0)
"""
X = np.arange(12.0).reshape(2, 2, 3)
W = np.cos(np.arange(30.0)).reshape(6, 5)
B = np.ones(5)


def write(folder, texts):
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def notebook(*cells, **more):
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells
            ],
            "nbformat": 4,
            **more,
        }
    )


@pytest.fixture(params=[InProcess, Worker])
def student(request):
    """The code of some files, in this process and in one of its own; closed afterwards."""
    opened = []

    def make(texts, **options):
        files = texts if isinstance(texts, Files) else Files(texts)
        opened.append(request.param(files, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def worker():
    """The code of some files in a process of its own; closed afterwards."""
    opened = []

    def make(texts, seconds=20.0, **options):
        opened.append(Worker(Files(texts), seconds=seconds, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


# Folders


def test_a_folder(tmp_path):
    """Python files and notebooks are found at any depth, and nothing else is."""
    write(
        tmp_path,
        {
            "affine.py": AFFINE,
            "cs231n/classifiers/fc_net.py": "",
            "work.ipynb": notebook("x = 1"),
            "notes.txt": "",
            ".hidden.py": "",
            ".git/a.py": "",
            ".ipynb_checkpoints/work.ipynb": notebook("x = 2"),
            "__pycache__/a.py": "",
            "env2/pyvenv.cfg": "",
            "env2/lib/a.py": "",
            "venv/a.py": "",
            "node_modules/a.py": "",
        },
    )
    files = read(tmp_path)
    assert set(files.texts) == {"affine.py", "cs231n/classifiers/fc_net.py", "work.ipynb"}
    assert files.remarks == ()
    assert files.root == str(tmp_path.resolve())


def test_one_file(tmp_path):
    """A path to one file means that file, without its neighbours."""
    write(tmp_path, {"affine.py": AFFINE, "other.py": ""})
    assert dict(read(tmp_path / "affine.py").texts) == {"affine.py": AFFINE}


def test_nothing_there(tmp_path):
    """A path that does not exist is an error, an empty folder is no files."""
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read(tmp_path / "nowhere")
    assert read(tmp_path).texts == {}


def test_another_kind_of_file(tmp_path):
    """A file that is neither Python nor a notebook is a remark."""
    (tmp_path / "work.zip").write_bytes(b"PK")
    files = read(tmp_path / "work.zip")
    assert files.texts == {}
    assert [(one.kind, one.where) for one in files.remarks] == [("unreadable", "work.zip")]


def test_links_that_lead_out_are_not_followed(tmp_path):
    """A link to a file or folder elsewhere is not read; a link within the folder is."""
    outside = write(tmp_path / "outside", {"secret.py": "secret = 1", "deep/a.py": ""})
    inside = write(tmp_path / "inside", {"affine.py": AFFINE})
    (inside / "secret.py").symlink_to(outside / "secret.py")
    (inside / "deep").symlink_to(outside / "deep")
    (inside / "again").symlink_to(inside)
    (inside / "copy.py").symlink_to(inside / "affine.py")
    files = read(inside)
    assert set(files.texts) == {"affine.py", "copy.py"}
    assert [one.where for one in files.remarks] == ["secret.py"]


def test_files_that_are_no_files(tmp_path):
    """A pipe called affine.py is a remark, not a wait for ever."""
    write(tmp_path, {"b.py": AFFINE})
    os.mkfifo(tmp_path / "affine.py")
    files = read(tmp_path)
    assert set(files.texts) == {"b.py"}
    assert [one.where for one in files.remarks] == ["affine.py"]


def test_bounds(tmp_path):
    """Too many files, and a file too large, are remarks; what was read before them is kept."""
    write(tmp_path, {f"m{i:04}.py": "" for i in range(MOST_FILES + 5)})
    (tmp_path / "a_large.py").write_bytes(b"#" * (1 << 21))
    files = read(tmp_path)
    assert len(files.texts) == MOST_FILES
    assert len(files.remarks) == 2
    assert {one.kind for one in files.remarks} == {"unreadable"}


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfdef f(): return 'caf\xc3\xa9'\r\n",
        b"# -*- coding: latin-1 -*-\ndef f(): return 'caf\xe9'\n",
        b"def f(): return 'caf\xc3\xa9'\r",
    ],
    ids=["mark and CRLF", "latin-1", "CR"],
)
def test_encodings(tmp_path, data):
    """A file is read in the encoding that it declares, with any line ends."""
    (tmp_path / "a.py").write_bytes(data)
    with closing(InProcess(read(tmp_path))) as mine:
        assert mine.call("f").value == "café"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.py", b"def f(): return '\xff'"),
        ("a.py", b"# coding: nothing\n"),
        ("a.ipynb", b"{"),
        ("a.ipynb", b"[]"),
        ("a.ipynb", b'{"cells": 3}'),
        ("a.ipynb", b'{"cells": [3]}'),
        ("a.ipynb", b'{"cells": [{"cell_type": "code", "source": 3}]}'),
        ("a.ipynb", b"[" * 100_000),
    ],
)
def test_what_cannot_be_read(tmp_path, name, data):
    """A file that is not text, or a notebook that is none, is a remark and costs only itself."""
    (tmp_path / name).write_bytes(data)
    write(tmp_path, {"b.py": AFFINE})
    files = read(tmp_path)
    assert set(files.texts) == {"b.py"}
    (remark,) = files.remarks
    assert (remark.kind, remark.where) == ("unreadable", name)
    assert remark.detail["message"]


# Notebooks

OF_THE_BOOK = (
    "import numpy as np\nfrom checks import check, mine_or_reference\n"
    "from reference.data import load_fashion_mnist",
    AFFINE + "\ncheck(affine_forward)",
    "affine_forward = mine_or_reference(affine_forward)",
    "images = load_fashion_mnist()\nfor image in images: image.sum()",
)


def test_the_books_own_notebook(student, tmp_path):
    """The downloaded notebook with the solutions typed in is judged like a file of them."""
    (tmp_path / "affine.ipynb").write_text(notebook(*OF_THE_BOOK))
    mine = student(read(tmp_path / "affine.ipynb"))
    out, kept = mine.call("affine_forward", X, W, B, keep=(1,)).value
    assert np.allclose(out, X.reshape(2, 6) @ W + B, rtol=1e-12)  # sums of six products
    assert mine.call("affine_backward", out, kept).problem is None
    ignored = [one for one in mine.remarks() if one.kind == "ignored"]
    assert [(one.where, one.detail["cells"]) for one in ignored] == [("affine.ipynb", (4,))]


def kept(*cells):
    text, _, ignored = python_of(json.loads(notebook(*cells)))
    return [line for line in text.split("\n") if line.strip()], ignored


@pytest.mark.parametrize(
    "cell",
    [
        "import numpy as np",
        "from a import (b,\n    c)",
        "def f(x):\n    return x",
        "@decorated\ndef f(x):\n    return x",
        "class A:\n    x = 1",
        "h = 1e-5",
        "sizes = [(1, 2), {'a': -3.5}]",
        "f = lambda x: x",
        "f = max\ng = f",
        "from a import *\ng = f",
        "a, b = 1, 2",
        "def f(): pass\nrules = {'f': f, 'g': [max, lambda x: x], 'h': (1, -2)}",
        "h: float = 1e-5",
        "try:\n    import a\nexcept ImportError:\n    a = None",
    ],
)
def test_definitions_are_taken(cell):
    """Imports, definitions and literal assignments of a cell are taken as they are."""
    assert kept(cell) == (cell.split("\n"), [])


def test_the_books_own_does_not_replace_the_students():
    """A chapter may go on with `reference`'s; what is judged is what was written above."""
    own, other = "class A:\n    pass", "from reference import A, B"
    assert kept(own, "from reference import A") == (own.split("\n"), [])
    assert kept(own, "from reference.a import (\n    A,\n)") == (own.split("\n"), [])
    assert kept("from reference import A", own) == (
        ["from reference import A", *own.split("\n")],
        [],
    )
    assert kept(own, other) == ([*own.split("\n"), "from reference import B"], [])
    assert kept(own, f"c = 1; {other}") == (
        [*own.split("\n"), "c = 1; from reference import B"],
        [],
    )
    assert kept(own, "from mine import A") == ([*own.split("\n"), "from mine import A"], [])


@pytest.mark.parametrize(
    "cell",
    [
        "print(f(1))",
        "x = load()",
        "x = y[0]",
        "x += 1",
        "x[0] = 1",
        "x, y[0] = 1, 2",
        "x.size = 1",
        "x = computed_above",
        "x = {'f': computed_above}",
        "x = [max, load()]",
        "x = {**a}",
        "for i in range(10 ** 10): pass",
        "if slow: run()",
        "while True: pass",
        "del f",
        "assert f(1) == 1",
        "with open('x') as f: pass",
        "@decorated\ndef f(): pass\nrun()",
        "try:\n    run()\nfinally: pass",
    ],
)
def test_what_only_does_something_is_left_out(cell):
    """A statement that does something is left out, and told by its cell and first line."""
    lines, ignored = kept("a = 1", cell)
    assert lines[0] == "a = 1"
    assert "run()" not in "".join(lines)
    assert [number for number, _ in ignored] == [2]
    assert len(lines) == (3 if cell.startswith("@") else 1)


@pytest.mark.parametrize(
    ("cell", "lines", "ignored"),
    [
        ("%matplotlib inline\nx = 1", ["x = 1"], ["%matplotlib inline"]),
        ("!pip install torch\nx = 1", ["x = 1"], ["!pip install torch"]),
        ("files = !ls\nx = 1", ["x = 1"], ["files = !ls"]),
        ("affine_forward?\nx = 1", ["x = 1"], ["affine_forward?"]),
        ("%%time\nx = 1", ["x = 1"], ["%%time"]),
        ("%%bash\nrm -rf x = 1", [], ["%%bash"]),
        ("%%writefile a.py\nx = 1", [], ["%%writefile a.py"]),
        ("def f():\n    %time g()\n    return 1", ["def f():", "    pass", "    return 1"], None),
        ('x = """\n%not magic\n"""', ['x = """', "%not magic", '"""'], []),
        ("def f(): return 1; print(2)", ["def f(): return 1; print(2)"], []),
        ("a = 1; print(a); b = 2", ["a = 1; b = 2"], ["a = 1; print(a); b = 2"]),
        ("print('é'); b = 2", ["b = 2"], ["print('é'); b = 2"]),
        ("print(\n  1\n); b = 2  # c", ["b = 2  # c"], ["print("]),
        ("", [], []),
        ("   ", [], []),
    ],
)
def test_magics_and_mixed_lines(cell, lines, ignored):
    """What IPython reads and Python does not is left out; the rest of its line and cell is kept."""
    found, left = kept(cell)
    assert found == lines
    if ignored is not None:
        assert [line for _, line in left] == ignored


def test_old_notebooks():
    """A notebook of format 3, and cells whose source is one text, are read too."""
    cell = {"cell_type": "code", "input": "x = 1", "language": "python"}
    old = {"worksheets": [{"cells": [{"cell_type": "markdown", "source": "y = 2"}, cell]}]}
    assert python_of(old)[0].strip() == "x = 1"


def test_a_cell_is_named_by_its_number(student, tmp_path):
    """Where something went wrong in a notebook is told by cell and line."""
    cells = ("import numpy as np\n\nx = 1", "\n\ndef f(x):\n    np.exp(x * 1e9)\n    return x.y\n")
    (tmp_path / "work.ipynb").write_text(notebook(*cells))
    answer = student(read(tmp_path)).call("f", X)
    assert answer.problem.where == "work.ipynb, cell 2, line 5"
    assert answer.problem.detail["source"] == "return x.y"
    assert answer.warned == (
        "RuntimeWarning: overflow encountered in exp, work.ipynb, cell 2, line 4",
    )


def test_a_cell_that_is_not_python(student, tmp_path):
    """A syntax error in a notebook is told by cell and line."""
    (tmp_path / "work.ipynb").write_text(notebook("x = 1", "def f(x):\n    return (x\n"))
    problem = student(read(tmp_path)).defines("f")
    assert (problem.kind, problem.where) == ("syntax", "work.ipynb, cell 2, line 2")


# Both ways to run


def test_a_layer_there_and_back(student):
    """Forward, kept cache, backward and slopes give the numbers of the mathematics."""
    mine = student({"affine.py": AFFINE})
    assert mine.defines("affine_forward") is None
    forward = mine.call("affine_forward", X, W, B, keep=(1,), names=("x", "w", "b"))
    out, cache = forward.value
    assert isinstance(cache, Handle)
    assert (forward.changed, forward.shares, forward.printed, forward.warned) == ((), (), "", ())
    assert forward.seconds > 0
    dout = np.sin(out)
    dx, dw, db = mine.call("affine_backward", dout, cache).value
    assert np.allclose(dw, X.reshape(2, 6).T @ dout, rtol=1e-12)  # sums of two products
    v = np.sqrt(X)
    slopes = mine.slopes("affine_forward", (X, W, B), {0: v}, (1e-3, -1e-3), dout).value
    # the layer is linear; what is left is eps * |dout * out| / t
    assert (slopes[0] - slopes[1]) / 2e-3 == pytest.approx(np.sum(dx * v), rel=1e-9)
    assert slopes.dtype == np.float64
    assert db.shape == (5,)


def test_both_say_the_same():
    """In process and in a worker, every kind of answer is the same."""
    texts = {
        "a.py": """
import numpy as np, matplotlib
def changed(x):
    x[0] = 1
    print("hello")
    return x[1:], {"W1": [x, 2]}
def raised(x): return np.linalg.inv(x)
def stub(x): pass
def none(x): y = x + 1
def warned(x): return np.log(x * 0)
def foreign(x): return object(), 2 ** 80
value = 3
def exits(x): raise SystemExit(4)
""",
        "b.py": "def (",
        "c.py": "import torch.nn as nn\ndef absent(x): return nn.relu(x)",
        "d.py": "from reference.relu import relu_forward\nfrom e import nothing",
        "e.py": "def twice(): pass",
        "f.py": "def twice(): pass",
    }
    names = "changed raised stub none warned foreign value exits absent relu_forward twice nope"
    told = []
    for make in (InProcess, Worker):
        with closing(make(Files(texts))) as mine:
            answers = []
            for name in names.split():
                answer = mine.call(name, np.eye(3)[:2], names=("x",))
                facts = (answer.changed, answer.shares, answer.printed, answer.warned)
                answers.append((mine.defines(name), repr(answer.value), answer.problem, facts))
            told.append((answers, mine.remarks()))
    assert told[0] == told[1]
    kinds = [answer[2].kind for answer in told[0][0] if answer[2]]
    assert kinds == [
        *("raised", "not_started", "not_callable", "raised", "import", "missing"),
        *("not_started", "missing"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        2.5,
        "text",
        (1, (2.0, None)),
        [3, 4],
        {"lr": 0.1, "v": None},
        np.float32(2),
        np.int64(2),
        np.arange(3),
        np.ones((2, 2), np.float32),
    ],
    ids=str,
)
def test_arguments_arrive_as_they_were_sent(student, value):
    """An argument keeps its type on the way, so that a list of sizes is a list."""
    answer = student({"a.py": "def f(x): return x, type(x).__name__"}).call("f", value)
    plain = value.item() if isinstance(value, np.generic) else value
    assert repr(answer.value[0]) == repr(tuple(plain) if type(plain) is list else plain)
    expected = {type(value).__name__, type(plain).__name__}
    assert answer.value[1] in expected


def test_a_function_as_an_argument(student):
    """numeric_gradient can be given a function."""
    text = "def f(g, x): return g(x) + g(2 * x)"
    square = Code("def square(x):\n    return np.sum(x ** 2)\n", "square")
    assert student({"a.py": text}).call("f", square, np.ones(2)).value == 10.0


@pytest.mark.parametrize(
    "result", ["object()", "{1, 2}", "np.array([None])", "iter([])", "lambda: 1"]
)
def test_foreign_results(student, result):
    """A result that the judge does not read arrives by the name of its type."""
    answer = student({"a.py": f"import numpy as np\ndef f(): return 1, {result}"}).call("f")
    assert isinstance(answer.value[1], Foreign)


def test_what_cannot_be_sent_is_the_judges_fault(worker):
    """An argument outside the protocol is an error of ours, not a dead student."""
    mine = worker({"a.py": "def f(x): return x"})
    with pytest.raises(Exception, match="no tag"):
        mine.call("f", object())
    assert mine.call("f", 1).value == 1


def test_homes(student):
    """The file that the book keeps a function in is the one that is judged."""
    texts = {"optim.py": "def sgd(): return 1", "descent.py": "def sgd(): return 2"}
    assert student(texts).call("sgd").value == 1
    mine = student(texts, homes={"sgd": "descent"})
    assert mine.call("sgd").value == 2
    assert [one.kind for one in mine.remarks()] == ["ambiguous"]


def test_remarks_on_files_that_nothing_needed(student):
    """A file that cannot be read is remarked on though no function was asked of it."""
    mine = student(Files({"a.py": "def (", "affine.py": AFFINE}))
    assert [(one.kind, one.where) for one in mine.remarks()] == [("syntax", "a.py:1")]


def test_the_files_that_try_to_shadow_us(student):
    """A folder with a checks.py, a reference.py and a numpy.py of its own is judged as usual."""
    decoys = {f"{name}.py": "raise SystemExit" for name in ("checks", "reference", "numpy", "ast")}
    mine = student({**decoys, "affine.py": AFFINE})
    assert mine.call("affine_forward", X, W, B).problem is None
    assert mine.call("affine_forward", X, W, B).value[0].shape == (2, 5)


# In this process


def test_functions_as_objects():
    """A namespace of functions is judged as it is, and its globals are its own."""
    with closing(InProcess({"f": lambda x: x + 1, "g": 3})) as mine:
        assert mine.call("f", 1).value == 2
        assert mine.defines("g").kind == "not_callable"
        assert mine.defines("h").kind == "missing"
        assert mine.remarks() == ()


def test_debuggers_find_the_file(tmp_path):
    """In process, code carries the real path of its file."""
    write(tmp_path, {"affine.py": AFFINE})
    with closing(InProcess(read(tmp_path))) as mine:
        function = mine.desk.code.find("affine_forward")
        assert function.__code__.co_filename == str(tmp_path.resolve() / "affine.py")


def test_a_keyboard_interrupt_of_the_codes_own(student):
    """Code that raises KeyboardInterrupt has raised, and stops no judge."""
    problem = student({"a.py": "def f(): raise KeyboardInterrupt"}).call("f").problem
    assert (problem.kind, problem.detail["error"]) == ("raised", "KeyboardInterrupt")


def test_ctrl_c_in_process():
    """Ctrl-C during a call in this process stops the judge, even where the code catches it."""
    text = """
import time
def f():
    try:
        while True: time.sleep(0.01)
    except BaseException:
        return 1
"""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by a shell's "&"
    try:
        with closing(InProcess(Files({"a.py": text}))) as mine:
            assert mine.defines("f") is None  # so that what is interrupted is the call
            person = threading.Timer(0.5, _thread.interrupt_main)
            person.start()
            with pytest.raises(KeyboardInterrupt):
                mine.call("f")
            person.join()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_is_ignored_stays_ignored():
    """Where Ctrl-C is ignored, as under a shell's "&", it stops no judge."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        text = "import os, signal\ndef f(): os.kill(os.getpid(), signal.SIGINT)\n"
        with closing(InProcess(Files({"a.py": text}))) as mine:
            assert mine.call("f").problem is None
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_may_judge():
    """Judging in process works outside the main thread, where signals cannot be set."""
    found = []
    with closing(InProcess(Files({"a.py": "def f(): return 1"}))) as mine:
        thread = threading.Thread(target=lambda: found.append(mine.call("f").value))
        thread.start()
        thread.join()
    assert found == [1]


def test_a_detail_that_is_not_known_is_left_out(worker):
    """A forged problem keeps what is of its type, and the process lives."""
    detail = {"a": {"b": 1}, "where": "x", "problem": "missing", "error": 3, "message": "m" * 999}
    forged = {"problem": {"kind": "raised", "where": "a.py:3", "detail": detail}, "number": 3}
    mine = worker({"a.py": FORGED.format(answer=forged).replace("os._exit(0)", "time.sleep(60)")})
    problem = mine.call("f").problem
    assert (problem.kind, problem.where) == ("raised", "a.py:3")
    assert dict(problem.detail) == {"message": "m" * 400, "function": "f"}


def test_a_flood_of_remarks_is_dammed(worker):
    """Of forged remarks a hundred are kept, each once, however often they are told."""
    note = "{'kind': 'absent', 'where': f'a.py:{i}', 'detail': {'module': 'm', 'more': i}}"
    forged = f"{{'number': 3, 'remarks': 2 * tuple({note} for i in range(70)) + (5,) * 9000}}"
    mine = worker({"a.py": FORGED.format(answer=forged)})
    for _ in range(2):
        mine.call("f")
    assert [one.where for one in mine.remarks()] == [f"a.py:{i}" for i in range(70)]
    forged = forged.replace("range(70)", "range(8000)")
    mine = worker({"a.py": FORGED.format(answer=forged)})
    mine.call("f")
    assert len(mine.remarks()) == 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_fork_brings_no_answer_out_of_step(worker):
    """Where parent and child both return, no answer is taken for that of another request."""
    mine = worker({"a.py": "import os\ndef f():\n    os.fork()\ndef g(i): return i\n"})
    mine.call("f")
    answers = [mine.call("g", i) for i in range(5)]
    told = [(i, one.value) for i, one in enumerate(answers) if one.problem is None]
    assert all(value == i for i, value in told)
    assert {one.problem.kind for one in answers if one.problem} <= {"died"}


# Deaths


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("os._exit(0)", "exit status 0"),
        ("os._exit(3)", "exit status 3"),
        ("os.kill(os.getpid(), 9)", "SIGKILL"),
        ("os.abort()", "SIGABRT"),
        ("ctypes.string_at(0)", "SIGSEGV"),
        ("os.closerange(3, 100); time.sleep(60)", "it closed its pipe"),
        ("os.write(4, b'x' * 99); time.sleep(60)", "its answer made no sense"),
        ("if os.fork(): os._exit(1)\n    time.sleep(60)", "exit status 1"),
    ],
)
def test_a_call_that_ends_the_process(worker, body, status):
    """Each way to end the process is a problem that names the function and the way."""
    text = f"import os, time, ctypes\ndef f():\n    {body}\ndef g(): return 5\n"
    mine = worker({"a.py": text}, seconds=20)
    start = time.monotonic()
    problem = mine.call("f").problem
    assert time.monotonic() - start < 15  # it was told from the death, not from the limit
    assert (problem.kind, problem.detail["function"]) == ("died", "f")
    assert problem.detail["doing"] == "call"
    assert problem.detail["status"].startswith(status)
    assert mine.call("g").value == 5


@pytest.mark.parametrize(
    ("body", "where", "source"),
    [
        ("while True: pass", "a.py:3", "while True: pass"),
        ("time.sleep(60)", "a.py:3", "time.sleep(60)"),
        ("g(lambda: time.sleep(60))", "a.py:3", "g(lambda: time.sleep(60))"),
        ("sum(iter(int, 1))", "", ""),  # Python's lock is never given up
        ("os.kill(os.getpid(), signal.SIGSTOP)", "", ""),
    ],
)
def test_a_call_that_hangs(worker, body, where, source):
    """Each way to hang is a problem that names the function, the time, and the line if it can."""
    text = f"import os, time, signal\ndef f():\n    {body}\ndef g(h): return h()\n"
    mine = worker({"a.py": text}, seconds=20)
    problem = mine.call("f", seconds=0.3).problem
    assert (problem.kind, problem.where) == ("timeout", where)
    assert problem.detail["function"] == "f"
    assert problem.detail["seconds"] == 0.3
    assert problem.detail.get("source", "") == source
    assert mine.call("f", seconds=0.3).problem.kind == "timeout"
    assert mine.call("g", Code("def h(): return 5", "h")).value == 5


def test_a_child_of_the_codes_may_live_on(worker):
    """A call that forks and returns has its value, and the child ends with the worker."""
    mine = worker({"a.py": "import os, time\ndef f(): return os.fork() or time.sleep(60)"})
    assert mine.call("f").value > 0


def test_no_second_time(worker, tmp_path):
    """A function that has hung or died is not called again; its neighbours are."""
    log = tmp_path / "log"
    text = f"""
import os
def f():
    with open({str(log)!r}, "a") as log: log.write("f")
    os._exit(1)
def g(): return 1
"""
    mine = worker({"a.py": text})
    problems = [mine.call("f").problem for _ in range(4)]
    assert {one.kind for one in problems} == {"died"}
    assert log.read_text() == "f"
    assert mine.call("g").value == 1
    assert mine.slopes("f", (), {}, (1.0,)).problem == problems[-1]


def test_an_exception_is_not_a_death(worker):
    """A function that raises is called as often as it is asked for, in the same process."""
    mine = worker({"a.py": "n = 0\ndef f():\n    global n; n += 1\n    raise ValueError(n)\n"})
    messages = [mine.call("f").problem.detail["message"] for _ in range(4)]
    assert messages == ["1", "2", "3", "4"]
    assert mine.lives == 1


@pytest.mark.parametrize(
    ("line", "kind", "source"),
    [
        ("sum(iter(int, 1))", "timeout", None),
        ("os._exit(0)", "died", None),
        ("ctypes.string_at(0)", "died", None),
        ("sys.exit()", "import", "sys.exit()"),
        ("raise KeyboardInterrupt", "import", "raise KeyboardInterrupt"),
    ],
)
def test_an_import_that_does_not_end_well(worker, line, kind, source):
    """A file that hangs, exits or crashes at import is a problem of its functions, once."""
    bad = f"import os, sys, ctypes\n{line}\ndef f(): return 1\ndef g(): return 1\n"
    mine = worker({"a.py": bad, "affine.py": AFFINE}, seconds=0.4 if kind == "timeout" else 20)
    problem = mine.defines("f")
    mine.seconds = 20.0
    start = time.monotonic()
    assert (problem.kind, problem.where.split(":")[0]) == (kind, "a.py")
    if source:
        assert (problem.where, problem.detail["source"]) == ("a.py:2", source)
    assert mine.call("f").problem == problem
    assert mine.defines("g").detail == {**problem.detail, "function": "g"}
    assert time.monotonic() - start < 10  # it was not run again
    assert mine.call("affine_forward", X, W, B).problem is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not keep this limit")
@pytest.mark.parametrize(
    "line",
    [
        "x = [0]\nwhile True: x += x",
        "x = []\nwhile True: x.append('a' * 10 ** 7)",
        "x = bytearray(1 << 40)",
    ],
)
def test_an_import_that_takes_all_memory(worker, line):
    """A file that takes all memory is a problem; neither the judge nor the machine suffers."""
    mine = worker({"a.py": f"{line}\ndef f(): return 1\n", "affine.py": AFFINE}, memory=1 << 29)
    problem = mine.defines("f")
    assert problem.kind in {"import", "died"}
    assert problem.detail.get("error", "MemoryError") == "MemoryError"
    assert mine.call("affine_forward", X, W, B).problem is None


def test_the_time_of_one_call(worker):
    """A call may be given more time than usual, or less."""
    mine = worker({"a.py": "import time\ndef f(s):\n    time.sleep(s)\n    return s\n"})
    assert mine.call("f", 0.3, seconds=3).value == 0.3
    problem = mine.call("f", 3, seconds=0.2).problem
    assert (problem.kind, problem.detail["seconds"]) == ("timeout", 0.2)


def test_slopes_have_their_time_too(worker):
    """A slow forward pass cannot hold the judge through many slopes."""
    text = "import time\ndef f(x):\n    time.sleep(0.1)\n    return x\n"
    problem = worker({"a.py": text}, seconds=0.4).slopes(
        "f", (np.ones(2),), {0: np.ones(2)}, (1.0,) * 50, np.ones(2)
    )
    assert problem.problem.kind == "timeout"


def test_what_was_kept_dies_with_the_process(worker):
    """A handle of a process that has ended is a problem, and never another object's."""
    text = "import os\ndef f(x): return 1, x\ndef die(): os._exit(0)\ndef g(c): return c"
    mine = worker({"a.py": text})
    _, old = mine.call("f", 1.0, keep=(1,)).value
    mine.call("die")
    _, new = mine.call("f", 2.0, keep=(1,)).value
    assert mine.call("g", old).problem.kind == "died"
    assert mine.call("g", new).value == 2.0


def test_an_interrupted_judge_loses_no_answer(worker):
    """After Ctrl-C during a call, the next answer belongs to the next question."""
    mine = worker({"a.py": "import time\ndef f(s):\n    time.sleep(s)\n    return s\n"})
    assert mine.call("f", 0.0).value == 0.0
    timer = threading.Timer(0.1, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        mine.call("f", 0.5)
    timer.join()
    assert mine.call("f", 0.25).value == 0.25


def test_a_worker_closes_twice_and_starts_again(worker):
    """close can be called at any time; asking again starts another process."""
    mine = worker({"a.py": "def f(): return 1"})
    mine.close()
    assert mine.call("f").value == 1
    mine.close()
    mine.close()
    assert mine.process is None
    assert mine.call("f").value == 1


def test_nothing_is_started_for_nothing(worker):
    """A worker that is never asked is never started."""
    mine = worker({"a.py": ""})
    mine.close()
    assert mine.lives == 0


FORGED = """
import os, sys, time
def f():
    wire = sys.modules["beside.wire"]
    wire.send(4, {answer})
    os._exit(0)
def g(): return 5
"""


def test_forged_facts_are_read_as_plain_values(worker):
    """An answer that the code writes itself gives values of the right types, and none else."""
    forged = {"value": 1, "changed": 5, "shares": ((1, 2),), "warned": "x", "seconds": "no"}
    forged |= {"printed": 7, "number": 3}
    answer = worker({"a.py": FORGED.format(answer=forged)}).call("f")
    assert answer.value == 1
    facts = (answer.changed, answer.shares, answer.warned, answer.printed, answer.seconds)
    assert facts == ((), (), (), "", 0.0)


@pytest.mark.parametrize(
    "forged",
    [
        "5",
        "None",
        "(1, 2)",
        "{'problem': 3}",
        "{'problem': {'kind': 'missing'}}",
        "{'problem': {'kind': 3, 'where': '', 'detail': {}}}",
        "{'problem': {'kind': 'invented', 'where': '', 'detail': {}}}",
        "{'problem': {'kind': 'fault', 'where': '', 'detail': {}}}",
        "{'problem': {'kind': 'timeout', 'where': '', 'detail': {}}}",
        "{'problem': {'kind': 'raised', 'where': 3, 'detail': {}}}",
        "{'problem': {'kind': 'raised', 'where': '', 'detail': ()}}",
    ],
)
def test_forged_problems_are_a_death(worker, forged):
    """An answer that is no answer ends the process, and what it says is not passed on."""
    numbered = f"{{**{forged}, 'number': 3}}" if forged.startswith("{") else forged
    mine = worker({"a.py": FORGED.format(answer=numbered)})
    problem = mine.call("f").problem
    assert (problem.kind, problem.detail["status"]) == ("died", "its answer made no sense")
    assert mine.call("g").value == 5
