"""evaluate, feedforward, predict, predict_proba and gradients."""

import math

import numpy as np
import pytest
from samples import labelled, one_hot, reference, small
from tolerance import assert_close

import fastnn
from fastnn.engine import engine as engine_module
from fastnn.reference.network import penalty

COSTS = ["cross_entropy", "log_likelihood", "quadratic"]
DTYPES = ["float32", "float64"]


@pytest.mark.parametrize("rows", [1, 127, 128, 129, 300])  # blocks are of 128 rows
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_values_equal_the_reference(cost, dtype, rows):
    x, labels = labelled(rows, dtype=dtype)
    y = one_hot(labels, dtype=dtype)
    net = small(activation="tanh", cost=cost, dtype=dtype)
    twin = reference(net)
    outputs = twin.feedforward(x)

    got = net.feedforward(x)
    assert got.shape == (rows, 3)
    assert got.dtype == dtype
    assert_close(got, outputs)

    got = net.evaluate(x, labels)
    assert_close(got.data_cost, twin.data_costs(x, y).mean())
    assert got.accuracy == np.mean(outputs.argmax(axis=1) == labels)

    got = net.gradients(x, labels)
    nabla_w, nabla_b = twin.gradients(x, y)
    assert_all_close(got.weights, [w / rows for w in nabla_w])
    assert_all_close(got.biases, [b / rows for b in nabla_b])
    assert [w.dtype for w in got.weights] == [np.dtype(dtype)] * 2


def assert_all_close(got, expected):
    assert len(got) == len(expected)
    for g, e in zip(got, expected, strict=True):
        assert_close(g, e)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "identity", "softmax"])
def test_gradients_equal_central_differences(activation, cost):
    x, labels = labelled(7)
    net = small(activation=activation, cost=cost)
    gradients = net.gradients(x, labels)
    h, largest = 1e-5, 0.0
    for parameters, nabla in [(net.weights, gradients.weights), (net.biases, gradients.biases)]:
        for array, derivatives in zip(parameters, nabla, strict=True):
            assert array.shape == derivatives.shape
            for index in np.ndindex(array.shape):
                value = array[index]
                array[index] = value + h
                above = net.evaluate(x, labels).data_cost
                array[index] = value - h
                below = net.evaluate(x, labels).data_cost
                array[index] = value
                slope = (above - below) / (2 * h)
                assert abs(derivatives[index] - slope) < 1e-8
                largest = max(largest, abs(slope))
    assert largest > 0.01


def test_gradients_are_the_callers():
    x, labels = labelled()
    net = small()
    first = net.gradients(x, labels)
    expected = [w.copy() for w in first.weights]
    net.gradients(x[:3], labels[:3])
    for got, kept in zip(first.weights, expected, strict=True):
        np.testing.assert_array_equal(got, kept)
        got[...] = 0
    assert all(w.any() for w in net.weights)


def test_penalty_is_that_of_the_last_fit():
    x, labels = labelled(23)
    net = small()
    assert net.evaluate(x, labels).penalty == 0
    net.fit(x, labels, epochs=1, l1=0.5, l2=2.0)
    got = net.evaluate(x[:4], labels[:4])  # n is the training set's size, not 4
    assert_close(got.penalty, penalty(net.weights, 0.5, 2.0, n=23))
    assert got.penalty == net.history.penalty[-1] > 0
    assert got.cost == got.data_cost + got.penalty
    net.fit(x[:10], labels[:10], epochs=1, l2=1.0)
    assert_close(net.evaluate(x, labels).penalty, penalty(net.weights, 0.0, 1.0, n=10))
    net.fit(x, labels, epochs=1)
    assert net.evaluate(x, labels).penalty == 0


def test_penalty_leaves_biases_out():
    x, labels = labelled()
    net = small()
    net.fit(x, labels, epochs=1, l1=1.0, l2=1.0)
    before = net.evaluate(x, labels).penalty
    net.biases[0] += 100
    assert net.evaluate(x, labels).penalty == before


def test_data_cost_of_a_saturated_network_is_finite():
    """Costs come from z = 1000: ln(1 - a) would be ln 0."""
    net = fastnn.Network([1, 1], dtype="float64")
    net.weights[0], net.biases[0] = [[1000.0]], [[0.0]]
    assert net.evaluate([[1.0]], [0]).data_cost == 1000.0
    assert net.evaluate([[1.0]], [1]).data_cost == pytest.approx(0, abs=1e-14)


def test_predict_labels():
    x, _ = labelled(50)
    net = small()
    net.biases[1] = np.zeros((3, 1))
    got = net.predict(x)
    assert got.shape == (50,)
    assert got.dtype == np.int64
    np.testing.assert_array_equal(got, net.feedforward(x).argmax(axis=1))
    assert len(set(got)) > 1


