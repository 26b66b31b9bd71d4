"""One row at a time: the same outputs, later changes seen, wrong shapes refused."""

import numpy as np
import pytest

import fastnn


@pytest.fixture
def net():
    return fastnn.Network([20, 33, 4], "relu", "log_likelihood", seed=0)


@pytest.mark.parametrize("density", [0.1, 1.0])
def test_same_bits_as_feedforward_of_that_row(net, density):
    rng = np.random.default_rng(0)
    x = (rng.random((7, 20)) * (rng.random((7, 20)) < density)).astype(np.float32)
    predict = net.predictor()
    for row in x:
        outputs = predict(row)
        assert outputs.shape == (4,)
        assert outputs.dtype == np.float32
        np.testing.assert_array_equal(outputs, net.feedforward(row[np.newaxis])[0])


def test_results_stay_when_the_next_one_comes(net):
    predict, row = net.predictor(), np.ones(20)
    first = predict(row)
    kept = first.copy()
    predict(-row)
    np.testing.assert_array_equal(first, kept)


def test_later_changes_of_the_network_are_seen(net):
    predict, row = net.predictor(), np.ones(20)
    before = predict(row)
    net.weights[1][...] *= 2
    after = predict(row)
    assert not np.array_equal(before, after)
    np.testing.assert_array_equal(after, net.feedforward(np.ones((1, 20)))[0])


@pytest.mark.parametrize("shape", [(1,), (19,), (1, 20), ()])
def test_wrong_shape(net, shape):
    with pytest.raises(ValueError, match=r"row: expected shape \(20,\), got"):
        net.predictor()(np.ones(shape))


def test_any_dtype_and_nan(net):
    predict = net.predictor()
    row = np.arange(20)
    np.testing.assert_array_equal(predict(row), predict(row.astype(np.float32)))
    assert np.isnan(predict(np.full(20, np.nan))).all()
