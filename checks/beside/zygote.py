"""A process that has NumPy loaded and no secret, and forks a worker for each submission.

Its settings are the first message on the control socket. Each later one is an order:
``spawn`` with two descriptors, the worker's ends of its pipes, which is answered with the
process's number and a descriptor that stands for it, or with the error that kept it from
being forked; or ``status NUMBER``, answered with how it ended and how many seconds of a
processor it took. A student's text goes to the worker over its own pipe and is never in here.
"""

from __future__ import annotations

import array
import contextlib
import errno
import gc
import importlib
import json
import os
import resource
import secrets
import socket
import sys
from pathlib import Path

import numpy as np

from . import cage, clock, wire
from .desk import Desk
from .orders import ANSWER, ENDED, MESSAGE, REFUSED
from .serve import begin, do, library_of, request, serve

UIDS = 64  # of each zygote, in turn
CROWD = 1 << 14  # threads of a user who does more than grade
TIMES = 20  # after which Python has settled on how to run each line
REHEARSAL = """
import numpy as np

def f(x, cache):
    w, b = cache
    out = x.reshape(len(x), -1) @ w + b
    return out, (x, w, b)
"""

ARGS = (np.ones((2, 3)), (np.ones(3), 1.0))
CALL = ("call", {"name": "f", "args": ARGS, "keep": (1,), "names": ("x", "cache")})
REHEARSED = (
    *((asks, {"name": name}) for name in ("f", "g", "np") for asks in ("locate", "defines")),
    *(CALL, CALL),
)

# What code may import when nothing can be opened any more.
MODULES = """
    numpy.exceptions numpy.fft numpy.lib numpy.lib.stride_tricks numpy.linalg numpy.ma
    numpy.matlib numpy.polynomial numpy.random numpy.random._pickle numpy.testing numpy.typing
    abc argparse array bisect builtins cmath collections collections.abc contextlib copy
    dataclasses datetime decimal enum fractions functools gc glob heapq inspect io itertools
    json keyword linecache logging math numbers operator os os.path pathlib pickle platform
    pprint queue random re statistics string struct sys tempfile textwrap threading time timeit
    token tokenize traceback types typing unittest urllib uuid warnings weakref
    concurrent.futures concurrent.futures.thread csv hashlib importlib importlib.util locale
    secrets shutil signal _strptime
    encodings.ascii encodings.idna encodings.latin_1 encodings.utf_8 encodings.unicode_escape
"""


def load(numpy_home: str) -> None:
    """Load what code may need."""
    sys.path.insert(0, numpy_home)
    for name in MODULES.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.path.remove(numpy_home)


def attend(control: int) -> None:
    """Fork on request until the judge hangs up."""
    orders = socket.socket(fileno=control)
    settings = json.loads(orders.recv(MESSAGE))
    if "become" in settings:
        _become(settings["become"])
    first = _first_uid() if os.geteuid() == 0 else 0
    limits = settings["limits"] if first else {**settings["limits"], "NPROC": _crowd()}
    said = {"ready": True, "landlock": cage.landlock_version(), "uids": first}
    os.environ.clear()
    sys.path.clear()
    sys.path_importer_cache.clear()
    sys.argv[:] = [""]
    program = cage.program(bytes.fromhex(settings["filter"]))
    _rehearse()
    begin(shut_in=True)
    gc.collect()
    gc.freeze()
    orders.send(json.dumps(said).encode())
    count = 0
    while True:
        order, passed = _order(orders)
        if not order:
            return
        if order.startswith(b"status"):
            orders.send(ENDED.pack(*_status(int(order.split()[1]))))
            continue
        count += 1
        _spawn(orders, passed, limits, first + count % UIDS if first else 0, program)


def _rehearse() -> None:
    """Do what every worker does, so that each is forked from a Python that is warm."""
    ours, theirs = os.pipe()
    for _ in range(TIMES):
        wire.send(theirs, ("files", {"texts": {"rehearsal.py": REHEARSAL}, "homes": ""}))
        library = library_of(request(ours)[1])
        begin(shut_in=True)
        desk = Desk(library)
        for asked in REHEARSED:
            wire.send(theirs, asked)
            wire.encode(do(desk, *request(ours)))
        desk.close()
    os.close(ours)
    os.close(theirs)


def _order(orders: socket.socket) -> tuple[bytes, list[int]]:
    """Read one order and the descriptors that came with it."""
    message, extra, _, _ = orders.recvmsg(MESSAGE, socket.CMSG_SPACE(2 * array.array("i").itemsize))
    passed = array.array("i")
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            passed.frombytes(data[: len(data) - len(data) % passed.itemsize])
    return message, list(passed)


def _spawn(
    orders: socket.socket,
    passed: list[int],
    limits: dict[str, int],
    uid: int,
    program: cage.Program,
) -> None:
    """Fork a worker; answer with its number and what stands for it, or with why there is none."""
    child = failed = 0
    stands_for = array.array("i")
    try:
        requests, answers = passed
        child = os.fork()
        if child == 0:
            orders.close()
            _become_worker(limits, uid, program, requests, answers)
        stands_for.append(os.pidfd_open(child))
    except (OSError, ValueError) as error:  # of two descriptors, only what there is room for comes
        failed = getattr(error, "errno", errno.EMFILE)
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, stands_for.tobytes())]
    orders.sendmsg([ANSWER.pack(child, failed)], [] if failed else rights)
    for descriptor in (*passed, *stands_for):
        os.close(descriptor)
    if child and failed:
        _status(child)  # it ends as soon as the judge, who cannot hold it, hangs up


def _become_worker(
    limits: dict[str, int], uid: int, program: cage.Program, requests: int, answers: int
) -> None:
    """In the child: keep the two pipes, shut the door, talk, and never come back."""
    try:
        os.setsid()
        for descriptor, place in ((requests, 200), (answers, 201)):
            os.dup2(descriptor, place)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.dup2(200, 3)
        os.dup2(201, 4)
        os.closerange(5, 256)
        waited = clock.own()
        cage.shut(limits, uid, program)
    except BaseException:
        os._exit(REFUSED)
    try:
        serve(3, 4, waited)
    finally:
        os._exit(0)


def _become(uid: int) -> None:
    """Give up root for good, as where somebody without rights grades."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _status(number: int) -> tuple[int, float]:
    """Wait for a worker that has ended: its exit status, or minus its signal, and its seconds."""
    with contextlib.suppress(ChildProcessError):
        _, status, used = os.wait4(number, 0)
        return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime
    return 0, 0.0


def _first_uid() -> int:
    """Where the uids of its workers begin; 0 where this user namespace has too few to give away.

    The threads of a uid are counted together, so each zygote draws a block of its own, from the
    last sixteenth: there the uids are hardly ever anybody's.
    """
    rows = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    count, first = max((int(row[2]), int(row[0])) for row in rows)
    end = min(first + count, 1 << 31)
    if end - first <= 1 << 20:
        return 0
    return end - UIDS * (1 + secrets.randbelow((end - first) // 16 // UIDS))


def _crowd() -> int:
    """How many threads there may be of a uid that is not the worker's alone."""
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    return CROWD if most == resource.RLIM_INFINITY else min(CROWD, most)
