"""The frames that cross the pipe: plain values under strict tags, no pickle, hard caps.

A frame is ``b"BB"``, four bytes of length, and one value; all numbers are little-endian.
A value is one byte of tag and its body::

    N none   T true   F false   i int64   d float64   s length, UTF-8
    t count, values (tuple)     l the same (list)     m count, pairs of s and value
    a dtype code, ndim, sizes, bytes in C order
    h number, s (handle)        x s (foreign)         c s, s (code)

Whatever does not follow this to the last byte is a ``WireError``.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

HEADER = struct.Struct("<2sI")
COUNT, WHOLE, REAL = struct.Struct("<I"), struct.Struct("<q"), struct.Struct("<d")
MAGIC = b"BB"
MAX_FRAME = 1 << 28
MAX_DEPTH = 24
MAX_VALUES = 200_000
MAX_DIMENSIONS = 8
MAX_TEXT = 1 << 24
MAX_NAME = 200

CODES = ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16"]
DTYPES = [np.dtype(code).newbyteorder("<") for code in CODES]
CODE_OF = {dtype: bytes([code]) for code, dtype in enumerate(DTYPES)}


class WireError(Exception):
    """A frame or a value that the protocol does not know."""


@dataclass(frozen=True)
class Handle:
    """Something that stays with the code (a cache): it can be handed back, not looked into."""

    number: int
    type_name: str = ""


@dataclass(frozen=True)
class Foreign:
    """A result of a type that the judge does not read, by the name of its type."""

    type_name: str


@dataclass(frozen=True)
class Code:
    """An argument that is a function: the text of one ``def``, compiled beside the code.

    The text sees ``np``, its own arguments and nothing else. A function cannot cross
    a pipe, and ``numeric_gradient`` is nothing without one.
    """

    source: str
    name: str = "f"


def encode(value: object) -> bytes:
    """Turn a value into one frame, or raise WireError for a type without a tag."""
    parts: list[bytes] = []
    _put(value, parts, 0)
    size = sum(map(len, parts))
    if size > MAX_FRAME:
        raise WireError(f"a frame of {size} bytes is over the limit of {MAX_FRAME}")
    return b"".join([HEADER.pack(MAGIC, size), *parts])


def decode(frame: bytes) -> object:
    """Read one whole frame."""
    if len(frame) < HEADER.size:
        raise WireError("the frame ends within its header")
    if length(frame[: HEADER.size]) != len(frame) - HEADER.size:
        raise WireError("the frame is not as long as it says")
    return decode_body(frame[HEADER.size :])


def length(header: bytes) -> int:
    """How many bytes follow this header."""
    magic, size = HEADER.unpack(header)
    if magic != MAGIC:
        raise WireError(f"a frame cannot start with {magic!r}")
    if size > MAX_FRAME:
        raise WireError(f"a frame of {size} bytes is over the limit of {MAX_FRAME}")
    return int(size)


def decode_body(body: bytes) -> object:
    """Read the one value that a frame holds."""
    reader = _Reader(body)
    value = reader.value(0)
    if reader.at != len(body):
        raise WireError(f"{len(body) - reader.at} bytes are left over")
    return value


def send(descriptor: int, value: object) -> None:
    """Write one frame to a blocking descriptor."""
    rest = memoryview(encode(value))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def receive(descriptor: int) -> object:
    """Read one frame from a blocking descriptor; EOFError where the other side has closed."""

    def exactly(count: int) -> bytes:
        chunks = bytearray()
        while len(chunks) < count:
            chunk = os.read(descriptor, min(count - len(chunks), 1 << 20))
            if not chunk:
                raise EOFError
            chunks += chunk
        return bytes(chunks)

    return decode_body(exactly(length(exactly(HEADER.size))))


def _put(value: object, parts: list[bytes], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise WireError(f"nested more than {MAX_DEPTH} deep")
    kind = type(value)
    write = _WRITERS.get(kind)
    if write is None:
        raise WireError(f"a {kind.__name__} has no tag")
    write(value, parts, depth)


def _put_bool(value: Any, parts: list[bytes], depth: int) -> None:
    parts.append(b"T" if value else b"F")


def _put_int(value: Any, parts: list[bytes], depth: int) -> None:
    if not -(2**63) <= value < 2**63:
        raise WireError("an integer does not fit in 64 bits")
    parts.append(b"i" + WHOLE.pack(value))


def _put_text(value: Any, parts: list[bytes], depth: int) -> None:
    data = value.encode("utf-8", "backslashreplace")
    if len(data) > MAX_TEXT:
        raise WireError(f"a text of {len(data)} bytes is over the limit of {MAX_TEXT}")
    parts.append(b"s" + COUNT.pack(len(data)) + data)


def _put_array(value: Any, parts: list[bytes], depth: int) -> None:
    dtype = value.dtype.newbyteorder("<")
    if value.dtype.hasobject or dtype not in CODE_OF:
        raise WireError(f"an array of {value.dtype} has no tag")
    if value.ndim > MAX_DIMENSIONS:
        raise WireError(f"an array of {value.ndim} dimensions")
    if value.nbytes > MAX_FRAME:
        raise WireError(f"an array of {value.nbytes} bytes is over the limit of {MAX_FRAME}")
    shape = struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape)
    parts += [b"a" + CODE_OF[dtype] + shape, value.astype(dtype, copy=False).tobytes()]


def _put_tuple(value: Any, parts: list[bytes], depth: int) -> None:
    parts.append(b"t" + COUNT.pack(len(value)))
    for item in value:
        _put(item, parts, depth + 1)


def _put_list(value: Any, parts: list[bytes], depth: int) -> None:
    before = len(parts)
    _put_tuple(value, parts, depth)
    parts[before] = b"l" + parts[before][1:]


def _put_map(value: Any, parts: list[bytes], depth: int) -> None:
    parts.append(b"m" + COUNT.pack(len(value)))
    for key, item in value.items():
        if type(key) is not str:
            raise WireError(f"a {type(key).__name__} cannot be the key of a map")
        _put_text(key, parts, depth)
        _put(item, parts, depth + 1)


def _put_handle(value: Any, parts: list[bytes], depth: int) -> None:
    parts.append(b"h")
    _put_int(value.number, parts, depth)
    _put_text(value.type_name, parts, depth)


def _put_foreign(value: Any, parts: list[bytes], depth: int) -> None:
    parts.append(b"x")
    _put_text(value.type_name, parts, depth)


def _put_code(value: Any, parts: list[bytes], depth: int) -> None:
    parts.append(b"c")
    _put_text(value.source, parts, depth)
    _put_text(value.name, parts, depth)


_WRITERS: dict[type, Callable[[Any, list[bytes], int], None]] = {
    type(None): lambda value, parts, depth: parts.append(b"N"),
    bool: _put_bool,
    int: _put_int,
    float: lambda value, parts, depth: parts.append(b"d" + REAL.pack(value)),
    str: _put_text,
    tuple: _put_tuple,
    list: _put_list,
    dict: _put_map,
    np.ndarray: _put_array,
    Handle: _put_handle,
    Foreign: _put_foreign,
    Code: _put_code,
}


class _Reader:
    """One pass over the body of a frame, with a budget of values."""

    def __init__(self, body: bytes) -> None:
        self.body = memoryview(body)
        self.at = 0
        self.left = MAX_VALUES

    def take(self, count: int) -> memoryview:
        if self.at + count > len(self.body):
            raise WireError("the frame ends within a value")
        self.at += count
        return self.body[self.at - count : self.at]

    def number(self, form: struct.Struct) -> Any:
        if self.at + form.size > len(self.body):
            raise WireError("the frame ends within a value")
        (number,) = form.unpack_from(self.body, self.at)
        self.at += form.size
        return number

    def value(self, depth: int) -> object:
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            raise WireError("too many values, or nested too deep")
        tag = bytes(self.take(1))
        read = _READERS.get(tag)
        if read is None:
            raise WireError(f"there is no tag {tag!r}")
        return read(self, depth)

    def text(self) -> str:
        value = self.value(MAX_DEPTH)
        if type(value) is not str:
            raise WireError("a text was expected")
        return value

    def name(self) -> str:
        value = self.text()
        if len(value) > MAX_NAME:
            raise WireError(f"a name of {len(value)} characters is over the limit of {MAX_NAME}")
        return value

    def read_text(self) -> str:
        size = self.number(COUNT)
        if size > MAX_TEXT:
            raise WireError(f"a text of {size} bytes is over the limit of {MAX_TEXT}")
        try:
            return bytes(self.take(size)).decode("utf-8")
        except UnicodeDecodeError:
            raise WireError("a text is not UTF-8") from None

    def read_tuple(self, depth: int) -> tuple[object, ...]:
        return tuple([self.value(depth + 1) for _ in range(self._count(1))])

    def read_map(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        for _ in range(self._count(2)):
            key = self.text()
            if key in found:
                raise WireError(f"a map has the key {key!r} twice")
            found[key] = self.value(depth + 1)
        return found

    def _count(self, each: int) -> int:
        count = int(self.number(COUNT))
        if count * each > self.left:
            raise WireError("too many values")
        return count

    def read_array(self) -> Array:
        code, dimensions = self.take(2)
        if code >= len(DTYPES) or dimensions > MAX_DIMENSIONS:
            raise WireError(f"there is no array of dtype {code} with {dimensions} dimensions")
        dtype = DTYPES[code]
        shape = [int(self.number(COUNT)) for _ in range(dimensions)]
        size = dtype.itemsize
        for count in shape:
            size *= max(count, 1)  # an empty array has no licence for absurd sizes
            if size > MAX_FRAME:
                raise WireError(f"an array of shape {shape} is over the limit")
        data = self.take(0 if 0 in shape else size)
        if dtype.kind == "b" and any(byte > 1 for byte in set(bytes(data))):
            raise WireError("a truth value is neither 0 nor 1")
        flat = np.frombuffer(data, dtype=dtype) if data else np.empty(0, dtype)
        return flat.reshape(shape).astype(dtype.newbyteorder("="))

    def read_handle(self) -> Handle:
        number = self.value(MAX_DEPTH)
        if type(number) is not int:
            raise WireError("a handle is a number")
        return Handle(number, self.name())


_READERS: dict[bytes, Callable[[_Reader, int], object]] = {
    b"N": lambda reader, depth: None,
    b"T": lambda reader, depth: True,
    b"F": lambda reader, depth: False,
    b"i": lambda reader, depth: reader.number(WHOLE),
    b"d": lambda reader, depth: reader.number(REAL),
    b"s": lambda reader, depth: reader.read_text(),
    b"t": lambda reader, depth: reader.read_tuple(depth),
    b"l": lambda reader, depth: list(reader.read_tuple(depth)),
    b"m": lambda reader, depth: reader.read_map(depth),
    b"a": lambda reader, depth: reader.read_array(),
    b"h": lambda reader, depth: reader.read_handle(),
    b"x": lambda reader, depth: Foreign(reader.name()),
    b"c": lambda reader, depth: Code(reader.text(), reader.text()),
}
