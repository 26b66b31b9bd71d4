"""Bad input: an error that names the argument, what was expected, what came; nothing changed."""

import functools

import numpy as np
import pytest
from oracle import unit
from problems import everything, labelled, net2, parameters, random_state, same, training

from fastnn.book import network, network2

X, Y = training()[3]


def with_sample(x, y):
    """Training data with another sample at index 17."""
    data = training()
    data[17] = (x, y)
    return data


def with_label(y, x=X):
    """Evaluation data with another sample at index 17."""
    data = labelled(training())
    data[17] = (x, y)
    return data


def with_value(array, value):
    array = array.copy()
    array[2] = value
    return array


BAD_TRAINING = {
    "a number": (3, TypeError, r"expected tuples \(x, y\), got 3"),
    "no tuples": ([X, Y], TypeError, r"\[0\]: expected a tuple \(x, y\), got shape \(6, 1\)"),
    "a triple": ([(X, Y), (X, Y, Y)], TypeError, r"\[1\]: expected a tuple .*got a tuple of 3"),
    "short x": (with_sample(X[:5], Y), ValueError, r"\[17\]: x: .*\(6, 1\), got shape \(5, 1\)"),
    "row x": (with_sample(X.T, Y), ValueError, r"\[17\]: x: .*\(6, 1\), got shape \(1, 6\)"),
    "square x": (with_sample(X.reshape(2, 3), Y), ValueError, r"\[17\]: x: .*got shape \(2, 3\)"),
    "all x short": ([(X[:5], Y)] * 9, ValueError, r"\[0\]: x: .*\(6, 1\), got shape \(5, 1\)"),
    "x text": (with_sample(["a"] * 6, Y), TypeError, r"\[17\]: x: expected real numbers"),
    "x None": (with_sample(None, Y), TypeError, r"\[17\]: x: expected real numbers"),
    "x complex": (with_sample(X * 1j, Y), TypeError, r"\[17\]: x: .*complex"),
    "x ragged": (with_sample([[1.0], [1.0, 2.0]], Y), ValueError, r"\[17\]: x: expected an array"),
    "y long": (with_sample(X, unit(1, 4)), ValueError, r"\[17\]: y: .*got shape \(4, 1\)"),
    "y label": (with_sample(X, 2), ValueError, r"\[17\]: y: .*got 2; .*unit vectors"),
    "all labels": (labelled(training()), ValueError, r"\[0\]: y: .*; .*unit vectors"),
}

LABEL = r"\[17\]: y: expected an integer from 0 to 2, got "
BAD_EVALUATION = {
    "x flat, short": (with_label(1, X.ravel()[:5]), ValueError, r"\[17\]: x: expected a column"),
    "one-hot": (with_label(Y), ValueError, LABEL + r"shape \(3, 1\); .*unit vectors"),
    "all one-hot": (training(), ValueError, r"\[0\]: y: .*got shape \(3, 1\); .*unit vectors"),
}


def refuses(net, call, error, message, *lists):
    before = everything(net, *lists)
    with pytest.raises(error, match=message) as caught:
        call()
    assert type(caught.value) is error
    assert everything(net, *lists) == before


@pytest.mark.parametrize("bad", BAD_TRAINING)
def test_training_data(bad):
    data, error, message = BAD_TRAINING[bad]
    lists = [data] if isinstance(data, list) else []
    for net in (net2(), network.Network([6, 5, 3])):
        sgd = functools.partial(net.SGD, data, 2, 10, 0.5)
        refuses(net, sgd, error, f"^training_data.*{message}", *lists)
    net = net2()
    step = lambda: net.update_mini_batch(data, 0.5, 0.0, 47)  # noqa: E731
    refuses(net, step, error, f"^mini_batch.*{message}")
    if "label" not in bad:
        refuses(net, lambda: net.total_cost(data, 0.0), error, f"^data.*{message}")


