"""A cluster gives the marks that one machine gives, and is not spoken to in the open."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.__main__ import main
from checks.grade.cluster import Cluster
from checks.refusal import RefusalError
from tests.attacks.catalogue import HONEST as AFFINE


def test_dask_gives_the_same_marks(tmp_path: Path, policy: Path) -> None:
    """Graded by dask.distributed on this machine, a class has the marks of the local pool."""
    for i in range(25):
        (tmp_path / "in" / f"s{i:02}").mkdir(parents=True)
        text = AFFINE if i % 3 else AFFINE.replace("sum(axis=0)", "mean(axis=0)")
        (tmp_path / "in" / f"s{i:02}" / "a.py").write_text(f"# {i}\n{text}")
    command = ["grade", str(tmp_path / "in"), "--policy", str(policy), "--processes", "2"]
    assert main([*command, "--out", str(tmp_path / "here")]) == 0
    assert main([*command, "--out", str(tmp_path / "there"), "--engine", "dask"]) == 0
    here, there = ((tmp_path / place / "grades.csv").read_text() for place in ("here", "there"))
    assert here == there
    assert here.count(",4,4,") == 16


@pytest.mark.parametrize("scheduler", ["tcp://10.0.0.1:8786", "10.0.0.1:8786", "ucx://host"])
def test_a_plain_scheduler_is_refused(scheduler: str) -> None:
    """What is not tls:// is refused before anything is sent, and the sentence says what is."""
    with pytest.raises(RefusalError, match=r"is not encrypted.*tls://HOST:PORT"):
        Cluster(scheduler)


def test_tls_needs_its_certificates(tmp_path: Path) -> None:
    """tls:// without all three files is refused; with them it is a cluster."""
    with pytest.raises(RefusalError, match="--tls-ca, --tls-cert and --tls-key"):
        Cluster("tls://host:8786", tmp_path)
    pem = tmp_path / "one.pem"
    with pytest.raises(RefusalError, match="there is no file"):
        Cluster("tls://host:8786", pem, pem, pem)
    pem.touch()
    assert Cluster("tls://host:8786", pem, pem, pem).scheduler
