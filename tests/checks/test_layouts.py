"""Course folders of 2016 to 2026 are judged as they are: every way to lay out the same code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from checks.exercises import EXERCISES, by_name
from checks.model import PASS
from checks.run import run
from checks.show.problems import problem
from checks.student import Files, InProcess, Worker, read

COURSE = Path(__file__).parent.parent / "variants" / "course" / "cs231n"
HOMES = {one.name: Path(one.file).stem for one in EXERCISES}
ASKED = ("affine_backward", "sgd", "affine_relu_backward", "TwoLayerNet", "Solver")

Change = Callable[[str], str]

FILES = ("layers.py", "layer_utils.py", "optim.py", "classifiers/fc_net.py", "solver.py")
CODE = {name: (COURSE / name).read_text("utf-8") for name in FILES}

# What lies beside it and holds none of it, in the words of each decade.
BESIDE_2016 = {
    "data_utils.py": "import cPickle as pickle\nfrom scipy.misc import imread\n\n"
    "def load_CIFAR_batch(name):\n  with open(name, 'rb') as f:\n    print pickle.load(f)\n",
    "gradient_check.py": "import numpy as np\nfrom random import randrange\n\n"
    "def grad_check_sparse(f, x, analytic_grad, num_checks):\n"
    "  for i in xrange(num_checks):\n    print 'numerical: %f' % i\n",
    "vis_utils.py": "from math import sqrt\nimport matplotlib.pyplot as plt\n",
    "fast_layers.py": "import numpy as np\nfrom cs231n.im2col_cython import col2im_cython\n"
    "from cs231n.im2col import *\n",
    "im2col.py": "import numpy as np\ndef get_im2col_indices(x): pass\n",
    "classifiers/k_nearest_neighbor.py": "class Nearest:\n  def f(self):\n    print self\n",
    "classifiers/neural_net.py": "import numpy as np\nimport matplotlib.pyplot as plt\n",
    "setup.py": "from distutils.core import setup\nfrom Cython.Build import cythonize\n"
    "setup(ext_modules=cythonize([]),)\n",
}
BESIDE_2020 = {
    **BESIDE_2016,
    "data_utils.py": "from builtins import range\nfrom six.moves import cPickle as pickle\n"
    "from imageio import imread\n\ndef get_CIFAR10_data(n=49000): return {}\n",
    "gradient_check.py": "from past.builtins import xrange\nfrom random import randrange\n",
    "fast_layers.py": "from __future__ import print_function\nimport numpy as np\ntry:\n"
    "    from .im2col_cython import col2im_cython\nexcept ImportError:\n    print('run this:')\n"
    "from .im2col import *\n",
    "classifiers/k_nearest_neighbor.py": "from builtins import object\nclass A(object): pass\n",
    "classifiers/cnn.py": "from ..layers import *\nfrom ..fast_layers import *\n",
    "classifiers/rnn.py": "from ..rnn_layers import *\nfrom ..layer_utils import *\n",
}


def same(text: str) -> str:
    return text


def named(text: str) -> str:
    """Imports as of 2016: ``from cs231n.layers import *``."""
    text = re.sub(r"from \.\.?(\w+) import", r"from cs231n.\1 import", text)
    return text.replace("from . import", "from cs231n import")


def flat(text: str) -> str:
    """Imports of files that lie beside one another."""
    return re.sub(r"from (?:\.+|cs231n\.)(\w+) import", r"from \1 import", text)


def without(text: str) -> str:
    """No import of their own files, as where all is one file."""
    return re.sub(r"from (?:\.+\w*|cs231n\.\w+) import .*\n", "", text)


def laid(
    folder: str, change: Change = same, beside: Mapping[str, str] = BESIDE_2020
) -> dict[str, str]:
    files = {**{name: change(text) for name, text in CODE.items()}, **beside}
    return {f"{folder}{name}": text for name, text in files.items()}


def notebook(*cells: str) -> str:
    made = [{"cell_type": "code", "source": text.splitlines(keepends=True)} for text in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["# Nets"]}, *made]})


WHOLE = "\n".join(map(without, CODE.values()))
INIT = {
    "cs231n/__init__.py": "",
    "cs231n/classifiers/__init__.py": "from .k_nearest_neighbor import *\nfrom .fc_net import *\n"
    "from .linear_classifier import *\n",
}
FIRST_CELL = """%matplotlib inline
%load_ext autoreload
import matplotlib.pyplot as plt
from cs231n.data_utils import get_CIFAR10_data
plt.rcParams['figure.figsize'] = (10.0, 8.0)
data = get_CIFAR10_data()
for k, v in data.items(): print(k, v.shape)
"""
OLD_CELL = """print 'Testing affine_forward:'
for k, v in data.iteritems():
  print '%s: ' % k, v.shape
