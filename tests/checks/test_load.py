"""Loading: a student's files become modules that shadow nothing and cost only themselves."""

import random
import sys
from contextlib import closing

import numpy as np
import pytest

from checks.beside.load import MOST_LOST, Library
from checks.beside.standins import StandIn
from checks.beside.trouble import PACKAGE, Absent, Broken, Refused, Trouble, explain
from checks.show.leftovers import SENTENCES

AFFINE = """
import numpy as np
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)
"""


@pytest.fixture
def library():
    """Libraries that are closed when the test is over."""
    opened = []

    def make(texts, **options):
        opened.append(Library(texts, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def trouble(of, name):
    with pytest.raises(Trouble) as caught:
        of.find(name)
    return caught.value


# Their files and each other


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("mine.py", "from affine import affine_forward as f"),
        ("mine.py", "from affine import *; f = affine_forward"),
        ("mine.py", "import affine; f = affine.affine_forward"),
        ("mine.py", "import affine as a; f = a.affine_forward"),
        ("mine.py", "from .affine import affine_forward as f"),
        ("mine.py", "from . import affine; f = affine.affine_forward"),
        ("deep/mine.py", "from ..affine import affine_forward as f"),
        ("deep/mine.py", "from affine import affine_forward as f"),
        ("deep/er/mine.py", "from ...affine import affine_forward as f"),
    ],
)
def test_their_files_import_each_other(library, path, line):
    """Each form of import finds another file of theirs, beside the importing file or above it."""
    found = library({"affine.py": AFFINE, path: line}).find("f")
    assert found.__name__ == "affine_forward"


@pytest.mark.parametrize("above", ["", "assignment2/", "my work.v2/a-1/"])
@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("cs231n/layer_utils.py", "from .layers import *"),
        ("cs231n/layer_utils.py", "from cs231n.layers import *"),
        ("cs231n/layer_utils.py", "from layers import *"),
        ("cs231n/classifiers/fc_net.py", "from ..layers import *"),
        ("cs231n/classifiers/fc_net.py", "from cs231n.layers import affine_forward"),
        ("cs231n/classifiers/fc_net.py", "from ...cs231n.layers import affine_forward"),
        ("run.py", "from cs231n.layers import *"),
        ("run.py", "import cs231n.layers; affine_forward = cs231n.layers.affine_forward"),
        ("run.py", "import cs231n.layers as ls; affine_forward = ls.affine_forward"),
        ("run.py", "from cs231n import layers; affine_forward = layers.affine_forward"),
    ],
)
def test_the_course_layout(library, above, path, line):
    """Code in the course's folders works as it is, wherever the folder was put."""
    texts = {f"{above}cs231n/layers.py": AFFINE, above + path: f"{line}\ndef f(): return 1\n"}
    texts[above + path] += "g = affine_forward\n"
    assert library(texts).find("g").__name__ == "affine_forward"


@pytest.mark.parametrize(
    "line",
    [
        "from cs231n.layers import *; f = affine_forward",
        "import cs231n.layers; f = cs231n.layers.affine_forward",
        "from cs231n import layers; f = layers.affine_forward",
    ],
)
def test_the_inside_of_the_course_folder_alone(library, line):
    """Handing in what is inside cs231n/ works too, though the imports name the folder."""
    assert library({"layers.py": AFFINE, "mine.py": line}).find("f").__name__ == "affine_forward"


def test_a_notebook_beside_a_file_of_the_same_name(library):
    """affine.py and affine.ipynb are two modules; an import means the file."""
    texts = {"affine.py": "def f(): return 'py'", "affine.ipynb": "from affine import f as g"}
    assert library(texts).find("g")() == "py"


def test_circular_imports_work_as_in_python(library):
    """Two files that import each other's modules load."""
    texts = {
        "a.py": "import b\ndef f(): return b.g()",
        "b.py": "import a\ndef g(): return 3",
    }
    assert library(texts).find("f")() == 3


# Shadows


@pytest.mark.parametrize(
    "stem", ["numpy", "random", "math", "checks", "reference", "ast", "beside"]
)
def test_their_files_shadow_nothing(library, stem):
    """A file named like a module that the judge needs is never what that name means."""
    before = sys.modules.get(stem)
    path = list(sys.path)
    mine = library(
        {
            f"{stem}.py": "value = 'mine'\ndef decoy(): return 1\n",
            "affine.py": f"import {stem}\n{AFFINE}\ndef seen(): return {stem}\n",
        }
    )
    assert mine.find("decoy")() == 1
    seen = mine.find("seen")()
    if stem == "beside":
        assert seen.value == "mine"
    elif stem in {"checks", "reference"}:
        assert isinstance(seen, StandIn)
    else:
        assert not hasattr(seen, "value")
    assert sys.modules.get(stem) is before
    assert sys.path == path


