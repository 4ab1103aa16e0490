"""Shut this process in, for good: limits, a uid of its own, no files, few system calls.

Everything here works on the calling process and cannot be taken back. The filter of
system calls comes ready-made from the judge, who has the library that writes it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Mapping
from functools import cache

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
PR_GET_DUMPABLE = 3
SECCOMP_MODE_FILTER = 2
CREATE_RULESET, RESTRICT_SELF = 444, 446  # the same on every architecture
LANDLOCK_VERSION = 1
FILES = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights to files a version of Landlock knows
FILES_NEWEST = 16
NETWORK, SCOPES = 0b11, 0b11  # bind and connect; signals and abstract sockets

LIMITS = ("AS", "CPU", "NOFILE", "NPROC", "FSIZE", "CORE", "MEMLOCK", "MSGQUEUE", "STACK")


class Program(ctypes.Structure):
    """A filter of system calls, as the kernel takes it."""

    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def program(code: bytes) -> Program:
    """Lay a filter out in memory, where it stays, and all else that a process takes in."""
    _rights()
    _libc().prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)
    place = ctypes.create_string_buffer(code, len(code))
    laid_out = Program(len(code) // 8, ctypes.addressof(place))
    laid_out.place = place
    return laid_out


def shut(limits: Mapping[str, int], uid: int, filter: Program) -> None:
    """Give up everything but thinking and talking over the descriptors that are open.

    Args:
        limits: soft limits by the names in ``LIMITS``; CPU gets a second more as its hard one.
        uid: whom to become, or 0 to stay whom one is.
        filter: of system calls.

    Raises:
        OSError: one of the steps was refused; the process must not go on.
    """
    libc = _libc()
    for name in LIMITS:
        soft = limits[name]
        hard = soft + 1 if name == "CPU" else soft
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (soft, hard))
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _prctl(libc, PR_SET_DUMPABLE, 0)
    _prctl(libc, PR_SET_PDEATHSIG, signal.SIGKILL)  # which a change of uid would clear
    _prctl(libc, PR_SET_NO_NEW_PRIVS, 1)
    _close_the_files(libc)
    _prctl(libc, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(filter))


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = (ctypes.c_int, *4 * (ctypes.c_ulong,))
    libc.syscall.argtypes = (*4 * (ctypes.c_long,),)
    libc.syscall.restype = ctypes.c_long
    return libc


@cache
def landlock_version() -> int:
    """Which version of Landlock the kernel speaks; 0 where it has none."""
    return max(0, int(_libc().syscall(CREATE_RULESET, 0, 0, LANDLOCK_VERSION)))


def _close_the_files(libc: ctypes.CDLL) -> None:
    """Landlock with no rights at all: to files, to ports, to other processes."""
    if not landlock_version():
        return
    rights = _rights()
    rules = libc.syscall(CREATE_RULESET, ctypes.addressof(rights), ctypes.sizeof(rights), 0)
    if rules < 0 or libc.syscall(RESTRICT_SELF, rules, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "Landlock refused")
    os.close(rules)


@cache
def _rights() -> ctypes.Array[ctypes.c_uint64]:
    """What Landlock is to take away: all that its version knows."""
    version = landlock_version()
    files = (1 << FILES.get(version, FILES_NEWEST)) - 1
    words = [files, NETWORK if version >= 4 else 0, SCOPES if version >= 6 else 0]
    words = words[: 1 if version < 4 else 2 if version < 6 else 3]
    return (ctypes.c_uint64 * len(words))(*words)


def _prctl(libc: ctypes.CDLL, option: int, *values: int) -> None:
    if libc.prctl(option, *(*values, 0, 0, 0, 0)[:4]) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")
