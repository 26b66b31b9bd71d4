"""Reading Keras's files, which needs no Keras: one that Keras wrote, and what is made of it."""

import json
import random
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models_of_keras import OUTPUTS, PICTURES, SMALL, small_arrays
from tolerance import assert_close

import fastnn
from fastnn.cli import main
from fastnn.export.keras import from_keras

WEIGHTS, CONFIG, METADATA = "model.weights.h5", "config.json", "metadata.json"


def members(path=SMALL):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path, contents, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def rewritten(tmp_path):
    """The small model's file after a change of its config, and of its weights."""

    def rewrite(change=lambda config: None, weights=None, metadata=None):
        contents = members()
        config = json.loads(contents[CONFIG])
        change(config)
        contents[CONFIG] = json.dumps(config)
        contents[WEIGHTS] = contents[WEIGHTS] if weights is None else weights
        contents[METADATA] = contents[METADATA] if metadata is None else json.dumps(metadata)
        return zipped(tmp_path / "model.keras", contents)

    return rewrite


def test_a_file_of_keras():
    net = from_keras(SMALL)
    assert net.sizes == [12, 6, 5, 3]
    assert net.activation == ["relu", "gelu"]
    assert (net.output_activation, net.cost) == ("softmax", "log_likelihood")
    assert (net.input_scale, net.dtype) == (1 / 255, np.float32)
    first, first_bias, second, second_bias, third = small_arrays()
    for w, kernel in zip(net.weights, (first, second, third), strict=True):
        assert w.tobytes() == kernel.T.tobytes()
    for b, bias in zip(net.biases, (first_bias, second_bias, np.zeros(3, "f4")), strict=True):
        assert b[:, 0].tobytes() == bias.tobytes()
    assert_close(net.feedforward(PICTURES), OUTPUTS)


def test_other_costs():
    assert from_keras(SMALL, cost="quadratic").cost == "quadratic"
    with pytest.raises(ValueError, match="^output_activation: expected None, as the outp"):
        from_keras(SMALL, output_activation="sigmoid")


def test_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "net.npz"
    assert main(["import", str(SMALL), "--save", str(path), "--cost", "quadratic"]) == 0
    net = fastnn.load(path)
    assert net.cost == "quadratic"
    assert_close(net.feedforward(PICTURES), OUTPUTS)
    assert "12-6-5-3" in capsys.readouterr().out


# Models that fastnn can't be. Each change is one of the config of layers:
# 0 Input, 1 Rescaling, 2 Flatten, 3 Dense, 4 Dropout, 5 Dense, 6 Activation, 7 Dense


def layer(number, **settings):
    return lambda layers: layers[number]["config"].update(settings)


def item(number, **values):
    return lambda layers: layers[number].update(values)