def test_the_real_ones_are_the_real_ones(library):
    """NumPy and the standard library come through, submodules and star imports too."""
    text = """
from numpy import *
import numpy.linalg as la
import os.path
from random import random
from collections import abc
def f(): return la.norm(array([3.0, 4.0])), os.path.join("a", "b"), random, abc.Mapping
"""
    norm, joined, drawn, _ = library({"affine.py": text}).find("f")()
    assert (norm, joined, drawn) == (5.0, "a/b", random.random)


def test_a_name_that_only_their_file_has(library):
    """``from test import f`` means their test.py where the library's has no f, and only then."""
    texts = {
        "test.py": "def f(): return 1",
        "math.py": "def sqrt(x): return 'mine'",
        "a.py": "from test import f as g\nfrom math import sqrt\ndef h(): return sqrt(4)",
    }
    assert library(texts).find("g")() == 1
    assert library(texts).find("h")() == 2


def test_two_students_in_one_process(library):
    """Two libraries with files of the same names do not see each other."""
    one = library({"a.py": "from b import f as g", "b.py": "def f(): return 1"})
    two = library({"a.py": "from b import f as g", "b.py": "def f(): return 2"})
    assert (one.find("g")(), two.find("g")()) == (1, 2)


def test_close_leaves_nothing():
    """After close no module, finder or cached line of theirs is left."""
    import linecache

    with closing(Library({"pack/affine.py": AFFINE})) as mine:
        mine.find("affine_forward")
        assert any(name.startswith(mine.package) for name in sys.modules)
    assert not any(name.startswith(mine.package) for name in sys.modules)
    assert mine not in sys.meta_path
    assert not any(mine.package in name for name in linecache.cache)


def test_main_is_not_run(library):
    """What stands under ``if __name__ == "__main__"`` is not executed."""
    text = AFFINE + 'if __name__ == "__main__":\n    raise SystemExit\n'
    assert library({"affine.py": text}).find("affine_forward")


# What is not there


@pytest.mark.parametrize("name", ["torch", "scipy.special", "pytest", "cs231n.fast_layers"])
@pytest.mark.parametrize(
    "line", ["import {0}", "import {0} as it", "from {0} import thing", "from {0} import *"]
)
def test_an_unused_import_costs_nothing(library, name, line):
    """A file that imports an absent module and does not use it is judged, with a remark."""
    mine = library({"affine.py": line.format(name) + AFFINE})
    assert mine.find("affine_forward")
    (note,) = mine.notes
    assert (note.kind, note.where) == ("absent", "affine.py:1")
    assert name.startswith(note.detail["module"])
    assert not note.detail["harmless"]


@pytest.mark.parametrize(
    "body",
    ["return torch.tensor(x)", "return torch + x", "return x @ torch.eye", "return [*torch]"],
)
def test_using_what_is_absent_names_the_import(library, body):
    """A function that uses an absent module raises, and the import's line is what it names."""
    f = library({"affine.py": f"import numpy\nimport torch\ndef f(x): {body}"}).find("f")
    with pytest.raises(Absent) as caught:
        f(np.ones(2))
    assert caught.value.line == ("affine.py:2", "import torch")
    assert caught.value.name == "torch"


def test_what_is_installed_is_absent_all_the_same(library):
    """A package that happens to be installed beside NumPy is not there either."""
    text = "try:\n    import pytest\nexcept ImportError:\n    pytest = None\ndef f(): return pytest"
    assert library({"a.py": text}).find("f")() is None


