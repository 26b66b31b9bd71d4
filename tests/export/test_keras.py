"""Reading Keras's files, which needs no Keras: one that Keras wrote, and what is made of it."""

import json
from functools import partial

import numpy as np
import pytest
from models_of_keras import OUTPUTS, PICTURES, SMALL, as_functional, node, rewritten, small_arrays
from tolerance import assert_close

import fastnn
from fastnn.cli import main
from fastnn.export.keras import from_keras


@pytest.fixture
def rewrite(tmp_path):
    return partial(rewritten, tmp_path / "model.keras")


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
def test_models_that_no_network_can_be(name, rewrite):
    change, message = UNFIT[name]
    path = rewrite(lambda config: change(config["config"]["layers"]))
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        from_keras(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert "damaged" not in str(caught.value)


def test_an_offset_is_in_the_biases(rewrite):
    """As of pixels from -1 to 1; a factor below 0 turns black to white."""
    path = rewrite(lambda config: layer(1, scale=-1 / 127.5, offset=1)(config["config"]["layers"]))
    net, other = from_keras(path), from_keras(SMALL)
    assert net.input_scale == 1 / 127.5
    assert net.weights[0].tobytes() == (-other.weights[0]).tobytes()
    flipped = (1 - PICTURES / np.float32(127.5)) * 255
    assert_close(net.feedforward(PICTURES), other.feedforward(flipped))
    assert not np.allclose(net.feedforward(PICTURES), OUTPUTS, atol=1e-2)


def test_one_rescaling_after_another(rewrite):
    """(x / 255 - 0.5) * 2 is x / 127.5 - 1."""
    both = layer(1, offset=-0.5), layer(2, scale=2.0, offset=0.0)

    def change(config):
        layers = config["config"]["layers"]
        layers.insert(2, json.loads(json.dumps(layers[1])))
        for each in both:
            each(layers)

    twice = from_keras(rewrite(change)).feedforward(PICTURES)
    change = layer(1, scale=1 / 127.5, offset=-1.0)
    once = from_keras(rewrite(lambda config: change(config["config"]["layers"])))
    assert_close(twice, once.feedforward(PICTURES))
    assert not np.allclose(twice, OUTPUTS, atol=1e-2)


FUNCTIONS = ["sigmoid", "tanh", "relu", "elu", "silu", "softplus", "selu", "mish", "softmax"]
NAMES = {"linear": "identity", "swish": "silu", "exponential": "exponential"}


@pytest.mark.parametrize("name", [*FUNCTIONS, *NAMES])
def test_names_of_activations(rewrite, name):
    """tests/export/test_keras_models.py has Keras compute them."""
    change = layer(6, activation=name)
    net = from_keras(rewrite(lambda config: change(config["config"]["layers"])))
    assert net._hidden() == ["relu", NAMES.get(name, name)]


def test_a_functional_model(rewrite):
    """Its weights are numbered as its layers are listed, whatever the order of calls."""
    net = from_keras(rewrite(as_functional()))
    assert_close(net.feedforward(PICTURES), OUTPUTS)
    net = from_keras(rewrite(as_functional(lambda layers: layers.insert(1, layers.pop(4)))))
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
def test_models_that_are_no_chain(name, rewrite):
    change, message = FUNCTIONAL[name]
    with pytest.raises(ValueError, match=message):
        from_keras(rewrite(as_functional(change)))


def test_several_inputs(rewrite):
    def more(config):
        as_functional()(config)
        config["config"]["input_layers"].append(["x", 0, 0])

    with pytest.raises(ValueError, match="one input and one output, got 2"):
        from_keras(rewrite(more))


def test_a_subclass(rewrite):
    with pytest.raises(ValueError, match="a Sequential or a Functional model, got 'Mine'"):
        from_keras(rewrite(lambda config: config.update(class_name="Mine")))


@pytest.mark.parametrize("version", ["2.15.0", "4.0", "30.1", ""])
def test_other_versions(rewrite, version):
    with pytest.raises(ValueError, match=f"expected a model of Keras 3, got one of '{version}'"):
        from_keras(rewrite(metadata={"keras_version": version}))
