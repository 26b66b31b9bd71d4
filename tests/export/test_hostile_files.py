"""Files of networks that are damaged, lie, or want memory: the same network, or one ValueError."""

import io
import json
import random
import struct
import tracemalloc

import numpy as np
import pytest
from exported import everything
from hypothesis import given, settings
from hypothesis import strategies as st

import fastnn
from fastnn.export.onnx import read_onnx, to_onnx
from fastnn.export.onnx.schema import (
    ATTRIBUTE,
    ATTRIBUTE_TYPES,
    GRAPH,
    MODEL,
    NODE,
    OPSET,
    TENSOR,
    TYPE_CODES,
    VALUE,
)
from fastnn.export.onnx.wire import chunk, whole
from fastnn.export.safetensors import read_safetensors, to_safetensors
from fastnn.model.portable import PortableNetwork

MIB = 1 << 20
RANDOM = 400  # damaged files of each kind, for lack of time: 20,000 were tried as well
WRITERS = {"onnx": to_onnx, "safetensors": to_safetensors}
READERS = {"onnx": read_onnx, "safetensors": read_safetensors}
KINDS = pytest.mark.parametrize("kind", WRITERS)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A small network's file of each kind, its content, and what is in it."""
    net = fastnn.Network([2, 2, 1], "gelu", seed=0, input_scale=0.3)
    found = {}
    for kind, write in WRITERS.items():
        path = tmp_path_factory.mktemp("hostile") / f"net.{kind}"
        write(net, path, classes=["no", "yes"])
        found[kind] = path, path.read_bytes(), everything(PortableNetwork.of(net, ["no", "yes"]))
    return found


def read(path, content, kind):
    """What is in a file of this content, None if it is refused as it should be."""
    path.write_bytes(content)
    try:
        return everything(READERS[kind](path))
    except ValueError as error:
        message = str(error)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return None


@KINDS
def test_every_other_byte_flipped(files, kind):
    path, content, expected = files[kind]
    rng, refused = random.Random(2), 0
    for place in range(rng.randrange(2), len(content), 2):
        damaged = bytearray(content)
        damaged[place] ^= rng.choice([0x01, 0x80, 0xFF])
        found = read(path, damaged, kind)
        assert found in (None, expected), (place, damaged[place])
        refused += found is None
    assert refused > 0.25 * len(content)  # the rest are names that mean nothing


@KINDS
def test_every_end(files, kind):
    path, content, expected = files[kind]
    for end in range(0, len(content), 3):
        assert read(path, content[:end], kind) is None, end
    assert read(path, content, kind) == expected
    assert read(path, content + b"\x00", kind) is None


# What numbers are overwritten with: in both formats, little-endian and in groups of seven bits.
HUGE = [
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\xff" * 10,
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00",
    b"\xff\xff\xff\xff\x07",
    b"\x80" * 4 + b"\x01",
    bytes(8),
    b"9999999999999999999",
    b"-1",
    b"1e999",
    b"NaN",
    b"null",
    b"[[[[[[",
    b'"' * 3,
]


@KINDS
def test_parts_that_are_gone_twice_there_or_overwritten(files, kind):
    path, content, expected = files[kind]
    rng, refused = random.Random(0), 0
    for _ in range(RANDOM):
        start = rng.randrange(len(content))
        end = min(len(content), start + rng.choice([1, 2, 8, 60, 400]))
        part = rng.choice([b"", content[start:end] * 2, rng.randbytes(end - start), *HUGE])
        damaged = content[:start] + part + content[rng.choice([start, end]) :]
        found = read(path, damaged, kind)
        assert found in (None, expected), (start, end, part)
        refused += found is None
    assert refused > 0.7 * RANDOM


@KINDS
@settings(max_examples=RANDOM // 5, deadline=None)
@given(data=st.data())
def test_any_bytes(files, kind, data):
    path, content, expected = files[kind]
    edits = st.tuples(st.integers(0, len(content)), st.integers(0, 12), st.binary(max_size=12))
    damaged = data.draw(st.binary(max_size=200) | edits)
    if isinstance(damaged, tuple):
        place, length, part = damaged
        damaged = content[:place] + part + content[place + length :]
    assert read(path, damaged, kind) in (None, expected)


def without_digest(content):
    """An ONNX model whose metadata nobody reads: whatever is damaged may make another network."""
    return content.replace(b"fastnn_", b"others_")


def test_models_of_others_damaged(files):
    """Nothing protects their numbers; still all that is wrong is one ValueError."""
    path, content, _ = files["onnx"]
    content, rng, found = without_digest(content), random.Random(1), set()
    assert read(path, content, "onnx") is not None
    for _ in range(RANDOM):
        damaged = bytearray(content)
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(content))
            bit = 1 << rng.randrange(8)
            damaged[place] = rng.choice([0, 1, 0x7F, 0xFF, damaged[place] ^ bit])
        found.add(read(path, damaged, "onnx") is None)
    assert found == {True, False}


# Models that want memory. A model is small; what it would become is not.


