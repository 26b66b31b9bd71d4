"""The kernels against the NumPy reference, for every activation, cost, dtype and shape."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tolerance import assert_close
from twins import TAME, TAME_COSTS, make_twins

from fastnn.engine import UpdateRule, gradients, train

DTYPES = ["float32", "float64"]
# One to four layers of weights; odd sizes, sizes of whole vectors, single neurons.
SIZES = [[5, 3], [16, 32, 8], [7, 5, 1], [3, 17, 33, 2], [20, 40, 1, 9, 4]]
# Rows and mini-batch: one row alone; a short last mini-batch; larger than a tile.
BATCHES = [(1, 1), (11, 4), (37, 19)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("hidden", "output", "cost"),
    [(hidden, "sigmoid", "cross-entropy") for hidden in TAME]
    + [("tanh", output, cost) for output, cost in TAME_COSTS],
)
def test_all_passes_agree_with_the_reference(hidden, output, cost, dtype):
    for sizes in SIZES:
        for rows, mini_batch_size in BATCHES:
            twins = make_twins(sizes, hidden, output, cost, dtype, rows)
            check_forward(twins)
            check_gradients(twins)
            check_training(twins, mini_batch_size)


def check_forward(twins):
    outputs = twins.reference.feedforward(twins.x)
    costs = twins.reference.data_costs(twins.x, twins.y)
    assert_close(twins.engine.outputs(twins.x), outputs)
    cost_sum, correct = twins.engine.evaluate(twins.x, twins.y)
    assert_close(np.asarray(cost_sum, twins.x.dtype), costs.sum(), scale=len(costs))
    assert correct == count_correct(outputs, twins.y)


def count_correct(outputs, y):
    if y.shape[1] == 1:
        return ((outputs > 0.5) == (y > 0.5)).sum()
    return (outputs.argmax(axis=1) == y.argmax(axis=1)).sum()


def check_gradients(twins):
    got_w, got_b = gradients(twins.engine, twins.x, twins.y)
    expected_w, expected_b = twins.reference.gradients(twins.x, twins.y)
    for got, expected in zip(got_w + got_b, expected_w + expected_b, strict=True):
        assert_close(got, expected, scale=len(twins.x))


def check_training(twins, mini_batch_size, eta=0.1):
    before = twins.engine.parameters.copy()
    order = np.random.default_rng(1).permutation(len(twins.x))
    twins.train(order, mini_batch_size, eta)
    twins.assert_same_parameters()
    assert not np.array_equal(before, twins.engine.parameters)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 70), min_size=2, max_size=5),
    rows=st.integers(1, 40),
    mini_batch_size=st.integers(1, 45),
    hidden=st.sampled_from(TAME),
    output_and_cost=st.sampled_from(TAME_COSTS),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 1000),
)
def test_any_sizes(sizes, rows, mini_batch_size, hidden, output_and_cost, dtype, seed):
    twins = make_twins(sizes, hidden, *output_and_cost, dtype, rows, seed)
    check_forward(twins)
    check_gradients(twins)
    if output_and_cost[1] != "mean-absolute-error":  # its gradient jumps where a rounds to y
        # Small steps: up to 40 updates must not make much of float32's rounding.
        check_training(twins, mini_batch_size, eta=0.01)


@pytest.mark.parametrize("dtype", DTYPES)
def test_layers_deeper_than_one_block_of_a_product(dtype):
    """Products are summed in blocks of 256 terms; 300 and 600 need more than one."""
    twins = make_twins([600, 300, 10], "sigmoid", "sigmoid", "cross-entropy", dtype, 20)
    check_forward(twins)
    check_gradients(twins)
    check_training(twins, 7)


def test_more_rows_than_one_block_of_a_pass():
    twins = make_twins([4, 3, 2], "tanh", "softmax", "log-likelihood", "float64", 300)
    check_forward(twins)
    check_gradients(twins)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("output", "cost"), TAME_COSTS)
def test_trajectory_of_ten_updates(output, cost, dtype):
    twins = make_twins([9, 12, 4], "tanh", output, cost, dtype, 30)
    rng = np.random.default_rng(2)
    for _ in range(10):
        twins.train(rng.permutation(30)[:3], 3, eta=0.1)
        twins.assert_same_parameters()


def test_training_reports_costs_before_each_update():
    twins = make_twins([6, 5, 3], "sigmoid", "sigmoid", "cross-entropy", "float64", 8)
    expected, correct = 0.0, 0
    for start in range(0, 8, 3):
        rows = slice(start, min(start + 3, 8))
        expected += twins.reference.data_costs(twins.x[rows], twins.y[rows]).sum()
        outputs = twins.reference.feedforward(twins.x[rows])
        correct += count_correct(outputs, twins.y[rows])
        twins.reference.update_mini_batch(twins.x[rows], twins.y[rows], 0.3, 0.2, 0.5, 8)
    rule = UpdateRule(mini_batch_size=3, eta=0.3, l1=0.2, l2=0.5, n=8)
    got = train(twins.engine, twins.x, twins.y, np.arange(8), rule)
    assert_close(got[0], expected)
    assert got[1] == correct


@pytest.mark.parametrize("x_dtype", DTYPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_of_another_float_dtype(dtype, x_dtype):
    twins = make_twins([6, 5, 3], "sigmoid", "softmax", "log-likelihood", dtype, 9)
    x = twins.x.astype(x_dtype)
    assert_close(twins.engine.outputs(x), twins.reference.feedforward(x).astype(dtype))
