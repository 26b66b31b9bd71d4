"""What is the user's own fails before the first epoch, not after it, and leaves no trace."""

import random
import warnings

import numpy as np
import pytest
from problems import everything, labelled, net2, seed_all, slow_path, training

from fastnn.book import SlowPathWarning, network, network2

FLAGS = ("monitor_training_cost", "monitor_evaluation_cost")


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SlowPathWarning)
        yield


class Broken(Exception):
    pass


def broken(*_):
    np.random.random()  # noqa: NPY002
    random.random()
    raise Broken


class Cost(network2.CrossEntropyCost):
    pass


def cost_with(**methods):
    return type("Own", (Cost,), {name: staticmethod(method) for name, method in methods.items()})


def fails_at_once(net, error, message=None, **settings):
    data, evaluation = training(), labelled(training(8))
    if isinstance(net, network2.Network):
        settings = {"evaluation_data": evaluation, "verbose": False, **settings}
    else:
        settings = {"test_data": evaluation, "verbose": False}
    before = everything(net, data, evaluation)
    with pytest.raises(error, match=message):
        net.SGD(data, 3, 10, 0.5, **settings)
    assert everything(net, data, evaluation) == before


@pytest.mark.parametrize("flag", FLAGS)
def test_a_costs_fn(flag):
    fails_at_once(net2(cost=cost_with(fn=broken)), Broken, **{flag: True})
    pair = cost_with(fn=lambda a, y: np.zeros(2))
    fails_at_once(net2(cost=pair), TypeError, r"cost.fn: .*a number, got shape \(2,\)", **{flag: 1})
    nothing = cost_with(fn=lambda a, y: None)
    fails_at_once(net2(cost=nothing), TypeError, **{flag: True})


def test_a_costs_delta():
    fails_at_once(net2(cost=cost_with(delta=broken)), Broken)
    wrong = cost_with(delta=lambda z, a, y: np.ones((3, 2)))
    fails_at_once(net2(cost=wrong), ValueError)
    wrong = cost_with(delta=lambda z, a, y: np.ones((6, 1)))
    fails_at_once(net2(cost=wrong), ValueError)


@pytest.mark.parametrize("module", [network, network2])
@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_prime"])
def test_functions_of_the_module(module, name, monkeypatch):
    seed_all(1)
    net = module.Network([6, 5, 3])
    monkeypatch.setattr(module, name, broken)
    fails_at_once(net, Broken)


@pytest.mark.parametrize("module", [network, network2])
@pytest.mark.parametrize("name", ["feedforward", "backprop"])
def test_methods(module, name):
    seed_all(1)
    net = type("Own", (module.Network,), {name: broken})([6, 5, 3])
    settings = {"monitor_evaluation_accuracy": True} if module is network2 else {}
    fails_at_once(net, Broken, **settings)


def test_what_backprop_returns():
    seed_all(1)

    class Own(network2.Network):
        def backprop(self, x, y):
            nabla_b, nabla_w = super().backprop(x, y)
            return nabla_b, nabla_w[:1]

    fails_at_once(Own([6, 5, 3]), ValueError, "backprop: expected 2 gradients of weights, got 1")
    Own.backprop = lambda self, x, y: (self.biases, [w.T for w in self.weights])
    message = r"gradient of weights\[0\]: expected shape \(5, 6\), got \(6, 5\)"
    fails_at_once(Own([6, 5, 3]), ValueError, message)


def test_cost_derivative_and_vectorized_result(monkeypatch):
    seed_all(1)
    net = type("Own", (network.Network,), {"cost_derivative": broken})([6, 5, 3])
    fails_at_once(net, Broken)
    monkeypatch.setattr(network2, "vectorized_result", lambda j: [][j])
    fails_at_once(net2(), IndexError, monitor_evaluation_cost=True)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
@pytest.mark.parametrize("flag", FLAGS)
def test_a_cost_in_an_array_of_one_element(shape, flag):
    def fn(a, y):
        return np.reshape(0.5 * np.sum((a - y) ** 2), shape)

    own = cost_with(fn=fn, delta=network2.QuadraticCost.delta)
    lists = []
    for cost in (own, network2.QuadraticCost):
        net, data = net2(cost=cost), training()
        seed_all(3)
        lists.append(net.SGD(data, 2, 10, 0.5, 0.1, labelled(data), verbose=False, **{flag: True}))
        assert all(type(c) is float for figures in lists[-1] for c in figures)
        lists[-1] += ([net.total_cost(data, 0.1)],)
    for got, expected in zip(*lists, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_a_total_cost_of_the_users_own_in_an_array():
    class Own(network2.Network):
        def total_cost(self, data, lmbda, convert=False):
            return np.array([[0.25]])

    seed_all(1)
    costs, *_ = Own([6, 5, 3]).SGD(
        training(), 2, 10, 0.5, 0.0, labelled(training()), True, verbose=False
    )
    assert costs == [0.25, 0.25]
    assert type(costs[0]) is float


def test_a_trial_leaves_the_random_numbers_and_the_network_alone():
    """A cost that draws random numbers, and a backprop that changes weights in place."""

    class Own(network2.Network):
        calls = 0

        def backprop(self, x, y):
            self.calls += 1
            np.random.random()  # noqa: NPY002
            for w in self.weights:
                w += 0.0 if self.calls > 1 else 1.0
            return super().backprop(x, y)

    seed_all(1)
    net = Own([6, 5, 3])
    weights = [w.copy() for w in net.weights]
    seed_all(2)
    with slow_path("Own.backprop"):
        net.SGD(training(), 1, 47, 0.0, verbose=False)
    assert net.calls == 47
    after = np.random.random()  # noqa: NPY002
    seed_all(2)
    np.random.random(47)  # noqa: NPY002
    assert np.random.random() == after  # noqa: NPY002
    for w, before in zip(net.weights, weights, strict=True):
        np.testing.assert_array_equal(w, before + 1.0)
