"""Activations and costs by name: one a layer, defaults, what is refused, regression."""

import numpy as np
import pytest
from samples import everything, labelled, one_hot, reference, same_bits, small
from tolerance import assert_close

import fastnn

X, LABELS = labelled()
Y = one_hot(LABELS)
MIXED = ["relu", "gelu", "tanh"]


def mixed(activation=MIXED, **options):
    return fastnn.Network([5, 6, 4, 7, 3], activation, seed=2, dtype="float64", **options)


def test_each_layer_has_its_own():
    net = mixed()
    assert net.activation == MIXED
    twin = reference(net)
    assert_close(net.feedforward(X), twin.feedforward(X))
    expected = twin.gradients(X, Y)[0]
    for got, nabla in zip(net.gradients(X, Y).weights, expected, strict=True):
        assert_close(got * len(X), nabla, scale=len(X))
    net.fit(X, Y, epochs=1, batch_size=5, learning_rate=0.1, shuffle=False)
    twin.train(X, Y, np.arange(23), 5, 0.1)
    for got, w in zip(net.weights, twin.weights, strict=True):
        assert_close(got, w, scale=np.abs(w).max())


def test_a_list_of_one_name_is_that_name():
    assert same_bits(mixed(["elu"] * 3), mixed("elu"))
    assert_close(mixed(["elu"] * 3).feedforward(X), mixed("elu").feedforward(X))


def test_the_list_is_a_copy():
    net = mixed()
    net.activation.append("relu")
    assert net.activation == MIXED


def test_a_list_through_a_file(tmp_path):
    net = mixed(tuple(MIXED))
    net.fit(X, LABELS, epochs=1)
    net.save(tmp_path / "net.npz")
    other = fastnn.load(tmp_path / "net.npz")
    assert everything(other) == everything(net)
    assert other.activation == MIXED
    assert repr(other) == repr(net)


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        (["relu"], "activation: expected one for each of the 3 hidden layers, got 1"),
        ([], "activation: expected one for each of the 3 hidden layers, got 0"),
        (["relu", "gleu", "tanh"], r"activation\[1\]: expected one of .*did you mean 'gelu'"),
        (["relu", 5, "tanh"], r"activation\[1\]: expected one of .*got 5"),
        ("swish", "activation: expected one of sigmoid, tanh, .*mish; got 'swish'"),
        ("leakyrelu", "activation: .*did you mean 'leaky_relu'"),
    ],
)
def test_bad_activations(activation, message):
    with pytest.raises(ValueError, match="^" + message):
        mixed(activation)


@pytest.mark.parametrize(
    ("activation", "cost", "output"),
    [
        ("relu", "poisson", "exponential"),
        ("sigmoid", "huber", "identity"),
        ("sigmoid", "mean_absolute_error", "identity"),
        (["sigmoid", "sigmoid", "sigmoid"], "quadratic", "sigmoid"),
        (["sigmoid", "relu", "sigmoid"], "quadratic", "identity"),
    ],
)
def test_default_outputs(activation, cost, output):
    assert mixed(activation, cost=cost).output_activation == output


def test_poissons_output_is_exponential():
    with pytest.raises(
        ValueError, match="output_activation: expected exponential with the poisson"
    ):
        mixed(cost="poisson", output_activation="softplus")


def test_counts_are_not_negative():
    net = small(cost="poisson")
    before = everything(net)
    with pytest.raises(ValueError, match=r"y: expected targets of at least 0 .*poisson.*got -1\.0"):
        net.fit(X, -Y)
    assert everything(net) == before
    net.fit(X, 7 * Y, epochs=1, learning_rate=0.01)  # not only 0 and 1


def plane(outputs, noise=0.0):
    """x (400, 3) and `outputs` linear functions of it, with outliers if `noise`."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((400, 3))
    w = rng.standard_normal((outputs, 3))
    y = x @ w.T + 0.5
    y[::10] += noise
    return x, y, w


def r2(y, predicted):
    return 1 - ((y - predicted) ** 2).sum(axis=0) / ((y - y.mean(axis=0)) ** 2).sum(axis=0)


@pytest.mark.parametrize("cost", ["quadratic", "mean_absolute_error", "huber"])
def test_regression_with_several_outputs(cost):
    x, y, _ = plane(4)
    net = fastnn.Network([3, 16, 4], "silu", cost, output_activation="identity", seed=0)
    history = net.fit(x, y, epochs=60, learning_rate=0.05)
    predicted = net.predict(x)
    assert predicted.shape == (400, 4)
    assert (r2(y, predicted) > 0.97).all()
    assert history.accuracy == [None] * 60


def test_huber_minds_outliers_less():
    x, y, w = plane(2, noise=30.0)
    errors = {}
    for cost in ("quadratic", "huber", "mean_absolute_error"):
        net = fastnn.Network([3, 2], "identity", cost, seed=0)
        net.fit(x, y, epochs=40, learning_rate=0.01)
        errors[cost] = np.abs(net.biases[0][:, 0] - 0.5).max()
    assert errors["quadratic"] > 2
    assert max(errors["huber"], errors["mean_absolute_error"]) < 0.5


def test_poisson_regression_finds_the_rates():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (4000, 2))
    rates = np.exp(x @ [0.8, -0.5] + 0.7)
    net = fastnn.Network([2, 1], cost="poisson", seed=0)
    net.fit(x, rng.poisson(rates), epochs=20, learning_rate=0.02)
    predicted = net.predict(x)
    assert predicted.shape == (4000,)
    np.testing.assert_allclose(net.weights[0], [[0.8, -0.5]], atol=0.1)
    np.testing.assert_allclose(predicted, rates, rtol=0.15)


@pytest.mark.parametrize("cost", ["huber", "mean_absolute_error"])
def test_outputs_of_regression_are_no_labels(cost):
    for output in ("identity", "relu", "tanh", "softplus"):
        net = small(cost=cost, output_activation=output)
        np.testing.assert_array_equal(net.predict(X), net.feedforward(X))
    assert small(cost=cost, output_activation="softmax").predict(X).shape == (23,)
