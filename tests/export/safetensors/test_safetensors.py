"""Networks in safetensors files: to others' readers, from others' writers, and back to the bit."""

import json
import struct

import numpy as np
import pytest
from exported import (
    ALL_ACTIVATIONS,
    CLASSES,
    everything,
    kinds,
    of_activation,
    rows,
    with_negative_zeros,
)

import fastnn
from fastnn.export.safetensors import from_safetensors, read_safetensors, to_safetensors
from fastnn.model.portable import PortableNetwork


def save(path, arrays, metadata=None, **codes):
    """A file as others write it; `codes` are the dtypes of those that NumPy does not have."""
    header, data = {} if metadata is None else {"__metadata__": metadata}, b""
    names = {"float16": "F16", "float32": "F32", "float64": "F64", "int64": "I64"}
    for name, array in arrays.items():
        start, data = len(data), data + array.tobytes()
        dtype = codes.get(name.replace(".", "_"), names.get(array.dtype.name))
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [start, len(data)]}
    write(path, header, data)


def write(path, header, data):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


W1, W2 = rows(4, 5).astype(np.float32), rows(5, 3).astype(np.float32)
B1, B2 = rows(1, 5)[:, 0].astype(np.float32), rows(1, 3)[:, 0].astype(np.float32)
ARRAYS = {"0.weight": W1, "0.bias": B1, "2.weight": W2, "2.bias": B2}
ASKED = {"activation": "relu", "output_activation": "softmax"}


@pytest.mark.parametrize("name", kinds())
def test_every_kind_of_network_comes_back(name, tmp_path):
    net, path = with_negative_zeros(kinds()[name]), tmp_path / "net.safetensors"
    to_safetensors(net, path)
    assert everything(from_safetensors(path)) == everything(net)


@pytest.mark.parametrize("activation", ALL_ACTIVATIONS)
def test_every_activation_and_classes_come_back(activation, tmp_path):
    net, path = of_activation(activation, "float64"), tmp_path / "net.safetensors"
    to_safetensors(net, path, classes=CLASSES)
    assert everything(read_safetensors(path)) == everything(PortableNetwork.of(net, CLASSES))


def test_the_file_is_as_the_format_wants_it(tmp_path):
    path = tmp_path / "net.safetensors"
    for classes in (None, ["a", "bb"], ["ccc", "dddd"]):
        to_safetensors(fastnn.Network([3, 5, 2], seed=0), path, classes=classes)
        content = path.read_bytes()
        (size,) = struct.unpack("<Q", content[:8])
        assert size % 8 == 0
        header = json.loads(content[8 : 8 + size])
        texts = header.pop("__metadata__")
        assert all(isinstance(text, str) for text in texts.values())
        assert list(header) == ["0.weight", "0.bias", "2.weight", "2.bias"]
        assert header["2.weight"] == {"dtype": "F32", "shape": [2, 5], "data_offsets": [80, 120]}
        assert len(content) == 8 + size + 128


def test_the_package_safetensors_reads_it(tmp_path):
    safetensors = pytest.importorskip("safetensors", reason="safetensors is not installed")
    from safetensors.numpy import load_file

    net, path = kinds()["each layer its own"], tmp_path / "net.safetensors"
    to_safetensors(net, path, classes=CLASSES)
    arrays = load_file(path)
    assert set(arrays) == {f"{2 * l}.{kind}" for l in range(4) for kind in ("weight", "bias")}
    for l in range(4):
        np.testing.assert_array_equal(arrays[f"{2 * l}.weight"], net.weights[l])
        np.testing.assert_array_equal(arrays[f"{2 * l}.bias"], net.biases[l][:, 0])
    with safetensors.safe_open(path, "np") as file:
        texts = file.metadata()
    assert json.loads(texts["sizes"]) == [4, 6, 5, 4, 3]
    assert json.loads(texts["activations"]) == ["silu", "softmax", "identity", "softmax"]
    assert json.loads(texts["classes"]) == CLASSES
    assert (texts["format"], texts["fastnn_version"]) == ("pt", fastnn.__version__)


