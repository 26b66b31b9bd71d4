"""What `to_onnx` writes, as the package onnx judges it and ONNX Runtime computes it."""

import json

import numpy as np
import pytest
from exported import ALL_ACTIVATIONS, CLASSES, kinds, of_activation, rows

import fastnn
from fastnn.datasets import load_mnist
from fastnn.export.incoming import as_network
from fastnn.export.onnx import to_onnx
from fastnn.export.onnx.activations import WITHOUT_FLOAT64
from fastnn.export.outgoing import as_dtype
from fastnn.model.portable import PortableNetwork

onnx = pytest.importorskip("onnx", reason="onnx is not installed")


def checked(net, path, **options):
    """The model that is written, after onnx has looked at all of it."""
    to_onnx(net, path, **options)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    return model


def run(path, x):
    """Its outputs by their names."""
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"input": x}), strict=True))


@pytest.fixture(scope="module")
def digits():
    """A network that knows digits, its twin in float64, and all test images."""
    x, y, x_test, y_test = load_mnist()
    net = fastnn.Network([784, 40, 10], "relu", "log_likelihood", seed=0)
    net.fit(x[:20_000], y[:20_000], epochs=2, batch_size=64, learning_rate=0.1)
    assert net.evaluate(x_test, y_test).accuracy > 0.9
    portable = as_dtype(PortableNetwork.of(net), "float64")
    return {"float32": net, "float64": as_network(portable)}, x_test


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_test_images(digits, dtype, tmp_path):
    """Within 1e-6; in float32 plus what it rounds, by which both are off the exact outputs."""
    nets, x = digits
    net, path = nets[dtype], tmp_path / "digits.onnx"
    checked(net, path)
    outputs = run(path, x.astype(dtype))
    assert list(outputs) == ["probabilities", "label"]
    assert outputs["probabilities"].dtype == dtype
    assert outputs["probabilities"].shape == (10_000, 10)
    rounded = 3e-6 if dtype == "float32" else 0
    expected = net.predict_proba(x)
    np.testing.assert_allclose(outputs["probabilities"], expected, rtol=rounded, atol=1e-6)
    exact = nets["float64"].predict_proba(x)
    np.testing.assert_allclose(outputs["probabilities"], exact, rtol=rounded, atol=1e-6)
    assert outputs["label"].dtype == np.int64
    np.testing.assert_array_equal(outputs["label"], net.predict(x))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ALL_ACTIVATIONS)
def test_every_activation(activation, dtype, tmp_path):
    """As hidden layers and as outputs; in float64 but for what ONNX Runtime has in float32 only."""
    net, path, x = of_activation(activation, dtype), tmp_path / "net.onnx", rows(5)
    model = checked(net, path)
    value = next(iter(run(path, x.astype(dtype)).values()))
    narrow = dtype == "float32" or any(node.op_type == "Cast" for node in model.graph.node)
    operators = {node.op_type for node in model.graph.node}
    assert ("Cast" in operators) == (dtype == "float64" and bool(operators & WITHOUT_FLOAT64))
    assert value.dtype == dtype
    tolerance = 2e-6 if narrow else 1e-14
    np.testing.assert_allclose(value, net.feedforward(x), rtol=4 * tolerance, atol=tolerance)


@pytest.mark.parametrize("name", kinds())
def test_every_kind_of_outputs(name, tmp_path):
    net, path, x = kinds()[name], tmp_path / "net.onnx", rows()
    checked(net, path)
    outputs = run(path, x.astype(net.dtype))
    proba, labels = net.feedforward(x), net.predict(x)
    if name == "two classes":
        proba = np.concatenate([1 - proba, proba], axis=1)
    probable = net.output_activation in ("sigmoid", "softmax")
    value = outputs.pop("probabilities" if probable else "output")
    np.testing.assert_allclose(value, proba, rtol=1e-5, atol=1e-5)
    if name in ("regression", "rates", "quantiles"):
        assert not outputs
    else:
        np.testing.assert_array_equal(outputs.pop("label"), labels)
        assert len(np.unique(labels)) > 1
        assert not outputs


