"""Contract 6: what a user replaces is obeyed, with one warning that says why it is slower."""

import warnings

import numpy as np
import pytest
from oracle import sigma_prime
from problems import (
    assert_same_network,
    labelled,
    net2,
    pair,
    parameters,
    same,
    seed_all,
    slow_path,
    training,
)

from fastnn.book import SlowPathWarning, network, network2


def sgd(net, data, epochs=2, **keywords):
    """SGD from the same seed: the regularized one where there is one."""
    seed_all(9)
    if isinstance(net, network.Network):
        return net.SGD(data, epochs, 10, 0.5, verbose=False, **keywords)
    return net.SGD(data, epochs, 10, 0.5, 0.3, verbose=False, **keywords)


def trained(net, **keywords):
    sgd(net, training(), **keywords)
    return parameters(net)


def from_seed(make, *arguments, **keywords):
    seed_all(1)
    return make([6, 5, 3], *arguments, **keywords)


def test_the_books_own_methods_and_costs_don_t_warn():
    class Renamed(network2.Network):
        """Overrides nothing that the kernels stand for."""

        def describe(self):
            return f"{self.sizes}"

    class SameCost(network2.QuadraticCost):
        pass

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained(from_seed(network.Network))
        assert same(trained(from_seed(Renamed)), trained(net2()))
        quadratic = trained(net2(cost=network2.QuadraticCost))
        assert same(trained(from_seed(network2.Network, cost=SameCost())), quadratic)


