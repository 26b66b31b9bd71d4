"""`from_onnx` reads what others may write; what fastnn can't do has a clear error."""

import numpy as np
import pytest
from exported import rows

from fastnn.export.onnx import from_onnx

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

RNG = np.random.default_rng(0)
W1, W2 = RNG.standard_normal((4, 5), np.float32), RNG.standard_normal((5, 3), np.float32)
B1, B2 = RNG.standard_normal(5, np.float32), RNG.standard_normal(3, np.float32)
X = rows().astype(np.float32)


def save(path, nodes, tensors, shape=("n", 4), outputs=("y",), opset=13, **options):
    """A model of these nodes (operator, inputs, output, attributes), as others would write it."""
    made = [
        helper.make_node(
            each[0], list(each[1]), [each[2]], name=f"the {each[2]}", **dict(*each[3:])
        )
        for each in nodes
    ]
    initializers = [
        each if isinstance(each, TensorProto) else numpy_helper.from_array(each, name)
        for name, each in tensors.items()
    ]
    kind = options.pop("kind", TensorProto.FLOAT)
    graph = helper.make_graph(
        made,
        "graph",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        initializers,
    )
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 2)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8, **options)
    onnx.save(model, path)
    return model


def computed(model, x):
    """Its first output, by onnx's own slow reference."""
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model).run(None, {"x": x})[0]


def agrees(path, *arguments, x=X, **options):
    """fastnn computes what onnx does; returns the network."""
    model = save(path, *arguments, **options)
    net = from_onnx(path)
    assert onnx.load(path) == model  # it is only read
    values = net.feedforward(x.reshape(len(x), -1))
    np.testing.assert_allclose(values, computed(model, x), rtol=2e-5, atol=2e-5)
    return net


WEIGHTS = {"w1": W1, "b1": B1, "w2": W2, "b2": B2}
TWO_LAYERS = [
    ("MatMul", ["x", "w1"], "p1"),
    ("Add", ["p1", "b1"], "z1"),
    ("Relu", ["z1"], "a1"),
    ("MatMul", ["a1", "w2"], "p2"),
    ("Add", ["b2", "p2"], "z2"),
    ("Softmax", ["z2"], "y"),
]


def test_matmul_and_add(tmp_path):
    net = agrees(tmp_path / "net.onnx", TWO_LAYERS, WEIGHTS)
    assert (net.sizes, net.activation, net.output_activation) == ([4, 5, 3], "relu", "softmax")
    assert net.cost == "log_likelihood"
    np.testing.assert_array_equal(net.weights[0], W1.T)
    np.testing.assert_array_equal(net.biases[1][:, 0], B2)


@pytest.mark.parametrize("trans", [0, 1])
@pytest.mark.parametrize("shape", [(5,), (1, 5), (1,), ()])
def test_gemm(trans, shape, tmp_path):
    tensors = {"w": W1.T.copy() if trans else W1, "c": RNG.standard_normal(shape).astype("f4")}
    attributes = {"alpha": 0.5, "beta": -2.0, "transB": trans}
    net = agrees(tmp_path / "net.onnx", [("Gemm", ["x", "w", "c"], "y", attributes)], tensors)
    np.testing.assert_array_equal(net.weights[0], 0.5 * W1.T)


def test_layers_without_biases_and_without_activations(tmp_path):
    nodes = [("Gemm", ["x", "w1"], "z1"), ("Identity", ["z1"], "a1"), ("MatMul", ["a1", "w2"], "y")]
    net = agrees(tmp_path / "net.onnx", nodes, WEIGHTS)
    assert (net.activation, net.output_activation) == ("identity", "identity")
    assert not np.any(net.biases[0])


# How others write activations that ONNX has no operator for, or not in this opset.
COMPOSED = {
    "gelu": [
        ("Div", ["z", "root"], "s"),
        ("Erf", ["s"], "e"),
        ("Add", ["e", "one"], "t"),
        ("Mul", ["z", "t"], "u"),
        ("Mul", ["u", "half"], "y"),
    ],
    "gelu ": [
        ("Mul", ["half", "z"], "h"),
        ("Mul", ["z", "inverse"], "s"),
        ("Erf", ["s"], "e"),
        ("Add", ["one", "e"], "t"),
        ("Mul", ["t", "h"], "y"),
    ],
    "silu": [("Sigmoid", ["z"], "s"), ("Mul", ["s", "z"], "y")],
    "mish": [("Softplus", ["z"], "s"), ("Tanh", ["s"], "t"), ("Mul", ["t", "z"], "y")],
    "softplus": [
        ("Greater", ["z", "twenty"], "g"),
        ("Softplus", ["z"], "s"),
        ("Where", ["g", "z", "s"], "y"),
    ],
    "leaky_relu": [("LeakyRelu", ["z"], "y")],
    "elu": [("Elu", ["z"], "y")],
}
NUMBERS = {"root": 2**0.5, "inverse": 0.5**0.5, "one": 1.0, "half": 0.5, "twenty": 20.0}


