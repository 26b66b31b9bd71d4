"""A training that stops between two mini-batches, and goes on by another way of layer 1.

As on another machine, where another way may be the fastest.
"""

import numpy as np
import pytest
from twins import make_twins
from ways import Fixed

from fastnn.engine import Trainer, UpdateRule
from fastnn.engine.strategy import DENSE, SCALED, SORTED

ROWS = 24
ETA, L2 = 0.1, 30.0  # weights decay by 12 % an update: a scale that is forgotten shows
RULE = UpdateRule(6, ETA, 0.0, L2, ROWS)


def trainer_of(twins, way):
    return Trainer(twins.engine, twins.x, twins.y, RULE, strategy=Fixed(way))


def sparse_twins():
    twins = make_twins([13, 9, 4], "tanh", "softmax", "log-likelihood", "float64", ROWS)
    twins.x[np.random.default_rng(5).random(twins.x.shape) < 0.7] = 0
    return twins


@pytest.mark.parametrize("way", [DENSE, SCALED, SORTED])
def test_within_a_scaled_epoch(way):
    order, stopped = np.random.default_rng(1).permutation(ROWS), sparse_twins()
    before = trainer_of(stopped, SCALED)
    before.run(order[:12])
    state = before.state()
    assert Trainer.factor_in(state) == pytest.approx((1 - ETA * L2 / ROWS) ** 2)

    twins = sparse_twins()
    twins.engine.parameters[:] = stopped.engine.parameters
    after = trainer_of(twins, way)
    after.restore(state)
    after.run(order[12:])
    after.finish_epoch()
    assert after.updates == 4
    twins.reference.train(twins.x, twins.y, order, 6, ETA, 0.0, L2, ROWS)
    twins.assert_same_parameters()
    whole = sparse_twins()
    uncut = trainer_of(whole, SCALED)
    uncut.run(order)
    assert after.cost_sum == pytest.approx(uncut.cost_sum)
    assert after.correct == uncut.correct