def test_pytorch_loads_it_without_renaming(tmp_path):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    from safetensors.torch import load_file

    net, path = of_activation("silu"), tmp_path / "net.safetensors"
    to_safetensors(net, path)
    nn = torch.nn
    module = nn.Sequential(
        nn.Linear(5, 7), nn.SiLU(), nn.Linear(7, 4), nn.SiLU(), nn.Linear(4, 3), nn.SiLU()
    )
    module.load_state_dict(load_file(path))
    x = rows(5).astype(np.float32)
    outputs = module(torch.from_numpy(x * np.float32(0.3))).detach().numpy()
    np.testing.assert_allclose(outputs, net.feedforward(x), rtol=1e-5, atol=1e-6)


def test_what_the_package_safetensors_writes(tmp_path):
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    from safetensors.numpy import save_file

    path = tmp_path / "net.safetensors"
    save_file(ARRAYS, path)
    net = from_safetensors(path, **ASKED)
    np.testing.assert_array_equal(net.weights[1], W2)
    np.testing.assert_array_equal(net.biases[0][:, 0], B1)


def test_files_of_others_do_not_say_their_activations(tmp_path):
    path = tmp_path / "net.safetensors"
    save(path, ARRAYS)
    net = from_safetensors(path, **ASKED, cost="quadratic")
    assert (net.sizes, net.activation, net.output_activation) == ([4, 5, 3], "relu", "softmax")
    assert net.cost == "quadratic"
    assert from_safetensors(path, **ASKED).cost == "log_likelihood"
    assert from_safetensors(path, **{**ASKED, "activation": ["gelu"]}).activation == "gelu"
    save(path, {"weight": W1})
    assert from_safetensors(path, output_activation="sigmoid").cost == "cross_entropy"
    save(path, ARRAYS)
    own = fastnn.UserActivation(abs, abs, name="own")
    for options, error, message in [
        ({}, ValueError, "activation: expected the layers', as the file does not say it"),
        ({"activation": "relu"}, ValueError, "output_activation: expected the layers'"),
        ({**ASKED, "activation": ["relu"] * 2}, ValueError, "one for each of the 1 hidden layers"),
        ({**ASKED, "activation": "reLU"}, ValueError, "activation: expected one of"),
        ({**ASKED, "activation": own}, TypeError, "activation: expected names"),
        ({**ASKED, "cost": "cross_entropy"}, ValueError, "expected sigmoid with the cross_ent"),
    ]:
        with pytest.raises(error, match=message):
            from_safetensors(path, **options)
    to_safetensors(kinds()["classes"], path)
    for name, value in ASKED.items():
        with pytest.raises(ValueError, match=f"{name}: expected None, as the file says it"):
            from_safetensors(path, **{name: value})


@pytest.mark.parametrize("prefix", ["layers.{}.", "fc{}.", "{}_", "net.fc{}."])
def test_names_are_ordered_by_their_numbers(prefix, tmp_path):
    sizes = [(l % 3) + 2 for l in range(13)]
    weights = [rows(m, n).astype(np.float32) for m, n in zip(sizes, sizes[1:])]
    arrays = {f"{prefix.format(l)}weight": w for l, w in enumerate(weights)}
    shuffled = {name: arrays[name] for name in sorted(arrays, key=lambda name: name[::-1])}
    save(tmp_path / "net.safetensors", shuffled)
    net = from_safetensors(tmp_path / "net.safetensors", **ASKED)
    assert net.sizes == sizes
    for w, given in zip(net.weights, weights):
        np.testing.assert_array_equal(w, given)


def test_floats_of_16_bits(tmp_path):
    path, half = tmp_path / "net.safetensors", W1.astype(np.float16)
    brain = (W2.view(np.uint32) >> 16).astype(np.uint16)
    save(path, {"0.weight": half, "2.weight": brain}, **{"2_weight": "BF16"})
    net = from_safetensors(path, **ASKED)
    assert net.dtype == np.float32
    np.testing.assert_array_equal(net.weights[0], half.astype(np.float32))
    expected = (W2.view(np.uint32) >> 16 << 16).view(np.float32)
    np.testing.assert_array_equal(net.weights[1], expected)
    assert not np.any(net.biases[1])
    save(path, {"0.weight": half, "2.weight": W2.astype(np.float64)})
    assert from_safetensors(path, **ASKED).dtype == np.float64


HEADER = {
    "0.weight": {"dtype": "F32", "shape": [5, 4], "data_offsets": [0, 80]},
    "0.bias": {"dtype": "F32", "shape": [5], "data_offsets": [80, 100]},
}


def header_with(name="0.weight", **changes):
    return {**HEADER, name: {**HEADER[name], **changes}}


