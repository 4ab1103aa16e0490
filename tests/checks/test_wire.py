"""The wire: what goes in comes out, and whatever is not a frame is refused."""

import contextlib
import os
import struct
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from checks.beside import wire
from checks.beside.wire import Code, Foreign, Handle, WireError, decode, encode

shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
dtypes = st.sampled_from(wire.DTYPES)
arrays = dtypes.flatmap(lambda dtype: hnp.arrays(dtype, shapes))
words = st.text(st.characters(codec="utf-8"), max_size=20)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | words
    | arrays
    | st.builds(Handle, st.integers(0, 2**40), words)
    | st.builds(Foreign, words)
    | st.builds(Code, words, words)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(words, inner, max_size=4)
    ),
    max_leaves=12,
)


def same(one, other):
    """Equal in type, bit by bit, nan included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float):
        return struct.pack("<d", one) == struct.pack("<d", other)
    return one == other


@given(values)
def test_round_trip(value):
    """Every value that has a tag comes back as it was, type and bits."""
    assert same(decode(encode(value)), value)


@given(arrays)
def test_arrays_are_the_readers_own(array):
    """An array that was read can be written to, and is in the machine's byte order."""
    back = decode(encode(array))
    assert back.flags.writeable
    assert back.flags.owndata
    assert back.dtype.isnative


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::2],
        np.broadcast_to(np.float32(3), (2, 3)),
        np.arange(6, dtype=">i4"),
    ],
    ids=["transposed", "strided", "broadcast", "big-endian"],
)
def test_any_layout_can_be_sent(array):
    """The memory layout and byte order of an array make no difference to what arrives."""
    assert np.array_equal(decode(encode(array)), array)


@given(values, st.data())
def test_a_cut_frame_is_refused(value, data):
    """No beginning of a frame is a frame."""
    frame = encode(value)
    cut = data.draw(st.integers(0, len(frame) - 1))
    with pytest.raises(WireError):
        decode(frame[:cut])


@given(values, st.data())
def test_a_cut_body_is_refused(value, data):
    """No beginning of a body is a body, even where the header says that it is one."""
    body = encode(value)[wire.HEADER.size :]
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(WireError):
        wire.decode_body(body[:cut])


@given(st.binary(max_size=200))
def test_garbage_is_a_wire_error_or_a_value(body):
    """No bytes whatever raise anything but WireError."""
    try:
        value = wire.decode_body(body)
    except WireError:
        return
    assert same(wire.decode_body(encode(value)[wire.HEADER.size :]), value)


@given(values, st.data())
def test_one_wrong_byte_is_a_wire_error_or_another_value(value, data):
    """A frame in which one byte was changed raises nothing but WireError."""
    frame = bytearray(encode(value))
    at = data.draw(st.integers(0, len(frame) - 1))
    frame[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        decode(bytes(frame))


FLOAT64 = wire.CODES.index("f8")


def body_of_array(code=FLOAT64, sizes=(2,), data=b"\0" * 16):
    return b"a" + struct.pack(f"<BB{len(sizes)}I", code, len(sizes), *sizes) + data


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"?",
        b"NN",
        b"s\xff\xff\xff\xff",
        b"s\x02\0\0\0\xff\xff",
        b"t\xff\xff\xff\xff",
        b"t\x01\0\0\0" * 100 + b"N",
        b"m\x01\0\0\0NN",
        b"m\x02\0\0\0" + b"s\x01\0\0\0aN" * 2,
        b"hN",
        b"xN",
        b"cNN",
        b"xs\xc9\0\0\0" + b"T" * 201,
        body_of_array(code=99),
        body_of_array(sizes=(1,) * 9),
        body_of_array(sizes=(2**32 - 1, 2**32 - 1)),
        body_of_array(sizes=(0, 2**32 - 1, 2**32 - 1)),
        body_of_array(sizes=(3,)),
        body_of_array(code=0, sizes=(2,), data=b"\x01\x02"),
    ],
)
def test_malformed_bodies(body):
    """Each way to leave the protocol is refused: tags, sizes, depth, keys, truth values."""
    with pytest.raises(WireError):
        wire.decode_body(body)


def test_the_frame_as_it_was_measured_is_accepted():
    """The array that the malformed ones above are made from is itself well formed."""
    assert np.array_equal(wire.decode_body(body_of_array()), [0.0, 0.0])


@pytest.mark.parametrize(
    "header", [b"XX" + struct.pack("<I", 1), b"BB" + struct.pack("<I", wire.MAX_FRAME + 1)]
)
def test_headers(header):
    """A header without the mark, or with a size over the limit, is refused before any body."""
    with pytest.raises(WireError):
        wire.length(header)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        2**63,
        1j,
        b"bytes",
        {1: 2},
        {"a": {2}},
        np.float64(1),
        np.array([None]),
        np.array(["text"]),
        np.zeros(2).view(np.recarray),
        np.zeros((1,) * 9),
        np.broadcast_to(0.0, (2**15, 2**15)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_tag_cannot_be_sent(value):
    """A value outside the protocol is refused by the sender, and never pickled."""
    with pytest.raises(WireError):
        encode(value)


def test_a_cycle_cannot_be_sent():
    """A list that holds itself is refused, not followed for ever."""
    value = []
    value.append(value)
    with pytest.raises(WireError):
        encode(value)


def test_lone_surrogates_are_sent_as_escapes():
    """A text that is not valid Unicode does not stop an answer."""
    assert decode(encode("a\ud800b")) == "a\\ud800b"


def test_frames_cross_a_pipe_that_is_smaller_than_they_are():
    """A frame larger than the pipe's buffer arrives whole, and the end of the pipe is EOFError."""
    read, write = os.pipe()
    value = {"x": np.arange(200_000.0)}

    def sender():
        wire.send(write, value)
        os.close(write)

    thread = threading.Thread(target=sender)
    thread.start()
    try:
        assert same(wire.receive(read), value)
        with pytest.raises(EOFError):
            wire.receive(read)
    finally:
        thread.join()
        os.close(read)
