"""explain_regularization: its figures against training, its table, bad input."""

import math

import numpy as np
import pytest
from samples import labelled, small
from tolerance import assert_close

import fastnn
from fastnn import explain_regularization
from fastnn.reference.network import penalty
from fastnn.regularization.effect import _STRONGEST, LayerEffect

X, LABELS = labelled(20)
BOOK = {"n": 50_000, "m": 10}


def test_the_books_setting():
    """Chapter 3: eta 0.5, lambda 5, 50,000 images in mini-batches of 10."""
    effect = explain_regularization(0.5, l2=5.0, l1=5.0, **BOOK)
    assert effect.updates_per_epoch == 5_000
    assert effect.decay == pytest.approx(0.99995, rel=1e-12)
    assert effect.epoch_decay == pytest.approx(0.99995**5000, rel=1e-9)
    assert 0.99995**effect.half_life == pytest.approx(0.5, rel=1e-9)
    assert effect.shrink == pytest.approx(0.00005)
    assert effect.epoch_shrink == pytest.approx(0.25)
    assert effect.mistaken_decay == effect.mistaken_decay == 0.75
    assert effect.mistaken_shrink == 0.25
    assert effect.mistaken_epoch_decay == 0
    text = str(effect)
    for part in (
        "5,000 updates an epoch",
        "1 - 0.5 * 5 / 50,000    0.99995",
        "0.778796",
        "1 - 0.5 * 5 / 10        0.75, the usual mistake",
        "0.5 * 5 / 50,000   0.00005",
        "0.5 * 5 / 10       0.25, the usual mistake",
        "Weights halve in 13,863 updates = 2.8 epochs",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) <= 88


def lasting(optimizer):
    """Whether steps are remembered, and get going only after a while."""
    return optimizer in ("momentum", "nesterov")


def blind(net, **settings):
    """Weights after training on rows of zeros: nothing but the penalty moves layer 1."""
    net.fit(np.zeros_like(X), LABELS, batch_size=3, check_regularization=False, **settings)
    return net.weights[0]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adamw"])
def test_decay_is_what_training_does(optimizer):
    net = small()
    before = net.weights[0].copy()
    settings = {"l2": 2e-3, "epochs": 400 if lasting(optimizer) else 3}
    effect = explain_regularization(0.5, n=20, m=3, optimizer=optimizer, **settings)
    after = blind(net, learning_rate=0.5, optimizer=optimizer, **settings)
    rel = 5e-3 if lasting(optimizer) else 1e-12
    np.testing.assert_allclose(after / before, effect.training_decay, rtol=rel)
    assert effect.updates_per_epoch == 7


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adamw"])
def test_shrink_is_what_training_does(optimizer):
    net = small()
    net.weights[0] = np.full((4, 5), 100.0)
    effect = explain_regularization(0.5, l1=0.3, n=20, m=3, epochs=9, optimizer=optimizer)
    after = blind(net, learning_rate=0.5, l1=0.3, epochs=9, optimizer=optimizer)
    rel = 0.15 if lasting(optimizer) else 1e-9
    np.testing.assert_allclose(100 - after, 9 * effect.epoch_shrink, rtol=rel)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "rmsprop", "adamw"])
def test_the_proximal_shrink_is_what_training_does(optimizer):
    net = small()
    net.weights[0] = np.full((4, 5), 100.0)
    settings = {"l1": fastnn.Proximal(0.3), "epochs": 9, "optimizer": optimizer}
    effect = explain_regularization(0.5, n=20, m=3, **settings)
    after = blind(net, learning_rate=0.5, **settings)
    np.testing.assert_allclose(100 - after, 9 * effect.epoch_shrink, rtol=1e-9)


def test_the_typical_weight_is_the_median_of_the_networks_own():
    net = small()
    effect = explain_regularization(0.5, l1=1.0, n=20, m=3, weights=net.weights)
    for of, w in zip(effect.layers, net.weights, strict=True):
        assert of.inputs == w.shape[1]
        assert of.typical_weight == np.median(np.abs(w))
        assert of.largest_weight == np.abs(w).max()
    assert effect.penalty == pytest.approx(penalty(net.weights, 1.0, 0.0, 20), rel=1e-12)
    assert effect.typical_weight == min(of.typical_weight for of in effect.layers)


