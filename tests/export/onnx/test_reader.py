"""`from_onnx`: models of `to_onnx` come in, to the bit."""

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
from fastnn.export.onnx import from_onnx, read_onnx, to_onnx
from fastnn.model.portable import PortableNetwork


def came_back(net, path, classes=None, **options):
    """It is the same network, to the bit, as arrays and as a Network."""
    to_onnx(net, path, classes=classes, **options)
    assert everything(read_onnx(path)) == everything(PortableNetwork.of(net, classes))
    assert everything(from_onnx(path)) == everything(PortableNetwork.of(net))


@pytest.mark.parametrize("name", kinds())
def test_every_kind_of_network_comes_back(name, tmp_path):
    came_back(with_negative_zeros(kinds()[name]), tmp_path / "net.onnx")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ALL_ACTIVATIONS)
def test_every_activation_comes_back(activation, dtype, tmp_path):
    came_back(of_activation(activation, dtype), tmp_path / "net.onnx", CLASSES)


@pytest.mark.parametrize("versions", [(9, 4), (28, 14)])
def test_every_version_comes_back(versions, tmp_path):
    opset, ir_version = versions
    net = kinds()["several labels"]
    came_back(net, tmp_path / "net.onnx", CLASSES, opset=opset, ir_version=ir_version)


def test_a_network_that_was_made_narrower(tmp_path):
    net = of_activation("gelu", "float64")
    to_onnx(net, tmp_path / "net.onnx", dtype="float32")
    narrow = from_onnx(tmp_path / "net.onnx")
    assert narrow.dtype == np.float32
    np.testing.assert_array_equal(narrow.weights[1], net.weights[1].astype(np.float32))
    assert narrow.input_scale == np.float32(0.3)  # what it was made, too


def test_what_is_asked_for_besides(tmp_path):
    path = tmp_path / "net.onnx"
    to_onnx(kinds()["regression"], path)
    net = from_onnx(path, output_activation="softmax", cost="log-likelihood")
    assert (net.output_activation, net.cost) == ("softmax", "log_likelihood")
    assert from_onnx(path, cost=fastnn.Pinball([0.3, 0.5])).cost == fastnn.Pinball([0.3, 0.5])
    for options, error, message in [
        ({"cost": "log_likelihood"}, ValueError, "expected softmax with the log_likelihood cost"),
        ({"cost": "what"}, ValueError, "cost: expected one of"),
        ({"cost": fastnn.CrossEntropy(0.1)}, TypeError, "cost: expected a name"),
        ({"output_activation": "what"}, ValueError, "output_activation: expected one of"),
    ]:
        with pytest.raises(error, match=message):
            from_onnx(path, **options)
    to_onnx(kinds()["classes"], path)
    with pytest.raises(ValueError, match="output_activation: expected None, as the outputs are"):
        from_onnx(path, output_activation="softmax")


def test_it_trains_on(tmp_path):
    net, x = kinds()["classes"], rows()
    to_onnx(net, tmp_path / "net.onnx")
    other = from_onnx(tmp_path / "net.onnx")
    labels = np.arange(len(x)) % 3
    for each in (net, other):
        each.fit(x, labels, epochs=2, shuffle=False)
    assert everything(other) == everything(net)


def test_what_is_no_model(tmp_path):
    path = tmp_path / "net.onnx"
    with pytest.raises(FileNotFoundError):
        from_onnx(path)
    for content in (b"", b"\x00", b"weights: 1 2 3", b"\x08\x07", b"PK\x03\x04" * 9, b"\xff" * 99):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="expected an ONNX model, got another or") as caught:
            from_onnx(path)
        assert str(caught.value).startswith(str(path))
