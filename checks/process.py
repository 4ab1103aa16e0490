"""One worker process, seen from the judge: frames there and back, each with a deadline."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np

from checks.beside import clock, wire
from checks.beside.clock import Clock
from checks.refusal import RefusalError

WORKER = Path(wire.__file__).with_name("worker.py")
CHUNK = 1 << 16  # what a pipe holds
STARTING = 60.0  # seconds; a slow machine is not the student's fault
SOON, LOOK = 0.05, 0.2  # seconds until the first look at a silent process, and between two
PASSED_ON = ("LD_LIBRARY_PATH", "SYSTEMROOT")  # without which Python or NumPy may not start


Start = Callable[[], "Conversation"]


class Late(Exception):  # noqa: N818 - not an error of ours
    """The deadline passed."""

    def __str__(self) -> str:
        return "it took too long"


class Dead(Exception):  # noqa: N818
    """The process has ended, or says what no worker says.

    Args:
        status: how it ended.
        killed: whether it was, as far as can be told not by its code.
    """

    def __init__(self, status: str, killed: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.killed = killed


class NoProcessError(RefusalError, RuntimeError):
    """No process can be started here: nothing of anybody's can be judged in one."""


class Conversation:
    """Frames to a worker and back over two descriptors, each with a deadline.

    Whoever starts the worker says how to tell that it has ended, how it did, and how it
    is ended.
    """

    requests: int
    answers: int
    unread = b""  # of what came
    spared = 0.0  # seconds of the last answer that were only waited for a processor

    def has_ended(self) -> bool:
        """Whether the worker is gone."""
        raise NotImplementedError

    def status(self) -> str:
        """How a worker ended that is gone: "exit status 1", or the name of a signal."""
        raise NotImplementedError

    def was_killed(self) -> bool:
        """Whether a worker that is gone was killed, as far as can be told not by its code."""
        raise NotImplementedError

    def end(self) -> None:
        """Kill the worker, and leave nothing open."""
        raise NotImplementedError

    def waited(self) -> float:
        """How many seconds the worker has waited for a processor; see ``clock.Waited``."""
        raise NotImplementedError

    def greet(self) -> None:
        """Wait until the worker says that it is there."""
        if sys.platform != "win32":
            os.set_blocking(self.requests, False)
        try:
            self._frame(Clock(STARTING, self.waited))
        except (Late, Dead) as error:
            self.end()
            sentence = f"no process for the code could be started: {error}"
            raise NoProcessError(sentence, code=4) from None

    def ask(self, request: object, seconds: float) -> object:
        """Send one frame and read one; raise Late or Dead where that cannot be."""
        limit = Clock(seconds, self.waited)
        try:
            self._write(wire.encode(request), limit)
            return self._frame(limit)
        finally:
            self.spared = limit.spared

    def _frame(self, limit: Clock) -> object:
        try:
            header = self._read(wire.HEADER.size, limit)
            return wire.decode_body(self._read(wire.length(header), limit))
        except wire.WireError as error:
            raise Dead(f"its answer made no sense: {error}") from None

    def _write(self, frame: bytes, limit: Clock) -> None:
        rest = memoryview(frame)
        while rest:
            try:
                rest = rest[os.write(self.requests, rest[:CHUNK]) :]
            except BlockingIOError:
                self._wait(self.requests, "write", limit)
            except (BrokenPipeError, ConnectionError):
                raise self._death() from None

    def _read(self, count: int, limit: Clock) -> bytes:
        """So many bytes; a frame mostly comes whole, and is fetched at once."""
        if len(self.unread) >= count:
            taken, self.unread = self.unread[:count], self.unread[count:]
            return taken
        chunks = bytearray(self.unread)
        while len(chunks) < count:
            self._wait(self.answers, "read", limit)
            chunk = os.read(self.answers, CHUNK)
            if not chunk:
                raise self._death()
            chunks += chunk
        self.unread = bytes(chunks[count:])
        del chunks[count:]  # in place: a large answer is in memory twice, not three times
        return bytes(chunks)

    def _death(self) -> Dead:
        """How it ended; a process that only closed its pipe is given a second to do so."""
        patience = time.monotonic() + 1.0
        while not self.has_ended():
            if time.monotonic() > patience:
                return Dead("it closed its pipe")
            time.sleep(0.002)
        self.end()
        return Dead(self.status(), self.was_killed())

    if sys.platform == "win32":

        def _wait(self, descriptor: int, wish: str, limit: Clock) -> None:
            """Look again and again: Windows cannot wait for a pipe with a deadline."""
            import _winapi
            import msvcrt

            handle = msvcrt.get_osfhandle(descriptor)
            with contextlib.suppress(BrokenPipeError):
                while wish == "read" and not _winapi.PeekNamedPipe(handle, 0)[0]:
                    if limit.look() <= 0:
                        raise Late
                    time.sleep(0.001)

    else:

        def _wait(self, descriptor: int, wish: str, limit: Clock) -> None:
            """Wait until the pipe can be written to or read from.

            A child of the worker may hold the pipe open when the worker is gone.
            """
            poll = self._polls[wish]
            while not poll.poll(limit.pause(SOON if limit.before is None else LOOK) * 1000):
                if self.has_ended():
                    raise self._death()
                if limit.look() <= 0:
                    raise Late

        @cached_property
        def _polls(self) -> dict[str, select.poll]:
            """What tells that a pipe is ready, for each way."""
            polls = {"read": select.poll(), "write": select.poll()}
            polls["read"].register(self.answers, select.POLLIN)
            polls["write"].register(self.requests, select.POLLOUT)
            return polls


class Process(Conversation):
    """A worker that was started by file path, with nothing of ours to import.

    Args:
        memory: how many bytes it may map.
    """

    def __init__(self, memory: int) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="checks-", ignore_cleanup_errors=True)
        command = [sys.executable, "-I", "-S", "-B", str(WORKER), numpy_home(), str(memory)]
        self.child = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder.name,
            env=environment(),
            start_new_session=True,
        )
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.requests = self.child.stdin.fileno()
        self.answers = self.child.stdout.fileno()
        self.greet()

    def has_ended(self) -> bool:
        """Whether it has ended; not yet reaped where that can be told, so that end() can be."""
        if not hasattr(os, "waitid"):
            return self.child.poll() is not None
        if self.child.returncode is not None:
            return True
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.child.pid, options) is not None

    def status(self) -> str:
        """How it ended."""
        return in_words(self.child.returncode)

    def waited(self) -> float:
        """Its number is its own until it is reaped."""
        return clock.of(self.child.pid) if self.child.returncode is None else 0.0

    def was_killed(self) -> bool:
        """Whether it was killed; code that kills itself here cannot be told from it."""
        return self.status() == "SIGKILL"

    def end(self) -> None:
        """Kill it and what it has started, and leave nothing open."""
        if sys.platform == "win32":
            self.child.kill()
        elif self.child.returncode is None:  # not reaped, so the number is still its own
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe is not None:
                pipe.close()
        self.folder.cleanup()


def in_words(code: int) -> str:
    """Say what a return code means: a number, or minus the number of a signal."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def numpy_home() -> str:
    """The folder that NumPy is imported from."""
    return str(Path(np.__file__).resolve().parent.parent)


def environment() -> dict[str, str]:
    """Nothing of the judge's environment, and one thread for each library."""
    threads = ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        **{f"{library}_NUM_THREADS": "1" for library in threads},
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
    }
