"""Hostile submissions: what each tries, and the most that its honest part is worth.

``MARK`` is a folder that the attack would like to write into, ``PORT`` and ``SOCKET`` are
where somebody listens. Whatever an attack does, its score, files, processes, sockets and
the next submission's grade are looked at afterwards, for all of them alike.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

HONEST = """\
import numpy as np

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    X = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), X.T @ dout, dout.sum(axis=0)
"""

ZEROS = """
import numpy as np

def affine_forward(x, w, b):
    return np.zeros((len(x), len(b))), (x, w, b)

def affine_backward(dout, cache):
    return tuple(np.zeros_like(one) for one in cache)
"""

HONEST_INDENTED = textwrap.indent(HONEST, "    ")
FULL = 4.0  # what the honest part is worth
NOTHING = 0.0


@dataclass(frozen=True)
class Attack:
    """A hostile submission.

    Args:
        kind: the class of attack.
        name: its own name.
        text: of its one file.
        most: the score that must not be exceeded.
        least: the score that must be reached: an attack that is only noise is still graded.
    """

    kind: str
    name: str
    text: str
    most: float = NOTHING
    least: float = NOTHING


ATTACKS: list[Attack] = []


def at_import(kind: str, name: str, code: str, most: float = FULL, least: float = FULL) -> None:
    """Do something when imported, survive it, and be honest afterwards."""
    indented = "\n".join(f"    {line}" for line in code.strip().splitlines())
    text = f"try:\n{indented}\nexcept BaseException:\n    pass\n{HONEST}"
    ATTACKS.append(Attack(kind, name, text, most, least))


def fatal(kind: str, name: str, code: str) -> None:
    """Do something that ends or blocks the process; there is nothing to gain."""
    ATTACKS.append(Attack(kind, name, f"{HONEST}\n{code}"))


def left_out(kind: str, name: str, code: str) -> None:
    """Be honest, then do something that can be left out."""
    ATTACKS.append(Attack(kind, name, f"{HONEST}\n{code}", FULL, FULL))


def in_call(kind: str, name: str, code: str, most: float = 3.0) -> None:
    """Do something instead of the forward pass; the backward pass is honest."""
    indented = "\n".join(f"    {line}" for line in code.strip().splitlines())
    text = f"{HONEST}\ndef affine_forward(x, w, b):\n{indented}\n"
    ATTACKS.append(Attack(kind, name, text, most))


def forging(kind: str, name: str, code: str) -> None:
    """Try to get points for zeros."""
    ATTACKS.append(Attack(kind, name, f"{ZEROS}\n{code}"))


# Time

left_out(
    "loop",
    "at import",
    """
while True:
    pass
""",
)
left_out(
    "loop",
    "sleep at import",
    """
import time
time.sleep(1000)
""",
)
fatal(
    "loop",
    "swallows exceptions",
    """
while True:
    try:
        x = 0  # the loop alone would not be within the try, to Python 3.11
        while True: x = 1
    except BaseException: pass
""",
)
fatal(
    "loop",
    "in C at import",
    """
sum(iter(int, 1))
""",
)
fatal(
    "loop",
    "takes the alarm away",
    """
import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.signal = signal.setitimer = None
while True:
    pass
""",
)
at_import(
    "signal",
    "an alarm for later",
    """
import signal
signal.signal(signal.SIGALRM, lambda *_: 1 / 0)
signal.setitimer(signal.ITIMER_REAL, 1e-3, 1e-3)
""",
)
in_call("loop", "in Python", "while True: pass")
in_call("loop", "in C", "sum(iter(int, 1))")
in_call("loop", "in a regular expression", "import re; re.match('(a+)+$', 'a' * 40 + 'b')")
in_call(
    "loop",
    "in BLAS",
    """
a = np.ones((3000, 3000))
while True: a = a @ a * 0
""",
)
in_call("loop", "in sleep", "import time; time.sleep(1000)")
in_call(
    "loop",
    "ignores SIGXCPU",
    """
import signal
for s in range(1, 64):
    try: signal.signal(s, signal.SIG_IGN)
    except Exception: pass
while True: pass
""",
)
in_call(
    "loop",
    "in an iterator of results",
    """
def forever():
    while True: yield 1
return list(forever()), None
""",
)
in_call("loop", "holds the lock", "10 ** (10 ** 9)")

# Memory and threads

in_call("memory", "one huge array", "return np.ones(1 << 36), None")
in_call(
    "memory",
    "a list without end",
    """
a = []
while True: a.append(bytearray(1 << 24))
""",
)
in_call(
    "memory",
    "a deep list",
    """
