"""Contracts 5 and 8: the penalties in total_cost and in training, and early stopping.

And the two mistakes that people make with lambda, which fail where ours works.
"""

import inspect

import numpy as np
import pytest
from oracle import Oracle
from problems import labelled, net2, pair, parameters, same, seed_all, training

from fastnn.book import network2


@pytest.mark.parametrize("cost", ["quadratic", "cross-entropy"])
@pytest.mark.parametrize("n", [1, 9, 300])
def test_total_cost_divides_the_penalty_by_the_length_of_its_data(cost, n):
    net, oracle = pair(cost=cost)
    data = training(n)
    mean, squares = oracle.mean_cost(data), sum((w**2).sum() for w in oracle.w)
    sizes = sum(abs(w).sum() for w in oracle.w)
    for convert, samples in ((False, data), (True, labelled(data))):
        assert type(net.total_cost(samples, 3.0, convert)) is float
        expected = {0.0: mean, 3.0: mean + 3.0 / (2 * n) * squares}
        for lmbda, total in expected.items():
            got = net.total_cost(samples, lmbda, convert=convert)
            assert got == pytest.approx(total, rel=1e-12)
        got = net.total_cost(samples, 3.0, convert, l1=0.7)
        assert got == pytest.approx(expected[3.0] + 0.7 / n * sizes, rel=1e-12)


def test_the_docstring_says_so():
    text = " ".join(inspect.getdoc(network2.Network.total_cost).split())
    assert "lmbda / (2 len(data))" in text
    assert "not by the training set's" in text


def test_monitored_costs_have_both_penalties():
    net = net2()
    data, evaluation = training(), labelled(training(20, seed=3))
    ec, _, tc, _ = net.SGD(
        data, 1, 10, 0.5, 2.0, evaluation, True, False, True, l1=0.3, verbose=False
    )
    assert ec == [net.total_cost(evaluation, 2.0, convert=True, l1=0.3)]
    assert tc == [pytest.approx(net.total_cost(data, 2.0, l1=0.3), rel=1e-13)]


def test_sgn_of_zero_is_zero_and_biases_are_not_regularized():
    net = net2()
    net.weights = [np.zeros((5, 6)), np.ones((3, 5))]
    x, y = np.zeros((6, 1)), np.full((3, 1), 0.5)
    nabla_b, nabla_w = net.backprop(x, y)
    b = [b.copy() for b in net.biases]
    net.update_mini_batch([(x, y)], 0.5, 2.0, 8, l1=4.0)
    assert (net.weights[0] == 0).all()
    expected = (1 - 0.5 * 2.0 / 8) * 1 - 0.5 * 4.0 / 8 - 0.5 * nabla_w[1]
    np.testing.assert_allclose(net.weights[1], expected, rtol=1e-14)
    for got, old, nabla in zip(net.biases, b, nabla_b, strict=True):
        np.testing.assert_allclose(got, old - 0.5 * nabla, rtol=1e-14)


# Classes that a network of 12 hidden neurons tells apart nearly without errors: 500 samples.
SIZES, N = (8, 12, 4), 500


def trained_oracle(divisor, m, eta, l2, l1):
    seed_all(1)
    oracle = Oracle(SIZES, "cross-entropy", True, divisor)
    data = training(N, SIZES)
    data = [(3 * x, y) for x, y in data]
    seed_all(2)
    with np.errstate(all="ignore"):
        for _ in range(3):
            oracle.epoch(data, m, eta, l2, l1)
        return oracle, oracle.correct(labelled(data)) / N


# m, eta, l2, l1. Three epochs, chance is 0.25.
SETTINGS = [(50, 0.5, 45.0, 0.0), (10, 1.0, 25.0, 0.0), (10, 0.5, 0.0, 5.0), (50, 0.5, 0.0, 10.0)]


@pytest.mark.parametrize(("m", "eta", "l2", "l1"), SETTINGS)
def test_ours_is_right(m, eta, l2, l1):
    net = net2(SIZES)
    data = [(3 * x, y) for x, y in training(N, SIZES)]
    seed_all(2)
    counts = net.SGD(data, 3, m, eta, l2, monitor_training_accuracy=True, l1=l1, verbose=False)[3]
    right, accuracy = trained_oracle("n", m, eta, l2, l1)
    assert counts[-1] / N == accuracy > 0.75
    for a, b in zip(net.weights, right.w, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(("m", "eta", "l2", "l1"), SETTINGS)
@pytest.mark.parametrize("mistake", ["m", "each sample"])
def test_the_mistakes_learn_nothing(mistake, m, eta, l2, l1):
    """An update then shrinks weights by 1 - eta l2 / m, or 1 - eta l2 m / n, not 1 - eta l2 / n."""
    _, accuracy = trained_oracle(mistake, m, eta, l2, l1)
    assert accuracy < 0.3


class Scripted(network2.Network):
    """A network whose accuracy on evaluation data is prescribed."""

    def accuracy(self, data, convert=False):
        return next(self.script)


@pytest.mark.parametrize(
    ("n", "script", "epochs"),
    [
        (0, [5, 4, 3, 2, 1, 0], 6),
        (1, [5, 6, 7, 7, 9, 9], 4),
        (2, [5, 4, 6, 6, 5, 9], 5),
        (3, [0, 0, 0, 0, 0, 0], 4),
        (3, [1, 2, 3, 4, 5, 6], 6),
    ],
)
def test_early_stopping(n, script, epochs):
    seed_all(1)
    net = Scripted([6, 5, 3])
    net.script = iter(script)
    data = training()
    lists = net.SGD(
        data,
        6,
        10,
        0.5,
        0.0,
        labelled(data),
        monitor_evaluation_accuracy=True,
        monitor_training_cost=True,
        early_stopping_n=n,
        verbose=False,
    )
    assert lists[1] == script[:epochs]
    assert len(lists[2]) == epochs


def test_early_stopping_needs_no_monitoring(capsys):
    data, counts = training(), []
    net = net2()
    seed_all(1)
    for _ in range(40):
        net.SGD(data, 1, 10, 0.05, verbose=False)
        counts.append(net.accuracy(labelled(data)))
    best = [max(counts[: i + 1]) for i in range(40)]
    stop = next(i for i in range(2, 40) if best[i] == best[i - 1] == best[i - 2])
    other = net2()
    data = training()
    seed_all(1)
    lists = other.SGD(data, 40, 10, 0.05, 0.0, labelled(data), early_stopping_n=2)
    assert lists == ([], [], [], [])
    assert capsys.readouterr().out.count("training complete") == stop + 1 < 40


def test_early_stopping_without_evaluation_data_is_an_error():
    net, data = net2(), training()
    before = parameters(net)
    with pytest.raises(ValueError, match=r"evaluation_data: expected tuples .*got None"):
        net.SGD(data, 3, 10, 0.5, early_stopping_n=2)
    assert same(parameters(net), before)
