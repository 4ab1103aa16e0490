"""What a worker may still do, and the proof that it may do nothing else.

The filter of system calls is written here, by the library, and handed to the process
that forks workers; it holds no name that this machine's architecture does not have.
"""

from __future__ import annotations

import errno
import platform
import sys
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

from checks.files import Files
from checks.refusal import RefusalError
from checks.student import Worker

if TYPE_CHECKING:
    from checks.grade.zygote import Zygote

AND_NOW = (
    "Nothing was graded. If you trust every submission as you trust yourself:  --trust-submissions"
)

ALLOWED = """
    read write readv writev pread64 close lseek fstat dup
    mmap munmap mremap mprotect madvise brk membarrier
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall
    futex set_robust_list rseq sched_yield sched_getaffinity getcpu
    exit exit_group getpid getppid gettid getuid geteuid getgid getegid
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday getrusage times time
    getitimer setitimer
    poll ppoll select pselect6 getrandom uname sysinfo arch_prctl
"""
CLONE_THREAD = 0x10000
TCGETS = 0x5401  # "is this a terminal?", which Python asks of what it prints to
TRIED = {"x86_64"}

GIB = 1 << 30
LIMITS = {
    "AS": 2 * GIB,
    "CPU": 60,
    "NOFILE": 16,
    "NPROC": 32,  # where the worker has a uid of its own
    "FSIZE": 0,
    "CORE": 0,
    "MEMLOCK": 0,
    "MSGQUEUE": 0,
    "STACK": 8 << 20,
}


def filter_code() -> bytes:
    """The seccomp program: what is not in the list is refused with EPERM.

    Raises:
        RefusalError: there is no library, or no system, that could write or run it.
    """
    try:
        import pyseccomp as seccomp
    except (ImportError, OSError, RuntimeError) as error:
        raise RefusalError(
            f"the sandbox needs pyseccomp and libseccomp, and they cannot be loaded ({error}): "
            "pip install 'backprop-by-the-book[grade]', and libseccomp2 from your system's packages"
        ) from None
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in ALLOWED.split():
        if seccomp.resolve_syscall(seccomp.system_arch(), name) >= 0:
            rules.add_rule(seccomp.ALLOW, name)
    thread = seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, CLONE_THREAD)
    rules.add_rule(seccomp.ALLOW, "clone", thread)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # glibc then takes clone
    rules.add_rule(seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.EQ, TCGETS))
    only_asks = seccomp.Arg(2, seccomp.EQ, 0)
    rules.add_rule(seccomp.ALLOW, "prlimit64", only_asks)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def settings(limits: Mapping[str, int], untested: bool = False) -> dict[str, object]:
    """What the process that forks workers is told.

    Args:
        limits: those that differ from ``LIMITS``.
        untested: go on on an architecture on which nobody has tried it.

    Raises:
        RefusalError: no worker could be shut in here.
    """
    if sys.platform != "linux":
        raise RefusalError(
            f"the sandbox is made of Linux's own means, and this is {platform.system()}. Grade in "
            "a Linux container, or, if you trust every submission:  --trust-submissions"
        )
    machine = platform.machine()
    if machine not in TRIED and not untested:
        raise RefusalError(
            f"nobody has tried the sandbox on {machine} yet; it is made for it, and a probe will "
            "say whether it holds:  --untested-arch"
        )
    return {"limits": {**LIMITS, **limits}, "filter": filter_code().hex()}


# A submission that tries what no submission may, and tells what it could.
PROBE = Files(
    {
        "probe.py": """
import importlib, os, signal, socket

def _open():
    open("/etc/hostname").read()

def _list():
    os.listdir("/")

def _stat():
    os.stat("/")

def _write():
    with open("/tmp/probe", "w") as file:
        file.write("x")

def _socket():
    socket.socket().close()

def _pair():
    socket.socketpair()

def _fork():
    if os.fork() == 0:
        os._exit(0)

def _kill():
    os.kill(os.getppid(), 0)

def _kill_itself():
    os.kill(os.getpid(), 0)

def _run():
    os.execv("/bin/true", ["true"])

def _import():
    importlib.import_module("ftplib")  # the statement would ask us first

def _checks():
    importlib.import_module("checks")

def _reference():
    importlib.import_module("reference")

def affine_forward(x, w, b):
    tried = [(name, call) for name, call in globals().items() if name in NAMES]
    could = []
    for name, call in tried:
        try:
            call()
        except (OSError, ImportError):
            continue
        could.append(name[1:])
    return tuple(could), tuple(name[1:] for name, _ in tried)

NAMES = [name for name in globals() if name.startswith("_") and not name.startswith("__")]
"""
    }
)


def insist(zygote: Zygote) -> None:
    """Have a worker try what none may, and refuse to go on where it could.

    Raises:
        RefusalError: the sandbox is not closed, or the probe gave no answer.
    """
    worker = Worker(PROBE, 10.0, start=zygote.spawn)
    try:
        answer = worker.call("affine_forward", 0, 0, 0)
    except RuntimeError as error:
        raise RefusalError(f"no worker could be shut in: {error}. {AND_NOW}") from None
    finally:
        worker.close()
    value = answer.value
    tried = value[1] if isinstance(value, tuple) and len(value) == 2 else ()
    if not isinstance(value, tuple) or not isinstance(tried, tuple) or len(tried) < 10:
        raise RefusalError(f"the sandbox's probe gave no answer: {answer.problem}. {AND_NOW}")
    if value[0]:
        could = ", ".join(map(str, value[0]))
        raise RefusalError(f"the sandbox is not closed: a worker could {could}. {AND_NOW}")