a = []
for _ in range(10 ** 6): a = [a]
return a, None
""",
)
in_call("memory", "a huge answer", "return np.ones(1 << 27), None")
in_call("memory", "a huge text", "return 'x' * (1 << 28), None")
in_call(
    "memory",
    "a list that holds itself",
    """
a = []
a.append(a)
return a, None
""",
)
at_import(
    "threads",
    "a thousand of them",
    """
import threading, time
for _ in range(1000):
    threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
""",
)
at_import(
    "threads",
    "as many as small stacks allow",
    """
import threading, time
threading.stack_size(1 << 15)
while True:
    threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
""",
    FULL,
    NOTHING,
)
in_call(
    "threads",
    "one that outlives the call",
    """
import threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
return 0, None
""",
)

# Processes

at_import(
    "process",
    "fork",
    """
import os
if os.fork() == 0:
    import time; time.sleep(1000)
""",
)
at_import(
    "process",
    "double fork",
    """
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        import time; time.sleep(1000)
    os._exit(0)
""",
)
at_import(
    "process",
    "forkpty",
    """
import os
os.forkpty()
""",
)
at_import(
    "process",
    "posix_spawn",
    """
import os
os.posix_spawn('/bin/sleep', ['sleep', '1000'], {})
""",
)
at_import(
    "process",
    "exec",
    """
import os
os.execv('/bin/sleep', ['sleep', '1000'])
""",
)
at_import(
    "process",
    "subprocess",
    """
import subprocess
subprocess.Popen(['sleep', '1000'])
""",
)
at_import(
    "process",
    "multiprocessing",
    """
import multiprocessing
multiprocessing.Process(target=print).start()
""",
)
at_import(
    "process",
    "system",
    """
import os
os.system('sleep 1000 & touch MARK/system')
""",
)
at_import(
    "process",
    "clone by number",
    """
import ctypes
libc = ctypes.CDLL(None)
if libc.syscall(56, 17, 0, 0, 0, 0) == 0:
    while True: pass
""",
)
at_import(
    "process",
    "vfork by number",
    """
import ctypes
ctypes.CDLL(None).syscall(58)
""",
)
at_import(
    "process",
    "clone3 by number",
    """
import ctypes
args = ctypes.create_string_buffer(88)
ctypes.CDLL(None).syscall(435, args, 88)
""",
)

# The end

left_out(
    "end",
    "sys.exit at import",
    """
import sys
sys.exit(0)
""",
)
fatal(
    "end",
    "os._exit at import",
    """
import os
os._exit(0)
""",
)
fatal(
    "end",
    "abort",
    """
import os
os.abort()
""",
)
fatal(
    "end",
    "segmentation fault",
    """
import ctypes
ctypes.string_at(0)
""",
)
fatal(
    "end",
    "recursion in C",
    """
a = ()
for _ in range(10 ** 6): a = (a,)
repr(a)
hash(a)
raise KeyboardInterrupt
""",
)
in_call("end", "KeyboardInterrupt", "raise KeyboardInterrupt")
in_call("end", "GeneratorExit", "raise GeneratorExit")
in_call(
    "end",
    "an exception that cannot be shown",
    """
class E(BaseException):
    def __str__(self): raise self
    __repr__ = __str__
raise E
""",
)
in_call("end", "recursion in Python", "return affine_forward(x, w, b)")
in_call(
    "end",
    "closes every descriptor",
    """
import os
os.closerange(0, 1024)
return 0, None
""",
)

# Reading and writing

for place in ("/etc/passwd", "/proc/self/environ", "/proc/self/maps", "/proc/1/cmdline"):
    forging(
        "read",
        place,
        f"""
try:
    found = open({place!r}, 'rb').read(64)
except OSError:
    found = b''
if found:
{HONEST_INDENTED}
""",
    )

forging(
    "read",
    "other submissions",
    f"""
import os
try:
    found = os.listdir('MARK/..')
except OSError:
    found = []
if found:
{HONEST_INDENTED}
""",
)

at_import("write", "a file", "open('MARK/file', 'w').write('x')")
at_import(
    "write",
    "by number",
    """
import ctypes
ctypes.CDLL(None).syscall(2, b'MARK/number', 65, 511)
""",
)
at_import(
    "write",
    "openat2 by number",
    """
import ctypes, struct
how = struct.pack('QQQ', 65, 511, 0)
ctypes.CDLL(None).syscall(437, -100, b'MARK/at2', how, 24)
""",
)
at_import(
    "write",
    "a folder, a link, a pipe",
    """