@pytest.mark.parametrize("name", COMPOSED)
def test_composed_activations(name, tmp_path):
    tensors = {"w": W1, "b": B1} | {k: np.array(v, np.float32) for k, v in NUMBERS.items()}
    nodes = [("Gemm", ["x", "w", "b"], "z"), *COMPOSED[name]]
    assert agrees(tmp_path / "net.onnx", nodes, tensors).output_activation == name.strip()


@pytest.mark.parametrize(
    ("name", "operator", "attributes", "opset"),
    [("gelu", "Gelu", {}, 20), ("mish", "Mish", {}, 18), ("silu", "Swish", {}, 24)],
)
def test_activations_of_later_opsets(name, operator, attributes, opset, tmp_path):
    nodes = [("MatMul", ["x", "w1"], "z"), (operator, ["z"], "y", attributes)]
    assert agrees(tmp_path / "net.onnx", nodes, WEIGHTS, opset=opset).output_activation == name


def test_inputs_are_scaled(tmp_path):
    nodes = [
        ("Cast", ["x"], "c", {"to": TensorProto.FLOAT}),
        ("Div", ["c", "largest"], "s"),
        ("Flatten", ["s"], "f"),
        ("MatMul", ["f", "w1"], "y"),
    ]
    tensors = {"w1": W1, "largest": np.array([255], np.float32)}
    x = RNG.integers(0, 256, (9, 2, 2)).astype(np.uint8)
    options = {"shape": ("n", 2, 2), "kind": TensorProto.UINT8}
    net = agrees(tmp_path / "net.onnx", nodes, tensors, x=x, **options)
    assert net.input_scale == 1 / 255
    np.testing.assert_array_equal(net.weights[0], W1.T)


@pytest.mark.parametrize("shape", [[-1, 4], [0, -1], [0, 4], [len(X), 4]])
def test_pictures_are_flattened(shape, tmp_path):
    nodes = [("Reshape", ["x", "shape"], "f"), ("MatMul", ["f", "w1"], "y")]
    tensors = {"w1": W1, "shape": np.array(shape, np.int64)}
    rows = len(X) if shape[0] == len(X) else "n"  # newer PyTorch keeps how many it was shown
    agrees(tmp_path / "net.onnx", nodes, tensors, x=X.reshape(-1, 2, 2), shape=(rows, 2, 2))
    tensors["shape"] = np.array([7, 4])
    save(tmp_path / "net.onnx", nodes, tensors, shape=(rows, 2, 2))
    with pytest.raises(ValueError, match=r"\(Reshape\): expected the shape of rows"):
        from_onnx(tmp_path / "net.onnx")


def test_columns_are_standardized(tmp_path):
    nodes = [
        ("Sub", ["x", "mean"], "c"),
        ("Div", ["c", "deviation"], "s"),
        ("Gemm", ["s", "w1", "b1"], "y"),
    ]
    tensors = {**WEIGHTS, "mean": B1[:4].copy(), "deviation": np.abs(W1[:1, :4]) + 0.5}
    net = agrees(tmp_path / "net.onnx", nodes, tensors)
    assert net.input_scale == 1
    nodes[:2] = [("Mul", ["x", "minus"], "c"), ("Sub", ["one", "c"], "s")]
    tensors |= {"minus": np.array(-2, np.float32), "one": np.array(1, np.float32)}
    agrees(tmp_path / "net.onnx", nodes, tensors)


def test_outputs_are_scaled(tmp_path):
    """As targets of regression are, when they are standardized."""
    nodes = [
        ("Gemm", ["x", "w1", "b1"], "z"),
        ("Mul", ["z", "deviation"], "s"),
        ("Add", ["s", "mean"], "y"),
    ]
    tensors = {**WEIGHTS, "mean": B1, "deviation": np.array(3, np.float32)}
    agrees(tmp_path / "net.onnx", nodes, tensors)
    agrees(tmp_path / "net.onnx", nodes, {**tensors, "deviation": np.abs(B1)})


