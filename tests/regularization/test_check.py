"""What fit refuses, what it warns of, and what it lets pass without a word."""

import warnings

import numpy as np
import pytest
from samples import everything, labelled, same_bits, small

import fastnn
from fastnn.engine import UpdateRule
from fastnn.regularization.check import check_rule, hopeless
from fastnn.training.optimizers import as_optimizer
from fastnn.training.penalty import as_l1, per_layer

X, LABELS = labelled(40)
MNIST = fastnn.Network([784, 30, 10], seed=0)


def check(eta=0.5, l2=0.0, l1=0.0, n=50_000, m=10, optimizer="sgd", weights=None):
    weights = MNIST.weights if weights is None else weights
    l1s, proximal = as_l1("l1", l1, len(weights))
    rule = UpdateRule(m, eta, l1s, per_layer("l2", l2, len(weights)), n, proximal=proximal)
    check_rule(weights, rule, as_optimizer(optimizer))


@pytest.mark.parametrize(
    "settings",
    [
        {"l2": 5.0},  # chapter 3, most experiments
        {"l2": 5.0, "eta": 0.1},
        {"l2": 0.1, "n": 1_000},  # overfitting, with the same lambda / n
        {"l1": 5.0},
        {"l1": 0.1, "n": 1_000},
        {"l2": 2.0, "eta": 0.25, "n": 60_000},  # the command line's
        {"l2": 5.0, "l1": 5.0, "eta": 0.05, "optimizer": "momentum"},
        {"l2": 5.0, "l1": 5.0, "eta": 0.001, "optimizer": "adam", "m": 128},
        {"l2": 5_000.0, "eta": 0.001, "optimizer": "adamw", "m": 128},  # weight decay 0.1
        {"l2": [5.0, 0.0], "l1": [0.0, 5.0]},
        {},
    ],
)
def test_usual_settings_pass_without_a_word(settings):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(**settings)


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        (
            {"l2": 150_000.0},
            ["1 - eta l2 / n = 1 - 0.5 * 150,000 / 50,000 = -0.5", "sign at each update", "l2=30"],
        ),
        ({"l2": 250_000.0}, ["= -1.5: weights would change their sign and grow without bound"]),
        ({"l2": [0.0, 250_000.0]}, ["= -1.5"]),
        ({"l2": 250_000.0, "optimizer": "momentum"}, ["= -1.5"]),
        (
            {"l1": 25_000.0},  # lambda 5, divided by m
            [
                "eta l1 / n = 0.5 * 25,000 / 50,000 = 0.25",
                "layer 1 is 0.161",
                "only jump around 0",
                "divided by n = 50,000 rows, not by the mini-batch's m = 10",
                "l1=5 if it was scaled by n / m",
            ],
        ),
        ({"l1": [0.0, 90_000.0]}, ["= 0.9: the largest weight of layer 2 is 0.651"]),
        ({"l1": fastnn.Proximal(25_000)}, ["be set to 0"]),
        ({"l1": fastnn.Proximal(25_000), "optimizer": "adam"}, ["be set to 0"]),
        ({"l1": 25_000.0, "l2": 250_000.0}, ["l2: expected", "; l1: expected"]),
    ],
)
def test_what_must_fail(settings, parts):
    with pytest.raises(fastnn.RegularizationError) as caught:
        check(**settings)
    assert isinstance(caught.value, ValueError)
    for part in parts:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        (
            {"l2": 25_000.0},
            "l2: each update multiplies weights by 1 - 0.5 * 25,000 / 50,000 = 0.75",
        ),
        ({"l2": 100.0}, "and an epoch's 5,000 updates by 0.0067"),
        (
            {"l2": 3_000.0, "optimizer": "momentum", "m": 5_000},
            "1 - 0.5 / (1 - 0.9) * 3,000 / 50,000 = 0.7",
        ),
        ({"l2": 5.0, "n": 50, "m": 50, "eta": 0.1}, "l2 / n w = 5 / 50 w = 0.1 w to the gradient"),
        ({"l2": 25_000.0, "optimizer": "adam"}, "l2 / n w = 25,000 / 50,000 w = 0.5 w"),
        ({"l1": 1_000.0}, "l1: each update takes 0.5 * 1,000 / 50,000 = 0.01 off every weight"),
        ({"l1": 100.0}, "an epoch's 5,000 updates 5, beside a typical weight of 0.02"),
        ({"l1": 25_000.0, "optimizer": "adam"}, "l1 / n sgn(w) = 25,000 / 50,000 sgn(w)"),
        ({"l1": 5.0, "n": 50, "m": 50, "eta": 0.01}, "l1 / n sgn(w) = 5 / 50 sgn(w)"),
    ],
)
def test_what_is_suspicious(settings, part):
    with pytest.warns(fastnn.RegularizationWarning) as caught:
        check(**settings)
    assert len(caught) == 1
    assert part in str(caught[0].message)


