"""The regularized step: each term alone, by hand, and what must not be regularized."""

import numpy as np
import pytest
from tolerance import assert_close
from twins import make_twins

from fastnn.engine import UpdateRule, gradients, train

ETA, N = 0.5, 40


def one_step(dtype, l1, l2, m=5):
    """Parameters before and after one mini-batch of m rows, and the gradient sums."""
    twins = make_twins([9, 7, 3], "sigmoid", "sigmoid", "cross-entropy", dtype, m)
    twins.engine.weights[0][2, 3] = 0  # sgn(0) = 0
    engine = twins.engine
    w, b = [v.copy() for v in engine.weights], [v.copy() for v in engine.biases]
    nablas = gradients(engine, twins.x, twins.y)
    train(engine, twins.x, twins.y, np.arange(m), UpdateRule(m, ETA, l1, l2, N))
    return w, b, nablas, engine


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("l1", "l2"), [(0, 0), (2, 0), (0, 3), (2, 3)])
def test_formula(l1, l2, dtype):
    w, b, (nabla_w, nabla_b), engine = one_step(dtype, l1, l2)
    for before, nabla, after in zip(w, nabla_w, engine.weights, strict=True):
        expected = (1 - ETA * l2 / N) * before - (ETA * l1 / N) * np.sign(before) - ETA / 5 * nabla
        assert_close(after, expected.astype(dtype))
    for before, nabla, after in zip(b, nabla_b, engine.biases, strict=True):
        assert_close(after, (before - ETA / 5 * nabla).astype(dtype))  # biases: no penalty


def test_lambda_is_divided_by_the_training_set_not_the_mini_batch():
    """The same lambda, whatever the mini-batch's size, decays a weight alike."""
    for m in (1, 4):
        with_l2 = one_step("float64", 0, 3, m)
        without = one_step("float64", 0, 0, m)
        before = with_l2[0][0]
        lost = without[3].weights[0] - with_l2[3].weights[0]
        assert_close(lost, ETA * 3 / N * before)


def test_zero_weight_stays_zero_under_l1_alone():
    twins = make_twins([4, 3], "sigmoid", "identity", "quadratic", "float32", 2)
    twins.engine.weights[0][...] = [[0, 1, -1, 0]] * 3
    twins.x[...] = 0  # no gradient
    rule = UpdateRule(2, 0.1, 1.0, 0.0, 10)
    train(twins.engine, twins.x, twins.y, np.arange(2), rule)
    assert_close(twins.engine.weights[0], np.float32([[0, 0.99, -0.99, 0]] * 3))
