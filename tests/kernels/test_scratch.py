"""Scratch memory may hold anything: poisoned with NaN, nothing changes."""

import numpy as np
import pytest
from twins import TAME, make_twins

from fastnn.engine import arrays, gradients, passes, spare_memory


def poisoned(size, dtype):
    memory = original(size, dtype)
    memory[:] = np.nan if memory.dtype.kind == "f" else 255
    return memory


original = passes.aligned_empty


def allocate_by(function, monkeypatch):
    for module in (arrays, passes, spare_memory):
        monkeypatch.setattr(module, "aligned_empty", function)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", TAME)
def test_nan_in_scratch_memory_changes_nothing(hidden, dtype, monkeypatch):
    results = []
    for allocate in (original, poisoned):
        allocate_by(allocate, monkeypatch)
        # Odd sizes everywhere: there is padding in every row and below every column.
        twins = make_twins([5, 19, 7, 3], hidden, "softmax", "log-likelihood", dtype, 13)
        figures = twins.train(np.arange(13), 5)
        results.append(
            [figures, twins.engine.evaluate(twins.x, twins.y), twins.engine.outputs(twins.x)]
            + [*twins.engine.weights, *twins.engine.biases]
            + [*sum(gradients(twins.engine, twins.x, twins.y), [])]
        )
    for clean, dirty in zip(*results, strict=True):
        np.testing.assert_array_equal(clean, dirty)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", TAME)
def test_padding_of_parameters_stays_zero(hidden, dtype, monkeypatch):
    """Memory between the rows must keep out of the way, or a bad number would lurk there."""
    allocate_by(poisoned, monkeypatch)
    twins = make_twins([5, 7, 19, 3], hidden, "softmax", "log-likelihood", dtype, 20)
    engine = twins.engine
    for _ in range(3):
        twins.train(np.arange(20), 6, l1=0.5, l2=2.0)
    assert engine.parameters.any()
    for array in (*engine.weights, *engine.biases):
        array[...] = 0
    assert not engine.parameters.any()


def test_same_input_gives_the_same_bits():
    runs = []
    for _ in range(2):
        twins = make_twins([50, 33, 10], "relu", "softmax", "log-likelihood", "float32", 64)
        twins.train(np.arange(64), 10)
        runs.append(twins.engine.parameters.tobytes())
    assert runs[0] == runs[1]