@pytest.mark.parametrize("kind", ["float_data", "double_data", "float16", "bfloat16", "Constant"])
def test_how_numbers_are_stored(kind, tmp_path):
    nodes, w, dtype = [("MatMul", ["x", "w"], "y")], W1, np.float32
    if kind == "float_data":
        w = helper.make_tensor("w", TensorProto.FLOAT, W1.shape, W1.ravel())
    elif kind == "double_data":
        w, dtype = helper.make_tensor("w", TensorProto.DOUBLE, W1.shape, W1.ravel()), np.float64
    elif kind == "float16":
        w = W1.astype(np.float16)
    elif kind == "bfloat16":
        raw = (W1.view(np.uint32) >> 16).astype(np.uint16).tobytes()
        w = helper.make_tensor("w", TensorProto.BFLOAT16, W1.shape, raw, raw=True)
    else:
        nodes.insert(0, ("Constant", [], "w", {"value": numpy_helper.from_array(W1)}))
    save(tmp_path / "net.onnx", nodes, {} if kind == "Constant" else {"w": w})
    net = from_onnx(tmp_path / "net.onnx")
    expected = W1.T
    if kind == "float16":
        expected = expected.astype(np.float16)
    if kind == "bfloat16":
        expected = (expected.copy().view(np.uint32) >> 16 << 16).view(np.float32)
    assert net.dtype == dtype
    np.testing.assert_array_equal(net.weights[0], expected)


def test_transposed_weights(tmp_path):
    nodes = [("Transpose", ["w"], "t", {"perm": [1, 0]}), ("MatMul", ["x", "t"], "y")]
    agrees(tmp_path / "net.onnx", nodes, {"w": W1.T.copy()})


def test_weights_beside_the_model(tmp_path):
    path = tmp_path / "net.onnx"
    model = save(path, TWO_LAYERS, WEIGHTS)
    settings = {"all_tensors_to_one_file": True, "size_threshold": 0}
    onnx.save(model, path, save_as_external_data=True, location="net.data", **settings)
    net = from_onnx(path)
    np.testing.assert_array_equal(net.weights[1], W2.T)
    content = (tmp_path / "net.data").read_bytes()
    (tmp_path / "net.data").write_bytes(content[:-1])
    with pytest.raises(ValueError, match=r"tensor '\w+': expected bytes \d+ to \d+ in 'net.data'"):
        from_onnx(path)
    (tmp_path / "net.data").unlink()
    with pytest.raises(FileNotFoundError, match="net.data"):
        from_onnx(path)


@pytest.mark.parametrize("place", ["../net.data", "/etc/passwd", "..", "", "a\\b", "sub/net.data"])
def test_weights_elsewhere(place, tmp_path):
    from onnx.external_data_helper import set_external_data

    folder = tmp_path / "sub"
    folder.mkdir()
    for name in (tmp_path / "net.data", folder / "net.data"):
        name.write_bytes(W1.tobytes())
    w = numpy_helper.from_array(W1, "w")
    set_external_data(w, place, 0, W1.nbytes)
    w.ClearField("raw_data")
    save(folder / "net.onnx", [("MatMul", ["x", "w"], "y")], {"w": w})
    with pytest.raises(ValueError, match="expected a file in the model's folder"):
        from_onnx(folder / "net.onnx")


def test_labels_are_what_predict_gives(tmp_path):
    several = [
        ("Gemm", ["x", "w1", "b1"], "z"),
        ("Sigmoid", ["z"], "y"),
        ("Greater", ["y", "half"], "above"),
        ("Cast", ["above"], "label", {"to": TensorProto.INT64}),
    ]
    tensors = {**WEIGHTS, "half": np.array(0.5, np.float32)}
    save(tmp_path / "net.onnx", several, tensors, outputs=("y", "label"))
    assert from_onnx(tmp_path / "net.onnx").multi_label
    one = [*several[:2], ("ArgMax", ["y"], "label", {"axis": 1})]
    save(tmp_path / "net.onnx", one, tensors, outputs=("label", "y"))
    assert not from_onnx(tmp_path / "net.onnx").multi_label
    save(tmp_path / "net.onnx", several, {**tensors, "half": np.array(0.4, np.float32)})
    with pytest.raises(ValueError, match=r"node 'the label' \(Cast\): expected outputs compared"):
        from_onnx(tmp_path / "net.onnx")


def layers(*nodes):
    return [("MatMul", ["x", "w1"], "z"), *nodes]


