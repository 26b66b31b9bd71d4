"""What y may be: labels, one-hot rows, float targets."""

import copy
import json
import pickle
import tracemalloc

import numpy as np
import pytest
from samples import labelled, one_hot, reference, same_bits, small
from tolerance import assert_close

import fastnn
from fastnn.data.targets import encode, smoothed
from fastnn.engine import targets as engine_targets
from fastnn.storage.fingerprint import describe


def fitted(y, **options):
    x, _ = labelled()
    net = small(**options)
    net.fit(x, y, epochs=2)
    return net


SAME_AS_LABELS = {
    "int32": lambda labels: labels.astype(np.int32),
    "uint8": lambda labels: labels.astype(np.uint8),
    "uint64": lambda labels: labels.astype(np.uint64),
    "big-endian": lambda labels: labels.astype(">i2"),
    "list": lambda labels: labels.tolist(),
    "strided": lambda labels: np.repeat(labels, 3)[::3],
    "one-hot": one_hot,
    "one-hot float32": lambda labels: one_hot(labels, dtype="float32"),
    "one-hot bytes": lambda labels: one_hot(labels, dtype="uint8"),
    "one-hot bool": lambda labels: one_hot(labels, dtype="bool"),
    "one-hot Fortran": lambda labels: np.asfortranarray(one_hot(labels)),
    "one-hot lists": lambda labels: one_hot(labels).tolist(),
}


@pytest.mark.parametrize("form", SAME_AS_LABELS.values(), ids=SAME_AS_LABELS)
@pytest.mark.parametrize("cost", ["cross_entropy", "log_likelihood", "quadratic"])
def test_forms_of_labels(form, cost):
    _, labels = labelled()
    net, expected = fitted(form(labels), cost=cost), fitted(labels, cost=cost)
    assert same_bits(net, expected)
    assert net.history.accuracy == expected.history.accuracy != [None, None]


def test_labels_need_not_occur_all():
    x, labels = labelled()
    net = small()
    net.fit(x, np.ones_like(labels), epochs=50)
    assert net.evaluate(x, np.ones_like(labels)).accuracy == 1


def test_soft_targets_have_no_accuracy():
    x, labels = labelled()
    y = 0.8 * one_hot(labels) + 0.1
    net = small()
    assert net.fit(x, y, epochs=1).accuracy == [None]
    assert net.evaluate(x, y).accuracy is None
    assert_close(net.evaluate(x, y).data_cost, reference(net).data_costs(x, y).mean())


def test_several_ones_a_row_name_no_class():
    x, labels = labelled()
    y = one_hot(labels)
    y[0] = 1
    net = small(cost="quadratic", output_activation="tanh")
    assert net.evaluate(x, y).accuracy is None
    y[0] = 0
    assert net.evaluate(x, y).accuracy is None


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)], ids=["flat", "column"])
@pytest.mark.parametrize("dtype", ["int64", "float32", "bool"])
def test_binary(shape, dtype):
    x, labels = labelled(classes=2)
    net = fastnn.Network([5, 1], seed=0, dtype="float64")
    twin, y = reference(net), labels.reshape(-1, 1)
    got = net.evaluate(x, labels.astype(dtype).reshape(shape))
    outputs = twin.feedforward(x)
    assert_close(got.data_cost, twin.data_costs(x, y).mean())
    assert got.accuracy == np.mean((outputs[:, 0] > 0.5) == labels)
    assert got.accuracy == np.mean(net.predict(x) == labels)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)], ids=["flat", "column"])
def test_regression_with_one_output(shape):
    x, _ = labelled(60)
    y = 2 * x[:, 0] - 3 * x[:, 1] + 10
    net = fastnn.Network([5, 1], activation="identity", cost="quadratic", seed=0, dtype="float64")
    y = y.reshape(shape)
    history = net.fit(x, y, epochs=60, learning_rate=0.1)
    assert (net.predict(x) - y).shape == y.shape
    np.testing.assert_allclose(net.predict(x), y, atol=1e-6)
    assert net.feedforward(x).shape == (60, 1)
    assert net.predictor()(x[0]).shape == (1,)
    np.testing.assert_allclose(net.weights[0], [[2, -3, 0, 0, 0]], atol=1e-6)
    assert history.accuracy == [None] * 60


REGRESSION = {"cost": "huber", "seed": 0, "dtype": "float64"}


def test_regression_remembers_the_shape(tmp_path):
    x, _ = labelled()
    y, path, run = x[:, 0], tmp_path / "net.npz", tmp_path / "run.npz"
    net = fastnn.Network([5, 3, 1], **REGRESSION)
    assert net.predict(x).shape == (23, 1)  # nothing has been said yet
    net.fit(x, y, epochs=1, callbacks=fastnn.Checkpoint(run))
    net.save(path)
    (fitted,) = fastnn.fit_many([REGRESSION], x, y, sizes=[5, 3, 1], epochs=1)
    copies = [
        net,
        fastnn.load(path),
        fastnn.load(run),
        pickle.loads(pickle.dumps(net)),
        copy.deepcopy(net),
        fitted.net,
    ]
    for each in copies:
        np.testing.assert_array_equal(each.predict(x), net.feedforward(x)[:, 0])
    net.evaluate(x, y[:, np.newaxis])
    assert net.predict(x).shape == (23,)
    net.fit(x, y > 0, epochs=1)  # numbers, too, for outputs that are no probabilities
    assert net.predict(x).shape == (23,)
    net.fit(x, y[:, np.newaxis], epochs=1)
    assert net.predict(x).shape == (23, 1)
    net.save(path)
    assert fastnn.load(path).predict(x).shape == (23, 1)


