"""Several labels a row: targets, accuracy, predictions; and label smoothing."""

import copy
import json
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
    net = fastnn.Network([5, 20, 4], "tanh", seed=0, dtype="float64", multi_label=True)
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
    fresh = fastnn.Network([5, 4], seed=3, dtype="float64", multi_label=True)
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


def test_one_hot_rows_are_what_the_network_says():
    """They name one class, or happen to have one label each; the rows don't decide which."""
    classes, labels = small(), small(multi_label=True)
    for net in (classes, labels):
        net.fit(X, ONE_HOT, epochs=1, learning_rate=1e-9, validation_data=(X, ONE_HOT))
    assert same_bits(classes, labels)
    a = classes.feedforward(X)
    largest = (a.argmax(axis=1) == LABELS).mean()
    each = ((a > 0.5) == ONE_HOT).all(axis=1).mean()
    assert largest != each
    for net, expected, shape in ((classes, largest, (23,)), (labels, each, (23, 3))):
        assert net.evaluate(X, ONE_HOT).accuracy == expected
        assert net.history.validation_accuracy == [expected]
        assert net.predict(X).shape == shape


def test_training_does_not_change_what_it_is():
    net = small(multi_label=True)
    net.fit(X, 0.5 * ONE_HOT, epochs=1)
    assert net.history.accuracy == [None]  # soft targets name nothing
    assert net.multi_label
    assert net.predict(X).shape == (23, 3)
    assert not small().multi_label
    with pytest.raises(AttributeError):
        net.multi_label = False


def with_row(index, values):
    y = ONE_HOT.astype(int)
    y[index] = values
    return y


@pytest.mark.parametrize(
    ("y", "got"),
    [
        (with_row(0, [1, 1, 0]), "got 2 in row 0, at outputs 0, 1; "),
        (with_row(22, [1, 1, 1]), "got 3 in row 22, at outputs 0, 1, 2; "),
        (with_row(7, 0), "got none in row 7; "),
        (with_row(slice(5, 9), [True, False, True]), "got 2 in row 5, at outputs 0, 2; "),
        (with_row(3, 0).astype("float32"), "got none in row 3; "),
    ],
)
@pytest.mark.parametrize(
    "use",
    [
        lambda net, y: net.fit(X, y),
        lambda net, y: net.fit(X, LABELS, validation_data=(X, y)),
        lambda net, y: net.evaluate(X, y),
        lambda net, y: net.gradients(X, y),
        lambda net, y: net.check_gradients(X, y),
        lambda net, y: fastnn.fit_many([{"seed": 1}], X, y, sizes=[5, 3]),
        lambda net, y: fastnn.fit_many([{}], X, LABELS, validation_data=(X, y), sizes=[5, 3]),
    ],
    ids=["fit", "validation", "evaluate", "gradients", "check", "many", "many validation"],
)
def test_rows_that_are_not_one_hot_are_named(use, y, got):
    net = small()
    before = everything(net)
    message = f"y: expected exactly one 1 in each row of 0 and 1, {got}.*multi_label=True"
    with pytest.raises(ValueError, match=message):
        use(net, y)
    assert everything(net) == before


def test_a_row_of_many_ones_is_named_in_short():
    y = np.ones((2, 40))
    with pytest.raises(
        ValueError, match="got 40 in row 0, at outputs 0, 1, 2, 3, 4, 5, 6, 7, ...;"
    ):
        fastnn.Network([5, 40], seed=0).evaluate(X[:2], y)


def test_other_outputs_than_sigmoid_take_any_rows():
    y = with_row(0, 1)
    for output in ("identity", "tanh", "softmax"):
        net = small(cost="quadratic", output_activation=output)
        assert net.evaluate(X, y).accuracy is None


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"cost": "log_likelihood"}, ValueError, "expected False unless the outputs are sigmoid"),
        ({"cost": "huber"}, ValueError, "expected False .*this network's are identity"),
        ({"multi_label": 1}, TypeError, "expected True or False, got 1"),
        ({"multi_label": None}, TypeError, "expected True or False, got None"),
    ],
)
def test_bad_multi_label(options, error, message):
    with pytest.raises(error, match="^multi_label: " + message):
        small(**{"multi_label": True, **options})


def test_integer_labels_are_no_rows():
    net = small(multi_label=True)
    for use in (net.fit, net.evaluate):
        with pytest.raises(ValueError, match=r"y: expected rows of 0 and 1, \(23, 3\), .*\(23,\)"):
            use(X, LABELS)


def test_a_single_label():
    """One output says yes or no; it comes as the rows of a multi-label network do."""
    net, plain = (fastnn.Network([5, 1], seed=0, multi_label=m) for m in (True, False))
    y = LABELS == 1
    for each in (net, plain):
        each.fit(X, y, epochs=3, validation_data=(X, y[:, np.newaxis]))
    assert same_bits(net, plain)
    assert net.history.validation_accuracy == plain.history.validation_accuracy != [None] * 3
    np.testing.assert_array_equal(net.predict(X), plain.predict(X)[:, np.newaxis])


