"""The norm, the share of zeros and the largest weight of each layer, in evaluate and history."""

import copy
import json
import pickle

import numpy as np
import pytest
from samples import labelled, small
from tolerance import assert_close

import fastnn
from fastnn.training import history

X, LABELS = labelled()
FIGURES = ["weight_norms", "zero_shares", "largest_weights"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_evaluate_measures_each_layer_without_its_biases(dtype):
    net = small(dtype=dtype)
    net.weights[0][:2] = 0
    net.weights[1][2, 1] = -7
    net.biases[0] += 100
    got = net.evaluate(X, LABELS)
    assert_close(got.weight_norms, [np.sqrt((w.astype(float) ** 2).sum()) for w in net.weights])
    assert got.zero_shares == (0.5, 0.0)
    assert got.largest_weights == (np.abs(net.weights[0]).max(), 7.0)
    assert all(type(f) is float for name in FIGURES for f in getattr(got, name))


def test_history_has_those_of_the_weights_that_each_epoch_leaves():
    net, seen = small(), []
    net.fit(X, LABELS, epochs=3, callbacks=lambda net, _: seen.append(net.evaluate(X, LABELS)))
    for name in FIGURES:
        assert net.history[name] == [getattr(evaluation, name) for evaluation in seen]
    assert len(set(net.history.weight_norms)) == 3


def test_neurons_that_only_fill_a_vector_do_not_count():
    """Packed rows are padded: what is there is no weight."""
    net = fastnn.Network([3, 5, 2], seed=0)
    net.weights = [np.ones((5, 3)), np.full((2, 5), -2)]
    got = net.evaluate(np.zeros((1, 3)), [0])[3:]
    assert got == (pytest.approx((15**0.5, 40**0.5)), (0.0, 0.0), (1.0, 2.0))


def test_a_table_of_plain_columns():
    net = small()
    net.fit(X, LABELS, epochs=2)
    table = net.history.table()
    assert table["epoch"] == [1, 2]
    assert table["weight_norm_2"] == [norms[1] for norms in net.history.weight_norms]
    assert table["largest_weight_1"] == [w[0] for w in net.history.largest_weights]
    assert table["zero_share_1"] == [0.0, 0.0]
    assert table["validation_accuracy"] == [None, None]
    assert {len(column) for column in table.values()} == {2}
    assert not any(isinstance(figure, tuple) for column in table.values() for figure in column)
    assert not set(FIGURES) & set(table)
    table["epoch"].append(3)
    assert net.history.epoch == [1, 2]


def test_a_table_of_no_epochs():
    assert fastnn.History().table()["epoch"] == []


@pytest.mark.parametrize("way", ["save", "pickle", "copy"])
def test_they_are_kept(way, tmp_path):
    net = small()
    net.fit(X, LABELS, epochs=2)
    if way == "save":
        net.save(tmp_path / "net.npz")
        other = fastnn.load(tmp_path / "net.npz")
    else:
        other = copy.copy(net) if way == "copy" else pickle.loads(pickle.dumps(net))
    assert other.history == net.history
    assert type(other.history.weight_norms[0]) is tuple


def test_a_history_without_them_is_read():
    """As files of the version before have it."""
    net = small()
    net.fit(X, LABELS, epochs=2)
    old = {name: figures for name, figures in net.history.items() if name not in FIGURES}
    read = history.History()
    read.restore(json.loads(json.dumps(old)))
    assert read.data_cost == net.history.data_cost
    assert read.weight_norms == [None, None]
    read.append(fastnn.Epoch(3, 1.0, 0.5, 0.0, None, weight_norms=(1.0, 2.0)))
    assert read.table()["weight_norm_2"] == [None, None, 2.0]