def test_regression_resumes_with_its_shape(tmp_path):
    x, _ = labelled()
    path = tmp_path / "run.npz"
    fastnn.Network([5, 1], **REGRESSION).fit(
        x, x[:, 0], epochs=2, callbacks=fastnn.Checkpoint(path)
    )
    net = fastnn.Network([5, 1], **REGRESSION)
    net.fit(x, x[:, 0], epochs=2, callbacks=fastnn.Checkpoint(path, resume=True))
    assert net.predict(x).shape == (23,)


def test_files_that_know_no_shape(tmp_path):
    """Of earlier versions, whose predictions of one output were (rows, 1)."""
    x, _ = labelled()
    path = tmp_path / "net.npz"
    net = fastnn.Network([5, 1], **REGRESSION)
    net.fit(x, x[:, 0], epochs=1)
    net.save(path)
    with np.load(path) as archive:
        arrays = dict(archive)
    settings = json.loads(str(arrays["header"]))
    assert settings.pop("flat_targets") is True
    np.savez(path, **{**arrays, "header": np.array(json.dumps(settings))})
    np.testing.assert_array_equal(fastnn.load(path).predict(x), net.feedforward(x))
    np.savez(path, **{**arrays, "header": np.array(json.dumps({**settings, "flat_targets": 1}))})
    with pytest.raises(ValueError, match="the file is damaged: flat_targets: expected True or"):
        fastnn.load(path)


def test_several_outputs_of_regression_stay_rows():
    x, _ = labelled()
    net = small(cost="huber")
    net.fit(x, x[:, :3], epochs=1)
    assert net.predict(x).shape == (23, 3)


def test_regression_with_several_outputs_of_integers():
    x, _ = labelled()
    y = np.arange(69).reshape(23, 3)
    net = small(activation="tanh", cost="quadratic")
    assert net.output_activation == "identity"
    got = net.evaluate(x, y)
    assert got.accuracy is None
    assert_close(got.data_cost, reference(net).data_costs(x, y).mean())


def test_integer_targets_of_one_identity_output_are_no_labels():
    x, _ = labelled()
    net = fastnn.Network([5, 1], activation="identity", cost="quadratic", seed=0, dtype="float64")
    y = np.arange(23)
    got = net.evaluate(x, y)
    assert got.accuracy is None
    assert_close(got.data_cost, reference(net).data_costs(x, y[:, np.newaxis]).mean())


def test_quadratic_float_targets_of_a_sigmoid_may_lie_anywhere():
    x, labels = labelled()
    net = small(cost="quadratic")
    assert net.evaluate(x, 2.0 * one_hot(labels)).accuracy is None


def test_a_label_that_changes_later_is_not_read():
    """Kernels write where labels say, so that y must not matter once it has been checked."""
    x, labels = labelled()
    y, net, expected = labels.astype(np.int32), small(), small()

    def spoil(net, epoch):
        y[:] = 0

    net.fit(x, y, epochs=3, callbacks=spoil)
    expected.fit(x, labels, epochs=3)
    assert same_bits(net, expected)


def test_many_classes_take_the_memory_of_their_labels():
    """Rows of ones and zeros would take 40 MB a data set, smoothed ones as much again."""
    rng = np.random.default_rng(0)
    x, y = rng.random((2000, 3), "float32"), rng.integers(0, 5000, 2000)
    net = fastnn.Network([3, 4, 5000], "relu", fastnn.LogLikelihood(label_smoothing=0.1), seed=0)
    options = {"batch_size": 8, "learning_rate": 0.1, "n_threads": 1}
    net.fit(x[:8], y[:8], epochs=1, validation_data=(x[:8], y[:8]), **options)
    tracemalloc.start()
    net.fit(x, y, epochs=1, validation_data=(x, y), class_weight="balanced", **options)
    net.evaluate(x, y)
    net.gradients(x, y)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 24e6  # blocks of 128 rows' targets, activations and errors are 8 MB


@pytest.mark.parametrize("form", [lambda labels: labels, one_hot], ids=["labels", "one-hot"])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_checkpoints_know_labels_by_their_matrix(monkeypatch, dtype, smoothing, form):
    """As those of earlier versions do, which had no labels and no shape of y."""
    monkeypatch.setattr(engine_targets, "_PIECE", 10)
    _, labels = labelled()
    targets = encode("y", form(labels), 23, 3, "softmax", "log_likelihood", dtype)
    matrix = one_hot(labels, dtype=dtype) * (1 - smoothing) + smoothing / 3
    assert describe(smoothed(targets, fastnn.LogLikelihood(smoothing), "softmax")) == {
        "kind": "Targets",
        "values": describe(matrix),
        "classes": True,
        "multi_label": False,
    }
    other = encode("y", form((labels + 1) % 3), 23, 3, "softmax", "log_likelihood", dtype)
    assert describe(other)["values"] != describe(targets)["values"]


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_validation_rows_are_one_hot_if_the_others_are(activation):
    x, labels = labelled()
    y, several = one_hot(labels), one_hot(labels)
    several[4] = 1, 1, 0
    net = small(cost="quadratic", output_activation=activation)
    message = "^validation y: expected exactly one 1 in each row, as in y, got 2 in row 4, at outp"
    with pytest.raises(ValueError, match=message):
        net.fit(x, y, epochs=1, validation_data=(x, several))
    net.fit(x, several, epochs=1, validation_data=(x, several / 2))


def test_labels_that_are_missing_are_not_made_integers():
    x, labels = labelled()
    missing = labels.astype(float)
    missing[7] = np.nan
    with pytest.raises(ValueError, match=r"^y: expected finite numbers, got nan at \[7\]"):
        small().fit(x, missing)
    with pytest.raises(TypeError, match="got shape .23,. of float64$"):
        small().fit(x, labels + 0.5)
