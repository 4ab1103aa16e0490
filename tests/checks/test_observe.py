"""Observing: what a call did to its arguments, to memory and to the screen, and why it failed."""

import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from checks.beside import observe
from checks.beside.desk import Desk, settle
from checks.beside.load import Library
from checks.beside.wire import Code, Foreign, Handle


@pytest.fixture
def desk():
    """Desks over one file, closed when the test is over."""
    opened = []

    def make(text, path="a.py"):
        opened.append(Desk(Library({path: "import numpy as np\n" + text})))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def call(desk):
    """Call f of a text with arguments, and give what was told."""

    def make(text, *args, **options):
        return desk(text).call("f", args, **options)

    return make


X = np.arange(6.0).reshape(2, 3)


# Arguments


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ("x[0, 0] = 7", ("x",)),
        ("x -= x.max()", ("x",)),
        ("x.shape = (3, 2)", ("x",)),
        ("cache[0][:] = 1", ("cache[0]",)),
        ("cache[1]['w'] *= 2", ("cache[1]['w']",)),
        ("x *= 2; cache[0][0] = -0.0", ("x", "cache[0]")),
        ("config['t'] += 1", ("config['t']",)),
        ("config.setdefault('lr', 1e-2)", ("config['lr']",)),
        ("config.pop('t')", ("config['t']",)),
        ("config['v'] = x", ("config['v']",)),
        ("many.append(x)", ("arg3[2]",)),
        ("many[0] = None", ("arg3[0]",)),
        ("many[1][0] = np.nan", ("arg3[1]",)),
    ],
)
def test_what_a_call_changes(call, body, changed):
    """Each way to change an argument is reported, by the place of what has changed."""
    text = f"def f(x, cache, config, many):\n    {body}\n    return 1\n"
    args = (X, (np.zeros(2), {"w": np.ones(2)}), {"t": 1}, [1, np.ones(1)])
    assert call(text, *args, names=("x", "cache", "config"))["changed"] == changed


@pytest.mark.parametrize(
    "body",
    [
        "x = x - x.max()",
        "x.flags.writeable = False",
        "y = x.copy(); y[0] = 1",
        "config = dict(config, lr=1); config['t'] = 2",
        "x[:] = x",
        "many = [*many, 1]",
    ],
)
def test_what_a_call_leaves_alone(call, body):
    """Code that works on copies, or writes back what was there, has changed nothing."""
    text = f"def f(x, cache, config, many):\n    {body}\n    return 1\n"
    told = call(text, np.array([np.nan, 1.0]), (np.zeros(2),), {"t": 1}, [1])
    assert "changed" not in told


def test_a_change_is_seen_in_what_was_kept(desk):
    """A backward pass that spoils its forward pass's cache is caught, through a handle."""
    mine = desk("def f(x): return x, [x, x.T]\ndef g(d, cache): cache[1][0] = 9; return d * 1\n")
    _, kept = mine.call("f", (X,), keep=(1,))["value"]
    assert isinstance(kept, Handle)
    assert kept.type_name == "list"
    told = mine.call("g", (X, kept), names=("dout", "cache"))
    assert set(told["changed"]) == {"cache[0]", "cache[1]"}  # one is a view of the other


def test_a_change_is_seen_in_objects(desk):
    """The arrays of an object (a net's params) are walked, and a cycle ends the walk."""
    mine = desk(
        """
class Net:
    def __init__(self):
        self.params = {"W1": np.zeros(2)}
        self.me = self
def f(): return Net(), 1
def g(net): net.params["W1"] += 1; return 1
"""
    )
    net, _ = mine.call("f", (), keep=(0,))["value"]
    assert mine.call("g", (net,), names=("net",))["changed"] == ("net.params['W1']",)


def test_the_judges_own_arrays_are_never_given(call):
    """The caller's arrays, tuples and dicts are others than those that the code gets."""
    x, config = X.copy(), {"v": np.zeros(2)}
    told = call("def f(x, c): x[:] = 0; c['v'][:] = 1; c['t'] = 2; return x", x, config)
    assert len(told["changed"]) == 3
    assert np.array_equal(x, X)
    assert list(config) == ["v"]
    assert not config["v"].any()