@pytest.mark.parametrize("module", [network, network2])
class TestOverridden:
    def test_backprop(self, module):
        """Half of the gradient is as good as half of the learning rate."""

        class Half(module.Network):
            calls = 0

            def backprop(self, x, y):
                self.calls += 1
                nabla_b, nabla_w = super().backprop(x, y)
                return [nb / 2 for nb in nabla_b], [nw / 2 for nw in nabla_w]

        _, oracle = pair(module=module)
        net, data = from_seed(Half), training()
        with slow_path("Half.backprop"):
            sgd(net, data)
        assert net.calls == 2 * 47
        seed_all(9)
        data = training()
        for _ in range(2):
            for_half = 0.0 if module is network else 0.6
            oracle.epoch(data, 10, 0.25, for_half)
        assert_same_network(net, oracle)
        with warnings.catch_warnings():  # the same reason is not told twice
            warnings.simplefilter("error")
            sgd(net, data)
            net.update_mini_batch(data[:9], *((0.5,) if module is network else (0.5, 0.1, 47)))
        assert net.calls == 4 * 47 + 9

    def test_backprop_in_update_mini_batch(self, module):
        class Still(module.Network):
            def backprop(self, x, y):
                return [0 * b for b in self.biases], [0 * w for w in self.weights]

        net = from_seed(Still)
        before = parameters(net)
        with slow_path("Still.backprop"):
            net.update_mini_batch(training(9), *((0.5,) if module is network else (0.5, 0.0, 47)))
        assert same(parameters(net), before)

    def test_update_mini_batch(self, module):
        class Own(module.Network):
            def update_mini_batch(self, mini_batch, *rest):
                self.seen.append((mini_batch, rest))
                super().update_mini_batch(mini_batch, *rest)

        net, data = from_seed(Own), training()
        net.seen = []
        with slow_path("Own.update_mini_batch"):
            sgd(net, data, epochs=1)
        assert [len(batch) for batch, _ in net.seen] == [10, 10, 10, 10, 7]
        assert {rest for _, rest in net.seen} == {(0.5,) if module is network else (0.5, 0.3, 47)}
        assert [s for batch, _ in net.seen for s in batch] == data
        np.testing.assert_allclose(net.weights[0], trained(from_seed(module.Network), epochs=1)[0])

    def test_feedforward(self, module):
        """Training does not use it; all evaluation does."""

        class Backwards(module.Network):
            def feedforward(self, a):
                return super().feedforward(a)[::-1]

        net, plain, data = from_seed(Backwards), from_seed(module.Network), training(90)
        backwards = [(x, 2 - y) for x, y in labelled(data)]
        count = "evaluate" if module is network else "accuracy"
        with slow_path("Backwards.feedforward"):
            assert getattr(net, count)(backwards) == getattr(plain, count)(labelled(data))
        if module is network2:
            turned = [(x, y[::-1]) for x, y in data]
            got = net.total_cost(turned, 0.5), net.total_cost(backwards, 0.5, convert=True)
            assert got == pytest.approx([plain.total_cost(data, 0.5)] * 2, rel=1e-12)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert same(trained(net), trained(plain))

    def test_feedforward_while_training(self, module, capsys):
        class Constant(module.Network):
            def feedforward(self, a):
                return np.array([[0.1], [0.9], [0.2]])

        data, net = training(), from_seed(Constant)
        ones = sum(label == 1 for _, label in labelled(data))
        with slow_path("Constant.feedforward"):
            if module is network:
                net.SGD(data, 1, 10, 0.5, labelled(data))
                assert capsys.readouterr().out == f"Epoch 0: {ones} / 47\n"
            else:
                lists = net.SGD(data, 1, 10, 0.5, 0.0, labelled(data), True, True, True, True)
                a = np.array([[0.1], [0.9], [0.2]])
                cost = sum(network2.CrossEntropyCost.fn(a, y) for _, y in data) / 47
                assert lists == ([pytest.approx(cost)], [ones], [pytest.approx(cost)], [ones])

    def test_on_the_object_or_the_class(self, module, monkeypatch):
        def backprop(x, y):
            return [0 * b for b in net.biases], [0 * w for w in net.weights]

        net = from_seed(module.Network)
        before = parameters(net)
        net.backprop = backprop
        with slow_path("Network.backprop"):
            net.update_mini_batch(training(9), *((0.5,) if module is network else (0.5, 0.0, 47)))
        assert same(parameters(net), before)
        net = from_seed(module.Network)
        monkeypatch.setattr(module.Network, "backprop", lambda self, x, y: backprop(x, y))
        with slow_path("Network.backprop"):
            sgd(net, training())
        assert same(net.biases, before[2:])

    def test_sigmoid_of_the_module(self, module, monkeypatch):
        """An exercise of the book: tanh. sigmoid_prime has to go with it."""
        monkeypatch.setattr(module, "sigmoid", np.tanh)
        monkeypatch.setattr(module, "sigmoid_prime", lambda z: 1 - np.tanh(z) ** 2)
        net, data = from_seed(module.Network), training()
        x, y = data[0]
        w, b = [w.copy() for w in net.weights], [b.copy() for b in net.biases]
        hidden = np.tanh(w[0] @ x + b[0])
        output = np.tanh(w[1] @ hidden + b[1])
        np.testing.assert_allclose(net.feedforward(x), output, rtol=1e-13)
        delta = output - y
        if module is network:
            delta = delta * (1 - output**2)
        with slow_path(f"{module.__name__}.sigmoid ", f"{module.__name__}.sigmoid_prime "):
            net.update_mini_batch([(x, y)], *((0.5,) if module is network else (0.5, 0.0, 47)))
        np.testing.assert_allclose(net.biases[1], b[1] - 0.5 * delta, rtol=1e-13)
        delta = w[1].T @ delta * (1 - hidden**2)
        np.testing.assert_allclose(net.weights[0], w[0] - 0.5 * delta @ x.T, rtol=1e-13)


def test_cost_derivative():
    class Doubled(network.Network):
        def cost_derivative(self, output_activations, y):
            return 2 * super().cost_derivative(output_activations, y)

    _, oracle = pair(module=network)
    net, data = from_seed(Doubled), training()
    with slow_path("Doubled.cost_derivative"):
        sgd(net, data)
    seed_all(9)
    data = training()
    for _ in range(2):
        oracle.epoch(data, 10, 1.0)
    assert_same_network(net, oracle)