import os
for call in (os.mkdir, os.mkfifo):
    try: call('MARK/made')
    except OSError: pass
os.symlink('/', 'MARK/link')
""",
)
at_import(
    "write",
    "temporary file",
    """
import tempfile
tempfile.NamedTemporaryFile(dir='MARK', delete=False)
""",
)
at_import(
    "write",
    "np.save",
    """
import numpy as np
np.save('MARK/array.npy', np.ones(3))
""",
)
at_import(
    "write",
    "memory file",
    """
import os
os.memfd_create('x')
open('MARK/memfd', 'w')
""",
)

# Sockets

at_import(
    "socket",
    "TCP",
    """
import socket
socket.create_connection(('127.0.0.1', PORT), 1).send(b'x')
""",
)
at_import(
    "socket",
    "UDP",
    """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))
""",
)
at_import(
    "socket",
    "unix",
    """
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('SOCKET')
s.send(b'x')
""",
)
at_import(
    "socket",
    "by number",
    """
import ctypes
ctypes.CDLL(None).syscall(41, 2, 1, 0)
""",
)
at_import(
    "socket",
    "listens",
    """
import socket
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen()
""",
)
at_import(
    "socket",
    "netlink and raw",
    """
import socket
for kind in ((16, 3), (17, 3), (2, 3)):
    try: socket.socket(*kind)
    except OSError: pass
""",
)

# Signals, and other processes

at_import(
    "signal",
    "to the parent",
    """
import os, signal
os.kill(os.getppid(), signal.SIGKILL)
""",
)
at_import(
    "signal",
    "to everybody",
    """
import os, signal
os.kill(-1, signal.SIGKILL)
""",
)
at_import(
    "signal",
    "to the group",
    """
import os, signal
os.killpg(0, signal.SIGKILL)
""",
)
at_import(
    "signal",
    "pidfd",
    """
import os, signal
signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 9)
""",
)
at_import(
    "signal",
    "a descriptor's owner",
    """