def test_an_import_in_a_function_raises(library):
    """An import of an absent module inside a function raises when the function is called."""
    f = library({"a.py": "def f():\n    import torch\n    return 1"}).find("f")
    with pytest.raises(Absent):
        f()


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    from .im2col_cython import im2col\nexcept ImportError:\n    print('build it')\n",
        "from .fast_layers import *\n",
        "from cs231n.fast_layers import *\n",
        "from cs231n.im2col import *\nfrom cs231n.data_utils import load\ndata = load('x')\n",
        "from past.builtins import xrange\nfrom builtins import range, object\n",
        "from __future__ import print_function\nfrom future import standard_library\n"
        "standard_library.install_aliases()\n",
        "from six.moves import cPickle as pickle, xrange\npickle.dumps(1)\n",
        "import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (10.0, 8.0)\n"
        "fig, ax = plt.subplots()\nfor a in ax.flat: a.plot([1], label='x')\n",
        "get_ipython().run_line_magic('matplotlib', 'inline')\n",
        "from google.colab import drive\ndrive.mount('/content/drive')\n",
        "from checks import check, rel_error\nif rel_error(1, 2) < 1e-9: print(1)\n",
        "from torch import nn\nclass Net(nn.Module):\n    pass\n",
        "from numba import njit\n@njit\ndef g(x): return x\n",
        "from reference.data import load_fashion_mnist\nX = load_fashion_mnist()['X'] / 255\n",
        "import seaborn\nwith seaborn.axes_style('white'): print(len(seaborn), float(seaborn))\n",
    ],
)
def test_what_course_files_begin_with(library, text):
    """The opening lines of real course files load, whatever of them is not there."""
    assert library({"cs231n/layers.py": text + AFFINE}).find("affine_forward")


def test_old_names_are_the_new_ones(library):
    """past, future and six give what their names mean in Python 3."""
    text = """
from past.builtins import xrange
from past.utils import old_div
from six.moves import range, zip
from six import iteritems
def f(): return list(xrange(2)), list(range(2)), list(iteritems({1: 2})), old_div(7, 2)
"""
    assert library({"a.py": text}).find("f")() == ([0, 1], [0, 1], [(1, 2)], 3)


def test_plots_in_a_judged_function_do_nothing(library):
    """A function that draws and shows progress on the way is judged as if it did not."""
    text = """
import matplotlib.pyplot as plt
from tqdm import tqdm
def f(x):
    plt.figure(); plt.plot(x); plt.show()
    return sum(i for i in tqdm(range(3)))
"""
    assert library({"a.py": text}).find("f")([1]) == 3


def test_a_notebook_as_a_script(library):
    """``check(f)`` and ``f = mine_or_reference(f)`` in a script leave f what it was."""
    text = "from checks import check, mine_or_reference" + AFFINE
    text += "check(affine_forward)\naffine_forward = mine_or_reference(affine_forward)\n"
    mine = library({"affine.py": text})
    assert mine.find("affine_forward").__name__ == "affine_forward"


def test_checks_is_not_there_for_a_judged_function(library):
    """A backward pass that calls checks.numeric_gradient cannot."""
    text = "from checks import numeric_gradient\ndef f(x): return numeric_gradient(abs, x)"
    f = library({"a.py": text}).find("f")
    with pytest.raises(Absent):
        f(np.ones(2))


# The answers


@pytest.mark.parametrize(
    "text",
    [
        "import reference\naffine_backward = reference.affine_backward\n",
        "import reference.affine as r\naffine_backward = r.affine_backward\n",
        "from reference import affine_backward as ours\naffine_backward = ours\n",
    ],
)
def test_the_reference_costs_the_functions_that_need_it(library, text):
    """A function taken from reference is refused; its neighbour in the same file is judged."""
    mine = library({"affine.py": text + AFFINE})
    assert mine.find("affine_forward")
    found = trouble(mine, "affine_backward")
    assert found.kind == "refused"
    assert found.where.startswith("affine.py:")
    assert found.detail["source"].startswith(("from reference", "import reference"))
    assert [note.kind for note in mine.notes] == ["refused"]


@pytest.mark.parametrize("module", ["reference", "reference.affine", "checks"])
def test_what_is_only_imported_is_not_started(library, module):
    """A notebook imports what it builds on from the book: nobody tried to write that."""
    text = f"from {module} import affine_backward\n" + AFFINE
    mine = library({"a.ipynb": text})
    assert mine.find("affine_forward")
    found = trouble(mine, "affine_backward")
    assert (found.kind, found.where) == ("missing", "a.ipynb:1")
    assert found.detail["borrowed"].startswith(module)


def test_what_is_only_imported_yields_to_a_definition(library):
    """Where another file or a later cell defines what was imported, that is judged."""
    text = "from reference import affine_forward\n"
    assert library({"a.py": text, "z.py": AFFINE}).find("affine_forward")
    assert library({"a.py": text + AFFINE}).find("affine_forward")