# Memory


@pytest.mark.parametrize(
    ("body", "shares"),
    [
        ("return x", (("result", "x"),)),
        ("return x[1:], 1", (("result 0", "x"),)),
        ("return x.T.reshape(-1), x.T", (("result 1", "x"),)),
        ("return 1, cache[0]", (("result 1", "cache[0]"),)),
        ("return {'W1': cache[0][::2]}", (("result['W1']", "cache[0]"),)),
        ("x *= 2; return x", (("result", "x"),)),
        ("return x * 1, cache[0].copy()", ()),
    ],
)
def test_which_results_share_memory(call, body, shares):
    """A result that is an argument, or a view of one, is reported; a copy is not."""
    told = call(f"def f(x, cache):\n    {body}", X, (np.ones(4),), names=("x", "cache"))
    assert told.get("shares", ()) == shares


def test_a_cache_that_is_kept_may_share(call):
    """A cache that holds the inputs themselves is the student's own affair."""
    assert call("def f(x): return x[:1], (x, x.T)", X, keep=(1,))["shares"] == (
        ("result 0", "arg0"),
    )


def test_interleaved_views_do_not_share(call):
    """Even and odd entries of one array overlap in extent and share nothing."""
    text = "def f(x):\n    out = np.zeros(10)\n    return out[::2]\n"
    assert "shares" not in call(text, X)


# The screen


def test_printing_is_caught(call, capfd):
    """What a call prints comes back, on both streams, and nothing reaches the screen."""
    told = call(
        "import sys\ndef f():\n    print('a')\n    print('b', file=sys.stderr)\n    return 1"
    )
    assert told["printed"] == "a\nb\n"
    assert capfd.readouterr() == ("", "")


def test_a_flood_leaves_its_tail(call):
    """However much is printed, a bounded end of it is kept, marked as an end."""
    told = call("def f():\n    for i in range(100000): print(i)\n    return 1")
    assert told["printed"].endswith("99999\n")
    assert told["printed"].startswith("...")
    assert len(told["printed"]) == observe.TAIL + 3


def test_a_stream_that_was_replaced_is_put_back(call):
    """Code that replaces sys.stdout or writes odd things to it harms only itself."""
    before = sys.stdout
    told = call("import sys\ndef f():\n    sys.stdout.write(b'x')")
    assert told["problem"]["detail"]["error"] == "TypeError"
    assert call("import sys\ndef f():\n    sys.stdout = None\n    return 1")["value"] == 1
    assert sys.stdout is before


def test_warnings_are_told_once_with_their_line(call):
    """NumPy's and Python's warnings come back, each once, with the student's own line."""
    text = "import warnings\ndef f(x):\n    for _ in range(3):\n        np.exp(x * 1e9)\n"
    text += "    warnings.warn('mine')\n    return np.log(-x[1:])\n"
    told = call(text, X)
    assert told["warned"] == (
        ("RuntimeWarning: overflow encountered in exp", "a.py:5"),
        ("UserWarning: mine", "a.py:6"),
        ("RuntimeWarning: invalid value encountered in log", "a.py:7"),
    )


