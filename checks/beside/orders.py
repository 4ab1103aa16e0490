"""What judge and zygote write to one another, on whichever system either is."""

from __future__ import annotations

import struct

MESSAGE = 1 << 16  # bytes of an order, at most
ANSWER = struct.Struct("<ii")  # a number of a process, and the error that there was
ENDED = struct.Struct("<id")  # how a worker ended, and seconds of a processor
REFUSED = 70  # the status of a worker that could not be shut in