def model(*graph):
    return b"".join(
        [
            *whole(MODEL["ir_version"], 8),
            *chunk(MODEL["opset_import"], *whole(OPSET["version"], 13)),
            *chunk(MODEL["graph"], *graph, *named("input", "x"), *named("output", "y")),
        ]
    )


def named(field, name):
    return chunk(GRAPH[field], *chunk(VALUE["name"], name))


def tensor(name, dims, data, dtype="float32"):
    return chunk(
        GRAPH["initializer"],
        *(part for n in dims for part in whole(TENSOR["dims"], n)),
        *whole(TENSOR["data_type"], TYPE_CODES[dtype]),
        *chunk(TENSOR["name"], name),
        *chunk(TENSOR["raw_data"], data),
    )


def node(operator, inputs, output, *attributes):
    return chunk(
        GRAPH["node"],
        *(part for each in inputs for part in chunk(NODE["input"], each)),
        *chunk(NODE["output"], output),
        *chunk(NODE["op_type"], operator),
        *attributes,
    )


def product(dims, data=b""):
    return [*tensor("w", dims, data), *node("MatMul", ["x", "w"], "y")]


def chain(operator, count, *constants, first="x"):
    """So many nodes, one after the other."""
    names = [first, *(f"v{i}" for i in range(count - 1)), "y"]
    pairs = zip(names, names[1:])
    return [part for a, b in pairs for part in node(operator, [a, *constants], b)]


SQUARE = np.ones((100, 100), np.float32).tobytes()
COLUMN = np.ones((10_000, 1), np.float32).tobytes()
HUNGRY = {
    "a shape": product([1 << 20, 1 << 20]),
    "a shape and nothing": product([1 << 40, 0]),
    "a negative shape": product([-1, -4], bytes(16)),
    "an overflow": product([1 << 32, 1 << 32], bytes(16)),
    "axes": product([1] * 4000 + [4], bytes(16)),
    "a layer often": [*tensor("w", [100, 100], SQUARE), *chain("MatMul", 2000, "w")],
    "a bias often": [
        *tensor("w", [1, 10_000], COLUMN),
        *tensor("b", [10_000], COLUMN),
        *node("MatMul", ["x", "w"], "v"),
        *chain("Add", 2000, "b", first="v"),
    ],
    "a scale often": [*tensor("b", [10_000], COLUMN), *chain("Mul", 1000, "b")],
    "functions": [*product([1, 1], bytes(4))[:-9], *chain("Tanh", 4000)],
    "nodes": chunk(GRAPH["node"]) * 100_000,
    "tensors": chunk(GRAPH["initializer"]) * 100_000,
    "inputs": named("input", "") * 50_000,
    "attributes": node("Relu", ["x"], "y", *chunk(NODE["attribute"]) * 100_000),
    "many numbers": node(
        "Relu",
        ["x"],
        "y",
        *chunk(
            NODE["attribute"],
            *chunk(ATTRIBUTE["name"], "n"),
            *chunk(ATTRIBUTE["ints"], bytes(1_000_000)),
            *whole(ATTRIBUTE["type"], ATTRIBUTE_TYPES["ints"]),
        ),
    ),
    "dims at once": chunk(GRAPH["initializer"], *chunk(TENSOR["dims"], bytes([1]) * 1_000_000)),
}


@pytest.mark.parametrize("name", HUNGRY)
def test_a_model_gets_no_more_memory_than_it_has_bytes(name, tmp_path):
    path, content = tmp_path / "net.onnx", model(*HUNGRY[name])
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="net.onnx: ") as caught:
            read_onnx(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)
    assert peak < 4 * MIB + len(content)


def test_a_function_of_itself(tmp_path):
    """Its formula would double with each node."""
    pairs = [(f"v{i}", f"v{i + 1}") for i in range(60)]
    nodes = [part for a, b in pairs for part in node("Mul", [a, a], b)]
    content = model(*tensor("w", [1, 1], bytes(4)), *node("MatMul", ["x", "w"], "v0"), *nodes)
    assert read(tmp_path / "net.onnx", content, "onnx") is None


@pytest.mark.parametrize(
    "header",
    [
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":[' + b"[]," * 80_000 + b"[]]}",
        json.dumps({f"{i}": {} for i in range(20_000)}).encode(),
        json.dumps({"__metadata__": {str(i): "" for i in range(20_000)}}).encode(),
        b'{"weight": {"dtype": "F32", "shape": [1073741824], "data_offsets": [0, 4294967296]}}',
        b" " * (1 << 18),
    ],
    ids=["nested", "lists", "entries", "texts", "a shape", "spaces"],
)
def test_a_header_gets_no_more_memory_than_json_takes(header, tmp_path):
    path = tmp_path / "net.safetensors"
    content = io.BytesIO()
    content.write(struct.pack("<Q", len(header)) + header)
    tracemalloc.start()
    try:
        assert read(path, content.getvalue(), "safetensors") is None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10 * MIB


def test_sizes_that_lie(tmp_path):
    path = tmp_path / "net.safetensors"
    for size in (0, 1, 3, 1 << 20, 1 << 40, (1 << 64) - 1):
        assert read(path, struct.pack("<Q", size) + b"{}", "safetensors") is None
