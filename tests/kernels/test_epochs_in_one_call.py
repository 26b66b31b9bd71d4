"""Several epochs in one call, after a part of one by itself: figures of each, and no others."""

import numpy as np
import pytest
from twins import make_twins

from fastnn.engine import Trainer, UpdateRule

ROWS, M = 13, 5


def trainer_of(zeros):
    twins = make_twins([9, 8, 3], "tanh", "softmax", "log-likelihood", "float64", ROWS)
    twins.x[np.random.default_rng(5).random(twins.x.shape) < zeros] = 0
    rule = UpdateRule(M, 0.1, 0.0, 5.0, ROWS)
    return Trainer(twins.engine, twins.x, twins.y, rule), twins.engine


@pytest.mark.parametrize("zeros", [0.0, 0.7], ids=["dense", "sparse"])
def test_after_a_part_of_an_epoch(zeros):
    orders = np.stack([np.random.default_rng(k).permutation(ROWS) for k in range(3)])
    etas = np.full((3, -(-ROWS // M)), 0.1)
    (one, engine), (other, other_engine) = trainer_of(zeros), trainer_of(zeros)
    for trainer in (one, other):
        trainer.run(np.arange(10))
        trainer.finish_epoch()
        assert trainer.cost_sum > 0
    one.run_epochs(orders, 1, etas)
    one.finish_epoch()
    assert (one.cost_sum, one.correct) == (0.0, 0)  # all of them are in `ended`
    figures = []
    for order in orders:
        other.start_epoch()
        other.run(order)
        other.finish_epoch()
        figures.append((other.cost_sum, other.correct))
    assert engine.parameters.tobytes() == other_engine.parameters.tobytes()
    np.testing.assert_array_equal(np.stack([one.ended.cost_sums, one.ended.correct]).T, figures)