@pytest.mark.parametrize("bad", BAD_EVALUATION)
def test_evaluation_data(bad):
    data, error, message = BAD_EVALUATION[bad]
    good, net = training(), net2()
    sgd = lambda: net.SGD(good, 2, 10, 0.5, 0.0, data, monitor_evaluation_accuracy=True)  # noqa: E731
    refuses(net, sgd, error, f"^evaluation_data.*{message}", good, data)
    refuses(net, lambda: net.accuracy(data), error, f"^data.*{message}")
    refuses(net, lambda: net.total_cost(data, 0.0, convert=True), error, f"^data.*{message}")
    net = network.Network([6, 5, 3])
    refuses(net, lambda: net.evaluate(data), error, f"^test_data.*{message}")
    sgd = lambda: net.SGD(good, 2, 10, 0.5, data)  # noqa: E731
    refuses(net, sgd, error, f"^test_data.*{message}", good, data)


def test_the_other_kind_of_y_is_told_apart_by_convert():
    net, one_hot, labels = net2(), training(), labelled(training())
    for call, flag in (
        (lambda: net.accuracy(one_hot), "unit vectors need convert=True"),
        (lambda: net.accuracy(labels, convert=True), "integers need convert=False"),
        (lambda: net.total_cost(labels, 0.0), "integers need convert=True"),
        (lambda: net.total_cost(one_hot, 0.0, convert=True), "unit vectors need convert=False"),
    ):
        with pytest.raises(ValueError, match=flag):
            call()


BAD_NUMBERS = {
    "epochs": [(2.0, TypeError), ("2", TypeError), (None, TypeError)],
    "mini_batch_size": [(0, ValueError), (10.0, TypeError)],
    "eta": [("x", TypeError), (None, TypeError), (np.ones(2), TypeError)],
    "lmbda": [("x", TypeError), (None, TypeError)],
    "l1": [("x", TypeError), (None, TypeError)],
    "early_stopping_n": [(-1, ValueError), (1.5, TypeError)],
}


@pytest.mark.parametrize("name", BAD_NUMBERS)
def test_numbers(name):
    data = training()
    for value, error in BAD_NUMBERS[name]:
        arguments = {"epochs": 2, "mini_batch_size": 10, "eta": 0.5, name: value}
        nets = [net2()]
        if name in ("epochs", "mini_batch_size", "eta"):
            nets.append(network.Network([6, 5, 3]))
        for net in nets:
            sgd = functools.partial(net.SGD, data, **arguments)
            refuses(net, sgd, error, f"^{name}: expected", data)
    if name in ("eta", "lmbda", "l1"):
        net = net2()
        for value, error in BAD_NUMBERS[name]:
            step = {"eta": 0.5, "lmbda": 0.0, name: value}
            update = functools.partial(net.update_mini_batch, data, n=47, **step)
            refuses(net, update, error, f"^{name}: expected")


def test_n_of_update_mini_batch():
    net = net2()
    step = lambda n: net.update_mini_batch(training(), 0.5, 0.1, n)  # noqa: E731
    refuses(net, lambda: step(0), ZeroDivisionError, "^n: .*got 0")
    refuses(net, lambda: step("47"), TypeError, "^n: .*got '47'")


@pytest.mark.parametrize(
    ("sizes", "error"),
    [
        ([], ValueError),
        ([5], ValueError),
        ([5, 0], ValueError),
        ([5, -3, 2], ValueError),
        ([5, 2.5], TypeError),
        ([5, "3"], TypeError),
        (7, TypeError),
        ("73", TypeError),
        (None, TypeError),
    ],
)
@pytest.mark.parametrize("make", [network.Network, network2.Network])
def test_sizes(make, sizes, error):
    state = random_state()
    with pytest.raises(error, match="^sizes"):
        make(sizes)
    assert random_state() == state


def nan_weight(net):
    net.weights[1][0, 2] = np.nan


def infinite_bias(net):
    net.biases[0][3] = np.inf


def transposed(net):
    net.weights[0] = net.weights[0].T


def flat_bias(net):
    net.biases[1] = net.biases[1].ravel()


def one_missing(net):
    net.weights = net.weights[:1]


def complex_weights(net):
    net.weights[0] = net.weights[0] * 1j