# What fastnn can't do: the nodes, and what the error says of it.
REFUSED = {
    "Conv": ([("Conv", ["x", "w1"], "y")], r"node 'the y' \(Conv\): expected an operator of a"),
    "own domain": (
        [("Relu", ["x"], "y", {"domain": "com.example"})],
        r"node 'the y' \(com.example.Relu\): expected an operator",
    ),
    "alpha": (
        layers(("LeakyRelu", ["z"], "a", {"alpha": 0.2}), ("MatMul", ["a", "w2"], "y")),
        r"node 'the y' \(MatMul\): node 'the a' \(LeakyRelu\): no activation of fastnn's is "
        r"LeakyRelu\(z, alpha=0.2",
    ),
    "residual": (
        layers(("Relu", ["z"], "a"), ("Add", ["a", "z"], "y")),
        r"node 'the y' \(Add\): expected one of both to be constant",
    ),
    "gate": (
        layers(("MatMul", ["x", "v1"], "v"), ("Sigmoid", ["v"], "s"), ("Mul", ["s", "z"], "y")),
        r"node 'the y' \(Mul\): expected functions of one layer",
    ),
    "two functions": (
        layers(("Relu", ["z"], "a"), ("Sigmoid", ["a"], "y")),
        r"node 'the y' \(Sigmoid\): no activation of fastnn's is Sigmoid\(Relu\(z\)\)",
    ),
    "scaled activation": (
        layers(("Sigmoid", ["z"], "a"), ("Mul", ["a", "b1"], "y")),
        r"node 'the y' \(Mul\): expected one number for all after an activation",
    ),
    "softmax of columns": (
        layers(("Softmax", ["z"], "y", {"axis": 0})),
        r"node 'the y' \(Softmax\): no activation of fastnn's is Softmax\(z, axis=0\)",
    ),
    "tanh gelu": (
        layers(("Gelu", ["z"], "y", {"approximate": "tanh"})),
        r"no activation of fastnn's is Gelu\(z, approximate=tanh\)",
    ),
    "trans": (
        [("Gemm", ["x", "w1"], "y", {"transA": 1})],
        r"node 'the y' \(Gemm\): expected rows as they are, got transA=1",
    ),
    "weights first": ([("MatMul", ["w1", "x"], "y")], r"node 'the y' \(MatMul\): expected const"),
    "shapes": (layers(("MatMul", ["z", "w1"], "y")), r"expected 5 columns, got 4"),
    "inputs": ([("MatMul", ["x", "w2"], "y")], r"expected 4 columns, got 5"),
    "bias": (layers(("Add", ["z", "b2"], "y")), r"\(Add\): expected 1 or 5 numbers"),
    "column": (layers(("Add", ["z", "w2"], "y")), r"expected one number for each column"),
    "unknown": (layers(("Relu", ["nothing"], "y")), r"\(Relu\): expected an input that is there"),
    "no layer": ([("Identity", ["x"], "y")], "outputs: expected y to be a layer's"),
    "a constant": ([("Identity", ["w1"], "y")], "outputs: expected y to be a layer's"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_fastnn_can_not_do(name, tmp_path):
    nodes, message = REFUSED[name]
    save(tmp_path / "net.onnx", nodes, {**WEIGHTS, "v1": W1 + 1})
    with pytest.raises(ValueError, match=message) as caught:
        from_onnx(tmp_path / "net.onnx")
    assert str(caught.value).startswith(f"{tmp_path}/net.onnx: ")
    assert "\n" not in str(caught.value)


def test_what_is_no_single_network(tmp_path):
    nodes = layers(("Relu", ["z"], "a"), ("MatMul", ["a", "w2"], "y"))
    for outputs in (("y", "a"), ("nothing",)):
        save(tmp_path / "net.onnx", nodes, WEIGHTS, outputs=outputs)
        with pytest.raises(ValueError, match="outputs: expected"):
            from_onnx(tmp_path / "net.onnx")
    model = save(tmp_path / "net.onnx", nodes, WEIGHTS)
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, None))
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(ValueError, match="inputs: expected one, got 2"):
        from_onnx(tmp_path / "net.onnx")
    save(tmp_path / "net.onnx", nodes, WEIGHTS, shape=("n", 2, 2))
    with pytest.raises(ValueError, match="expected rows of one axis; a Flatten makes"):
        from_onnx(tmp_path / "net.onnx")


@pytest.mark.parametrize("version", [6, 29])
def test_operators_of_other_times(version, tmp_path):
    save(tmp_path / "net.onnx", TWO_LAYERS, WEIGHTS, opset=version)
    with pytest.raises(ValueError, match=f"opset: expected 7 to 28, got {version}"):
        from_onnx(tmp_path / "net.onnx")


def test_weights_that_are_no_numbers(tmp_path):
    save(tmp_path / "net.onnx", TWO_LAYERS, {**WEIGHTS, "w2": np.full((5, 3), np.nan, "f4")})
    with pytest.raises(ValueError, match=r"weights\[1\]: expected finite numbers"):
        from_onnx(tmp_path / "net.onnx")
    save(tmp_path / "net.onnx", TWO_LAYERS, {**WEIGHTS, "w2": np.ones((5, 3), np.int64)})
    with pytest.raises(ValueError, match="expected constant weights of two axes"):
        from_onnx(tmp_path / "net.onnx")
