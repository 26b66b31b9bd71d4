"""Layers and mini-batches whose products are cut into parts, of which copies are multiplied."""

import numpy as np
import pytest
from tolerance import assert_close
from twins import make_twins
from ways import Fixed

from fastnn.engine import Trainer, UpdateRule, arrays, buffer_pool, gradients
from fastnn.engine import engine as engine_module
from fastnn.engine.strategy import DENSE
from fastnn.layout.layers import PANELS, aligned_empty
from fastnn.machine.choice import CHOICE, INTERPRETED
from fastnn.machine.registers import PANEL_ROWS, TILE_VECTORS, lanes

DTYPES = ["float32", "float64"]
pytestmark = pytest.mark.skipif(CHOICE.mode == INTERPRETED, reason="minutes without the compiler")


def wide(dtype):
    """More neurons than are copied at a time, by some vectors."""
    return PANELS * TILE_VECTORS * lanes(np.dtype(dtype).itemsize) + 70


def networks(dtype):
    """Sizes, rows of a mini-batch: the depth in parts, the batch in three, and panels in two."""
    return {
        "deep": ([PANEL_ROWS + 301, 130, PANEL_ROWS + 9, 3], 50),
        "long": ([140, 61, 110, 3], 2 * PANEL_ROWS + 19),
        "wide": ([41, wide(dtype), 33, 2], 67),
    }


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", networks("float32"))
def test_products_in_parts_agree_with_the_reference(name, dtype):
    sizes, m = networks(dtype)[name]
    twins = make_twins(sizes, "tanh", "softmax", "log-likelihood", dtype, m)
    assert_close(twins.engine.outputs(twins.x), twins.reference.feedforward(twins.x))
    got_w, got_b = gradients(twins.engine, twins.x, twins.y)
    expected_w, expected_b = twins.reference.gradients(twins.x, twins.y)
    for got, expected in zip(got_w + got_b, expected_w + expected_b, strict=True):
        assert_close(got, expected, scale=m)


RULES = {"sgd": {"l2": 0.5}, "adam": {}, "sgd with L1": {"l1": 0.1}, "clipped": {"clip_norm": 0.1}}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("halves", [False, True])
@pytest.mark.parametrize("settings", RULES)
@pytest.mark.parametrize("name", networks("float32"))
def test_products_in_parts_are_the_same_bits(name, settings, halves, dtype, monkeypatch):
    """For any number of threads, each time, and whatever is in scratch memory."""
    sizes, m = networks(dtype)[name]
    optimizer = "adam" if settings == "adam" else "sgd"
    rule = UpdateRule(m, 0.01, 0.0, 0.0, m, optimizer, beta1=0.9, beta2=0.99, epsilon=0.1)
    rule = rule._replace(**RULES[settings])
    results = []
    for threads, content in ((1, 0.0), (2, np.nan), (2, 1e30), (3, np.nan)):

        def filled(size, dtype, content=content):
            memory = aligned_empty(size, dtype)
            memory[...] = content
            return memory

        for module in (arrays, buffer_pool, engine_module):
            monkeypatch.setattr(module, "aligned_empty", filled)
        twins = make_twins(sizes, "tanh", "softmax", "log-likelihood", dtype, m)
        strategy = Fixed(DENSE, halves)
        trainer = Trainer(
            twins.engine, twins.x, twins.y, rule, max_threads=threads, strategy=strategy
        )
        for _ in range(3):
            trainer.run(np.arange(m), threads)
            trainer.finish_epoch()
        results.append(twins.engine.parameters)
    assert np.isfinite(results[0]).all()
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])