BAD_PARAMETERS = {
    transposed: (ValueError, r"weights\[0\]: expected shape \(5, 6\) by sizes, got \(6, 5\)"),
    flat_bias: (ValueError, r"biases\[1\]: expected shape \(3, 1\) by sizes, got \(3,\)"),
    one_missing: (ValueError, r"biases: expected 1 arrays, as many as weights, got 2"),
    complex_weights: (TypeError, r"weights\[0\]: expected real numbers, got dtype complex128"),
}


@pytest.mark.parametrize("spoil", BAD_PARAMETERS)
def test_parameters(spoil):
    error, message = BAD_PARAMETERS[spoil]
    net, data = net2(), training()
    spoil(net)
    order = list(data)
    for call in (
        lambda: net.SGD(data, 1, 10, 0.5),
        lambda: net.update_mini_batch(data, 0.5, 0.1, 47),
        lambda: net.feedforward(X),
        lambda: net.backprop(X, Y),
        lambda: net.accuracy(data, convert=True),
        lambda: net.total_cost(data, 0.0),
        lambda: net.save("never.json"),
    ):
        with pytest.raises(error, match=message):
            call()
    assert [id(s) for s in data] == [id(s) for s in order]


@pytest.mark.parametrize("spoil", [nan_weight, infinite_bias])
def test_nan_and_infinity_are_not_saved(spoil, tmp_path):
    net = net2()
    spoil(net)
    with pytest.raises(ValueError, match=r"^(weights|biases)\[.\]: expected finite numbers, got"):
        net.save(tmp_path / "net.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cost", ["cross-entropy", None, object, network2.sigmoid])
def test_cost(cost):
    with pytest.raises(TypeError, match="^cost: expected a class with fn"):
        network2.Network([6, 5, 3], cost=cost)
    net = net2()
    net.cost = cost
    before = parameters(net)
    for call in (
        lambda: net.SGD(training(), 1, 10, 0.5),
        lambda: net.update_mini_batch(training(), 0.5, 0.1, 47),
        lambda: net.backprop(X, Y),
        lambda: net.total_cost(training(), 0.0),
    ):
        with pytest.raises(TypeError, match="^cost: expected a class with fn"):
            call()
    assert same(parameters(net), before)


@pytest.mark.parametrize(
    ("a", "error", "message"),
    [
        (X[:5], ValueError, r"^a: expected a column of shape \(6, 1\).*got shape \(5, 1\)"),
        (X.T, ValueError, r"^a: .*got shape \(1, 6\)"),
        (X[None], ValueError, r"^a: .*got shape \(1, 6, 1\)"),
        (3.0, ValueError, r"^a: expected a column"),
        ("six", TypeError, "^a: expected real numbers"),
    ],
)
def test_feedforward_and_backprop(a, error, message):
    for net in (net2(), network.Network([6, 5, 3])):
        with pytest.raises(error, match=message):
            net.feedforward(a)
        with pytest.raises(error, match=message.replace("^a", "^x")):
            net.backprop(a, Y)
        with pytest.raises(ValueError, match=r"^y: expected a column of shape \(3, 1\)"):
            net.backprop(X, 2)
        with pytest.raises(ValueError, match=r"^y: expected as many columns as x, 1, got 2"):
            net.backprop(X, np.hstack([Y, Y]))


def test_costs_of_other_shapes():
    a = np.full((3, 1), 0.5)
    for cost in (network2.QuadraticCost, network2.CrossEntropyCost):
        for y in (2, np.zeros((4, 1)), np.zeros((1, 3))):
            with pytest.raises(ValueError, match=r"^y: expected the outputs' shape \(3, 1\)"):
                cost.fn(a, y)
            with pytest.raises(ValueError, match=r"^y: expected the outputs' shape \(3, 1\)"):
                cost.delta(a, a, y)
        assert cost.fn(a.ravel(), a.ravel()) == cost.fn(a, a.ravel())
        assert cost.delta(a, a, a.ravel()).shape == (3, 1)
    with pytest.raises(ValueError, match="^y: expected the outputs' shape"):
        network.Network([6, 5, 3]).cost_derivative(a, 2)