def test_a_missing_foundation_is_named(library):
    """A function that calls one of reference's is told which of its own has to be there."""
    text = "from reference.{0} import {1}\ndef f(x): return {1}(x)\n"
    homes = {"affine_forward": "affine", "f": "f"}
    for name, used in (("affine_forward", "affine_forward"), ("_helper", "")):
        mine = library({"a.py": text.format("affine", name)}, homes=homes)
        with pytest.raises(Refused) as caught:
            mine.find("f")(1)
        found = explain(caught.value, mine.place)
        assert (found.where, found.detail.get("used", "")) == ("a.py:1", used)


def test_the_answers_are_told_once_for_each_file(library):
    """A notebook with ten imports from reference has one remark about them."""
    more = "from reference import relu_forward\nfrom reference.softmax import softmax_loss\n"
    mine = library({"a.py": "import reference\n" + more + AFFINE, "b.py": more + "def f(): pass"})
    for name in ("affine_forward", "f"):
        mine.find(name)
    assert [note.where for note in mine.notes] == ["a.py:1", "b.py:1"]


def test_what_a_notebook_needs_beside_answers_is_no_remark(library):
    """Data, pictures, progress and checks of sizes are harmless, and the last do nothing."""
    text = """
from checks import check
from reference.boundary import check_sizes
from reference.data import load_images
from reference.pictures import curves
from reference.progress import Progress
def f(x):
    check_sizes(x=x)
    curves({})
    with Progress(3, True) as bar:
        bar.step()
    return x
"""
    mine = library({"a.py": text})
    assert mine.find("f")(3) == 3
    assert all(note.detail["harmless"] for note in mine.notes)


def test_the_reference_stands_for_their_own(library):
    """A function of reference that the student has written, too, is theirs where it is called."""
    twice = "from reference.affine import affine_forward\ndef f(x): return affine_forward(x)\n"
    mine = library({"affine.py": "def affine_forward(x): return 2 * x\n", "more.py": twice})
    assert mine.find("f")(3) == 6
    circle = "import reference\ndef affine_forward(x): return reference.affine_forward(x)\n"
    with pytest.raises(Refused):
        library({"affine.py": circle}).find("affine_forward")(3)


def test_the_reference_used_inside_a_function(library):
    """A function that calls into reference raises Refused, at import or at the call."""
    text = """
import reference.affine
def f(x): return reference.affine.affine_forward(x, x, x)
def g(x):
    from reference import softmax_loss
    return softmax_loss(x, x)
"""
    mine = library({"a.py": text})
    for name in "fg":
        with pytest.raises(Refused):
            mine.find(name)(np.ones(2))


# What cannot be imported


@pytest.mark.parametrize(
    ("text", "where", "source", "old"),
    [
        ("def f(x):\n    return (x\n", "a.py:2", "return (x", ""),
        ("def f(x):\nreturn x\n", "a.py:2", "return x", ""),
        ("def f(x, x):\n    return x\n", "a.py:1", "def f", ""),
        ("def f(x):\n    return '\0'\n", "a.py", "", ""),
        ("def f(x):\n    print 'x'\n    return x\n", "a.py:2", "print 'x'", "print"),
        ("def f(x):\n    try: pass\n    except IOError, e: pass\n", "a.py:3", "except", "except"),
        ("def f(x):\n    try: pass\n    except (A, B), e: pass\n", "a.py:3", "except", "except"),
        ("def f(x):\n    raise ValueError, 'x'\n", "a.py:2", "raise", "raise"),
        ("def f(x):\n\tif x:\n        return x\n", "a.py:3", "return x", "tabs"),
        ("def f(x):\n    if x <> 3: return x\n", "a.py:2", "if x <> 3", "unequal"),
        ("def f(x):\n    return `x`\n", "a.py:2", "return `x`", "backticks"),
        ("def f(x):\n    return 10L\n", "a.py:2", "return 10L", "long_number"),
        ("def f(x):\n    return 0777\n", "a.py:2", "return 0777", "octal"),
        ("def f(x):\n    exec 'x = 1'\n", "a.py:2", "exec", "exec"),
        ("def f((x, y)):\n    return x\n", "a.py:1", "def f", "unpacked"),
    ],
)
def test_syntax_errors(library, text, where, source, old):
    """A syntax error is told by file, line and text, costs only itself, and knows Python 2."""
    mine = library({"a.py": text, "affine.py": AFFINE})
    assert mine.find("affine_forward")
    found = trouble(mine, "f")
    assert found.kind == "syntax"
    assert found.where.startswith(where)
    assert str(found.detail["source"]).startswith(source)
    assert found.detail.get("old", "") == old
    assert not old or old in SENTENCES
    assert [note.kind for note in mine.notes] == ["syntax"]


