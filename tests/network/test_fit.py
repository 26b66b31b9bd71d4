"""fit against the NumPy reference, with the rows in the same order."""

from itertools import pairwise

import numpy as np
import pytest
from samples import labelled, one_hot, reference, small
from tolerance import assert_close

import fastnn
from fastnn.reference.network import penalty

COMBINATIONS = [
    ("sigmoid", "cross_entropy"),
    ("tanh", "log_likelihood"),
    ("relu", "cross_entropy"),
    ("sigmoid", "quadratic"),
    ("tanh", "quadratic"),
]
LAMBDAS = [(0.0, 0.0), (0.0, 3.0), (0.7, 0.0), (0.7, 3.0)]


def draw_parameters(seed, sizes):
    """What a network of this seed begins with; and its generator, as fit finds it."""
    rng = np.random.default_rng(seed)
    biases = [rng.standard_normal((k, 1)) for k in sizes[1:]]
    weights = [rng.standard_normal((k, j)) / np.sqrt(j) for j, k in pairwise(sizes)]
    return weights, biases, rng


def layers(net):
    return [*net.weights, *net.biases]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_initial_parameters(dtype):
    net = small(seed=42, dtype=dtype)
    weights, biases, _ = draw_parameters(42, net.sizes)
    for got, expected in zip(layers(net), weights + biases, strict=True):
        np.testing.assert_array_equal(got, expected.astype(dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("activation", "cost"), COMBINATIONS)
@pytest.mark.parametrize(("l1", "l2"), LAMBDAS)
@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
def test_trajectory(zeros, l1, l2, activation, cost, dtype):
    """Three epochs of five updates, the last one of each short: 23 = 4 * 5 + 3."""
    n, m, eta = 23, 5, 0.4
    x, labels = labelled(n, dtype=dtype)
    x[np.random.default_rng(1).random(x.shape) < zeros] = 0
    y = one_hot(labels, dtype=dtype)
    net = small(seed=7, activation=activation, cost=cost, dtype=dtype)
    twin, first = reference(net), [w.copy() for w in net.weights]
    *_, rng = draw_parameters(7, net.sizes)

    def compare(_, epoch):
        costs, correct, order = [], 0, rng.permutation(n)
        for start in range(0, n, m):
            rows = order[start : start + m]
            costs.extend(twin.data_costs(x[rows], y[rows]))
            correct += np.sum(twin.feedforward(x[rows]).argmax(axis=1) == labels[rows])
            twin.update_mini_batch(x[rows], y[rows], eta, l1, l2, n)
        for got, expected in zip(layers(net), twin.weights + twin.biases, strict=True):
            assert_close(got, expected)
        assert_close(epoch.data_cost, np.mean(costs))
        assert_close(epoch.penalty, x.dtype.type(penalty(twin.weights, l1, l2, n)))
        assert epoch.accuracy == correct / n

    net.fit(x, labels, epochs=3, batch_size=m, learning_rate=eta, l1=l1, l2=l2, callbacks=compare)
    assert len(net.history.epoch) == 3
    moved = max(np.abs(w - f).max() for w, f in zip(net.weights, first, strict=True))
    assert moved > 0.05


def test_one_update_by_hand():
    """A single neuron, no library: w <- (1 - eta l2 / n) w - eta l1 / n sgn(w) - eta dC/dw."""
    net = fastnn.Network([2, 1], cost="quadratic", output_activation="identity", dtype="float64")
    net.weights, net.biases = [[[2.0, -1.0]]], [[[0.5]]]
    # a = 2 * 1 - 1 * 3 + 0.5 = -0.5, so dC/dz = a - y = -1.5, dC/dw = (-1.5, -4.5)
    net.fit([[1.0, 3.0]], [[1.0]], epochs=1, batch_size=1, learning_rate=0.1, l1=0.2, l2=0.3)
    w1 = (1 - 0.1 * 0.3) * 2.0 - 0.1 * 0.2 + 0.1 * 1.5
    w2 = (1 - 0.1 * 0.3) * -1.0 + 0.1 * 0.2 + 0.1 * 4.5
    assert_close(net.weights[0], [[w1, w2]])
    assert_close(net.biases[0], [[0.5 + 0.1 * 1.5]])


def test_a_step_without_error_only_decays_weights():
    """Where output and target agree, each of two updates is the penalty's alone."""
    net = fastnn.Network([4, 2], activation="identity", cost="quadratic", seed=3, dtype="float64")
    x = np.zeros((6, 4))  # a = b, whatever the weights are
    net.biases[0] = [[0.5], [-2.0]]
    y = net.feedforward(x)
    w = net.weights[0].copy()
    w[0, 0] = net.weights[0][0, 0] = 0.0
    net.fit(x, y, epochs=1, batch_size=3, learning_rate=0.5, l1=0.01, l2=0.6)
    for _ in range(2):
        w = (1 - 0.5 * 0.6 / 6) * w - 0.5 * 0.01 / 6 * np.sign(w)
    assert_close(net.weights[0], w)
    assert net.weights[0][0, 0] == 0.0  # sgn(0) = 0
    np.testing.assert_array_equal(net.biases[0], [[0.5], [-2.0]])


def test_batch_larger_than_the_data_is_one_full_batch():
    x, labels = labelled(23)
    whole, larger = small(), small()
    whole.fit(x, labels, epochs=2, batch_size=23, l2=1.0)
    larger.fit(x, labels, epochs=2, batch_size=10**30, l2=1.0)
    for got, expected in zip(layers(larger), layers(whole), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_learns_xor():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([0, 1, 1, 0])
    net = fastnn.Network([2, 8, 1], activation="tanh", seed=0)
    history = net.fit(x, y, epochs=800, batch_size=4, learning_rate=0.5)
    np.testing.assert_array_equal(net.predict(x), y)
    assert history.data_cost[-1] < 0.1 < history.data_cost[0]


def test_fit_returns_the_history_of_this_fit():
    x, labels = labelled()
    net = small()
    first = net.fit(x, labels, epochs=2)
    second = net.fit(x, labels, epochs=1, callbacks=fastnn.EarlyStopping("data_cost"))
    assert (first.epoch, second.epoch, net.history.epoch) == ([1, 2], [3], [1, 2, 3])
    assert (first.best_epoch, second.best_epoch, net.history.best_epoch) == (None, 3, 3)
    for name, figures in net.history.items():
        assert first[name] + second[name] == figures
    first.penalty.clear()  # nobody else's
    assert len(net.history.penalty) == 3


def test_default_output_layers():
    outputs = {
        ("sigmoid", "cross_entropy"): "sigmoid",
        ("relu", "cross_entropy"): "sigmoid",
        ("sigmoid", "log_likelihood"): "softmax",
        ("sigmoid", "quadratic"): "sigmoid",
        ("tanh", "quadratic"): "identity",
    }
    for (activation, cost), expected in outputs.items():
        assert small(activation=activation, cost=cost).output_activation == expected


def test_properties_are_read_only_copies():
    net = small(activation="tanh")
    net.sizes.append(99)
    assert (net.sizes, net.activation, net.cost) == ([5, 4, 3], "tanh", "cross_entropy")
    assert net.dtype == np.float64
    assert repr(net) == (
        "Network([5, 4, 3], activation='tanh', cost='cross_entropy', "
        "output_activation='sigmoid', dtype='float64')"
    )
    names = ("sizes", "activation", "output_activation", "cost", "dtype", "input_scale", "history")
    for name in names:
        with pytest.raises(AttributeError):
            setattr(net, name, None)


@pytest.mark.parametrize("dtype", ["float32", np.float32, np.dtype(">f4"), "f4"])
def test_names_of_a_dtype(dtype):
    assert small(dtype=dtype).weights[0].dtype == np.dtype("float32")


def test_compile_leaves_the_network_alone():
    net, untouched = small(), small()
    assert net.compile() >= 0
    for got, expected in zip(layers(net), layers(untouched), strict=True):
        np.testing.assert_array_equal(got, expected)
