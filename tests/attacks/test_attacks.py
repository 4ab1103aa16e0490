"""No attack gains a point, touches a file, opens a socket, leaves a process or hurts another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.files import Files
from checks.grade.judge import Rules, graded
from tests.attacks.catalogue import ATTACKS, Attack
from tests.attacks.world import POLICY, WORLDS, World, attempt, opened

SOCKETS = [
    one for one in ATTACKS if one.kind == "socket" and ("PORT" in one.text or "SOCKET" in one.text)
]


@pytest.fixture(scope="module", params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One world for all attacks."""
    with opened(request.param) as one:
        yield one


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: f"{one.kind}-{one.name}")
def test_attack_changes_nothing(attack: Attack, world: World) -> None:
    """No point gained, no file, no process, no connection, and the next one is graded."""
    assert attempt(attack, world) == []


def test_there_are_enough() -> None:
    """At least sixty attacks, of every class, and no two of one name."""
    assert len(ATTACKS) >= 60
    assert len({(one.kind, one.name) for one in ATTACKS}) == len(ATTACKS)
    kinds = {one.kind for one in ATTACKS}
    assert len(kinds) == 12


def test_the_suite_would_notice(tmp_path: Path) -> None:
    """In a plain process the same attacks do write files: what is looked at can be seen."""
    attack = next(one for one in ATTACKS if one.name == "a file")
    text = attack.text.replace("MARK", str(tmp_path))
    graded("k", "n", Files({"work.py": text}), Rules(POLICY), None, "")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("attack", SOCKETS, ids=lambda one: one.name)
def test_the_suite_would_hear(attack: Attack, world: World) -> None:
    """In a plain process the same attacks are heard by whoever listens."""
    text = attack.text.replace("PORT", str(world.port)).replace("SOCKET", str(world.unix))
    graded("k", "n", Files({"work.py": text}), Rules(POLICY), None, "")
    assert world.heard() == [b"x"]
