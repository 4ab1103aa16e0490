"""What the tests of grading share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.grade import sandbox
from checks.grade.zygote import Zygote
from tests.grade.faults import POLICY


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
    path.write_text(POLICY)
    return path
