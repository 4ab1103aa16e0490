"""The project as it is handed out: the wheel, what an import loads, and the set-up."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


def python(code: str, cwd: Path, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Run Python on a text, with folders that come before what is installed."""
    environment = {"PYTHONPATH": ":".join(map(str, paths)), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env=environment,
        text=True,
        capture_output=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "--no-index", "-w"]
    done = subprocess.run(
        [sys.executable, *command, str(folder), str(ROOT)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_the_wheel_holds_the_packages_and_the_notices(wheel):
    """Code, images and licences are in the wheel; tests and chapters are not."""
    names = {path.relative_to(wheel).as_posix() for path in wheel.rglob("*") if path.is_file()}
    assert {"checks/beside/worker.py", "checks/show/report.schema.json"} <= names
    assert any(name.startswith("reference/data/") and name.endswith(".npz") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("NOTICE.md") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "book/", "benchmarks/"))]


def test_the_wheel_loads_its_images(wheel, tmp_path):
    """The embedded images come out of an installed package."""
    code = (
        "import reference; from reference.data import load_fashion_mnist\n"
        "print(reference.__file__, load_fashion_mnist()['X_train'].shape)"
    )
    done = python(code, tmp_path, wheel)
    assert str(wheel) in done.stdout, done.stderr
    assert "(4000, 28, 28)" in done.stdout


def test_the_wheel_loads_other_images(wheel, tmp_path):
    """DATA and DATA_PATH name other images to an installed package too."""
    np.savez(tmp_path / "some.npz", X=np.zeros((20, 32, 32, 3), int), y=np.arange(20) % 10)
    code = (
        "import os; os.environ.update(DATA='cifar10', DATA_PATH='some.npz')\n"
        "from reference.data import load_images; print(load_images()['X_train'].shape)"
    )
    done = python(code, tmp_path, wheel)
    assert "(16, 32, 32, 3)" in done.stdout, done.stderr


def test_the_wheel_starts_a_folder_and_judges_it(wheel, tmp_path):
    """`checks start` and the worker process work from an installed package."""
    code = "import sys, checks.__main__ as m; sys.exit(m.main({}))"
    assert python(code.format(["start", "mine"]), tmp_path, wheel).returncode == 0
    assert (tmp_path / "mine" / "affine.py").exists()
    (tmp_path / "mine" / "affine.py").write_text(
        "def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w + b, (x, w, b)\n"
    )
    done = python(code.format(["mine", "-k", "affine_forward"]), tmp_path, wheel)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", ["checks", "reference"])
def test_an_import_loads_numpy_and_nothing_else(package, tmp_path):
    """`import checks` needs only NumPy and the standard library, with all its names resolved."""
    code = (
        f"import sys, {package}\n"
        f"[getattr({package}, name) for name in {package}.__all__]\n"
        "tops = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(*sorted(top for top in tops if not top.startswith(('_', 'sitecustomize'))))"
    )
    done = python(code, tmp_path, ROOT)
    allowed = {"checks", "reference", "numpy", "cython_runtime"}
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= allowed, done.stdout


def test_the_readme_names_only_targets_that_exist():
    """Every `make X` of the README and CONTRIBUTING is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for name in ("README.md", "CONTRIBUTING.md"):
        told = set(re.findall(r"`make ([a-z-]+)", (ROOT / name).read_text("utf-8")))
        assert told, f"{name} names no command"
        assert told <= targets


def test_every_allowed_skip_has_a_reason():
    """A line of .ci/allowed-skips is a test and a reason."""
    for row in (ROOT / ".ci" / "allowed-skips").read_text("utf-8").splitlines():
        assert not row.strip() or row.startswith("#") or len(row.split()) > 2, row
