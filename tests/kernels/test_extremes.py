"""Costs and activations far out, where exp overflows and a rounds to 0 or 1."""

import warnings

import numpy as np
import pytest
from tolerance import assert_close
from twins import ACTIVATIONS, make_twins


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("z", [0.0, 1.0, -1.0, 20.0, -20.0, 200.0, -200.0, 5000.0, -5000.0])
@pytest.mark.parametrize(
    ("output", "cost"), [("sigmoid", "cross-entropy"), ("softmax", "log-likelihood")]
)
def test_costs_stay_finite_and_right(output, cost, z, dtype):
    twins = make_twins([1, 3], "sigmoid", output, cost, dtype, 1)
    for network in (twins.engine, twins.reference):
        network.weights[0][...] = [[z], [0], [-z]]
        network.biases[0][...] = 0
    twins.x[...], twins.y[...] = 1, [[0, 1, 0]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cost_sum, _ = twins.engine.evaluate(twins.x, twins.y)
        outputs = twins.engine.outputs(twins.x)
        expected = twins.reference.data_costs(twins.x, twins.y).sum()
    assert np.isfinite(cost_sum)
    assert_close(np.asarray(cost_sum, dtype), expected)
    assert_close(outputs, twins.reference.feedforward(twins.x))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("z", [0.0, 1.0, -1.0, 20.0, -20.0, 200.0, -200.0, 5000.0, -5000.0])
@pytest.mark.parametrize("cost", ["cross_entropy", "log_likelihood"])
def test_clipped_costs_are_those_of_scikit_learn(cost, z, dtype):
    output = "sigmoid" if cost == "cross_entropy" else "softmax"
    twins = make_twins([1, 3], "sigmoid", output, f"clipped_{cost}".replace("_", "-"), dtype, 1)
    for network in (twins.engine, twins.reference):
        network.weights[0][...] = [[z], [0], [-z]]
        network.biases[0][...] = 0
    twins.x[...], twins.y[...] = 1, [[0, 1, 0]]
    cost_sum, _ = twins.engine.evaluate(twins.x, twins.y)
    expected = twins.reference.data_costs(twins.x, twins.y).sum()
    assert cost_sum == pytest.approx(float(expected), rel=1e-6)  # theirs takes 1 - a of a near 1
    most = -np.log(np.finfo(dtype).eps)
    assert cost_sum < (2 if output == "sigmoid" else 1) * most + 1
    twins.engine.weights[0][...] = np.nan
    assert np.isnan(twins.engine.evaluate(twins.x, twins.y)[0])


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_nan_is_not_hidden(hidden):
    """A network that has diverged must show it: no clamp may turn NaN into a number."""
    twins = make_twins([3, 4, 2], hidden, "sigmoid", "cross-entropy", "float32", 2)
    twins.engine.weights[0][1, 1] = np.nan
    assert np.isnan(twins.engine.outputs(twins.x)).all()
    assert np.isnan(twins.engine.evaluate(twins.x, twins.y)[0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("outputs", [1, 3, 17])
def test_a_confident_networks_cost_is_not_negative(outputs, dtype):
    twins = make_twins([1, outputs], "sigmoid", "sigmoid", "cross-entropy", dtype, 1)
    twins.engine.weights[0][...], twins.engine.biases[0][...] = -50, 0
    twins.x[...], twins.y[...] = 1, 0
    assert 0 <= twins.engine.evaluate(twins.x, twins.y)[0] < 1e-15