def test_warnings_do_not_become_errors(call):
    """A judge that treats warnings as errors does not turn a student's warning into one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told = call("def f(x): return np.exp(x * 1e9)", X)
    assert "problem" not in told


# Why there is no value


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("1 / 0", "ZeroDivisionError", "division by zero"),
        ("x @ x", "ValueError", "matmul"),
        ("y", "NameError", "name 'y' is not defined"),
        ("raise SystemExit(2)", "SystemExit", "2"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("raise GeneratorExit", "GeneratorExit", ""),
        ("raise BaseException('b')", "BaseException", "b"),
        ("return f(x)", "RecursionError", "recursion"),
        ("assert x is None, 'long ' * 1000", "AssertionError", "long "),
        ("raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})", "Odd", ""),
    ],
)
def test_whatever_is_raised_is_a_problem(call, line, error, message):
    """Every exception becomes a problem with its type, its message and the line it came from."""
    problem = call(f"def f(x):\n    {line}\n", X)["problem"]
    assert problem["kind"] == "raised"
    assert problem["where"] == "a.py:3"
    detail = problem["detail"]
    assert (detail["error"], detail["source"][:20]) == (error, line[:20])
    assert message in detail["message"]
    assert len(detail["message"]) <= 400


def test_the_students_own_last_line_is_told(call):
    """An error inside NumPy is told at the line of theirs that led there, innermost first."""
    text = "def g(x):\n    return np.concatenate([x, x[0]])\ndef f(x):\n    return g(x)\n"
    problem = call(text, X)["problem"]
    assert problem["where"] == "a.py:3"
    assert problem["detail"]["source"] == "return np.concatenate([x, x[0]])"


def test_names_of_python_2(call):
    """A name that only Python 2 has is marked as one."""
    assert call("def f(): return xrange(3)")["problem"]["detail"]["old"] == "xrange"


def test_printing_before_an_exception_is_kept(call):
    """What was printed and changed before an exception comes back with the problem."""
    told = call("def f(x):\n    print('here')\n    x[:] = 0\n    1 / 0", X, names=("x",))
    assert (told["printed"], told["changed"]) == ("here\n", ("x",))


# Not started


STUBS = [
    "pass",
    "...",
    '"""Only words."""',
    "return None",
    "return",
    "raise NotImplementedError",
    'raise NotImplementedError("write me")',
    '"""Words."""\n    out = None\n    # TODO\n    pass\n    cache = (x, w)\n    return out, cache',
    "x, w, b = w\n    dx, dw, db = None, None, None\n    pass\n    return dx, dw, db",
    "dx, x = None, w\n    pass\n    return dx",
    "if w is None: w = {}\n    w.setdefault('lr', 1e-2)\n    n = None\n    pass\n    return n, w",
]


@pytest.mark.parametrize("body", STUBS)
def test_stubs_are_not_started(call, body):
    """The course's stubs and ours are told as not started, with the place of the function."""
    problem = call(f"def f(x, w):\n    {body}\n", X, None)["problem"]
    assert problem["kind"] == "not_started"
    assert problem["where"].startswith("a.py:")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("out = x * w\n    cache = (x, w)", None),
        ("out = None\n    y = x + w\n    return out, 1", (None, 1)),
        ("return np.maximum(x, w, out=x) if False else None", None),
        ("print(1)", None),
        ("return 3", 3),
        ("cache = x, w\n    return 1, cache[0]", (1, 1)),
        ("out = None\n    out = 2\n    return out, None", (2, None)),
        ("return x, None", (1, None)),
    ],
)
def test_work_is_not_a_stub(call, body, value):
    """A function that computes anything has been started, and None is then its value."""
    assert call(f"def f(x, w):\n    {body}\n", 1, 2)["value"] == value


def test_half_a_function_is_not_started(call):
    """NotImplementedError from deep inside real work counts as not started, at its line."""
    text = "def g(): raise NotImplementedError\ndef f(x):\n    y = x + 1\n    return g()"
    problem = call(text, X)["problem"]
    assert (problem["kind"], problem["where"]) == ("not_started", "a.py:2")


# Values


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (np.True_, True),
        (np.int32(3), 3),
        (np.float64(2.5), 2.5),
        ([1, (2, [3])], (1, (2, (3,)))),
        ({"a": [1], 2: 3, ("W", 1): 4}, {"a": (1,), "2": 3, "('W', 1)": 4}),
        (2**70, Foreign("int beyond 64 bits")),
        (len, Foreign("builtin_function_or_method")),
        ({1}, Foreign("set")),
        (1j, Foreign("complex")),
        (iter([]), Foreign("list_iterator")),
        ("text", "text"),
    ],
)
def test_results_are_made_plain(value, plain):
    """Numbers, texts and containers become plain; anything else is Foreign, by its type."""
    settled = settle(value)
    assert settled == plain
    assert type(settled) is type(plain)


