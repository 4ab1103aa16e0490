"""Where an attack is tried: a sandbox, what it could reach from there, and what may not change."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checks.files import Files
from checks.grade import sandbox
from checks.grade.judge import Rules, graded
from checks.grade.policy import Policy
from checks.grade.zygote import Zygote
from tests.attacks.catalogue import FULL, HONEST, Attack

POLICY = Policy("", ("affine_forward", "affine_backward"), seconds_per_call=0.4, seconds=2.0)
LIMITS = {"CPU": 5, "AS": 1 << 30}
NOBODY = 65534
GROWTH = 400 << 20  # bytes: what the judge may take for an answer at its limit
WORLDS = ("root", "nobody")


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
                if one.type == socket.SOCK_DGRAM:
                    found.append(one.recv(8))
                    continue
                with one.accept()[0] as talker:
                    found.append(talker.recv(8))
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


@contextlib.contextmanager
def opened(who: str) -> Iterator[World]:
    """The sandbox behind every wall; or, for "nobody", without namespaces and without rights.

    The folder is open to anybody, and so are those above it: what keeps an attack out is the
    sandbox alone.
    """
    settings = dict(sandbox.settings(LIMITS))
    if who == "nobody" and os.geteuid() == 0:
        settings["become"] = NOBODY  # any other user is without rights already
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mark, unix = place / "mark", place / "s"
        mark.mkdir()
        tcp, udp, local = (
            stack.enter_context(one)
            for one in (
                socket.socket(),
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
                socket.socket(socket.AF_UNIX),
            )
        )
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", tcp.getsockname()[1]))
        local.bind(str(unix))
        for one in (place, mark, unix):
            one.chmod(0o777)
        for one in (tcp, local):
            one.listen()
        for one in (tcp, udp, local):
            one.setblocking(False)
        zygote = stack.enter_context(Zygote(settings, wall=who == "root"))
        sandbox.insist(zygote)
        yield World(zygote, mark, [tcp, udp, local], tcp.getsockname()[1], unix)


def attempt(attack: Attack, world: World) -> list[str]:
    """Grade a hostile submission, and say what it has reached: nothing, if all is well."""
    rules = Rules(POLICY, b"a secret that nobody knows")
    text = attack.text.replace("MARK", str(world.mark)).replace("PORT", str(world.port))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    processes = world.processes()
    got = score(text.replace("SOCKET", str(world.unix)), world.zygote, rules)
    found = []
    if not attack.least <= got <= attack.most:
        found.append(f"{got} points, where {attack.least} to {attack.most} are due")
    found += [f"it wrote {one.name}" for one in world.mark.iterdir()]
    found += [f"it was heard to say {one!r}" for one in world.heard()]
    if world.processes() != processes:
        found.append("it left a process, or took one away")
    if (honest := score(HONEST, world.zygote, rules)) != FULL:
        found.append(f"the next submission got {honest} points of {FULL}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    if grown >= GROWTH:
        found.append(f"the judge grew by {grown >> 20} MiB")
    return found


def score(text: str, zygote: Zygote, rules: Rules) -> float:
    """What one file is worth."""
    return float(graded("k", "n", Files({"work.py": text}), rules, zygote.spawn, "")["score"])