def test_sizes_stand_for_initial_weights():
    sizes = [784, 100, 10]
    net = fastnn.Network(sizes, seed=0)
    ours, theirs = (
        explain_regularization(0.5, l1=1.0, l2=5.0, n=1000, m=10, weights=weights)
        for weights in (sizes, net.weights)
    )
    assert ours.penalty == pytest.approx(theirs.penalty, rel=0.03)
    for a, b in zip(ours.layers, theirs.layers, strict=True):
        assert a.typical_weight == pytest.approx(b.typical_weight, rel=0.1)
        assert a.largest_weight == pytest.approx(b.largest_weight, rel=0.2)


def test_the_penaltys_share():
    effect = explain_regularization(0.5, l2=5.0, weights=[4, 3, 2], data_cost=0.3, **BOOK)
    assert effect.penalty_share == effect.penalty / (effect.penalty + 0.3)
    assert "of a cost whose data part is 0.3" in str(effect)
    assert explain_regularization(0.5, l2=5.0, **BOOK).penalty_share is None


def test_a_lambda_for_each_layer():
    effect = explain_regularization(0.5, l2=[5.0, 0.0], l1=(0.0, 2.0), weights=[4, 3, 2], **BOOK)
    assert [of.decay for of in effect.layers] == [pytest.approx(0.99995), 1.0]
    assert [of.shrink for of in effect.layers] == [0.0, pytest.approx(0.00002)]
    assert effect.decay == effect.layers[0].decay
    assert effect.shrink == effect.layers[1].shrink
    assert (effect.l1, effect.l2) == (2.0, 5.0)
    assert "lambda2 = 5 for layer 1" in str(effect)
    assert "lambda1 = 2 for layer 2" in str(effect)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_what_divides_by_the_gradients_size_has_no_fixed_decay(optimizer):
    effect = explain_regularization(0.5, l2=5.0, l1=5.0, optimizer=optimizer, **BOOK)
    assert effect.decay is effect.epoch_decay is effect.shrink is effect.half_life is None
    assert f"before {optimizer} divides it" in str(effect)
    proximal = explain_regularization(0.5, l1=fastnn.Proximal(5), optimizer=optimizer, **BOOK)
    assert proximal.shrink == pytest.approx(0.00005)


def test_momentum_is_a_larger_rate_but_not_for_the_proximal_step():
    momentum = fastnn.Momentum(0.8)
    effect = explain_regularization(0.5, l2=5.0, l1=5.0, optimizer=momentum, **BOOK)
    assert effect.decay == pytest.approx(1 - 5 * 0.00005)
    assert effect.shrink == pytest.approx(5 * 0.00005)
    assert "1 - 0.5 / (1 - 0.8) * 5 / 50,000" in str(effect)
    effect = explain_regularization(0.5, l2=5.0, l1=fastnn.Proximal(5), optimizer=momentum, **BOOK)
    assert effect.shrink == pytest.approx(0.00005)


def test_conventions():
    """tests/regularization/test_conventions.py holds them against the libraries."""
    found = explain_regularization(0.5, l2=5.0, l1=2.0, **BOOK).conventions
    assert found == {
        "lambda2 / m": pytest.approx(0.001),
        "PyTorch weight_decay": pytest.approx(0.0001),
        "Keras regularizers.L2": pytest.approx(0.00005),
        "scikit-learn alpha": pytest.approx(0.001),
        "lambda1 / m": pytest.approx(0.0004),
        "Keras regularizers.L1": pytest.approx(0.00004),
        "PyTorch, times w.abs().sum()": pytest.approx(0.00004),
    }


def test_conventions_are_those_of_the_optimizer():
    found = {
        name: explain_regularization(0.01, l2=5.0, l1=2.0, optimizer=name, **BOOK).conventions
        for name in ("momentum", "adam", "rmsprop", "adamw")
    }
    usual = explain_regularization(0.01, l2=5.0, l1=2.0, **BOOK).conventions
    assert found["momentum"] == found["adam"] == usual
    del usual["scikit-learn alpha"]
    assert found["rmsprop"] == usual
    assert found["adamw"] == {
        "lambda2 / m": pytest.approx(0.001),
        "PyTorch weight_decay": pytest.approx(0.0001),
        "Keras weight_decay": pytest.approx(0.0001),
        "lambda1 / m": pytest.approx(0.0004),
    }


