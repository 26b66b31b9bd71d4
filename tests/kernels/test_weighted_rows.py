"""Rows that count differently, in cost and gradient."""

import numpy as np
import pytest
from tolerance import assert_close
from twins import make_twins

from fastnn.engine import Counting, Trainer, UpdateRule


def twins_of(zeros, dtype="float64"):
    twins = make_twins([9, 21, 4], "tanh", "softmax", "log-likelihood", dtype, 23)
    twins.x[np.random.default_rng(1).random(twins.x.shape) < zeros] = 0
    return twins


@pytest.mark.parametrize("zeros", [0.0, 0.8], ids=["dense", "sparse"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_a_weight_of_two_is_the_row_twice(optimizer, zeros):
    """One mini-batch of 23 rows with weights 0, 1, 2 against one of the rows so many times."""
    weights = np.random.default_rng(2).integers(0, 3, 23)
    repeated = np.repeat(np.arange(23), weights)
    one, other = twins_of(zeros), twins_of(zeros)
    mu = 0.5 if optimizer == "momentum" else 0.0
    rule = UpdateRule(23, 0.3, 0.1, 0.2, 23, optimizer, mu=mu)
    weighted = Trainer(one.engine, one.x, one.y, rule, counting=Counting(weights.astype(float)))
    weighted.run(np.arange(23))
    weighted.finish_epoch()
    # The mean is over the rows, whatever their weights: eta makes up for another number of them.
    more = len(repeated) / 23
    rule = rule._replace(
        mini_batch_size=len(repeated), eta=0.3 * more, l1=0.1 / more, l2=0.2 / more
    )
    plain = Trainer(other.engine, other.x[repeated], other.y[repeated], rule)
    plain.run(np.arange(len(repeated)))
    plain.finish_epoch()
    assert_close(one.engine.parameters, other.engine.parameters)
    assert weighted.cost_sum == pytest.approx(plain.cost_sum)
    assert weighted.correct == np.sum(
        twins_of(zeros).engine.outputs(one.x).argmax(1) == one.y.argmax(1)
    )


def test_same_bits_for_any_number_of_threads():
    results = []
    for threads in (1, 2, 3):
        twins = twins_of(0.0, "float32")
        weights = np.random.default_rng(2).random(23)
        rule = UpdateRule(20, 0.3, 0.0, 0.0, 23)
        trainer = Trainer(
            twins.engine, twins.x, twins.y, rule, max_threads=threads, counting=Counting(weights)
        )
        trainer.run(np.arange(23), threads)
        trainer.finish_epoch()
        results.append((twins.engine.parameters.tobytes(), trainer.cost_sum, trainer.correct))
    assert len(set(results)) == 1
