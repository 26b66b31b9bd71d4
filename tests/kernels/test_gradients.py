"""Backpropagation against central differences of the cost, both from the kernels."""

import numpy as np
import pytest
from twins import ACTIVATIONS, COSTS, make_twins

from fastnn.engine import gradients

STEP = 1e-5


@pytest.mark.parametrize(("output", "cost"), COSTS)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_central_differences(hidden, output, cost):
    twins = make_twins([4, 6, 3], hidden, output, cost, "float64", 5)
    engine = twins.engine
    nabla_w, nabla_b = gradients(engine, twins.x, twins.y)
    rng = np.random.default_rng(3)
    for arrays, nablas in ((engine.weights, nabla_w), (engine.biases, nabla_b)):
        for array, gradient in zip(arrays, nablas, strict=True):
            for _ in range(8):
                at = tuple(rng.integers(0, array.shape))
                numeric = central_difference(engine, twins, array, at)
                assert abs(numeric - gradient[at]) < 1e-7 * max(1, abs(numeric))
            assert np.abs(gradient).max() > 0 or output == "relu"  # dead outputs are possible


def central_difference(engine, twins, array, at):
    original, costs = array[at], []
    for step in (STEP, -STEP):
        array[at] = original + step
        costs.append(engine.evaluate(twins.x, twins.y)[0])
    array[at] = original
    return (costs[0] - costs[1]) / (2 * STEP)
