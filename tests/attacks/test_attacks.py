"""No attack gains a point, touches a file, opens a socket, leaves a process or hurts another."""

from __future__ import annotations

import contextlib
import resource
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.files import Files
from checks.grade import sandbox
from checks.grade.judge import Rules, graded
from checks.grade.policy import Policy
from checks.grade.zygote import Zygote
from tests.attacks.catalogue import ATTACKS, FULL, HONEST, Attack

POLICY = Policy("", ("affine_forward", "affine_backward"), seconds_per_call=0.4, seconds=2.0)
LIMITS = {"CPU": 5, "AS": 1 << 30}
NOBODY = 65534
GROWTH = 400 << 20  # bytes: what the judge may take for an answer at its limit


@dataclass
class World:
    """What an attack could reach: a zygote, a folder, and somebody who listens."""

    zygote: Zygote
    mark: Path
    listeners: list[socket.socket]
    port: int
    unix: Path

    def heard(self) -> list[bytes]:
        """What came in at the listeners."""
        found = []
        for one in self.listeners:
            with contextlib.suppress(BlockingIOError):
                found.append(one.accept()[0].recv(8) if one.type == socket.SOCK_STREAM else b"x")
        return found

    def processes(self) -> set[int]:
        """Every process below the zygote's."""
        parents: dict[int, int] = {}
        for place in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                fields = (place / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    parents[int(place.name)] = int(fields[1])
        below: set[int] = set()
        new = {self.zygote.child.pid}
        while new:
            below |= new
            new = {one for one, parent in parents.items() if parent in new}
        return below


@pytest.fixture(scope="module", params=["root", "nobody"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The sandbox behind every wall; and forked by a user without rights, without namespaces."""
    settings = dict(sandbox.settings(LIMITS))
    if request.param == "nobody":
        settings["become"] = NOBODY
    mark = tmp_path_factory.mktemp("mark")
    mark.chmod(0o777)
    unix = tmp_path_factory.mktemp("unix") / "s"
    tcp, udp, local = (
        socket.socket(),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        socket.socket(socket.AF_UNIX),
    )
    tcp.bind(("127.0.0.1", 0))
    udp.bind(("127.0.0.1", tcp.getsockname()[1]))
    local.bind(str(unix))
    unix.chmod(0o777)
    for one in (tcp, local):
        one.listen()
    for one in (tcp, udp, local):
        one.setblocking(False)
    with Zygote(settings, wall=request.param == "root") as zygote:
        sandbox.insist(zygote)
        yield World(zygote, mark, [tcp, local], tcp.getsockname()[1], unix)
    for one in (tcp, udp, local):
        one.close()


def score(text: str, zygote: Zygote, rules: Rules) -> float:
    return float(graded("k", "n", Files({"work.py": text}), rules, zygote.spawn, "")["score"])


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: f"{one.kind}-{one.name}")
def test_attack_changes_nothing(attack: Attack, world: World) -> None:
    """No point gained, no file, no process, no connection, and the next one is graded."""
    rules = Rules(POLICY, b"a secret that nobody knows")
    text = attack.text.replace("MARK", str(world.mark)).replace("PORT", str(world.port))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    processes = world.processes()
    got = score(text.replace("SOCKET", str(world.unix)), world.zygote, rules)
    assert attack.least <= got <= attack.most
    assert list(world.mark.iterdir()) == []
    assert world.heard() == []
    assert world.processes() == processes
    assert score(HONEST, world.zygote, rules) == FULL
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) << 10 < GROWTH


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