def test_rows_of_several_labels_have_no_class(net):
    """Also if each of them happens to have one."""
    with pytest.raises(ValueError, match="^class_weight: expected targets that name a class each"):
        small(multi_label=True).fit(X, ONE_HOT, class_weight="balanced")


def test_it_is_shown():
    assert "multi_label=True" in repr(small(multi_label=True))
    assert "multi_label" not in repr(small())


def test_many_networks_of_either_kind():
    specs = fastnn.grid(multi_label=[False, True], seed=3)
    single, several = fastnn.fit_many(
        specs, X, ONE_HOT, sizes=[5, 3], epochs=2, validation_data=(X, ONE_HOT)
    )
    assert same_bits(single.net, several.net)
    assert single.net.predict(X).shape == (23,)
    assert several.net.predict(X).shape == (23, 3)
    assert single.history.validation_accuracy != several.history.validation_accuracy
    with pytest.raises(ValueError, match=r"y: expected exactly one 1 .*for specs\[1\]"):
        fastnn.fit_many(specs[::-1], X, with_row(0, 1), sizes=[5, 3])


def test_it_is_remembered(net, tmp_path):
    x, y = several()
    net.save(tmp_path / "net.npz")
    for other in (
        fastnn.load(tmp_path / "net.npz"),
        pickle.loads(pickle.dumps(net)),
        copy.deepcopy(net),
    ):
        assert everything(other) == everything(net)
        assert other.multi_label
        np.testing.assert_array_equal(other.predict(x), net.predict(x))
        assert other.evaluate(x, y) == net.evaluate(x, y)


def test_a_checkpoint_is_of_one_kind(tmp_path):
    path = tmp_path / "run.npz"
    small(multi_label=True).fit(X, ONE_HOT, epochs=2, callbacks=fastnn.Checkpoint(path))
    assert fastnn.load(path).multi_label
    resumed = fastnn.Checkpoint(path, resume=True)
    small(multi_label=True).fit(X, ONE_HOT, epochs=2, callbacks=resumed)
    with pytest.raises(ValueError, match="resume: .*multi_label False, got True"):
        small().fit(X, ONE_HOT, epochs=2, callbacks=resumed)
    small().fit(X, ONE_HOT, epochs=2, callbacks=fastnn.Checkpoint(path))
    rewritten(path, multi_label=None)  # of a version before there were several labels
    small().fit(X, ONE_HOT, epochs=2, callbacks=resumed)


def rewritten(path, **changes):
    """Change a saved network's settings; None takes one away."""
    with np.load(path) as archive:
        arrays = dict(archive)
    settings = {**json.loads(str(arrays["header"])), **changes}
    kept = {name: value for name, value in settings.items() if value is not None}
    np.savez(path, **{**arrays, "header": np.array(json.dumps(kept))})


@pytest.mark.parametrize("recorded", [True, False, None])
def test_files_of_earlier_versions(tmp_path, recorded):
    """There, what the last fit was given decided; the oldest know of one label a row only."""
    path = tmp_path / "net.npz"
    small().save(path)
    rewritten(path, multi_label=recorded, flat_targets=None)
    net = fastnn.load(path)
    assert net.multi_label is bool(recorded)
    assert net.predict(X).shape == ((23, 3) if recorded else (23,))
    net.fit(X, ONE_HOT, epochs=1)
    assert net.multi_label is bool(recorded)


@pytest.mark.parametrize("options", [{"multi_label": 1}, {"multi_label": "yes"}])
def test_a_damaged_kind_is_refused(tmp_path, options):
    path = tmp_path / "net.npz"
    small().save(path)
    rewritten(path, **options)
    with pytest.raises(ValueError, match="the file is damaged: multi_label: expected True or"):
        fastnn.load(path)
    small(cost="log_likelihood").save(path)
    rewritten(path, multi_label=True)
    with pytest.raises(ValueError, match="the file is damaged: multi_label: expected False unl"):
        fastnn.load(path)


def test_nan_is_never_right():
    net = small(multi_label=True)
    net.biases[-1][1, 0] = np.nan
    y = np.zeros((23, 3))
    assert net.evaluate(X, y).accuracy == 0


def test_thresholds(net):
    x, _ = several()
    a = net.feedforward(x)
    for threshold in (0, 0.2, 0.9, 1):
        np.testing.assert_array_equal(net.predict(x, threshold=threshold), a > threshold)
    single = fastnn.Network([5, 1], seed=0)
    assert single.predict(X, threshold=0.7).shape == (23,)
    np.testing.assert_array_equal(
        single.predict(X, threshold=0.7), single.feedforward(X)[:, 0] > 0.7
    )
    probable = small(cost="log_likelihood")
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