def test_evaluate_of_the_users_own(capsys):
    class Proud(network.Network):
        def evaluate(self, test_data):
            return f"{super().evaluate(test_data)} (of {len(test_data)})"

    net = from_seed(Proud)
    net.SGD(training(), 1, 10, 0.5, labelled(training(4)))
    assert capsys.readouterr().out in [f"Epoch 0: {i} (of 4) / 4\n" for i in range(5)]


class MyQuadratic:
    """A cost of the user's own that is the quadratic one."""

    @staticmethod
    def fn(a, y):
        assert a.shape == y.shape == (3, 1)
        return 0.5 * np.sum((a - y) ** 2)

    @staticmethod
    def delta(z, a, y):
        assert z.shape == a.shape == y.shape == (3, 1)
        return (a - y) * sigma_prime(z)


@pytest.mark.parametrize("cost", [MyQuadratic, MyQuadratic()])
def test_a_cost_of_the_users_own(cost):
    net, (plain, _) = from_seed(network2.Network, cost=cost), pair(cost="quadratic")
    data = training()
    flat = [(x.ravel(), y.ravel()) for x, y in data]
    with slow_path("MyQuadratic.delta", "MyQuadratic.fn"):
        lists = sgd(
            net,
            flat,
            evaluation_data=labelled(data),
            monitor_training_cost=True,
            monitor_evaluation_cost=True,
            monitor_evaluation_accuracy=True,
        )
    expected = sgd(
        plain,
        list(data),
        evaluation_data=labelled(data),
        monitor_training_cost=True,
        monitor_evaluation_cost=True,
        monitor_evaluation_accuracy=True,
    )
    for a, b in zip(parameters(net), parameters(plain), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(lists[0] + lists[1] + lists[2], sum(expected, []), rtol=1e-9)
    assert net.total_cost(data, 0.5) == pytest.approx(plain.total_cost(data, 0.5), rel=1e-9)
    for a, b in zip(net.backprop(*data[0])[1], plain.backprop(*data[0])[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_a_subclass_of_a_cost_of_the_books():
    class OtherDelta(network2.CrossEntropyCost):
        @staticmethod
        def delta(z, a, y):
            return 2 * (a - y)

    class OtherFn(network2.CrossEntropyCost):
        @staticmethod
        def fn(a, y):
            return 1.0

    net, (plain, _), data = from_seed(network2.Network, cost=OtherDelta), pair(), training()
    with slow_path("OtherDelta.delta"):
        sgd(net, data)
    seed_all(9)
    plain.SGD(training(), 2, 10, 1.0, 0.15, verbose=False)
    for a, b in zip(parameters(net), parameters(plain), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)

    net, (plain, _) = from_seed(network2.Network, cost=OtherFn), pair()
    assert same(trained(net), trained(plain))
    with slow_path("OtherFn.fn"):
        assert net.total_cost(data, 0.0) == 1.0


def test_a_cost_that_was_patched(monkeypatch):
    monkeypatch.setattr(
        network2.CrossEntropyCost, "delta", staticmethod(lambda z, a, y: np.zeros_like(a))
    )
    net = net2()
    before = parameters(net)
    with slow_path("CrossEntropyCost.delta"):
        net.SGD(training(), 1, 10, 0.5, verbose=False)
    assert same(parameters(net), before)


def test_accuracy_and_total_cost_are_called_as_the_book_calls_them():
    class Own(network2.Network):
        def accuracy(self, data, convert=False):
            self.calls.append(("accuracy", len(data), convert))
            return np.int64(super().accuracy(data, convert))

        def total_cost(self, data, lmbda, convert=False):
            self.calls.append(("total_cost", len(data), lmbda, convert))
            return np.float64(super().total_cost(data, lmbda, convert))

    net, plain, data = from_seed(Own), net2(), training()
    net.calls, evaluation = [], labelled(training(8))
    flags = dict.fromkeys(
        [
            "monitor_evaluation_cost",
            "monitor_evaluation_accuracy",
            "monitor_training_cost",
            "monitor_training_accuracy",
        ],
        True,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lists = sgd(net, data, epochs=1, evaluation_data=evaluation, **flags)
    assert net.calls == [
        ("total_cost", 47, 0.3, False),
        ("accuracy", 47, True),
        ("total_cost", 8, 0.3, True),
        ("accuracy", 8, False),
    ]
    assert [type(numbers[0]) for numbers in lists] == [float, int, float, int]
    expected = sgd(plain, training(), epochs=1, evaluation_data=evaluation, **flags)
    np.testing.assert_allclose(lists, expected, rtol=1e-12)


def test_l1_reaches_methods_of_the_users_own():
    class Own(network2.Network):
        def update_mini_batch(self, mini_batch, eta, lmbda, n, *, l1=0.0):
            self.seen = l1
            super().update_mini_batch(mini_batch, eta, lmbda, n, l1=l1)

    net = from_seed(Own)
    with pytest.warns(SlowPathWarning):
        net.SGD(training(), 1, 10, 0.5, l1=0.4, verbose=False)
    assert net.seen == 0.4


@pytest.mark.parametrize("l1", [0.0, 0.4])
def test_the_slow_path_regularizes_as_the_fast_one(l1):
    nets = [net2(), from_seed(network2.Network, cost=MyEntropy)]
    for net in nets:
        seed_all(3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SlowPathWarning)
            net.SGD(training(), 3, 10, 0.5, 0.7, l1=l1, verbose=False)
    for a, b in zip(*map(parameters, nets), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


class MyEntropy(network2.CrossEntropyCost):
    """Its delta, but not the very function."""

    @staticmethod
    def delta(z, a, y):
        return a - y


def test_samples_that_only_the_users_backprop_understands():
    """Sequences of columns, trained on their mean: no check of x and y stands in the way."""

    class Sequences(network2.Network):
        def backprop(self, x, y):
            return super().backprop(np.mean(x, axis=0), network2.vectorized_result(y, 3))

    data = [([x, -x, 3 * x], int(np.argmax(y))) for x, y in training()]
    net, plain = from_seed(Sequences), net2()
    with slow_path("Sequences.backprop"):
        sgd(net, data)
    trained_plain = sgd(plain, training()) and parameters(plain)
    for a, b in zip(parameters(net), trained_plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_vectorized_result_of_the_users_own(monkeypatch):
    """The book's readers replaced it where they had other than ten outputs."""

    def smoothed(j):
        e = np.full((3, 1), 0.1)
        e[j] = 0.8
        return e

    monkeypatch.setattr(network2, "vectorized_result", smoothed)
    net, data = net2(), labelled(training())
    with slow_path("network2.vectorized_result"):
        got = net.total_cost(data, 0.0, convert=True)
    expected = net.total_cost([(x, smoothed(j)) for x, j in data], 0.0)
    assert got == pytest.approx(expected, rel=1e-12)


def test_a_subclass_with_private_names_of_its_own_is_not_in_the_way():
    class Own(network2.Network):
        def _backprop(self, *_):
            raise AssertionError

        _measure = _prepare = _engine = _descend = _monitor = _backprop

    net = from_seed(Own)
    data = training()
    lists = sgd(net, data, evaluation_data=labelled(data), monitor_evaluation_cost=True)
    assert len(lists[0]) == 2
    assert same(parameters(net), trained(net2()))


def test_the_warning_points_to_the_callers_line():
    net = from_seed(network2.Network, cost=MyQuadratic)
    data = training()
    for call in (
        lambda: net.SGD(data, 1, 10, 0.5, verbose=False),
        lambda: net.total_cost(data, 0.0),
    ):
        with pytest.warns(SlowPathWarning) as caught:
            call()
        assert caught[0].filename == __file__
