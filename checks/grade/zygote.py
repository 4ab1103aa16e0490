"""The process that forks workers, and a worker of its, seen from the judge."""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from checks.beside import clock
from checks.beside.orders import ANSWER, ENDED, MESSAGE, REFUSED
from checks.process import (
    STARTING,
    WORKER,
    Conversation,
    NoProcessError,
    environment,
    in_words,
    numpy_home,
)
from checks.refusal import RefusalError

# One more wall, where it is to be had: no network, no other processes, no way to write.
WALL = (
    *("bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"),
    *("--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev"),
    *("--proc", "/proc", "--cap-drop", "ALL"),
    *("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"),
)


class Zygote:
    """Starts workers, each for one submission, in a few milliseconds.

    Args:
        settings: what ``sandbox.settings`` gave.
        wall: put it behind bubblewrap where that works; the default.
    """

    def __init__(self, settings: Mapping[str, object], wall: bool = True) -> None:
        self.cpu = cast("Mapping[str, int]", settings["limits"])["CPU"]
        self.walled = wall and _has_wall()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        worker = [sys.executable, "-I", "-S", "-B", str(WORKER), numpy_home(), f"control={number}"]
        command = [*WALL, *worker] if self.walled else worker
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(number,),
            env=environment(),
            start_new_session=True,
        )
        theirs.close()
        self.control = ours
        self.control.settimeout(STARTING)
        try:
            self.control.send(json.dumps(settings).encode())
            self.said = json.loads(self.control.recv(MESSAGE))
        except (OSError, ValueError) as error:
            self.close()
            raise RefusalError(f"the process that forks workers did not start: {error!r}") from None

    @property
    def described(self) -> str:
        """What a worker is shut in with, in words for the record."""
        version = self.said["landlock"]
        walls = ["seccomp", f"Landlock {version}" if version else ""]
        walls += ["a uid of its own" if self.said["uids"] else ""]
        walls += ["namespaces" if self.walled else ""]
        return ", ".join(filter(None, walls))

    def spawn(self) -> Caged:
        """Fork a worker and wait until it is ready.

        Raises:
            NoProcessError: there is none to be had.
        """
        ends: list[int] = []
        try:
            ends += os.pipe()
            ends += os.pipe()
            theirs_in, requests, answers, theirs_out = ends
            number, stands_for = self._forked(theirs_in, theirs_out)
            ends = [theirs_in, theirs_out]
        except (OSError, ValueError, IndexError) as error:
            raise NoProcessError(f"no worker could be forked: {error!r}", code=4) from None
        finally:
            for end in ends:
                os.close(end)
        return Caged(self, number, stands_for, requests, answers)

    def _forked(self, requests: int, answers: int) -> tuple[int, int]:
        """Have a worker forked that holds these ends: its number, and what stands for it."""
        passed = array.array("i", [requests, answers]).tobytes()
        self.control.sendmsg([b"spawn"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)])
        told, extra, _, _ = self.control.recvmsg(MESSAGE, socket.CMSG_SPACE(4))
        number, failed = _answer(told)
        if failed:
            raise OSError(failed, os.strerror(failed))
        stands_for = array.array("i")
        stands_for.frombytes(extra[0][2][:4])
        return number, stands_for[0]

    def status(self, number: int) -> tuple[int, float]:
        """How a worker ended, and how many seconds of a processor it took.

        Raises:
            OSError: that is not to be had.
        """
        self.control.send(f"status {number}".encode())
        code, seconds = _answer(self.control.recv(MESSAGE), ENDED)
        return int(code), float(seconds)

    def close(self) -> None:
        """Hang up; the zygote and whatever is left of its workers end."""
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(1)
        if self.child.returncode is None:
            self.child.kill()
            self.child.wait()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Caged(Conversation):
    """A forked worker, held by a descriptor that cannot come to mean another process."""

    def __init__(
        self, zygote: Zygote, number: int, stands_for: int, requests: int, answers: int
    ) -> None:
        self.zygote = zygote
        self.number = number
        self.stands_for = stands_for
        self.requests = requests
        self.answers = answers
        self.code: int | None = None
        self.cpu = 0.0
        self.greet()

    def has_ended(self) -> bool:
        """Whether it is gone: its descriptor can be read from then."""
        if self.code is not None:
            return True
        poll = select.poll()
        poll.register(self.stands_for, select.POLLIN)
        return bool(poll.poll(0))

    def status(self) -> str:
        """How it ended."""
        if self.code == REFUSED:
            return "the sandbox could not be closed"
        return in_words(self.code or 0)

    def waited(self) -> float:
        """Its number is its own until it is asked how it ended."""
        return clock.of(self.pid) if self.code is None else 0.0

    @cached_property
    def pid(self) -> int:
        """What it is called here, by its descriptor; the zygote may know it by another number."""
        about = Path(f"/proc/self/fdinfo/{self.stands_for}")
        with contextlib.suppress(OSError, ValueError):
            fields = dict(line.split(":", 1) for line in about.read_text().splitlines())
            return int(fields.get("Pid", -1))
        return -1

    def was_killed(self) -> bool:
        """Whether it was killed, and not by the hard limit on its processor time.

        That one is reached only by code that ignores the signal of the soft limit.
        """
        return self.code == -signal.SIGKILL and self.cpu < self.zygote.cpu

    def end(self) -> None:
        """Kill it, ask how it ended, and leave nothing open."""
        if self.code is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.stands_for, signal.SIGKILL)
        try:
            self.code, self.cpu = self.zygote.status(self.number)
        except (OSError, ValueError):  # the zygote is gone, and its workers with it
            self.code = -signal.SIGKILL
        for descriptor in (self.stands_for, self.requests, self.answers):
            os.close(descriptor)


def _answer(told: bytes, form: struct.Struct = ANSWER) -> tuple[Any, ...]:
    """A zygote's answer; nothing comes from one that is gone."""
    if len(told) != form.size:
        raise ConnectionError("the process that forks workers is gone")
    return form.unpack(told)


def _has_wall() -> bool:
    """Whether bubblewrap is here and may build its wall."""
    if shutil.which("bwrap") is None:
        return False
    return subprocess.run([*WALL, "true"], capture_output=True, check=False).returncode == 0