BEFORE = "import numpy as np\n\ndef before(x):\n    return x\n\n"
AFTER = "\n\n@staticmethod\ndef after(x):\n    return before(x)\n"


@pytest.mark.parametrize(
    "broken",
    [
        "def f(x):\n    return (x",
        "def f(x):\n    return x)",
        "def f(x):\n    # to do",
        "def f(x)\n    return x",
        "def f(x):\n    try:\n        x = 1",
        "def f(x):\n  y = 1\n    return x",
        "def f(x):\n    return x\n  y = 1",
        'def f(x):\n    """What it does.\n\nAt the margin.\n    return x\n    """\n    return )',
        "def f(x):\n    print 'x'\n\nprint f(1)",
        "@staticmethod\ndef f(x):\n    raise E, 'x'",
        "class f(object):\n    def loss(self, X):\n        print X",
        "f = [1, 2",
        "x = 1; return x\nf = 1 +",
        "<<<<<<< HEAD\ndef f(x):\n    print x\n=======\n>>>>>>> 1a2b3c",
    ],
)
def test_a_syntax_error_costs_only_its_function(library, broken):
    """What stands above and below a function with a syntax error in it is judged all the same."""
    mine = library({"a.py": BEFORE + broken + AFTER})
    assert mine.find("before")(3) == 3
    assert mine.find("after")(4) == 4
    line = int(trouble(mine, "f").where.removeprefix("a.py:"))
    assert 6 <= line <= 6 + broken.count("\n") + 3
    assert {note.kind for note in mine.notes} == {"syntax"}


def test_what_uses_what_was_left_out_says_so(library):
    """A function that calls one with a syntax error meets that error, here and across files."""
    texts = {
        "a.py": "def f(x) return x\ndef g(x): return f(x)\ndef h(x): return x\n",
        "b.py": "from a import f, h\ndef k(x): return h(x)\ndef m(x): return f(x)\n"
        "class Net(f): pass\n",
    }
    mine = library(texts)
    assert mine.find("k")(3) == 3
    for name in "gm":
        with pytest.raises(Broken) as caught:
            mine.find(name)(3)
        assert caught.value.trouble.where == "a.py:1"
    assert trouble(mine, "Net").where == "a.py:1"


def test_nesting_that_no_parser_follows(library):
    """Absurdly nested text is a syntax problem of its file."""
    mine = library({"a.py": "def f(): return " + "(" * 5000 + ")" * 5000, "affine.py": AFFINE})
    assert trouble(mine, "f").kind == "syntax"
    assert mine.find("affine_forward")


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("\nraise SystemExit(3)\n", "SystemExit", 2),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt", 1),
        ("class Bad(BaseException):\n    def __str__(self): 1 / 0\nraise Bad\n", "Bad", 3),
    ],
)
def test_a_file_that_ends(library, text, error, line):
    """What ends a file at import is told by file and line, and the other files are judged."""
    mine = library({"a.py": text + "def f(): return 1\n", "affine.py": AFFINE})
    found = trouble(mine, "f")
    assert (found.kind, found.detail["error"]) == ("import", error)
    assert found.where == f"a.py:{line}"
    assert found.detail["source"]
    assert PACKAGE not in str(found.detail)
    assert mine.find("affine_forward")


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("x = 1 / 0\n", "ZeroDivisionError", 1),
        ("x = undefined\n", "NameError", 1),
        ("def g(): return g()\ng()\n", "RecursionError", 1),
        ("from affine import x\n", "ImportError", 1),
        ("y = 1\nfor x in range(3):\n    y += [x]\n", "TypeError", 3),
        ("@undefined\ndef x(): pass\n", "NameError", 1),
        ("raise NotImplementedError('later')\n", "NotImplementedError", 1),
        ("from __future__ import annotations\nassert False\n", "AssertionError", 2),
    ],
)
def test_a_statement_that_raises(library, text, error, line):
    """A statement that raises at import is told by file and line, and costs only what it binds."""
    rest = "def f(): return 1\ndef h(): return x\ndef k(): return x()\n"
    mine = library({"a.py": text + rest, "affine.py": AFFINE})
    assert mine.find("f")() == 1
    (note,) = mine.notes
    assert (note.kind, note.detail["error"]) == ("import", error)
    assert note.where == f"a.py:{line}"
    assert note.detail["source"]
    assert PACKAGE not in str(note.detail)
    assert mine.find("affine_forward")
    if "x =" in text or "def x" in text or "import x" in text:
        with pytest.raises(Broken) as caught:
            mine.find("k")()
        assert caught.value.trouble.where == f"a.py:{line}"


