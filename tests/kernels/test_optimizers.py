"""Momentum and Adam against their NumPy twins, over trajectories."""

import numpy as np
import pytest
from tolerance import assert_close
from twins import make_twins

from fastnn.engine import Trainer, UpdateRule
from fastnn.reference import Adam, Momentum

TWINS = {
    "momentum": ({"mu": 0.8}, lambda: Momentum(mu=0.8)),
    "adam": (
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
        lambda: Adam(beta1=0.8, beta2=0.95, epsilon=1e-3),
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.3, 0.7)])
@pytest.mark.parametrize("optimizer", TWINS)
def test_trajectory_of_ten_updates(optimizer, l1, l2, dtype):
    twins = make_twins([9, 21, 4], "tanh", "softmax", "log-likelihood", dtype, 30)
    settings, make = TWINS[optimizer]
    trainer = Trainer(
        twins.engine, twins.x, twins.y, UpdateRule(3, 0.05, l1, l2, 30, optimizer, **settings)
    )
    reference = make()
    order = np.random.default_rng(4).permutation(30)
    for start in range(0, 30, 3):
        rows = order[start : start + 3]
        trainer.run(rows)
        twins.reference.update_mini_batch(twins.x[rows], twins.y[rows], 0.05, l1, l2, 30, reference)
        twins.assert_same_parameters()
    trainer.finish_epoch()
    assert trainer.memory.updates == 10


def test_memory_lasts_between_calls():
    """Two runs of an epoch each are one run of two: momentum isn't forgotten."""
    for optimizer, (settings, _) in TWINS.items():
        results = []
        for cuts in (1, 4):
            twins = make_twins([5, 6, 3], "tanh", "softmax", "log-likelihood", "float32", 12)
            rule = UpdateRule(3, 0.05, 0.1, 0.1, 12, optimizer, **settings)
            trainer = Trainer(twins.engine, twins.x, twins.y, rule)
            for piece in np.array_split(np.arange(12), cuts):
                trainer.run(piece)
            results.append(twins.engine.parameters.tobytes())
        assert results[0] == results[1]


def test_adams_first_step_has_the_size_of_eta():
    """Bias correction makes the first step eta, whatever the gradient's size (section 2.1)."""
    twins = make_twins([3, 2], "tanh", "identity", "quadratic", "float64", 4)
    twins.x[...] = 1
    before = twins.engine.weights[0].copy()
    settings = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-12}
    rule = UpdateRule(4, 0.01, 0.0, 0.0, 4, "adam", **settings)
    Trainer(twins.engine, twins.x, twins.y, rule).run(np.arange(4))
    assert_close(np.abs(twins.engine.weights[0] - before), np.full((2, 3), 0.01), scale=1e3)