# Headers that lie about 100 bytes of data, and what is said of them.
LIES = {
    "no JSON": (b'{"0.weight": ', "damaged"),
    "a list": (b"[]", "the header is no object"),
    "a number": (b"17", "the header is no object"),
    "no text": (b"\xff\xfe{}", "damaged"),
    "nested": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "nested too deep"),
    "twice": (b'{"a": 1, "a": 1}', "comes twice"),
    "texts": ({**HEADER, "__metadata__": {"a": 1}}, "expected texts by name"),
    "an entry": ({**HEADER, "0.weight": [1]}, "expected its dtype, shape and data_offsets"),
    "unknown": (header_with(more=1), "expected its dtype, shape and data_offsets"),
    "dtype": (header_with(dtype="F8_E4M3"), "'0.weight': expected one of F64, F32"),
    "no dtype": (header_with(dtype=["F32"]), "expected one of F64, F32"),
    "shape": (header_with(shape=[5, 5]), "'0.weight': expected 100 bytes"),
    "negative": (header_with(shape=[-5, -4]), "expected a shape and two offsets"),
    "zero": (header_with(shape=[1 << 40, 0], data_offsets=[0, 0]), "expected a shape"),
    "huge": (header_with(shape=[1 << 62, 1 << 62]), "expected .* bytes"),
    "floats": (header_with(shape=[5.0, 4.0]), "expected a shape"),
    "true": (header_with(shape=[True, 20]), "expected a shape"),
    "many axes": (header_with(shape=[1] * 9 + [20]), "expected a shape"),
    "offsets": (header_with(data_offsets=[0]), "two offsets"),
    "backwards": (header_with(data_offsets=[80, 0]), "expected 80 bytes"),
    "overlap": (header_with("0.bias", data_offsets=[40, 60]), "expected its bytes from 80 on"),
    "gap": (header_with("0.bias", data_offsets=[84, 104]), "expected its bytes from 80 on"),
    "left over": ({"0.weight": HEADER["0.weight"]}, "20 bytes after the last array"),
    "beyond": (
        {"0.weight": {"dtype": "F32", "shape": [10, 4], "data_offsets": [0, 160]}},
        "within the file",
    ),
    "later": ({**HEADER, "__metadata__": {"fastnn_format": "2"}}, "a later fastnn may have"),
    "missing": ({**HEADER, "__metadata__": {"fastnn_format": "1"}}, "activations: expected it"),
}


@pytest.mark.parametrize("name", LIES)
def test_headers_that_lie(name, tmp_path):
    header, message = LIES[name]
    write(tmp_path / "net.safetensors", header, bytes(100))
    with pytest.raises(ValueError, match=message) as caught:
        from_safetensors(tmp_path / "net.safetensors", **ASKED)
    assert str(caught.value).startswith(f"{tmp_path}/net.safetensors: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "expected weights, found none"),
        ({"0.weight": B1}, r"'0.weight': expected shape \(outputs, inputs\), got \(5,\)"),
        ({"0.weight": W1, "1.weight": W1}, r"'1.weight': expected shape \(outputs, 5\)"),
        ({"0.weight": W1, "0.bias": B2}, r"bias of '0.weight': expected shape \(5,\), got \(3,\)"),
        ({"0.weight": W1, "1.bias": B2}, "'1.bias': expected no arrays but weights"),
        ({"0.weight": W1, "running_mean": B1}, "'running_mean': expected no arrays but weights"),
        ({"0.weight": np.full((2, 2), np.inf)}, r"weights\[0\]: expected finite"),
        ({"0.weight": np.ones((2, 2), np.int64)}, "'0.weight': expected one of F64"),
    ],
)
def test_arrays_that_are_no_network(arrays, message, tmp_path):
    save(tmp_path / "net.safetensors", arrays, {"format": "pt"})
    asked = ASKED if len(arrays) > 1 else {"output_activation": "relu"}
    with pytest.raises(ValueError, match=message):
        from_safetensors(tmp_path / "net.safetensors", **asked)


def test_names_of_classes_have_an_end(tmp_path):
    path = tmp_path / "net.safetensors"
    path.write_text("old")
    with pytest.raises(ValueError, match="bytes of names and texts"):
        to_safetensors(kinds()["classes"], path, classes=["a" * (1 << 20), "b", "c"])
    assert path.read_text() == "old"
