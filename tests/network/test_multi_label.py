"""Several labels a row: targets, accuracy, predictions; and label smoothing."""

import copy
import pickle

import numpy as np
import pytest
from samples import everything, labelled, one_hot, reference, same_bits, small
from tolerance import assert_close

import fastnn

X, LABELS = labelled()
ONE_HOT = one_hot(LABELS)


def several(rows=300, outputs=4, seed=0):
    """x (rows, 5) and labels (rows, outputs), each on one side of a plane of its own."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, 5))
    return x, (x @ rng.standard_normal((5, outputs)) > 0).astype(int)


def trained():
    x, y = several()
    net = fastnn.Network([5, 20, 4], "tanh", seed=0, dtype="float64")
    net.fit(x, y, epochs=30, learning_rate=0.3, validation_data=(x[:50], y[:50]))
    return net


@pytest.fixture(scope="module")
def net():
    return trained()


def test_learns_and_predicts_every_label(net):
    x, y = several()
    predicted = net.predict(x)
    assert predicted.shape == y.shape
    assert predicted.dtype == np.int64
    np.testing.assert_array_equal(predicted, net.feedforward(x) > 0.5)
    assert (predicted == y).mean() > 0.97
    assert net.history.accuracy[-1] > 0.85


def test_accuracy_is_the_share_of_rows_with_all_labels_right(net):
    x, y = several()
    wrong = y.copy()
    wrong[::2, 1] = 1 - wrong[::2, 1]
    for truth in (y, wrong):
        right = (net.predict(x) == truth).all(axis=1)
        assert net.evaluate(x, truth).accuracy == right.mean()
    assert 0.4 < net.evaluate(x, wrong).accuracy < 0.6
    assert net.history.validation_accuracy[-1] == net.evaluate(x[:50], y[:50]).accuracy


def test_training_counts_the_same(net):
    """The first epoch's accuracy, of one mini-batch, is that of the network before it."""
    x, y = several()
    fresh = fastnn.Network([5, 4], seed=3, dtype="float64")
    expected = fresh.evaluate(x, y)
    epoch = fresh.fit(x, y, epochs=1, batch_size=300)
    assert epoch.accuracy == [expected.accuracy]
    assert 0 < expected.accuracy < 1


def test_rows_with_one_label_each_are_still_multi_label(net):
    """A validation set may happen to have exactly one label in each row."""
    x, y = several()
    one = y.sum(axis=1) == 1
    assert 10 < one.sum() < 290
    expected = (net.predict(x[one]) == y[one]).all(axis=1).mean()
    other = copy.deepcopy(net)
    other.fit(x, y, epochs=1, learning_rate=1e-9, validation_data=(x[one], y[one]))
    assert other.history.validation_accuracy[-1] == expected
    assert net.evaluate(x[one], y[one]).accuracy == expected


def test_other_networks_take_them_for_classes():
    net = small()
    expected = (net.feedforward(X).argmax(axis=1) == LABELS).mean()
    assert net.evaluate(X, ONE_HOT).accuracy == expected
    several_ones = ONE_HOT.copy()
    several_ones[0] = 1
    right = ((net.feedforward(X) > 0.5) == several_ones).all(axis=1).mean()
    assert net.evaluate(X, several_ones).accuracy == right
    assert net.predict(X).shape == (23,)  # evaluate teaches nothing


def test_integer_labels_make_it_a_classifier_again():
    net = small()
    y = ONE_HOT.copy()
    y[0] = 1
    net.fit(X, y, epochs=1)
    assert net.predict(X).shape == (23, 3)
    net.fit(X, ONE_HOT, epochs=1)
    assert net.predict(X).shape == (23, 3)
    net.fit(X, LABELS, epochs=1)
    assert net.predict(X).shape == (23,)


def test_only_sigmoid_outputs_decide_one_by_one():
    y = ONE_HOT.copy()
    y[0] = 1
    for output in ("identity", "tanh"):
        net = small(cost="quadratic", output_activation=output)
        assert net.evaluate(X, y).accuracy is None
    assert small(cost="quadratic", output_activation="sigmoid").evaluate(X, y).accuracy is not None


