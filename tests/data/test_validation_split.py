"""fit(validation_split=...): which rows are split off, and that they are then no training rows."""

import numpy as np
import pytest
from samples import everything, labelled, same_bits, small, without_seconds

import fastnn
from fastnn.data.targets import Targets, encode
from fastnn.data.validation_split import split_rows

X, LABELS = labelled(61)
TARGETS = np.random.default_rng(0).random((61, 3))


def of_classes(*counts):
    """Targets of so many rows of each class, mixed."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    return of_labels(labels, len(counts)), labels


def of_labels(labels, classes):
    return encode("y", labels, len(labels), classes, "sigmoid", "cross_entropy", "float64")


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ([100, 50, 10], 0.1, [10, 5, 1]),
        ([100, 50, 10], 0.5, [50, 25, 5]),
        ([7, 7, 6], 0.2, [2, 1, 1]),  # 1.4, 1.4 and 1.2: four in all
        ([3, 3, 3], 0.1, [1, 0, 0]),
        ([1, 1, 9], 0.5, [0, 0, 4]),  # a class keeps a row to train on
        ([10, 0, 10], 0.9, [9, 0, 9]),
    ],
)
def test_each_class_keeps_its_share(counts, share, expected):
    targets, labels = of_classes(*counts)
    training, validation = split_rows(targets, share, np.random.default_rng(1))
    assert np.bincount(labels[validation], minlength=3).tolist() == expected
    np.testing.assert_array_equal(np.sort([*training, *validation]), np.arange(sum(counts)))
    assert (np.diff(training) > 0).all()


def test_rows_are_drawn_at_random():
    """Each row of a class comes equally often, also if rows name none or several."""
    several = Targets(np.tile([1.0, 0.0, 1.0], (80, 1)), True, multi_label=True)
    for targets in (of_classes(40, 40)[0], Targets(np.zeros((80, 1)), False), several):
        rng, hits = np.random.default_rng(1), np.zeros(80)
        for _ in range(1000):
            hits[split_rows(targets, 0.25, rng)[1]] += 1
        assert abs(hits - 250).max() < 5 * np.sqrt(1000 * 0.25 * 0.75)


@pytest.mark.parametrize("y", [LABELS, TARGETS, (LABELS == 2).astype(int)])
def test_it_is_training_and_measuring_on_the_parts(y):
    """n, too, is the training part's size: the penalty shows it."""
    outputs = 1 if y is not LABELS and y.ndim == 1 else 3
    split, apart = (fastnn.Network([5, 4, outputs], seed=3) for _ in range(2))
    weights = np.random.default_rng(5).random(61)
    targets = Targets(TARGETS, False) if y is TARGETS else of_labels(y, outputs)
    rng = np.random.default_rng([apart._state.dropout_seed, 1])
    training, validation = split_rows(targets, 0.2, rng)
    assert len(validation) == 12
    history = split.fit(X, y, epochs=3, l1=0.5, l2=2.0, validation_split=0.2, sample_weight=weights)
    apart.fit(
        X[training],
        y[training],
        epochs=3,
        l1=0.5,
        l2=2.0,
        sample_weight=weights[training],
        validation_data=(X[validation], y[validation]),
    )
    assert same_bits(split, apart)
    assert without_seconds(history) == without_seconds(apart.history)
    assert history.validation_data_cost[0] is not None


def test_the_same_rows_in_every_call(tmp_path):
    """Else a row that was trained on would be measured as if it were new."""
    net, costs = small(), []
    net.fit(X, LABELS, epochs=1, validation_split=0.3)
    net.save(tmp_path / "net.npz")
    for each in (net, fastnn.load(tmp_path / "net.npz")):
        each.weights, each.biases = small().weights, small().biases
        each.fit(X, LABELS, epochs=1, learning_rate=1e-12, validation_split=0.3)
        costs.append(each.history.validation_data_cost[-1])
    assert costs[0] == costs[1]
    first = small(seed=1)
    first.fit(X, LABELS, epochs=1, learning_rate=1e-12, validation_split=0.3)
    assert first.history.validation_data_cost[0] == pytest.approx(costs[0], rel=1e-9)
    other = small(seed=2)
    other.weights, other.biases = small().weights, small().biases
    other.fit(X, LABELS, epochs=1, learning_rate=1e-12, validation_split=0.3)
    assert other.history.validation_data_cost[0] != pytest.approx(costs[0], rel=1e-9)


def test_nothing_is_drawn_without_a_split():
    nets = [small(), small()]
    for net, options in zip(nets, ({}, {"validation_split": 0.0}), strict=True):
        net.fit(X, LABELS, epochs=1, **options)
    assert everything(nets[0])["rng"] == everything(nets[1])["rng"]
    assert nets[1].history.validation_data_cost == [None]


def test_early_stopping_goes_by_the_split():
    net = small()
    history = net.fit(
        X,
        LABELS,
        epochs=200,
        learning_rate=2.0,
        validation_split=0.3,
        callbacks=fastnn.EarlyStopping("validation_data_cost", 3),
    )
    best = int(np.argmin(history.validation_data_cost))
    assert len(history.epoch) == best + 1 + 3 < 200


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation_split": 1.0}, r"expected a number in \[0, 1\), got 1.0"),
        ({"validation_split": -0.1}, "expected a finite number, 0 or more, got -0.1"),
        ({"validation_split": "a"}, "expected a number, got 'a'"),
        ({"validation_split": None}, "expected a number, got None"),
        (
            {"validation_split": 0.2, "validation_data": (X, LABELS)},
            "expected validation_data or validation_split, got both",
        ),
        ({"validation_split": 0.001}, "expected a share that leaves rows .*got 0.001 of 61 rows"),
        (
            {"validation_split": 0.5, "x": X[:3], "y": [0, 1, 2]},
            "expected a share that leaves rows to train on and rows to measure of a class, "
            "got 0.5 of 3 rows",
        ),
    ],
)
def test_bad_splits(options, message):
    net = small()
    before = everything(net)
    with pytest.raises((TypeError, ValueError), match=f"^validation_split: {message}"):
        net.fit(**{"x": X, "y": LABELS, **options})
    assert everything(net) == before