import fcntl, os
fcntl.fcntl(3, fcntl.F_SETOWN, os.getppid())
""",
)

# System calls that nobody needs

CALLS = {
    **{"ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "io_uring_setup": 425},
    **{"bpf": 321, "mount": 165, "setuid": 105, "setresuid": 117, "setrlimit": 160, "prctl": 157},
    **{"unshare": 272, "setns": 308, "chroot": 161, "keyctl": 250, "perf_event_open": 298},
    **{"userfaultfd": 323, "seccomp": 317, "personality": 135, "kcmp": 312, "pidfd_getfd": 438},
    **{"memfd_create": 319, "shmget": 29, "msgget": 68, "reboot": 169, "init_module": 175},
}
for name, number in CALLS.items():  # as x86-64 numbers them; EPERM is 1, ENOSYS 38
    at_import(
        "system call",
        name,
        f"""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall({number}, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (1, 38):
    os._exit(3)
""",
    )

in_call(
    "system call",
    "a 32-bit one",
    """
import ctypes, mmap
code = mmap.mmap(-1, 64, prot=7)
code.write(bytes.fromhex('b814000000cd80c3'))
f = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
f()
return 0, None
""",
)

# Forging

forging(
    "forge",
    "patched NumPy",
    """
import numpy.testing
np.testing.assert_allclose = np.allclose = np.array_equal = lambda *a, **k: True
np.linalg.norm = lambda *a, **k: 0.0
np.abs = lambda *a, **k: 0.0
""",
)
forging(
    "forge",
    "patched builtins",
    """
import builtins
builtins.abs = builtins.max = lambda *a, **k: 0
builtins.isinstance = lambda *a: True
""",
)
forging(
    "forge",
    "search of the heap",
    """
import gc
for one in gc.get_objects():
    try:
        if isinstance(one, dict):
            for key in ('score', 'earned', 'points', 'right', 'bound'):
                if key in one: one[key] = 1e9
    except Exception: pass
""",
)
forging(
    "forge",
    "search of the frames",
    """
import sys
f = sys._getframe()
while f:
    for name, value in list(f.f_locals.items()):
        if 'right' in name: print(value)
    f = f.f_back
""",
)
forging(
    "forge",
    "results on standard output",
    """
import sys
print('{"score": 100, "state": "pass"}' * 1000)
sys.stdout.flush()
""",
)
forging(
    "forge",
    "results on every descriptor",
    """
import os
for d in range(256):
    try: os.write(d, b'BB' + bytes([1, 0, 0, 0]) + b'T')
    except OSError: pass
""",
)
forging(
    "forge",
    "imports the answers",
    """
try:
    from reference import affine_forward, affine_backward
except ImportError: pass
""",
)
forging(
    "forge",
    "imports the judge",
    """
try:
    import checks.run
    checks.run.verdict = lambda seen: 'pass'
except Exception: pass
""",
)
forging(
    "forge",
    "says what equals everything",
    """
class Yes(np.ndarray):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0 * self
    __rsub__ = __array_wrap__ = __sub__
def affine_forward(x, w, b): return np.zeros((len(x), len(b))).view(Yes), (x, w, b)
""",
)
forging(
    "forge",
    "an __array__ object",
    """
class A:
    shape = (1,)
    def __array__(self, *a, **k): raise SystemExit
def affine_forward(x, w, b): return A(), (x, w, b)
""",
)
forging(
    "forge",
    "object array",
    """
def affine_forward(x, w, b): return np.full((len(x), len(b)), None), (x, w, b)
""",
)
forging(
    "forge",
    "nan",
    """
def affine_forward(x, w, b): return np.full((len(x), len(b)), np.nan), (x, w, b)
""",
)
forging(
    "forge",
    "empty",
    """
def affine_forward(x, w, b): return np.zeros((0, len(b))), (x, w, b)
""",
)
forging(
    "forge",
    "shape by broadcasting",
    """
def affine_forward(x, w, b): return np.zeros((1, 1)), (x, w, b)
""",
)
forging(
    "forge",
    "huge numbers",
    """
def affine_forward(x, w, b): return np.full((len(x), len(b)), 1e308), (x, w, b)
""",
)
forging(
    "forge",
    "a pickle that runs",
    """
class P:
    def __reduce__(self): return (print, ('x',))
def affine_forward(x, w, b): return P(), (x, w, b)
""",
)
forging(
    "forge",
    "hard-coded public answer",
    """
def affine_forward(x, w, b): return np.arange(len(x) * len(b)).reshape(len(x), -1) * 1.0, (x, w, b)
""",
)
forging(
    "forge",
    "numeric slopes of zeros",
    """
def affine_backward(dout, cache):
    return tuple(0 * one + 1e-9 for one in cache)
""",
)
forging(
    "forge",
    "a stack inspection",
    """
import inspect
def affine_forward(x, w, b):
    for frame in inspect.stack():
        if 'right' in frame.frame.f_locals: return frame.frame.f_locals['right'], None
    return np.zeros((len(x), len(b))), (x, w, b)
""",
)
forging(
    "forge",
    "a bad frame and an exit",
    """
import os
def affine_forward(x, w, b):
    os.write(4, b'BB' + bytes([255, 255, 255, 15]))
    os._exit(0)
""",
)
forging(
    "forge",
    "an answer before the question",
    """
import os, struct
def affine_forward(x, w, b):
    body = b'm' + struct.pack('<I', 0)
    os.write(4, b'BB' + struct.pack('<I', len(body)) + body)
    return np.zeros((len(x), len(b))), (x, w, b)
""",
)
forging(
    "forge",
    "random bytes for ever",
    """
import os
def affine_forward(x, w, b):
    while True: os.write(4, b'\\x00' * 65536)
""",
)

in_call(
    "forge",
    "a death by SIGKILL",
    """
import sys
raise sys.modules["beside.trouble"].Trouble("died", status="SIGKILL")
""",
)
in_call(
    "forge",
    "a fault of the judge",
    """
import sys
raise sys.modules["beside.trouble"].Trouble("fault", check="all", error="E")
""",
)
in_call(
    "forge",
    "a detail that is none",
    """
import sys
raise sys.modules["beside.trouble"].Trouble("missing", "a:b", close=3, others=1.5, more="x")
""",
)

# Floods

in_call(
    "flood",
    "remarks",
    """
import sys
note = {"kind": "absent", "where": "", "detail": {"module": "x" * 9000}}
remarks = tuple({**note, "where": f"work.py:{i}"} for i in range(20000))
for i in range(99): sys.modules["beside.wire"].send(4, {"remarks": remarks, "number": i})
""",
)
in_call(
    "flood",
    "a name",
    """
import sys
wire = sys.modules["beside.wire"]
for i in range(99): wire.send(4, {"value": wire.Foreign("x" * 10**7), "number": i})
""",
)
in_call("flood", "prints", "while True: print('x' * 10000)")
in_call(
    "flood",
    "warnings",
    """
import warnings
while True: warnings.warn('x' * 1000)
""",
)
at_import(
    "flood",
    "a million names",
    "globals().update({f'n{i}': i for i in range(300000)})",
    FULL,
    NOTHING,
)
