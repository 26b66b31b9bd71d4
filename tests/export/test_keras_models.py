"""Models that Keras itself saves, where it is installed."""

import numpy as np
import pytest
from models_of_keras import OUTPUTS, PICTURES, SMALL, small_arrays, small_model
from tolerance import assert_close

from fastnn.export.keras import from_keras

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def keras():
    pytest.importorskip("torch", reason="torch is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "torch")  # a process has one, and regularization's trains
        yield pytest.importorskip("keras", reason="keras is not installed")


@pytest.fixture
def saved(keras, tmp_path):
    """What a model's outputs are, with weights that are always the same, and its file's path."""

    def save(model, x):
        rng = np.random.default_rng(1)
        if model.name != "small":
            model.set_weights([rng.standard_normal(w.shape) / 4 for w in model.get_weights()])
        path = tmp_path / "model.keras"
        model.save(path)
        return keras.ops.convert_to_numpy(model(x)), path

    return save


def rows(*shape):
    return np.random.default_rng(0).standard_normal((7, *shape)).astype("float32")


def test_the_file_of_the_other_tests(keras, saved):
    expected, path = saved(small_model(keras), PICTURES)
    assert_close(OUTPUTS, expected)
    for net in (from_keras(path), from_keras(SMALL)):
        assert_close(net.feedforward(PICTURES), expected)
    loaded = keras.saving.load_model(SMALL)
    for array, own in zip(loaded.get_weights(), small_arrays(), strict=True):
        assert array.tobytes() == own.tobytes()


FUNCTIONS = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "elu": "elu",
    "gelu": "gelu",
    "silu": "silu",
    "swish": "silu",
    "softplus": "softplus",
    "selu": "selu",
    "mish": "mish",
    "linear": "identity",
    "softmax": "softmax",
    "exponential": "exponential",
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_activations(keras, saved, name):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(6, activation=name),
            layers.Dense(4),
            layers.Activation(name),
            layers.Dense(3, activation=name),
        ]
    )
    expected, path = saved(model, rows(5))
    net = from_keras(path)
    assert (net.activation, net.output_activation) == (FUNCTIONS[name], FUNCTIONS[name])
    assert_close(net.feedforward(rows(5)), expected)


def test_activations_that_are_layers(keras, saved):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(6),
            layers.ReLU(),
            layers.Dense(6),
            layers.LeakyReLU(negative_slope=0.01),
            layers.GaussianNoise(0.5),
            layers.Dense(6, activation=layers.ELU()),
            layers.Dense(3),
            layers.Softmax(),
        ]
    )
    expected, path = saved(model, rows(5))
    net = from_keras(path)
    assert (net.activation, net.output_activation) == (["relu", "leaky_relu", "elu"], "softmax")
    assert_close(net.feedforward(rows(5)), expected)


def test_a_functional_model(keras, saved):
    x = keras.Input((4, 3))
    last, first = keras.layers.Dense(2, name="a"), keras.layers.Dense(6, "tanh", name="z")
    model = keras.Model(x, last(keras.layers.Dropout(0.5)(first(keras.layers.Flatten()(x)))))
    expected, path = saved(model, PICTURES / 255)
    assert_close(from_keras(path).feedforward(PICTURES / 255), expected)


@pytest.mark.parametrize(("scale", "offset"), [(1 / 127.5, -1.0), (-1 / 255, 1.0)])
def test_rescaling(keras, saved, scale, offset):
    model = small_model(keras)
    layers = [keras.layers.Rescaling(scale, offset), *model.layers[1:]]
    expected, path = saved(keras.Sequential([keras.Input((4, 3)), *layers]), PICTURES)
    assert_close(from_keras(path).feedforward(PICTURES), expected)


def test_logits(keras, saved):
    logits, path = saved(keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)]), rows(5))
    net = from_keras(path, output_activation="softmax")
    assert net.cost == "log_likelihood"
    assert (net.predict(rows(5)) == logits.argmax(axis=1)).all()


def test_log_softmax(keras, saved):
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, activation="log_softmax")])
    logarithms, path = saved(model, rows(5))
    assert_close(from_keras(path).predict_proba(rows(5)), np.exp(logarithms))


@pytest.mark.parametrize("policy", ["float16", "mixed_float16"])
def test_half_precision_is_exact_in_float32(keras, saved, policy):
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, dtype=policy)])
    _, path = saved(model, rows(5))
    net = from_keras(path)
    assert net.dtype == np.float32
    assert (net.weights[0] == model.get_weights()[0].T).all()


def test_a_trained_model_of_many_layers(keras, saved):
    """Its file has an optimizer's arrays too, and B-trees of several nodes."""
    layers = [keras.layers.Dense(4, activation="tanh") for _ in range(40)]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    expected, path = saved(model, rows(4))
    assert_close(from_keras(path).feedforward(rows(4)), expected)


def test_layers_that_fastnn_does_not_have(keras, tmp_path):
    model = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(3), keras.layers.BatchNormalization(name="norm")]
    )
    path = tmp_path / "model.keras"
    model.save(path)
    with pytest.raises(ValueError, match=r"layer 'norm' \(BatchNormalization\): expected layers"):
        from_keras(path)


def test_bfloat16_is_refused(keras, saved):
    """HDF5 has no such numbers: Keras writes others in their place."""
    pytest.importorskip("ml_dtypes", reason="ml_dtypes, which comes with keras, is not installed")
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, dtype="bfloat16")])
    _, path = saved(model, rows(5))
    with pytest.raises(ValueError, match="little-endian IEEE floats"):
        from_keras(path)