SMOOTHED = [(fastnn.CrossEntropy, 2), (fastnn.LogLikelihood, 3)]


@pytest.mark.parametrize(("cost", "k"), SMOOTHED)
def test_label_smoothing_trains_on_softer_targets(cost, k):
    net, expected = small(cost=cost(label_smoothing=0.2)), small(cost=cost.name)
    net.fit(X, LABELS, epochs=2, validation_data=(X, LABELS))
    expected.fit(X, 0.8 * ONE_HOT + 0.2 / k, epochs=2)
    assert same_bits(net, expected)
    assert_close(np.array(net.history.data_cost), np.array(expected.history.data_cost))


@pytest.mark.parametrize(("cost", "k"), SMOOTHED)
def test_label_smoothing_leaves_accuracy_and_validation_alone(cost, k):
    net, plain = small(cost=cost(label_smoothing=0.3)), small(cost=cost())
    for each in (net, plain):
        each.fit(
            X, LABELS, epochs=1, batch_size=23, learning_rate=1e-6, validation_data=(X, LABELS)
        )
    assert net.history.accuracy == plain.history.accuracy != [None]
    assert net.history.data_cost != plain.history.data_cost
    expected = reference(net).data_costs(X, ONE_HOT).mean()
    assert net.evaluate(X, LABELS).data_cost == net.history.validation_data_cost[-1]
    assert_close(net.history.validation_data_cost[-1], expected)


def test_label_smoothing_of_several_labels():
    x, y = several()
    net, expected = (
        fastnn.Network([5, 4], cost=cost, seed=1, dtype="float64", multi_label=True)
        for cost in (fastnn.CrossEntropy(label_smoothing=0.5), "cross_entropy")
    )
    net.fit(x, y, epochs=1, batch_size=300)
    assert net.history.accuracy == [expected.evaluate(x, y).accuracy]
    expected.fit(x, 0.5 * y + 0.25, epochs=1, batch_size=300)
    assert same_bits(net, expected)


@pytest.mark.parametrize("kind", [fastnn.CrossEntropy, fastnn.LogLikelihood])
@pytest.mark.parametrize(
    ("smoothing", "error", "message"),
    [
        (1, ValueError, r"expected a number in \[0, 1\), got 1"),
        (-0.1, ValueError, "expected a finite number, 0 or more"),
        ("a", TypeError, "expected a number, got 'a'"),
    ],
)
def test_bad_label_smoothing(kind, smoothing, error, message):
    with pytest.raises(error, match=f"^{kind.__name__}: label_smoothing: {message}"):
        kind(label_smoothing=smoothing)


def test_labels_to_smooth_must_be_there():
    net = small(cost=fastnn.LogLikelihood(label_smoothing=0.1))
    before = everything(net)
    with pytest.raises(
        ValueError, match=r"^cost: expected y that holds labels for LogLikelihood\("
    ):
        net.fit(X, 0.9 * ONE_HOT + 0.1 / 3)
    assert everything(net) == before


@pytest.mark.parametrize("cost", [fastnn.CrossEntropy(0.1), fastnn.LogLikelihood(0.25)])
def test_label_smoothing_belongs_to_the_network(cost, tmp_path):
    net, path = small(cost=cost), tmp_path / "net.npz"
    assert net.cost == cost
    assert f"cost={cost!r}" in repr(net)
    net.fit(X, LABELS, epochs=1)
    net.save(path)
    for other in (fastnn.load(path), pickle.loads(pickle.dumps(net)), copy.copy(net)):
        assert other.cost == cost
        for each in (other, net):
            each.fit(X, LABELS, epochs=1)
        assert same_bits(net, other)
        net = fastnn.load(path)


def test_without_label_smoothing_a_cost_is_its_name():
    assert small(cost=fastnn.CrossEntropy()).cost == "cross_entropy"
    assert small(cost=fastnn.LogLikelihood(label_smoothing=0)).cost == "log_likelihood"


def test_a_checkpoint_of_other_label_smoothing(tmp_path):
    path = tmp_path / "run.npz"
    small(cost=fastnn.CrossEntropy(0.1)).fit(X, LABELS, epochs=2, callbacks=fastnn.Checkpoint(path))
    with pytest.raises(ValueError, match=r"resume: .*label_smoothing 0\.0, got 0\.1"):
        small().fit(X, LABELS, epochs=2, callbacks=fastnn.Checkpoint(path, resume=True))


@pytest.mark.parametrize("name", ["cross_entropy", "quadratic"])
def test_a_file_with_label_smoothing_that_makes_no_sense(tmp_path, name):
    path = tmp_path / "net.npz"
    small(cost=name, output_activation="sigmoid").save(path)
    rewritten(path, label_smoothing=1.5 if name == "cross_entropy" else 0.1)
    with pytest.raises(ValueError, match="damaged: label_smoothing: expected"):
        fastnn.load(path)
