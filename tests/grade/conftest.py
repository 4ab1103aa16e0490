"""What the tests of grading share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.grade import sandbox
from checks.grade.zygote import Zygote

AFFINE = """\
import numpy as np

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    X = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), X.T @ dout, dout.sum(axis=0)
"""


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """A process that forks sandboxed workers, behind a wall where there is one."""
    with Zygote(sandbox.settings({})) as one:
        sandbox.insist(one)
        yield one


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The affine layer alone, with little patience."""
    path = tmp_path / "policy.toml"
    path.write_text(
        'title = "Affine"\nexercises = ["affine"]\n[limits]\nseconds_per_call = 1\nseconds = 6\n'
    )
    return path