def test_it_is_remembered(net, tmp_path):
    x, _ = several()
    net.save(tmp_path / "net.npz")
    for other in (fastnn.load(tmp_path / "net.npz"), pickle.loads(pickle.dumps(net))):
        assert everything(other) == everything(net)
        np.testing.assert_array_equal(other.predict(x), net.predict(x))


def test_nan_is_never_right():
    net = small()
    net.biases[-1][1, 0] = np.nan
    y = np.zeros((23, 3))
    assert net.evaluate(X, y).accuracy == 0


def test_thresholds(net):
    x, _ = several()
    a = net.feedforward(x)
    for threshold in (0, 0.2, 0.9, 1):
        np.testing.assert_array_equal(net.predict(x, threshold=threshold), a > threshold)
    single = fastnn.Network([5, 1], seed=0)
    np.testing.assert_array_equal(
        single.predict(X, threshold=0.7), single.feedforward(X)[:, 0] > 0.7
    )
    probable = small(cost="log-likelihood")
    np.testing.assert_array_equal(probable.predict(X, threshold=0.3), probable.feedforward(X) > 0.3)


@pytest.mark.parametrize(
    ("threshold", "error", "message"),
    [
        (-0.1, ValueError, "threshold: expected a finite number, 0 or more"),
        ("a", TypeError, "threshold: expected a number, got 'a'"),
    ],
)
def test_bad_thresholds(net, threshold, error, message):
    with pytest.raises(error, match=message):
        net.predict(several()[0], threshold=threshold)


def test_no_threshold_for_regression():
    net = small(cost="huber")
    with pytest.raises(ValueError, match="threshold: expected None for outputs.*are identity"):
        net.predict(X, threshold=0.5)


SMOOTHED = [("cross-entropy", 2), ("log-likelihood", 3)]


@pytest.mark.parametrize(("cost", "k"), SMOOTHED)
def test_label_smoothing_trains_on_softer_targets(cost, k):
    net, expected = small(cost=cost), small(cost=cost)
    net.fit(X, LABELS, epochs=2, label_smoothing=0.2, validation_data=(X, LABELS))
    expected.fit(X, 0.8 * ONE_HOT + 0.2 / k, epochs=2)
    assert same_bits(net, expected)
    assert_close(np.array(net.history.data_cost), np.array(expected.history.data_cost))


@pytest.mark.parametrize(("cost", "k"), SMOOTHED)
def test_label_smoothing_leaves_accuracy_and_validation_alone(cost, k):
    net, plain = small(cost=cost), small(cost=cost)
    for each, smoothing in ((net, 0.3), (plain, 0.0)):
        each.fit(
            X, LABELS, epochs=1, batch_size=23, learning_rate=1e-6, label_smoothing=smoothing,
            validation_data=(X, LABELS),
        )  # fmt: skip
    assert net.history.accuracy == plain.history.accuracy != [None]
    assert net.history.data_cost != plain.history.data_cost
    expected = reference(net).data_costs(X, ONE_HOT).mean()
    assert_close(net.history.validation_data_cost[-1], expected)


def test_label_smoothing_of_several_labels():
    x, y = several()
    net, expected = (fastnn.Network([5, 4], seed=1, dtype="float64") for _ in range(2))
    net.fit(x, y, epochs=1, batch_size=300, label_smoothing=0.5)
    assert net.history.accuracy == [expected.evaluate(x, y).accuracy]
    expected.fit(x, 0.5 * y + 0.25, epochs=1, batch_size=300)
    assert same_bits(net, expected)


@pytest.mark.parametrize(
    ("options", "y", "smoothing", "error", "message"),
    [
        ({}, LABELS, 1, ValueError, r"expected a number in \[0, 1\), got 1"),
        ({}, LABELS, -0.1, ValueError, "expected a finite number, 0 or more"),
        ({}, LABELS, "a", TypeError, "expected a number, got 'a'"),
        ({}, 0.9 * ONE_HOT, 0.1, ValueError, "expected 0 unless y holds labels.*got 0.1"),
        ({"cost": "huber"}, ONE_HOT, 0.1, ValueError, "expected 0 unless y holds labels"),
    ],
)
def test_bad_label_smoothing(options, y, smoothing, error, message):
    net = small(**options)
    before = everything(net)
    with pytest.raises(error, match="^label_smoothing: " + message):
        net.fit(X, y, label_smoothing=smoothing)
    assert everything(net) == before
