"""A process that runs a stranger's code and answers over a pipe of its own.

Started by file path, ``python -I -S -B worker.py NUMPY_HOME MEMORY``, or with
``control=NUMBER`` for the process that forks such workers, so that nothing of the
judge's can be imported: ``sys.path`` holds the standard library and, while NumPy is
being loaded, the folder that NumPy is in. The pipe comes as standard input and output
and leaves them at once: prints go nowhere, and reading gets the end of the file.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from pathlib import Path

CPU_SECONDS = 3600  # should the judge be gone, and the code hold Python's lock for ever


def main(numpy_home: str, memory: int) -> None:
    """Set the process up, then talk until the judge hangs up."""
    requests, answers = _private_pipe()
    _load(numpy_home)
    _limit(memory)
    serving = importlib.import_module("beside.serve")
    serving.begin()
    serving.serve(requests, answers, importlib.import_module("beside.clock").own())


def fork_workers(numpy_home: str, control: int) -> None:
    """Set the process up, then fork workers on request until the judge hangs up."""
    register, os.register_at_fork = os.register_at_fork, _nothing
    _load(numpy_home)
    zygote = importlib.import_module("beside.zygote")
    zygote.load(numpy_home)
    os.register_at_fork = register
    zygote.attend(control)


def _nothing(**_: object) -> None:
    """Note nothing to be done after a fork: no lock is held, and each worker seeds its draws."""


def _load(numpy_home: str) -> None:
    """Load NumPy, and what lies beside this file as a package without its parent."""
    sys.path.insert(0, numpy_home)
    importlib.import_module("numpy")
    sys.path.remove(numpy_home)
    _private_package("beside", Path(__file__).resolve().parent)


def _private_pipe() -> tuple[int, int]:
    """Move the pipe to descriptors that no child inherits, and put nothing in its place."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, answers


def _private_package(name: str, folder: Path) -> None:
    """Make the folder of this file a package, without its parent."""
    spec = importlib.util.spec_from_file_location(name, folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)


def _limit(memory: int) -> None:
    """Cap the address space, and leave no core files; where the system can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    if sys.argv[2].startswith("control="):
        fork_workers(sys.argv[1], int(sys.argv[2].partition("=")[2]))
    else:
        main(sys.argv[1], int(sys.argv[2]))
    os._exit(0)  # whatever threads the code has left behind
