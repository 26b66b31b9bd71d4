"""Rows that count differently, in cost and gradient."""

import numpy as np
import pytest
from tolerance import assert_close
from twins import make_twins

from fastnn import reference
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


ADAM = {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-2, "epsilon_hat": True}
BY_WEIGHT = {
    "sgd": ({}, reference.SGD),
    "nesterov": ({"mu": 0.8}, lambda: reference.Nesterov(0.8)),
    "adam": (ADAM, lambda: reference.Adam(**ADAM)),
}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("weighted", [True, False], ids=["weighted", "plain"])
@pytest.mark.parametrize("zeros", [0.0, 0.8], ids=["dense", "sparse"])
@pytest.mark.parametrize("optimizer", BY_WEIGHT)
def test_a_mean_over_weights_divides_the_penalty_too(optimizer, zeros, weighted, threads):
    """An epoch whose mini-batches of 5 rows end with one of 3, against the reference.

    The penalty of each one's weights is that before its update.
    """
    twins = twins_of(zeros)
    weights = np.random.default_rng(2).random(23) if weighted else np.ones(23)
    order, l1, l2 = np.random.default_rng(3).permutation(23), [0.0, 0.3], [0.7, 0.4]
    settings, make = BY_WEIGHT[optimizer]
    rule = UpdateRule(5, 0.05, l1, l2, 0, optimizer, **settings, with_penalty=True)
    counting = Counting(weights if weighted else None, by_weight=True)
    trainer = Trainer(twins.engine, twins.x, twins.y, rule, max_threads=threads, counting=counting)
    costs, penalties, memory = 0.0, 0.0, make()
    for start in range(0, 23, 5):
        rows = order[start : start + 5]
        s, net = weights[rows], twins.reference
        costs += len(rows) * np.average(net.data_costs(twins.x[rows], twins.y[rows]), weights=s)
        penalty = sum(
            a * np.abs(w).sum() + b / 2 * (w**2).sum()
            for a, b, w in zip(l1, l2, net.weights, strict=True)
        )
        penalties += len(rows) * penalty / s.sum()
        net.update_mini_batch(
            twins.x[rows], twins.y[rows], 0.05, l1, l2, 0, memory, weights=s, by_weight=True
        )
    trainer.start_epoch()
    trainer.run(order[:10], threads)  # an epoch may be cut
    trainer.run(order[10:], threads)
    trainer.finish_epoch()
    twins.assert_same_parameters()
    assert_close(np.array([trainer.cost_sum, trainer.penalty_sum]), np.array([costs, penalties]))
    trainer.start_epoch()
    assert (trainer.cost_sum, trainer.penalty_sum) == (0, 0)


def test_a_mini_batch_without_weight_changes_nothing():
    twins = twins_of(0.0)
    before, weights = twins.engine.parameters.copy(), np.repeat([0.0, 1.0], [8, 15])
    rule = UpdateRule(8, 0.3, 0.1, 0.2, 0, with_penalty=True)
    counting = Counting(weights, by_weight=True)
    trainer = Trainer(twins.engine, twins.x, twins.y, rule, counting=counting)
    trainer.run(np.arange(8))
    trainer.finish_epoch()
    assert np.array_equal(twins.engine.parameters, before)
    assert (trainer.cost_sum, trainer.penalty_sum) == (0, 0)
    trainer.run(np.arange(8, 23))
    assert not np.array_equal(twins.engine.parameters, before)