while True: pass
"""
COLAB_CELL = """from google.colab import drive
drive.mount('/content/drive', force_remount=True)
FOLDERNAME = None
assert FOLDERNAME is not None, "[!] Enter the foldername."
%cd /content/drive/My\\ Drive/$FOLDERNAME/cs231n/datasets/
!bash get_datasets.sh
"""
SCRIPT = """
data = load_everything()
model = TwoLayerNet(hidden_dim=data.h)
print('accuracy', model.loss(data))
assert model
"""
PATH = "import sys, os\nsys.path.append(os.path.dirname(os.path.abspath(__file__)))\n"

LAYOUTS: dict[str, dict[str, str]] = {
    "2016": {**laid("cs231n/", named, BESIDE_2016), **INIT},
    "2017, the folder's inside": laid("", named, BESIDE_2016),
    "2020": {**laid("cs231n/"), **INIT},
    "2020, the folder's inside": laid(""),
    "two assignments": {
        **laid("assignment2/cs231n/"),
        **{f"assignment1/cs231n/{name}": text for name, text in BESIDE_2016.items()},
        "assignment1/cs231n/classifiers/softmax.py": "def softmax_loss_naive(W, X, y, r): pass\n",
    },
    "a copy of it and what a Mac adds": {
        **laid("assignment2/cs231n/"),
        **laid("assignment2 copy/cs231n/", lambda text: text.replace("return", "return None #")),
        "__MACOSX/assignment2/cs231n/._layers.py": "\0\5\26\7\0\2",
    },
    "beside one another": {
        Path(name).name: flat(text) for name, text in CODE.items() if "fast" not in name
    },
    "by path": laid("code/", lambda text: PATH + flat(text)),
    "a package of one's own": {
        **laid("src/nn/"),
        "src/nn/__init__.py": "from .layers import *\n",
        "tests/test_nn.py": "import pytest\nfrom nn.layers import affine_forward\n",
        "train.py": "import argparse\nargparse.ArgumentParser().parse_args(['--no'])\n",
    },
    "one file": {"homework.py": WHOLE},
    "a script": {"homework.py": WHOLE + SCRIPT},
    "a notebook": {"hw.ipynb": notebook(FIRST_CELL, *map(without, CODE.values()), SCRIPT)},
    "a notebook of 2016": {
        "hw.ipynb": notebook(
            FIRST_CELL, *(f"{without(text)}\nprint 'done'\n" for text in CODE.values()), OLD_CELL
        )
    },
    "a notebook on colab": {"hw.ipynb": notebook(COLAB_CELL, *map(without, CODE.values()))},
    "a notebook that uses the package": {
        **laid("cs231n/"),
        "FullyConnectedNets.ipynb": notebook(
            FIRST_CELL, "from cs231n.classifiers.fc_net import *\nsolver = Solver(model, data)"
        ),
    },
    "from Windows": {
        name: "\ufeff" + text.replace("\n", "\r\n") for name, text in laid("cs231n/").items()
    },
    "in tabs": {
        name: re.sub(r"(?m)^(?:    )+", lambda m: "\t" * (len(m[0]) // 4), text)
        for name, text in laid("cs231n/").items()
    },
    "2026, with types of torch": {
        name: f"from __future__ import annotations\nimport torch\n{text}"
        for name, text in laid("cs231n/").items()
        if Path(name).name in {Path(one).name for one in CODE}
    },
}


def write(folder: Path, files: Mapping[str, str]) -> Files:
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8", newline="")
    return read(folder)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_is_judged(layout: str, tmp_path: Path) -> None:
    """Correct code gets every point in this layout, and what lies beside it costs nothing."""
    with closing(InProcess(write(tmp_path, LAYOUTS[layout]), HOMES)) as student:
        report = run([by_name(name) for name in ASKED], student, 7)
    assert [(o.check, o.evidence) for o in report.outcomes if o.state != PASS] == []
    for remark in report.remarks:
        told = problem(remark.kind, remark.where, remark.detail)
        assert str(tmp_path) not in " ".join(told)


def test_oldest_layout_is_judged_across_the_pipe(tmp_path: Path) -> None:
    """The folder of 2016 gets every point in a process of its own as well."""
    with closing(Worker(write(tmp_path, LAYOUTS["2016"]), homes=HOMES)) as student:
        report = run([by_name(name) for name in ASKED], student, 7)
    assert {one.state for one in report.outcomes} == {PASS}


def test_a_notebook_is_not_run(tmp_path: Path) -> None:
    """In a cell that is not Python 3 throughout, too, only definitions are taken."""
    files = write(tmp_path, LAYOUTS["a notebook of 2016"])
    assert "while True" not in files.texts["hw.ipynb"]
    assert "print 'done'" not in files.texts["hw.ipynb"]
    assert [one.kind for one in files.remarks] == ["ignored"]


OLD = {
    "for i in xrange(3): pass": "it is range",
    "return x if {}.has_key(1) else w": "key in d",
    "return {1: 2}.iteritems()": "d.items()",
    "return np.zeros((len(x), x.shape[1] / 2))": "a // b",
    "half = len(x) / 2\n    return x[:half]": "a // b",
    "return range(3) + [1]": "list(...)",
    "return {}.keys()[0]": "list(...)",
    "return len(map(abs, [1]))": "list(...)",
    "import sys\n    return sys.maxint": "sys.maxsize",
    "import sys\n    print >>sys.stderr, 'x'": "file=sys.stderr",
    "return reduce(max, [1])": "from functools import reduce",
    "import cPickle\n    return cPickle.dumps(1)": "it is pickle",
    "from itertools import izip\n    return izip": "zip, map and filter",
    "print 'x'": "print(...)",
    "try: pass\n    except ValueError, e: pass": "as e",
    "raise ValueError, 'x'": "raise ValueError(",
    "if x is not None:\n\treturn x\n        return w": "spaces alone",
}


@pytest.mark.parametrize("line", OLD)
def test_python_2_is_told_with_its_place(line: str) -> None:
    """What Python 2 has left is told by file and line, with what to write; the rest is judged."""
    old = f"import numpy as np\n\ndef affine_forward(x, w, b):\n    {line}\n"
    right = "\ndef relu_forward(x):\n    return np.maximum(0, x), x\n"
    with closing(InProcess(Files({"layers.py": old + right}))) as student:
        report = run([by_name("affine_forward"), by_name("relu_forward")], student, 7)
    first = report.outcomes[0].evidence
    assert first is not None
    told = problem(str(first.detail["problem"]), str(first.detail["where"]), first.detail)
    assert re.search(r"layers\.py:[45678]\b", told[0])
    assert OLD[line] in told[-1]
    assert {one.state for one in report.of("relu_forward")} == {PASS}