def test_what_the_model_is_said_to_take_and_give(tmp_path):
    def said(values):
        for value in values:
            tensor = value.type.tensor_type
            axes = [each.dim_param or each.dim_value for each in tensor.shape.dim]
            yield value.name, tensor.elem_type, axes

    model = checked(kinds()["two classes"], tmp_path / "net.onnx")
    assert list(said(model.graph.input)) == [("input", onnx.TensorProto.FLOAT, ["batch", 4])]
    assert list(said(model.graph.output)) == [
        ("probabilities", onnx.TensorProto.FLOAT, ["batch", 2]),
        ("label", onnx.TensorProto.INT64, ["batch"]),
    ]
    model = checked(kinds()["several labels"], tmp_path / "net.onnx")
    assert list(said(model.graph.output)) == [
        ("probabilities", onnx.TensorProto.DOUBLE, ["batch", 3]),
        ("label", onnx.TensorProto.INT64, ["batch", 3]),
    ]


def test_metadata(tmp_path):
    net = kinds()["classes"]
    model = checked(net, tmp_path / "net.onnx", classes=CLASSES)
    assert (model.producer_name, model.producer_version) == ("fastnn", fastnn.__version__)
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(told["classes"]) == CLASSES
    assert json.loads(told["sizes"]) == [4, 6, 3]
    assert json.loads(told["activations"]) == ["relu", "softmax"]
    assert float(told["input_scale"]) == 1 / 3
    assert told["cost"] == "log_likelihood"
    assert told["fastnn_version"] == fastnn.__version__
    assert "ZipMap" not in {node.op_type for node in model.graph.node}


def test_versions(tmp_path):
    net, path, x = of_activation("gelu"), tmp_path / "net.onnx", rows(5)
    model = checked(net, path)
    assert model.ir_version == 7
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 13)]
    newest = onnx.defs.onnx_opset_version()
    for opset in (9, 11, 15, 18, newest):
        model = checked(net, path, opset=opset, ir_version=8)
        assert (model.ir_version, model.opset_import[0].version) == (8, opset)
    for opset in (9, 17):
        to_onnx(net, path, opset=opset, ir_version=4)
        value = run(path, x.astype(np.float32))["output"]
        np.testing.assert_allclose(value, net.feedforward(x), rtol=1e-5, atol=1e-5)


def test_another_dtype(tmp_path):
    net, path, x = kinds()["several labels"], tmp_path / "net.onnx", rows()
    checked(net, path, dtype="float32")
    outputs = run(path, x.astype(np.float32))
    assert outputs["probabilities"].dtype == np.float32
    np.testing.assert_allclose(outputs["probabilities"], net.feedforward(x), atol=1e-6)


def test_numbers_that_are_needed_twice_are_one_tensor(tmp_path):
    model = checked(of_activation("gelu"), tmp_path / "net.onnx")
    numbers = [
        onnx.numpy_helper.to_array(each) for each in model.graph.initializer if not each.dims
    ]
    assert sorted(map(float, numbers)) == pytest.approx([0.3, 0.5, 0.5**0.5, 1.0])
    names = [node.name for node in model.graph.node]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"opset": 8}, ValueError, "opset: expected at least 9, got 8"),
        ({"opset": 99}, ValueError, "opset: expected at most"),
        ({"opset": 13.5}, TypeError, "opset: expected a whole number"),
        ({"ir_version": 3}, ValueError, "ir_version: expected at least 4"),
        ({"dtype": "float16"}, ValueError, "dtype: expected one of float32, float64"),
        ({"classes": ["a"]}, ValueError, "classes: expected 3 names, got 1"),
        ({"classes": "abc"}, TypeError, "classes: expected a list of texts"),
    ],
)
def test_bad_options_leave_the_old_file(options, error, message, tmp_path):
    path = tmp_path / "net.onnx"
    path.write_text("old")
    with pytest.raises(error, match=message):
        to_onnx(kinds()["classes"], path, **options)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["net.onnx"]


def test_what_can_not_be_written(tmp_path):
    path = tmp_path / "net.onnx"
    with pytest.raises(TypeError, match=r"net: expected a fastnn.Network, got \[1, 2\]"):
        to_onnx([1, 2], path)
    own = fastnn.UserActivation(abs, abs, name="own")
    net = fastnn.Network([2, 2], seed=0)
    net._output_activation = own
    with pytest.raises(ValueError, match="expected fastnn's own activations"):
        to_onnx(net, path)
    net = fastnn.Network([2, 2], seed=0, dtype="float64")
    net.weights[0][0, 0] = 1e300
    with pytest.raises(ValueError, match=r"weights\[0\]: expected finite"):
        to_onnx(net, path, dtype="float32")
    portable = PortableNetwork.of(net)
    with pytest.raises(OSError, match="nowhere"):
        to_onnx(portable, tmp_path / "nowhere" / "net.onnx")
    assert not list(tmp_path.iterdir())