def test_fit_refuses_before_anything_changes():
    net = small()
    net.fit(X, LABELS, epochs=1)
    before = everything(net)
    for penalty in ({"l2": 100.0}, {"l1": 100.0}):
        with pytest.raises(fastnn.RegularizationError):
            net.fit(X, LABELS, optimizer="momentum", **penalty)
        assert everything(net) == before


def test_who_insists_may():
    net = small()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.fit(X, LABELS, l1=100.0, epochs=2, check_regularization=False)
        net.fit(X, LABELS, l2=20.0, epochs=2, check_regularization=False)
    assert net.history.epoch == [1, 2, 3, 4]


def test_the_warning_points_at_the_users_line_and_changes_nothing():
    net, twin = small(), small()
    with pytest.warns(fastnn.RegularizationWarning, match="check_regularization=False") as caught:
        net.fit(X, LABELS, l2=20.0, epochs=2)
    assert caught[0].filename == __file__
    twin.fit(X, LABELS, l2=20.0, epochs=2, check_regularization=False)
    assert same_bits(net, twin)


def test_a_layer_that_l1_has_emptied_can_be_trained_on():
    """Its weights are smaller than an update's shrink, as they are meant to be."""
    net = small()
    net.weights[0] = np.zeros((4, 5))
    net.weights[1] = np.full((3, 4), 1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.fit(X, LABELS, l1=0.1, epochs=1)


def test_large_weights_bear_a_large_shrink():
    weights = [np.full((3, 4), 10.0)]
    check(eta=0.5, l1=50.0, n=100, m=100, weights=weights, optimizer="adam")
    with pytest.warns(fastnn.RegularizationWarning):
        check(eta=0.5, l1=300.0, n=100, m=100, weights=weights)
    with pytest.raises(fastnn.RegularizationError, match="= 10.5: the largest weight"):
        check(eta=0.5, l1=2_100.0, n=100, m=100, weights=weights)


def test_a_single_batch_is_not_told_of_n_over_m():
    with pytest.warns(fastnn.RegularizationWarning) as caught:
        check(l2=20.0, n=40, m=40)
    assert "scaled by" not in str(caught[0].message)
    assert "5 / 50,000 is l2=0.004 here" in str(caught[0].message)


def test_hopeless():
    settings = {"eta": 0.5, "n": 50_000, "m": 10}
    assert hopeless(MNIST.weights, l2=5.0, l1=5.0, **settings) is None
    assert hopeless(MNIST.weights, l2=25_000.0, l1=0.0, **settings) is None  # but suspicious
    assert "= 0.25" in hopeless(MNIST.weights, l2=0.0, l1=25_000.0, **settings)
    assert "= -1.5" in hopeless(MNIST.weights, l2=250_000.0, l1=0.0, **settings)
    assert hopeless(MNIST.weights, l2=1e9, l1=1e9, eta=0.0, n=1, m=1) is None