LEAKY = {"module": "keras.layers", "class_name": "LeakyReLU", "config": {"negative_slope": 0.2}}
OWN = {"module": "builtins", "class_name": "function", "config": "mine>twice"}
UNFIT = {
    "another layer": (item(5, class_name="Conv1D"), "layer 'dense_1' (Conv1D): expected layers"),
    "of their own": (item(5, registered_name="mine>Dense"), "expected layers of Keras's own"),
    "of a module": (item(5, module="os"), "layer 'dense_1' (Dense): expected layers of Keras's ow"),
    "activation": (layer(5, activation="relu6"), "(Dense): expected an activation that fastnn"),
    "leaky": (layer(5, activation="leaky_relu"), "slope is 0.2 there and 0.01 here"),
    "function": (layer(5, activation=OWN), "got 'mine>twice'"),
    "slope": (layer(5, activation=LEAKY), "expected negative_slope 0.01, got 0.2"),
    "two": (layer(5, activation="relu"), "got gelu behind relu"),
    "int8": (layer(5, quantization_config={}), "expected quantization_config None, got {}"),
    "units": (layer(5, units=6), "expected arrays of shapes {'0': (6, 6), '1': (6,)}, got"),
    "bias": (layer(5, use_bias=False), "expected arrays of shapes {'0': (6, 5)}, got"),
    "inputs": (layer(0, batch_shape=[None, 4, 4]), "expected arrays of shapes {'0': (16, 6)"),
    "no Flatten": (lambda layers: layers.pop(2), "expected rows of numbers, as Flatten makes, g"),
    "no Input": (lambda layers: layers.pop(0), "(Rescaling): expected an Input before it"),
    "order": (layer(2, data_format="channels_first"), "expected data_format 'channels_last'"),
    "scales": (layer(1, scale=[1.0, 2.0]), "expected a scale and an offset for all inputs"),
    "no scale": (layer(1, scale=0), "expected a scale and an offset for all inputs"),
    "behind": (lambda layers: layers.insert(5, layers[1]), "expected it before the first layer"),
    "no layers": (lambda layers: layers.__delitem__(slice(1, None)), "expected a layer of weights"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_models_that_no_network_can_be(name, rewritten):
    change, message = UNFIT[name]
    path = rewritten(lambda config: change(config["config"]["layers"]))
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        from_keras(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert "damaged" not in str(caught.value)


def test_an_offset_is_in_the_biases(rewritten):
    """As of pixels from -1 to 1; a factor below 0 turns black to white."""
    path = rewritten(
        lambda config: layer(1, scale=-1 / 127.5, offset=1)(config["config"]["layers"])
    )
    net, other = from_keras(path), from_keras(SMALL)
    assert net.input_scale == 1 / 127.5
    assert net.weights[0].tobytes() == (-other.weights[0]).tobytes()
    flipped = (1 - PICTURES / np.float32(127.5)) * 255
    assert_close(net.feedforward(PICTURES), other.feedforward(flipped))
    assert not np.allclose(net.feedforward(PICTURES), OUTPUTS, atol=1e-2)


def node(before, **told):
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": [before, 0, 0]}}
    return {"args": [tensor], "kwargs": told}


def as_functional(change=lambda layers: None):
    """The small model as it would be saved if it had been a Functional one."""

    def rewrite(config):
        config["class_name"] = "Functional"
        layers = config["config"]["layers"]
        names = [each["config"]["name"] for each in layers]
        for each, name, before in zip(layers, names, [None, *names]):
            each.update(name=name, inbound_nodes=[node(before, mask=None)] if before else [])
        config["config"]["input_layers"] = [[names[0], 0, 0]]
        config["config"]["output_layers"] = [names[-1], 0, 0]
        change(layers)

    return rewrite


def test_a_functional_model(rewritten):
    """Its weights are numbered as its layers are listed, whatever the order of calls."""
    net = from_keras(rewritten(as_functional()))
    assert_close(net.feedforward(PICTURES), OUTPUTS)
    net = from_keras(rewritten(as_functional(lambda layers: layers.insert(1, layers.pop(4)))))
    assert_close(net.feedforward(PICTURES), OUTPUTS)


def circle(layers):
    """Of dense, dropout and dense_1, beside a chain of the others."""
    layers[3]["inbound_nodes"], layers[6]["inbound_nodes"] = [node("dense_1")], [node("flatten")]


FUNCTIONAL = {
    "twice": (lambda each: each[3]["inbound_nodes"].append(node("x")), "called once, got 2"),
    "training": (item(4, inbound_nodes=[node("dense", training=True)]), "no more than its input"),
    "branch": (item(5, inbound_nodes=[node("dense")]), "one layer after the other, without"),
    "sum": (item(5, inbound_nodes=[{"args": [[], []], "kwargs": {}}]), "without branches"),
    "both": (item(3, inbound_nodes=[node("dense_1")]), "one layer after the other, without"),
    "circle": (circle, "last of a chain of layers"),
    "itself": (item(7, inbound_nodes=[node("dense_2")]), "last of a chain of layers"),
    "inputs": (item(4, inbound_nodes=[]), "expected it to be called once, got 0"),
}


@pytest.mark.parametrize("name", FUNCTIONAL)
def test_models_that_are_no_chain(name, rewritten):
    change, message = FUNCTIONAL[name]
    with pytest.raises(ValueError, match=message):
        from_keras(rewritten(as_functional(change)))


def test_several_inputs(rewritten):
    def more(config):
        as_functional()(config)
        config["config"]["input_layers"].append(["x", 0, 0])

    with pytest.raises(ValueError, match="one input and one output, got 2"):
        from_keras(rewritten(more))


def test_a_subclass(rewritten):
    with pytest.raises(ValueError, match="a Sequential or a Functional model, got 'Mine'"):
        from_keras(rewritten(lambda config: config.update(class_name="Mine")))


@pytest.mark.parametrize("version", ["2.15.0", "4.0", "30.1", ""])
def test_other_versions(rewritten, version):
    with pytest.raises(ValueError, match=f"expected a model of Keras 3, got one of '{version}'"):
        from_keras(rewritten(metadata={"keras_version": version}))


# Files that are damaged, of others, or that lie.


def assert_refused(path, reason=""):
    with pytest.raises(ValueError, match="another or a damaged file") as caught:
        from_keras(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert reason in message


def test_what_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        from_keras(tmp_path / "nowhere.keras")
    with pytest.raises(OSError, match=str(tmp_path)):
        from_keras(tmp_path)
    with pytest.raises(ValueError, match="^/dev/zero: expected a file, got a device"):
        from_keras("/dev/zero")


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_truncated_files(tmp_path, part):
    path = tmp_path / "model.keras"
    path.write_bytes(SMALL.read_bytes()[: int(part * SMALL.stat().st_size)])
    assert_refused(path)


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG, METADATA])
def test_members_that_are_missing_or_there_twice(tmp_path, name):
    contents = members()
    left = {other: content for other, content in contents.items() if other != name}
    assert_refused(zipped(tmp_path / "less.keras", left), f"expected one {name} in it, found 0")
    path = zipped(tmp_path / "more.keras", contents)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(name, contents[name])
    assert_refused(path, f"expected one {name} in it, found 2")


def test_compressed_members(tmp_path):
    """A thousand times as large as the file, some are."""
    contents = {**members(), WEIGHTS: bytes(5_000_000)}
    path = zipped(tmp_path / "model.keras", contents, zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    assert_refused(path, "expected it uncompressed, as Keras writes it")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_directory_that_claims_more_than_the_file_has(tmp_path):
    content = bytearray(SMALL.read_bytes())
    entry = content.rindex(b"PK\1\2", 0, content.rindex(WEIGHTS.encode()))
    content[entry + 20 : entry + 28] = 2 * struct.pack("<I", 10**9)
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    assert_refused(path, "expected 1000000000 bytes, more than the file has")


@pytest.mark.parametrize(
    ("member", "content"),
    [
        (CONFIG, b"[" * 100_000),
        (CONFIG, b"null"),
        (CONFIG, b'{"class_name": "Sequential", "config": {"layers": []}}'),
        (CONFIG, b"\xff\xfe"),
        (METADATA, b'{"keras_version": 3}'),
        (METADATA, b"{}"),
        (WEIGHTS, b""),
        (WEIGHTS, b"\x89HDF\r\n\x1a\n" + bytes(200)),
    ],
)
def test_members_of_other_content(tmp_path, member, content):
    assert_refused(zipped(tmp_path / "model.keras", {**members(), member: content}))


@pytest.mark.parametrize("number", [3, 5, 7])
def test_weights_that_are_not_finite(rewritten, number):
    weights = bytearray(members()[WEIGHTS])
    at = weights.index(small_arrays()[number - 3].tobytes())
    weights[at : at + 4] = struct.pack("<f", float("nan"))
    with pytest.raises(ValueError, match=r"\(Dense\): expected weights that are finite"):
        from_keras(rewritten(weights=bytes(weights)))


def test_a_flipped_byte_is_noticed(tmp_path):
    """Zip has a checksum of each member; the dates and names of others don't matter."""
    content, expected, noticed = SMALL.read_bytes(), from_keras(SMALL), 0
    places = range(0, len(content), 211)
    path = tmp_path / "model.keras"
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            net = from_keras(path)
        except ValueError:
            noticed += 1
        else:
            assert net.feedforward(PICTURES).tobytes() == expected.feedforward(PICTURES).tobytes()
    assert noticed > 0.9 * len(places)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["Dense", "relu", "keras.layers", "dense", "Functional", "0", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def mutate(config, seed, value):
    """Put a value in place of anything, or take it away, somewhere in the config."""
    rng = random.Random(seed)
    while True:
        keys = list(config) if isinstance(config, dict) else list(range(len(config)))
        key = rng.choice(keys)
        deeper = config[key]
        if not isinstance(deeper, (dict, list)) or not deeper or rng.random() < 0.2:
            break
        config = deeper
    if rng.random() < 0.2:
        del config[key]
    else:
        config[key] = value


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), VALUES, st.booleans())
def test_configs_with_anything_anywhere(folder, seed, value, functional):
    """Nothing but a ValueError, in little memory."""
    contents = members()
    config = json.loads(contents[CONFIG])
    if functional:
        as_functional()(config)
    mutate(config, seed, value)
    path = zipped(folder / "model.keras", {**contents, CONFIG: json.dumps(config)})
    tracemalloc.start()
    try:
        from_keras(path)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
