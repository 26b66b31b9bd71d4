"""The HDF5 reader: what Keras and h5py write, and what damaged and hostile files are."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models_of_keras import SMALL, small_arrays

from fastnn.export.hdf5 import HDF5File

with zipfile.ZipFile(SMALL) as _archive:
    CONTENT = _archive.read("model.weights.h5")
GROUPS = ("layers/dense/vars", "layers/dense_1/vars", "layers/dense_2/vars")
SIGNATURES = [
    at for at in range(0, len(CONTENT), 8) if CONTENT[at : at + 4] in (b"TREE", b"SNOD", b"HEAP")
]


def all_of(content):
    file = HDF5File(content)
    return [file.arrays(group) for group in GROUPS]


def patched(at, layout, *values):
    content = bytearray(CONTENT)
    struct.pack_into(layout, content, at, *values)
    return bytes(content)


def test_what_keras_wrote():
    first, first_bias, second, second_bias, third = small_arrays()
    expected = [{"0": first, "1": first_bias}, {"0": second, "1": second_bias}, {"0": third}]
    for found, arrays in zip(all_of(CONTENT), expected, strict=True):
        assert found.keys() == arrays.keys()
        for name, array in arrays.items():
            assert found[name].dtype == array.dtype
            assert found[name].tobytes() == array.tobytes()
            assert found[name].shape == array.shape
            assert not found[name].flags.writeable


def test_what_is_not_there():
    file = HDF5File(CONTENT)
    for path in ("layers/conv/vars", "", "layers/dense/vars/0/1"):
        with pytest.raises(ValueError, match="expected"):
            file.arrays(path)


def test_truncated_files():
    whole = CONTENT.index(small_arrays()[4].tobytes()) + small_arrays()[4].nbytes
    for length in range(0, whole, 97):
        with pytest.raises(ValueError, match="expected"):
            all_of(CONTENT[:length])


def place_of(view):
    """Where in CONTENT a part of it begins."""
    start, whole = (np.frombuffer(v, "u1").__array_interface__["data"][0] for v in (view, CONTENT))
    return start - whole


def headers_of(group):
    """Addresses of the headers of a group's arrays, by name."""
    file = HDF5File(CONTENT)
    file.arrays(group)
    return list(file._groups.values())[-1]


def test_circles():
    """Everywhere an address may lead back to where it was read."""
    assert len(SIGNATURES) > 20
    refused = 0
    for at in SIGNATURES:
        if CONTENT[at : at + 4] == b"TREE" and struct.unpack_from("<H", CONTENT, at + 6)[0]:
            with pytest.raises(ValueError, match="expected"):
                list(HDF5File(patched(at + 32, "<Q", at))._entries(at))
            refused += 1
    assert refused > 5


def test_a_tree_whose_children_are_itself():
    """Two of them double with each level: without a bound it would never end."""
    content = CONTENT + b"TREE" + struct.pack("<BBH", 0, 9, 2) + bytes(16)
    content += 2 * struct.pack("<QQ", 0, len(CONTENT))
    with pytest.raises(ValueError, match="whose parts don't overlap"):
        list(HDF5File(content)._entries(len(CONTENT)))


def test_the_same_array_again_and_again():
    """Links to one array cost few bytes; copies of it would cost memory."""
    one, other = headers_of(GROUPS[0]).values()
    at = CONTENT.index(struct.pack("<Q", other))
    file = HDF5File(patched(at, "<Q", one))
    file._left = 2500  # as in a file with little else
    with pytest.raises(ValueError, match="whose parts don't overlap"):
        file.arrays(GROUPS[0])


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("size", [0, 1, 2**31, 2**62, 2**64 - 1])
def test_shapes_that_lie(axis, size):
    header = headers_of(GROUPS[1])["0"]
    at = place_of(HDF5File(CONTENT)._messages(header)[1]) + 8 + 8 * axis
    assert struct.unpack_from("<Q", CONTENT, at) == ((6, 5)[axis],)
    tracemalloc.start()
    with pytest.raises(ValueError, match="shape that the file has room for|bytes of an array, got"):
        all_of(patched(at, "<Q", size))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


def test_two_names_that_are_the_same():
    at = CONTENT.index(b"0\0\0\0\0\0\0\0" + b"1\0\0\0\0\0\0\0") + 8
    with pytest.raises(ValueError, match="names that differ"):
        all_of(patched(at, "c", b"0"))


def test_names_that_are_elsewhere():
    for at in SIGNATURES:
        if CONTENT[at : at + 4] == b"HEAP":
            with pytest.raises(ValueError, match="a heap of names"):
                list(HDF5File(patched(at, "c", b"X"))._names(at))


@pytest.mark.parametrize(
    ("back", "layout", "value"),
    [(4, "B", 2), (6, "<H", 0xFFF8), (8, "<H", 3)],
    ids=["shared", "longer than its block", "a type twice"],
)
def test_messages_that_lie(back, layout, value):
    header = headers_of(GROUPS[0])["0"]
    at = place_of(HDF5File(CONTENT)._messages(header)[8])
    with pytest.raises(ValueError, match="one whole message of each type"):
        all_of(patched(at - back, layout, value))


