"""What y may be: labels, one-hot rows, float targets."""

import numpy as np
import pytest
from samples import labelled, one_hot, reference, same_bits, small
from tolerance import assert_close

import fastnn


def fitted(y, **options):
    x, _ = labelled()
    net = small(**options)
    net.fit(x, y, epochs=2)
    return net


SAME_AS_LABELS = {
    "int32": lambda labels: labels.astype(np.int32),
    "uint8": lambda labels: labels.astype(np.uint8),
    "uint64": lambda labels: labels.astype(np.uint64),
    "big-endian": lambda labels: labels.astype(">i2"),
    "list": lambda labels: labels.tolist(),
    "strided": lambda labels: np.repeat(labels, 3)[::3],
    "one-hot": one_hot,
    "one-hot float32": lambda labels: one_hot(labels, dtype="float32"),
    "one-hot bytes": lambda labels: one_hot(labels, dtype="uint8"),
    "one-hot bool": lambda labels: one_hot(labels, dtype="bool"),
    "one-hot Fortran": lambda labels: np.asfortranarray(one_hot(labels)),
    "one-hot lists": lambda labels: one_hot(labels).tolist(),
}


@pytest.mark.parametrize("form", SAME_AS_LABELS.values(), ids=SAME_AS_LABELS)
@pytest.mark.parametrize("cost", ["cross-entropy", "log-likelihood", "quadratic"])
def test_forms_of_labels(form, cost):
    _, labels = labelled()
    net, expected = fitted(form(labels), cost=cost), fitted(labels, cost=cost)
    assert same_bits(net, expected)
    assert net.history.accuracy == expected.history.accuracy != [None, None]


def test_labels_need_not_occur_all():
    x, labels = labelled()
    net = small()
    net.fit(x, np.ones_like(labels), epochs=50)
    assert net.evaluate(x, np.ones_like(labels)).accuracy == 1


def test_soft_targets_have_no_accuracy():
    x, labels = labelled()
    y = 0.8 * one_hot(labels) + 0.1
    net = small()
    assert net.fit(x, y, epochs=1).accuracy == [None]
    assert net.evaluate(x, y).accuracy is None
    assert_close(net.evaluate(x, y).data_cost, reference(net).data_costs(x, y).mean())


def test_several_ones_a_row_name_no_class():
    x, labels = labelled()
    y = one_hot(labels)
    y[0] = 1
    net = small(cost="quadratic", output_activation="tanh")
    assert net.evaluate(x, y).accuracy is None
    y[0] = 0
    assert net.evaluate(x, y).accuracy is None


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)], ids=["flat", "column"])
@pytest.mark.parametrize("dtype", ["int64", "float32", "bool"])
def test_binary(shape, dtype):
    x, labels = labelled(classes=2)
    net = fastnn.Network([5, 1], seed=0, dtype="float64")
    twin, y = reference(net), labels.reshape(-1, 1)
    got = net.evaluate(x, labels.astype(dtype).reshape(shape))
    outputs = twin.feedforward(x)
    assert_close(got.data_cost, twin.data_costs(x, y).mean())
    assert got.accuracy == np.mean((outputs[:, 0] > 0.5) == labels)
    assert got.accuracy == np.mean(net.predict(x) == labels)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)], ids=["flat", "column"])
def test_regression_with_one_output(shape):
    x, _ = labelled(60)
    y = 2 * x[:, 0] - 3 * x[:, 1] + 10
    net = fastnn.Network([5, 1], activation="identity", cost="quadratic", seed=0, dtype="float64")
    history = net.fit(x, y.reshape(shape), epochs=60, learning_rate=0.1)
    assert net.predict(x).shape == (60, 1)
    np.testing.assert_allclose(net.predict(x)[:, 0], y, atol=1e-6)
    np.testing.assert_allclose(net.weights[0], [[2, -3, 0, 0, 0]], atol=1e-6)
    assert history.accuracy == [None] * 60


def test_regression_with_several_outputs_of_integers():
    x, _ = labelled()
    y = np.arange(69).reshape(23, 3)
    net = small(activation="tanh", cost="quadratic")
    assert net.output_activation == "identity"
    got = net.evaluate(x, y)
    assert got.accuracy is None
    assert_close(got.data_cost, reference(net).data_costs(x, y).mean())


def test_integer_targets_of_one_identity_output_are_no_labels():
    x, _ = labelled()
    net = fastnn.Network([5, 1], activation="identity", cost="quadratic", seed=0, dtype="float64")
    y = np.arange(23)
    got = net.evaluate(x, y)
    assert got.accuracy is None
    assert_close(got.data_cost, reference(net).data_costs(x, y[:, np.newaxis]).mean())


def test_quadratic_float_targets_of_a_sigmoid_may_lie_anywhere():
    x, labels = labelled()
    net = small(cost="quadratic")
    assert net.evaluate(x, 2.0 * one_hot(labels)).accuracy is None