def test_the_statements_that_raise_are_bounded(library):
    """A script of many statements that raise is one remark, and its end is told in time."""
    mine = library({"a.py": "x = nothing\n" * 10 + "def f(): return 1\n"})
    assert mine.find("f")() == 1
    assert [note.detail["more"] for note in mine.notes] == [9]
    mine = library({"a.py": "x = nothing\n" * 50 + "def f(): return 1\n"})
    assert trouble(mine, "f").where == f"a.py:{MOST_LOST + 1}"


def test_an_exit_ends_its_file(library):
    """What stands above an exit counts, as when the file is run; what stands below does not."""
    below = "def f(): return 1\ndef affine_forward(x, w, b): return 0\n"
    mine = library({"a.py": f"{AFFINE}import sys\nsys.exit(0)\n{below}"})
    assert mine.find("affine_forward")(np.ones((1, 1)), np.ones((1, 1)), np.ones(1))
    assert trouble(mine, "f").kind == "import"
    assert trouble(mine, "f").where.startswith("a.py:")
    assert [note.detail["source"] for note in mine.notes] == ["sys.exit(0)"]


def test_only_the_statement_that_raised_is_left_out(library):
    """Of several on a line, the others count; so does what is defined in a case of a match."""
    mine = library(
        {
            "a.py": "A = 1; B = nothing; C = 3\n"
            "match A:\n    case 1:\n        def f(): return A + C\n"
            "def g(): return B\n"
        }
    )
    assert mine.find("f")() == 4
    with pytest.raises(Broken):
        mine.find("g")() + 1


def test_trouble_in_an_imported_file_is_told_where_it_is(library):
    """A file that imports a broken one passes on the broken one's file and line."""
    texts = {
        "a.py": "from b import g\ndef f(): return g()",
        "b.py": "\n\nraise KeyboardInterrupt\ndef g(): pass",
        "c.py": "import d\ndef h(): return 1",
        "d.py": "\0",
    }
    mine = library(texts)
    assert trouble(mine, "f").where == "b.py:3"
    assert trouble(mine, "g").where == "b.py:3"
    assert mine.find("h")() == 1
    assert [note.where for note in mine.notes] == ["d.py"]


def test_a_file_is_executed_once_and_only_when_wanted(library):
    """Files that do not define the wanted name are not run, and a failure is not run again."""
    sys.count = []  # type: ignore[attr-defined]
    texts = {
        "a.py": "import sys; sys.count.append('a')\nraise SystemExit\ndef f(): return 1",
        "b.py": "import sys; sys.count.append('b')\ndef g(): return 1",
    }
    try:
        mine = library(texts)
        trouble(mine, "f")
        trouble(mine, "f")
        assert sys.count == ["a"]  # type: ignore[attr-defined]
    finally:
        del sys.count  # type: ignore[attr-defined]


def test_a_package_whose_init_fails(library):
    """An __init__.py that raises costs only what it defines itself."""
    mine = library(
        {
            "pack/__init__.py": "def f(: pass\n1 / 0",
            "pack/affine.py": AFFINE,
        }
    )
    assert mine.find("affine_forward")
    assert trouble(mine, "f").where == "pack/__init__.py:1"


