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
SECCOMP_MODE_FILTER = 2
CREATE_RULESET, RESTRICT_SELF = 444, 446  # the same on every architecture
LANDLOCK_VERSION = 1
FILES = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights to files a version of Landlock knows
FILES_NEWEST = 16
NETWORK, SCOPES = 0b11, 0b11  # bind and connect; signals and abstract sockets

LIMITS = ("AS", "CPU", "NOFILE", "NPROC", "FSIZE", "CORE", "MEMLOCK", "MSGQUEUE", "STACK")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def shut(limits: Mapping[str, int], uid: int, filter_code: bytes) -> None:
    """Give up everything but thinking and talking over the descriptors that are open.

    Args:
        limits: soft limits by the names in ``LIMITS``; CPU gets a second more as its hard one.
        uid: whom to become, or 0 to stay whom one is.
        filter_code: a seccomp program.

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
    code = ctypes.create_string_buffer(filter_code, len(filter_code))
    program = _Program(len(filter_code) // 8, ctypes.addressof(code))
    _prctl(libc, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def landlock_version() -> int:
    """Which version of Landlock the kernel speaks; 0 where it has none."""
    libc = _libc()
    nothing, flags = ctypes.c_size_t(0), ctypes.c_uint32(LANDLOCK_VERSION)
    return max(0, int(libc.syscall(CREATE_RULESET, None, nothing, flags)))


def _close_the_files(libc: ctypes.CDLL) -> None:
    """Landlock with no rights at all: to files, to ports, to other processes."""
    version = landlock_version()
    if not version:
        return
    files = (1 << FILES.get(version, FILES_NEWEST)) - 1
    words = [files, NETWORK if version >= 4 else 0, SCOPES if version >= 6 else 0]
    words = words[: 1 if version < 4 else 2 if version < 6 else 3]
    rights = (ctypes.c_uint64 * len(words))(*words)
    size, none = ctypes.c_size_t(ctypes.sizeof(rights)), ctypes.c_uint32(0)
    rules = libc.syscall(CREATE_RULESET, ctypes.byref(rights), size, none)
    if rules < 0 or libc.syscall(RESTRICT_SELF, rules, none) < 0:
        raise OSError(ctypes.get_errno(), "Landlock refused")
    os.close(rules)


def _prctl(libc: ctypes.CDLL, option: int, *values: int) -> None:
    words = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    if libc.prctl(option, *words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")
