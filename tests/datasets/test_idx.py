"""read_idx against files written with `struct` alone, and against damaged and lying ones."""

import gzip
import math
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn.datasets import DatasetError, read_idx

# IDX's code: struct's letter, NumPy's name, the values that the type can hold.
TYPES = {
    0x08: ("B", "uint8", st.integers(0, 2**8 - 1)),
    0x09: ("b", "int8", st.integers(-(2**7), 2**7 - 1)),
    0x0B: ("h", "int16", st.integers(-(2**15), 2**15 - 1)),
    0x0C: ("i", "int32", st.integers(-(2**31), 2**31 - 1)),
    0x0D: ("f", "float32", st.floats(width=32)),
    0x0E: ("d", "float64", st.floats()),
}
MIB = 1 << 20


def idx(code, shape, data, first=b"\0\0", dimensions=None):
    """Return an IDX file's bytes, of whatever is asked for, right or wrong."""
    count = len(shape) if dimensions is None else dimensions
    return first + bytes([code, count]) + struct.pack(f">{len(shape)}I", *shape) + data


def write(folder, content):
    path = folder / "some.idx"
    path.write_bytes(content)
    return path


def refusal(folder, content):
    """Return the message with which a file of this content is refused, without the file's name."""
    path = write(folder, content)
    with pytest.raises(DatasetError) as caught:
        read_idx(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert "expected" in message
    assert "found" in message
    return message.removeprefix(f"{path}: ")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("idx")


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def pack(request):
    """Leave a file as it is or compress it."""
    return gzip.compress if request.param else bytes


# Reading what is right.


@given(data=st.data(), compressed=st.booleans())
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("code", TYPES)
def test_round_trip(folder, code, data, compressed):
    letter, name, values = TYPES[code]
    shape = data.draw(st.lists(st.integers(0, 4), max_size=4))
    count = math.prod(shape)
    written = struct.pack(
        f">{count}{letter}", *data.draw(st.lists(values, min_size=count, max_size=count))
    )
    content = idx(code, shape, written)

    array = read_idx(write(folder, gzip.compress(content) if compressed else content))

    assert array.shape == tuple(shape)
    assert array.dtype == np.dtype(name)
    assert array.dtype.isnative
    assert array.flags.c_contiguous
    assert array.flags.aligned
    assert array.flags.writeable
    # Bit for bit, so NaNs count too.
    assert array.astype(array.dtype.newbyteorder(">")).tobytes() == written


def test_values_and_their_order(folder, pack):
    values = [1, -2, 300, -400, 2**31 - 1, -(2**31)]
    array = read_idx(write(folder, pack(idx(0x0C, (2, 3), struct.pack(">6i", *values)))))
    assert array.tolist() == [[1, -2, 300], [-400, 2**31 - 1, -(2**31)]]


def test_many_dimensions_and_none(folder, pack):
    array = read_idx(write(folder, pack(idx(0x08, (1,) * 31 + (2,), b"ab"))))
    assert array.shape == (1,) * 31 + (2,)
    assert array.ravel().tolist() == [97, 98]
    assert read_idx(write(folder, pack(idx(0x0E, (), struct.pack(">d", 0.1))))) == 0.1


def test_larger_than_one_step_of_reading(folder, pack):
    data = np.random.default_rng(0).bytes(2 * MIB + 5)
    array = read_idx(write(folder, pack(idx(0x08, (2 * MIB + 5,), data))))
    assert array.tobytes() == data


def test_the_array_is_the_callers_own(folder):
    path = write(folder, idx(0x08, (2,), b"\1\2"))
    array = read_idx(path)
    array += 1
    assert array.tolist() == [2, 3]
    assert read_idx(path).tolist() == [1, 2]


def test_content_decides_about_compression_and_not_the_name(tmp_path):
    content = idx(0x08, (2,), b"\1\2")
    (tmp_path / "plain.gz").write_bytes(content)
    (tmp_path / "compressed.idx").write_bytes(gzip.compress(content))
    assert read_idx(tmp_path / "plain.gz").tolist() == [1, 2]
    assert read_idx(tmp_path / "compressed.idx").tolist() == [1, 2]


def test_kinds_of_path(folder):
    class Somewhere:
        def __fspath__(self):
            return str(path)

    path = write(folder, idx(0x08, (2,), b"\1\2"))
    for given_path in (str(path), Path(path), Somewhere()):
        assert read_idx(given_path).tolist() == [1, 2]


def test_gzip_of_several_members_and_padding(folder):
    content = idx(0x0B, (3,), struct.pack(">3h", 1, 2, 3))
    for cut in range(len(content) + 1):
        members = gzip.compress(content[:cut]) + gzip.compress(content[cut:])
        assert read_idx(write(folder, members + b"\0" * 100)).tolist() == [1, 2, 3]


# Refusing what is wrong.


def test_header_of_another_format(folder, pack):
    assert "two zero bytes, found 0x504b" in refusal(folder, pack(b"PK\3\4 and so on"))
    assert "two zero bytes, found 0x0001" in refusal(folder, pack(b"\0\1\x08\1\0\0\0\0"))
    assert "two zero bytes, found 0x0100" in refusal(folder, pack(b"\1\0\x08\1\0\0\0\0"))


@pytest.mark.parametrize("code", [0x00, 0x07, 0x0A, 0x0F, 0xFF])
def test_unknown_type(folder, pack, code):
    message = refusal(folder, pack(idx(code, (1,), b"\0" * 8)))
    assert "0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e" in message
    assert message.endswith(f"found 0x{code:02x}")


@pytest.mark.parametrize("size", range(4))
def test_empty_or_hardly_more(folder, pack, size):
    message = refusal(folder, pack(b"\0\0\x08\1"[:size]))
    assert message == f"expected an IDX header of at least 4 bytes, found {size}"


def test_header_cut_short(folder, pack):
    message = refusal(folder, pack(idx(0x08, (1, 2), b"", dimensions=3)))
    assert "truncated, expected the sizes of 3 dimensions in 12 bytes, found 8" in message


def test_too_few_and_too_many_elements(folder, pack):
    claim = "expected 12 bytes for int16 of shape (2, 3), found "
    assert refusal(folder, pack(idx(0x0B, (2, 3), b"\0" * 11))) == f"truncated, {claim}11"
    assert refusal(folder, pack(idx(0x0B, (2, 3), b"\0" * 13))).startswith(f"too long, {claim}more")


def test_more_dimensions_than_numpy_has(folder, pack):
    for dimensions in (33, 65, 255):
        message = refusal(folder, pack(idx(0x08, (1,) * dimensions, b"a")))
        assert message == f"expected at most 32 dimensions, found {dimensions}"


def test_no_elements_in_an_impossible_shape(folder, pack):
    message = refusal(folder, pack(idx(0x0E, (0, 2**32 - 1, 2**32 - 1, 2**32 - 1), b"")))
    assert "a shape that NumPy can hold, found (0, 4294967295, 4294967295, 4294967295)" in message


@pytest.mark.parametrize(
    "shape",
    [(2**32 - 1, 2**32 - 1), (2**32 - 1,) * 32, (2**16, 2**16, 2**16, 2**16), (60000, 28, 28)],
    ids=["2^64", "2^1024", "0 in 64 bits", "MNIST's"],
)
def test_a_lying_header_gets_no_memory(folder, pack, shape):
    content = pack(idx(0x0E, shape, b"\0" * 100))
    tracemalloc.start()
    try:
        message = refusal(folder, content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert f"truncated, expected {8 * math.prod(shape)} bytes for float64 of shape" in message
    assert message.endswith("found 100")
    assert peak < 4 * MIB


def test_a_gzip_bomb_gets_no_memory(folder):
    bomb = gzip.compress(idx(0x08, (10,), b"\0" * 64 * MIB), compresslevel=1)
    tracemalloc.start()
    try:
        message = refusal(folder, bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message.startswith("too long, expected 10 bytes for uint8 of shape (10,)")
    assert peak < 4 * MIB


@pytest.mark.parametrize(("real", "error"), [(64 * MIB - 1, "truncated"), (65 * MIB, "too long")])
def test_a_gzip_bomb_that_nearly_holds_what_it_claims_gets_no_memory(folder, real, error):
    bomb = gzip.compress(idx(0x08, (64, MIB), b"\0" * real), compresslevel=1)
    tracemalloc.start()
    try:
        message = refusal(folder, bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message.startswith(f"{error}, expected {64 * MIB} bytes for uint8 of shape (64, ")
    assert peak < 8 * MIB


def test_much_of_the_same_is_read_all_the_same(folder):
    content = gzip.compress(idx(0x08, (4, MIB), b"\7" * (4 * MIB)))
    assert len(content) < 4 * MIB / 200
    array = read_idx(write(folder, content))
    assert array.shape == (4, MIB)
    assert (array == 7).all()


def test_a_plain_file_is_not_read_before_its_size_is_known_to_be_right(folder):
    path = write(folder, idx(0x08, (4, MIB), b"\0" * (4 * MIB - 1)))
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match=f"truncated, .* found {4 * MIB - 1}$"):
            read_idx(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MIB


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_or_a_device_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path / "pipe", "pipe"), ("/dev/zero", "device")):
        with pytest.raises(DatasetError, match=f"^{path}: expected a file, got a {kind}$"):
            read_idx(path)


def test_every_cut_is_refused(folder, pack):
    content = pack(idx(0x0B, (2, 3), struct.pack(">6h", *range(6))))
    for size in range(len(content)):
        refusal(folder, content[:size])


def test_no_damage_to_gzip_gives_a_wrong_array(folder):
    good = gzip.compress(idx(0x0B, (2, 3), struct.pack(">6h", *range(6))), mtime=0)
    refused = 0
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 0xFF
        try:
            array = read_idx(write(folder, bytes(bad)))
        except DatasetError:
            refused += 1
        else:
            assert array.tolist() == [[0, 1, 2], [3, 4, 5]], f"byte {place}"
    # The time, the extra flags and the system, six bytes, mean nothing to the content.
    assert refused == len(good) - 6


def test_gzip_refusals_say_that_it_is_gzip(folder):
    good = gzip.compress(idx(0x08, (2,), b"\1\2"))
    for bad in (good[:-1], good + b"junk", good[:-8] + b"\0" * 8, good[:2] + b"\7" + good[3:]):
        assert refusal(folder, bad).startswith("expected a whole gzip file, found damage: ")


@given(content=st.binary(max_size=64), compressed=st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(folder, content, compressed):
    start = b"\0\0\x08" + content
    path = write(folder, gzip.compress(start) if compressed else start)
    try:
        array = read_idx(path)
    except DatasetError:
        return
    assert start == idx(0x08, array.shape, array.tobytes())


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_idx(tmp_path / "nowhere.idx")


@pytest.mark.parametrize("path", [3, None, b"bytes.idx", ["a.idx"]])
def test_what_is_no_path(path):
    kind = type(path).__name__
    with pytest.raises(TypeError, match=f"^path: expected str or os.PathLike, found {kind}$"):
        read_idx(path)


def test_a_directory_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match=tmp_path.name):
        read_idx(tmp_path)