@pytest.mark.parametrize("other", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_a_newline_ends_a_line(library, other):
    """The line that is named is the one that raised, whatever else a text has for an end."""
    text = f"# one{other}two\ndef f():\n    '{other}'\n    return {{}}['here']\n"
    mine = library({"a.py": text})
    with pytest.raises(KeyError) as caught:
        mine.find("f")()
    found = explain(caught.value, mine.place)
    assert (found.where, found.detail["source"]) == ("a.py:4", "return {}['here']")


def test_imports_are_silent(library, capfd):
    """What a file prints or warns about while it is imported reaches neither screen nor judge."""
    text = "import warnings, sys\nprint('x')\nprint('y', file=sys.stderr)\nwarnings.warn('z')\n"
    assert library({"a.py": text + "def f(): return 1"}).find("f")
    assert capfd.readouterr() == ("", "")


# Which function is meant


@pytest.mark.parametrize(
    ("texts", "best"),
    [
        ({"a.py": "f = 1", "zz/b.py": "from x import f"}, "a.py"),
        (
            {"layer_utils.py": "from .layers import affine_forward", "layers.py": AFFINE},
            "layers.py",
        ),
        ({"x.py": AFFINE, "deep/affine.py": AFFINE}, "deep/affine.py"),
        ({"a.py": AFFINE, "old/cs231n/layers.py": AFFINE}, "old/cs231n/layers.py"),
        ({"layers.py": AFFINE, "affine.py": AFFINE}, "affine.py"),
        ({"old/a.py": AFFINE, "bb.py": AFFINE}, "bb.py"),
        ({"affine.ipynb": AFFINE, "affine.py": AFFINE}, "affine.py"),
    ],
)
def test_which_file_counts(library, texts, best):
    """A definition before an import; then name, course layout, shortest path, file before page."""
    name = "f" if "a.py" in texts and texts["a.py"] == "f = 1" else "affine_forward"
    for one in (texts, dict(reversed(texts.items()))):
        assert library(one).locate(name) == best


def test_the_books_own_file_comes_first(library):
    """The file that the book keeps a function in counts before any other."""
    texts = {"sgd.py": "def sgd(): return 1", "gradient_descent.py": "def sgd(): return 2"}
    mine = library(texts, homes={"sgd": "gradient_descent"})
    assert mine.find("sgd")() == 2
    (note,) = mine.notes
    assert note.kind == "ambiguous"
    assert note.where == "gradient_descent.py"
    assert note.detail == {
        "function": "sgd",
        "file": "gradient_descent.py",
        "others": ("sgd.py",),
    }


def test_one_definition_is_no_ambiguity(library):
    """A definition and the files that import it earn no remark."""
    mine = library({"layers.py": AFFINE, "utils.py": "from layers import affine_forward"})
    assert mine.find("affine_forward")
    assert mine.notes == []


def test_a_broken_file_that_would_count_is_what_is_told(library):
    """Where the file that counts cannot be read, an older copy is not judged in its place."""
    mine = library({"affine.py": AFFINE + "    (", "old/backup.py": AFFINE})
    assert trouble(mine, "affine_forward").kind == "syntax"


@pytest.mark.parametrize(
    ("text", "kind", "detail"),
    [
        ("", "missing", {"close": ()}),
        ("def affine_foward(): pass", "missing", {"close": ("affine_foward",)}),
        ("affine_forward = 3", "not_callable", {"type": "int"}),
        ("def affine_forward(): pass\ndel affine_forward", "missing", {}),
        ("class A:\n    def affine_forward(self): pass", "missing", {}),
    ],
)
def test_what_is_no_function(library, text, kind, detail):
    """A name that is not there, is misspelt, or is no function, is told as that."""
    found = trouble(library({"a.py": text}), "affine_forward")
    assert found.kind == kind
    assert detail.items() <= found.detail.items()
    assert found.detail["function"] == "affine_forward"


@pytest.mark.parametrize(
    "text",
    [
        "if True:\n    def f(): return 1",
        "try:\n    import nothing_at_all\nexcept ImportError:\n    def f(): return 1",
        "f = g = lambda: 1",
        "f: object = lambda: 1",
        "(f, h) = (lambda: 1), 2",
        "class f:\n    def __new__(cls): return 1",
    ],
)
def test_ways_to_define(library, text):
    """Each way to give a module's name a meaning is found."""
    assert library({"a.py": text}).find("f")() == 1


def test_no_files_at_all(library):
    """With no files every function is missing, and that is all."""
    assert trouble(library({}), "f").kind == "missing"


def test_dataclasses_and_their_module(library):
    """Code that looks its own module up in sys.modules, as dataclasses do, works."""
    text = """
from __future__ import annotations
from dataclasses import dataclass
@dataclass
class Point:
    x: int
def f(): return Point(3).x
"""
    assert library({"a.py": text}).find("f")() == 3
