"""Dropout by fit: against the reference, reproducible, saved, refused where it has no meaning."""

import numpy as np
import pytest
from samples import labelled, one_hot, reference, same_bits, small
from tolerance import assert_close

import fastnn
from fastnn.reference.network import dropout_masks

X, LABELS = labelled()
RATES = [0.2, 0.5]


def trained(seed=1, **settings):
    net = small(seed=seed, activation="tanh")
    return net, net.fit(
        X,
        LABELS,
        epochs=2,
        batch_size=5,
        learning_rate=0.3,
        dropout=0.5,
        input_dropout=0.2,
        **settings,
    )


def test_same_as_the_reference():
    net, _ = trained(shuffle=False)
    twin, y = reference(small(activation="tanh")), one_hot(LABELS)
    for update in range(10):
        rows = np.arange(23)[5 * (update % 5) :][:5]
        masks = dropout_masks(net._state.dropout_seed, update, net.sizes, RATES, len(rows))
        twin.update_mini_batch(X[rows], y[rows], 0.3, 0.0, 0.0, 23, masks=masks)
    for got, expected in zip(
        [*net.weights, *net.biases], [*twin.weights, *twin.biases], strict=True
    ):
        assert_close(got, expected)


def test_same_bits_for_any_number_of_threads():
    one, _ = trained(n_threads=1)
    for threads in (2, 3):
        assert same_bits(one, trained(n_threads=threads)[0])


def test_the_seed_decides():
    assert same_bits(trained()[0], trained()[0])
    assert not same_bits(trained()[0], trained(seed=2)[0])


def test_training_goes_on_with_other_masks(tmp_path):
    """Two calls of one epoch are not the same masks twice; nor after saving and loading."""
    net, twice = small(), small()
    for each, calls in ((net, 1), (twice, 2)):
        for _ in range(calls):
            each.fit(X, LABELS, epochs=2 // calls, dropout=0.5, shuffle=False)
    assert same_bits(net, twice)
    once = small()
    once.fit(X, LABELS, epochs=1, dropout=0.5, shuffle=False)
    once.save(tmp_path / "once.npz")
    loaded = fastnn.load(tmp_path / "once.npz")
    loaded.fit(X, LABELS, epochs=1, dropout=0.5, shuffle=False)
    assert same_bits(net, loaded)


def test_one_rate_a_layer():
    """With a rate of 0, a hidden layer is left alone."""
    x, y = labelled()
    nets = [fastnn.Network([5, 6, 4, 3], seed=0, dtype="float64") for _ in range(3)]
    for net, dropout in zip(nets, (0.5, [0.5, 0.5], [0.5, 0.0]), strict=True):
        net.fit(x, y, epochs=1, dropout=dropout)
    assert same_bits(nets[0], nets[1])
    assert not same_bits(nets[0], nets[2])


def test_softmax_hidden_layers_are_refused():
    net = fastnn.Network([5, 4, 3], activation="softmax", seed=0)
    with pytest.raises(ValueError, match="^dropout: expected hidden layers .* got softmax"):
        net.fit(X, LABELS, dropout=0.5)
