"""Dropout in the kernels against the reference, and what its masks are like."""

import numpy as np
import pytest
from tolerance import assert_close
from twins import make_twins

from fastnn import reference
from fastnn.engine import Trainer, UpdateRule

SEED = 0x123456789ABCDEF
RATES = {"inputs": [0.3, 0.0, 0.0], "hidden": [0.0, 0.5, 0.2], "all": [0.2, 0.5, 0.4]}
SIZES = [9, 21, 8, 4]


def dropped_out(rates, dtype, hidden="tanh", zeros=0.0, threads=1, optimizer="momentum", cuts=5):
    """Twins after five updates with dropout, of 5, 5, 5, 5 and 3 rows."""
    twins = make_twins(SIZES, hidden, "softmax", "log-likelihood", dtype, 23)
    rng = np.random.default_rng(4)
    twins.x[rng.random(twins.x.shape) < zeros] = 0
    mu = 0.8 if optimizer == "momentum" else 0.0
    rule = UpdateRule(5, 0.05, 0.0, 0.7, 23, optimizer, mu=mu, drop=rates, drop_seed=SEED)
    trainer = Trainer(twins.engine, twins.x, twins.y, rule, max_threads=threads)
    memory = reference.Momentum(mu)
    order = rng.permutation(23)
    for update, start in enumerate(range(0, 23, 5)):
        rows = order[start : start + 5]
        masks = reference.dropout_masks(SEED, update, SIZES, rates, len(rows))
        twins.reference.update_mini_batch(
            twins.x[rows], twins.y[rows], 0.05, 0.0, 0.7, 23, memory, masks=masks
        )
    for piece in np.split(order, range(5, 23, 5)) if cuts == 5 else [order]:
        trainer.run(piece, threads)
    trainer.finish_epoch()
    return twins


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("zeros", [0.0, 0.8], ids=["dense", "sparse"])
@pytest.mark.parametrize("rates", RATES.values(), ids=RATES)
def test_trajectory(rates, zeros, dtype):
    dropped_out(rates, dtype, zeros=zeros).assert_same_parameters()


@pytest.mark.parametrize("zeros", [0.0, 0.8], ids=["dense", "sparse"])
def test_plain_sgd(zeros):
    """On sparse rows its weights carry a scale, unless inputs are dropped."""
    for rates in RATES.values():
        dropped_out(rates, "float64", zeros=zeros, optimizer="sgd").assert_same_parameters()


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "identity", "gelu", "softplus"])
def test_every_activation(hidden):
    dropped_out(RATES["all"], "float64", hidden).assert_same_parameters()


@pytest.mark.parametrize("zeros", [0.0, 0.8], ids=["dense", "sparse"])
def test_same_bits_for_any_threads_and_cuts(zeros):
    results = [
        dropped_out(RATES["all"], "float32", zeros=zeros, threads=threads, cuts=cuts)
        for threads, cuts in ((1, 5), (1, 1), (2, 5), (3, 1))
    ]
    assert len({twins.engine.parameters.tobytes() for twins in results}) == 1


def test_evaluation_drops_nobody():
    twins = dropped_out(RATES["all"], "float64")
    assert_close(twins.engine.outputs(twins.x), twins.reference.feedforward(twins.x))


def test_masks_look_random():
    """Shares, and correlations with the neighbours, the next update, layer and seed."""

    def mask(seed=SEED, update=0, layer=0):
        rates = [0.0, 0.0]
        rates[layer] = 0.3
        return reference.dropout_masks(seed, update, [400, 400], rates, 500)[layer] > 0

    one = mask()
    assert abs(one.mean() - 0.7) < 0.005
    assert np.abs(one.mean(axis=0) - 0.7).max() < 0.1
    assert np.abs(one.mean(axis=1) - 0.7).max() < 0.13
    others = [
        mask(update=1),
        mask(layer=1),
        mask(seed=SEED + 1),
        mask(seed=SEED + 2**40),
        np.roll(one, 1),
        np.roll(one, 1, axis=0),
    ]
    for other in others:
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.01