NUMBERS = st.one_of(
    st.sampled_from([0, 1, 2, 3, 8, 0x10, 0xFF, 0xFFFF, 2**31, 2**32 - 1, 2**63, 2**64 - 1]),
    st.sampled_from([*SIGNATURES, len(CONTENT), len(CONTENT) - 8]),
    st.integers(0, len(CONTENT)),
)
# Where the addresses and the sizes are: half of the file is free space.
PLACES = [at for at in range(len(CONTENT) - 8) if CONTENT[at : at + 8] != bytes(8)]
CHANGES = st.tuples(st.sampled_from(PLACES), st.sampled_from("BHIQ"), NUMBERS)


@settings(max_examples=200, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_files_with_any_numbers_anywhere(changes):
    """Nothing but a ValueError, in memory and time that are bounded."""
    content = bytearray(CONTENT)
    for at, layout, value in changes:
        size = struct.calcsize(layout)
        content[at : at + size] = (value % 256**size).to_bytes(size, "little")
    tracemalloc.start()
    try:
        found = all_of(bytes(content))
    except ValueError:
        pass
    else:
        assert sum(a.nbytes for arrays in found for a in arrays.values()) <= len(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * len(content)


# What h5py writes, which comes with Keras.


@pytest.fixture
def written():
    h5py = pytest.importorskip("h5py", reason="h5py, which comes with keras, is not installed")

    def write(fill, **options):
        file = io.BytesIO()
        with h5py.File(file, "w", **options) as root:
            fill(h5py, root.create_group("a/b"))
        return HDF5File(file.getvalue()).arrays("a/b")

    return write


ARRAYS = {
    "float16": np.arange(6, dtype="f2").reshape(2, 3),
    "float32": np.arange(6, dtype="f4").reshape(2, 3),
    "float64": np.arange(6, dtype="f8").reshape(2, 3),
    "number": np.array(2.5, "f4"),
    "axes": np.arange(24, dtype="f4").reshape(2, 3, 1, 4),
    "large": np.random.default_rng(0).random((300, 400)),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(written, name):
    found = written(lambda _, group: group.update({"x": ARRAYS[name]}))
    assert found["x"].dtype == ARRAYS[name].dtype
    assert found["x"].shape == ARRAYS[name].shape
    assert found["x"].tobytes() == ARRAYS[name].tobytes()


def test_groups_of_many(written):
    """Their B-trees have several levels, and their headers other messages."""

    def fill(_, group):
        for k in range(300):
            group[f"{k:x} and a long name {'x' * (k % 50)}"] = np.float32(k)
            group[f"{k:x} and a long name {'x' * (k % 50)}"].attrs.update({"of": "no interest"})

    found = written(fill)
    assert len(found) == 300
    assert all(int(name.split()[0], 16) == value for name, value in found.items())


def test_compact_arrays(written):
    def fill(h5py, group):
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((3,))
        kind = h5py.h5t.IEEE_F32LE
        data = h5py.h5d.create(group.id, b"x", kind, space, settings)
        data.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(3, dtype="f4"))

    assert written(fill)["x"].tolist() == [0, 1, 2]


REFUSED = {
    "whole numbers": (lambda _, g: g.update(x=np.arange(3)), "little-endian IEEE floats"),
    "big-endian": (lambda _, g: g.update(x=np.arange(3, dtype=">f4")), "little-endian IEEE floats"),
    "texts": (lambda _, g: g.update(x="text"), "little-endian IEEE floats"),
    "pieces": (lambda _, g: g.create_dataset("x", data=np.ones(9), chunks=(3,)), "in one piece"),
    "compressed": (
        lambda _, g: g.create_dataset("x", data=np.ones(9), compression="gzip"),
        "not compressed",
    ),
    "nothing": (lambda _, g: g.create_dataset("x", (3,), "f4"), "ends too early"),
    "empty": (lambda _, g: g.update(x=np.zeros((0, 3))), "that the file has room for"),
    "soft link": (lambda h, g: g.update(x=h.SoftLink("/a")), "expected no links"),
    "external": (lambda h, g: g.update(x=h.ExternalLink("/", "/a")), "a group of version 1"),
    "group": (lambda _, g: g.create_group("x"), "expected a shape in an object's header"),
    "new group": (
        lambda _, g: g.create_group("x", track_order=True),
        "object headers of version 1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_else_there_is(written, name):
    fill, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        written(fill)


@pytest.mark.parametrize("libver", ["v108", "latest"])
def test_newer_files(written, libver):
    with pytest.raises(ValueError, match="a superblock of version 0"):
        written(lambda _, group: group.update(x=np.ones(3)), libver=libver)


def test_a_user_block(written):
    with pytest.raises(ValueError, match="a superblock of version 0"):
        written(lambda _, group: group.update(x=np.ones(3)), userblock_size=512)
