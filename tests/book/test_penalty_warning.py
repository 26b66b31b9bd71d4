"""network2 warns of a penalty that must fail, and trains all the same."""

import warnings

import numpy as np
import pytest
from problems import net2, pair, seed_all, training

import fastnn
from fastnn.book import network2


@pytest.mark.parametrize(
    ("penalty", "message"),
    [
        ({"lmbda": 200.0}, r"= -1.12766: weights would .* divided by n = 47, the length of the"),
        ({"l1": 500.0}, r"0.5 \* 500 / 47 = 5.31915: the largest weight of layer 1"),
    ],
)
def test_it_warns_and_trains_as_the_book_does(penalty, message):
    ours, oracle = pair()
    seed_all(3)
    with pytest.warns(fastnn.RegularizationWarning, match=message) as caught:
        ours.SGD(training(), 1, 10, 0.5, verbose=False, **penalty)
    assert caught[0].filename == __file__
    seed_all(3)
    oracle.epoch(training(), 10, 0.5, penalty.get("lmbda", 0.0), penalty.get("l1", 0.0))
    for got, expected in zip(ours.weights, oracle.w, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6)


class Own(network2.Network):
    def update_mini_batch(self, mini_batch, eta, lmbda, n):
        pass


@pytest.mark.parametrize(
    ("net", "settings"),
    [
        (net2, (10, 0.5, 30.0)),  # suspicious at most
        (net2, (10, 0.0, 1e9)),
        (lambda: Own([6, 5, 3]), (10, 0.5, 1e9)),
    ],
)
def test_it_says_nothing_else(net, settings):
    with warnings.catch_warnings():
        warnings.simplefilter("error", fastnn.RegularizationWarning)
        net().SGD(training(), 1, *settings, verbose=False)