def test_predict_single_sigmoid():
    net = fastnn.Network([1, 1], dtype="float64")
    net.weights[0], net.biases[0] = [[1.0]], [[0.0]]
    got = net.predict([[-1.0], [0.0], [1.0]])
    np.testing.assert_array_equal(got, [0, 0, 1])  # 1 only above 1/2
    assert got.dtype == np.int64


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_predict_regression(activation):
    x, _ = labelled(9)
    net = fastnn.Network([5, 4, 1], cost="quadratic", output_activation=activation, seed=0)
    got = net.predict(x)
    assert got.shape == (9, 1)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, net.feedforward(x))


def test_predict_single_softmax_has_one_class():
    x, _ = labelled(9)
    net = fastnn.Network([5, 1], cost="log_likelihood", seed=0)
    np.testing.assert_array_equal(net.predict(x), np.zeros(9))


def test_predict_proba():
    x, _ = labelled(50)
    softmax = small(cost="log_likelihood").predict_proba(x)
    assert softmax.shape == (50, 3)
    assert_close(softmax.sum(axis=1), np.ones(50))
    net = small()
    np.testing.assert_array_equal(net.predict_proba(x), net.feedforward(x))


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_predict_proba_refuses_what_is_no_probability(activation):
    x, _ = labelled()
    net = small(cost="quadratic", output_activation=activation)
    with pytest.raises(ValueError, match=f"predict_proba: .*{activation}.*feedforward"):
        net.predict_proba(x)


NAN = (
    "expected outputs that are numbers, got NaN in row 0 .23 such in rows 0 to 22.: weights or bias"
)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"cost": "log_likelihood"},
        {"multi_label": True},
        {"cost": "huber"},
        {"cost": "quadratic", "output_activation": "tanh"},
    ],
    ids=str,
)
def test_outputs_that_are_nan_name_nothing(value, options):
    x, labels = labelled()
    x[:, 0] = 0  # times infinity, it is NaN
    net = small(**options)
    net.weights[0][1, 0] = value
    with pytest.raises(ValueError, match=f"^predict: {NAN}"):
        net.predict(x)
    assert np.isnan(net.feedforward(x)).all()
    assert np.isnan(net.predictor()(x[0])).all()
    if net.output_activation in ("sigmoid", "softmax"):
        for call in (net.predict_proba, lambda x: net.predict(x, threshold=0.5)):
            with pytest.raises(ValueError, match=NAN):
                call(x)
        assert net.evaluate(x, one_hot(labels)).accuracy == 0


def test_the_first_row_that_is_nan_is_named(monkeypatch):
    """Also if outputs come in pieces, of 128 rows here."""
    monkeypatch.setattr(engine_module, "_PIECE", 128 * 3)
    x, _ = labelled(300, dtype="float32")
    x[[140, 290], 0] = 3e38  # overflows
    net = small(activation="identity", dtype="float32", cost="log_likelihood")
    net.weights[0][:, 0] = 9e9, -9e9, 9e9, -9e9
    with pytest.raises(
        ValueError, match="^predict: .*got NaN in row 140 .1 such in rows 128 to 255"
    ):
        net.predict(x)
    assert net.predict(x[:140]).shape == (140,)


@pytest.mark.parametrize("zeros", [0.0, 0.97], ids=["dense", "sparse"])
@pytest.mark.parametrize(
    "options", [{}, {"multi_label": True}, {"cost": "huber"}, {"cost": "log_likelihood"}], ids=str
)
def test_predictions_in_pieces_are_the_same(monkeypatch, options, zeros):
    x = np.random.default_rng(3).standard_normal((300, 5))
    x[:128][np.random.default_rng(4).random((128, 5)) < zeros] = 0  # which decides for all rows
    net = fastnn.Network([5, 130, 3], "relu", seed=1, **options)
    whole, outputs = net.predict(x), net.feedforward(x)
    monkeypatch.setattr(engine_module, "_PIECE", 1)
    pieces = list(net._engine.outputs_in_pieces(x.astype("float32")))
    assert [len(piece) for piece in pieces] == [128, 128, 44]
    np.testing.assert_array_equal(np.concatenate(pieces), outputs)
    np.testing.assert_array_equal(net.predict(x), whole)


@pytest.mark.parametrize("rows", [2, 300])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("outputs", [1, 3])
def test_an_output_of_one_half_says_no(outputs, dtype, rows):
    """By one rule in predictions, evaluation and training: above 1/2 is yes."""
    net = fastnn.Network([5, outputs], initializer="zeros", dtype=dtype, multi_label=outputs > 1)
    x, labels = labelled(rows, dtype=dtype)
    assert (net.feedforward(x) == 0.5).all()
    assert not net.predict(x).any()
    assert net.predict(x, threshold=0.49).all()
    y = np.zeros((rows, outputs), int)
    y[labels == 1, -1] = 1
    share = np.mean(labels != 1)
    assert 0 < share < 1
    assert net.evaluate(x, y).accuracy == share
    assert net.fit(x, y, epochs=1, batch_size=rows).accuracy == [share]


def test_evaluation_is_of_plain_numbers():
    x, labels = labelled()
    got = small(dtype="float32").evaluate(x, labels)
    assert [type(figure) for figure in got] == [float] * 3 + [tuple] * 3
    assert math.isfinite(got.cost)