def test_arrays_are_made_plain():
    """An array keeps dtype and shape, subclasses are shed, and what has no tag is Foreign."""
    same = settle(np.ones((2, 3), np.float32))
    assert (same.dtype, same.shape) == (np.float32, (2, 3))
    assert type(settle(np.ones(2).view(np.recarray))) is np.ndarray
    assert settle(np.float32(2)).shape == ()
    assert settle(np.array([None])) == Foreign("ndarray of object")
    assert isinstance(settle(np.ones(2, np.longdouble)), Foreign)
    assert isinstance(settle(np.broadcast_to(0.0, (2**15, 2**15))), Foreign)
    assert isinstance(settle(np.ones((1,) * 12)), Foreign)


def test_endless_results_end():
    """A list that holds itself, or has too many parts, is Foreign where it goes on."""
    endless = [1]
    endless.append(endless)
    assert isinstance(settle([0] * 30_000)[-1], Foreign)
    assert settle(endless)[0] == 1


def test_a_result_is_a_copy(desk):
    """A result that the code goes on writing into does not change under the judge."""
    mine = desk("out = np.zeros(2)\ndef f():\n    out[:] += 1\n    return out\n")
    first = mine.call("f", ())["value"]
    mine.call("f", ())
    assert np.array_equal(first, [1, 1])


def test_kept_results_come_back_as_they_were(desk):
    """A handle stands for the very object that was returned, whatever its type."""
    mine = desk("class C: pass\nc = C()\ndef f(): return 1, c\ndef g(x): return x is c\n")
    _, kept = mine.call("f", (), keep=(1,))["value"]
    assert mine.call("g", (kept,))["value"] is True
    assert mine.call("g", ((kept,),))["value"] is False


def test_a_handle_that_is_not_held_is_a_problem(desk):
    """A handle of another life is a problem, not a KeyError."""
    assert desk("def f(x): return 1").call("f", (Handle(99),))["problem"]["kind"] == "died"


def test_functions_as_arguments(call):
    """An argument given as the text of a function is a function when it arrives."""
    code = Code("def sq(x):\n    return np.sum(x * x)\n", "sq")
    assert call("def f(g, x): return g(x)", code, X)["value"] == 55.0


# Functions handed over as they are


def of_my_own(x):
    return x + undefined  # noqa: F821


def still_a_stub(x):
    """Words."""
    raise NotImplementedError


def test_a_namespace_is_judged_like_files():
    """Functions in a dict are found, called and explained as those in files are."""
    mine = Desk({"f": of_my_own, "g": still_a_stub, "h": 3})
    problem = mine.call("f", (X,))["problem"]
    assert problem["where"].startswith("test_observe.py:")
    assert problem["detail"]["source"].startswith("return x + undefined")
    assert mine.call("g", (X,))["problem"]["kind"] == "not_started"
    assert mine.defines("h")["problem"]["kind"] == "not_callable"
    assert mine.defines("i")["problem"]["kind"] == "missing"
    assert mine.defines("f") == {}


def test_arguments_that_resist_being_looked_at(desk):
    """A cache whose keys or attributes raise when looked at is left alone, and crashes nothing."""
    mine = desk(
        """
class Odd:
    def __repr__(self): raise RuntimeError("no")
    def __getattr__(self, name): raise RuntimeError("never")
def f(): return 1, {Odd(): 1}
def g(cache): return 1
"""
    )
    _, kept = mine.call("f", (), keep=(1,))["value"]
    assert mine.call("g", (kept,))["value"] == 1


def test_a_leaf_is_a_leaf():
    """Functions, classes and modules in a cache are looked at as one thing each."""
    space = SimpleNamespace(f=len, c=int, m=sys)
    found = observe._leaves([("cache", space)])
    assert found["cache.f"] is len
    assert found["cache.c"] is int