@pytest.mark.parametrize(
    ("l2", "text", "decay"),
    [
        (2e5, "change their sign at each update.", -1.0),
        (3e5, "change their sign at each update and grow without bound.", -2.0),
        (1e5, "Nothing is left of a weight.", 0.0),
    ],
)
def test_what_is_too_much(l2, text, decay):
    effect = explain_regularization(0.5, l2=l2, **BOOK)
    assert effect.decay == decay
    assert text in str(effect)
    assert effect.epoch_decay == {-1.0: 1.0, -2.0: math.inf, 0.0: 0.0}[decay]


def test_tiny_and_no_penalties():
    effect = explain_regularization(0.5, l2=1e-6, epochs=2, **BOOK)
    assert 1 - effect.epoch_decay == pytest.approx(5e-8, rel=1e-3)
    assert "1 - 1e-11" in str(effect)
    assert "no penalty" in str(explain_regularization(0.5, weights=[3, 2], **BOOK))


def test_a_mini_batch_larger_than_the_training_set():
    effect = explain_regularization(0.5, l2=5.0, n=100, m=128)
    assert (effect.m, effect.updates_per_epoch) == (100, 1)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"eta": 0}, ValueError, "eta: expected a finite number above 0"),
        ({"l2": -1}, ValueError, "l2: expected a finite number, 0 or more"),
        ({"l1": "5"}, TypeError, "l1: expected a number"),
        (
            {"l2": [1, 2, 3], "weights": [4, 3, 2]},
            ValueError,
            "l2: expected one number, or 2, one for",
        ),
        ({"l2": [1, 2, 3], "l1": [1, 2]}, ValueError, "l1: expected one number, or 3, one for"),
        ({"l2": []}, ValueError, "l2: expected one number, or 1,"),
        ({"l2": [1, math.nan]}, ValueError, r"l2\[1\]: expected a finite number"),
        ({"n": 0}, ValueError, "n: expected at least 1"),
        ({"m": 1.5}, TypeError, "m: expected a whole number"),
        ({"epochs": 0}, ValueError, "epochs: expected at least 1"),
        ({"optimizer": "adm"}, ValueError, "optimizer: .*did you mean 'adam'"),
        ({"l2": fastnn.Proximal(5)}, TypeError, "l2: expected a number, got Proximal"),
        ({"weights": [3]}, ValueError, "weights: expected an input and an output layer"),
        ({"weights": [np.ones(3)]}, ValueError, r"weights\[0\]: expected shape"),
        ({"data_cost": -1}, ValueError, "data_cost: expected"),
    ],
)
def test_bad_input(settings, error, message):
    with pytest.raises(error, match=message):
        explain_regularization(**{"eta": 0.5, **BOOK, **settings})


def test_each_figure_of_all_layers_is_of_the_layer_that_it_is_strongest_in():
    assert tuple(_STRONGEST) == LayerEffect._fields
    effect = explain_regularization(0.5, l2=[5.0, 9.0], l1=[2.0, 1.0], weights=[4, 3, 2], **BOOK)
    weak, strong = (effect.layers[0], effect.layers[1])
    for name in ("l2", "pull", "decay", "epoch_decay", "half_life", "mistaken_decay", "inputs"):
        assert getattr(effect, name) == getattr(strong, name) != getattr(weak, name)
    for name in ("l1", "shrink", "epoch_shrink", "mistaken_shrink", "mistaken_epoch_shrink"):
        assert getattr(effect, name) == getattr(weak, name) != getattr(strong, name)


def test_unknown_figures_are_attribute_errors():
    effect = explain_regularization(0.5, l2=5.0, **BOOK)
    with pytest.raises(AttributeError, match="has no 'decays'"):
        effect.decays  # noqa: B018


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_l1_that_is_too_small_to_move_a_weight(dtype):
    """Its step is 0, as are weights that pad a layer: nothing is waited for."""
    x, labels = labelled(dtype=dtype)
    x[:, 1:] = 0
    net, without = small(dtype=dtype), small(dtype=dtype)
    net.fit(x, labels, epochs=2, l1=1e-320)
    without.fit(x, labels, epochs=2)
    for got, expected in zip(net.weights, without.weights, strict=True):
        assert_close(got, expected)
