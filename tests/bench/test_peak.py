"""The machine's measured limits: the loops do all that they are counted for."""

import numpy as np
import pytest

from bench.suite import peak
from fastnn.machine.registers import TILE_ROWS, lanes


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_multiply_add_for_every_element_of_the_tile(dtype):
    """Rows that started alike would be merged by the compiler: a peak twice too high."""
    size = TILE_ROWS * 2 * lanes(np.dtype(dtype).itemsize)
    memory = np.arange(size, dtype=dtype)
    peak._fma_loop(memory, 3)
    expected = np.arange(size, dtype=dtype)
    for _ in range(3):
        expected = expected * np.dtype(dtype).type(0.999) + np.dtype(dtype).type(0.001)
    np.testing.assert_allclose(memory, expected, rtol=1e-5)


@pytest.mark.parametrize("writing", [False, True])
def test_bandwidth_counts_what_is_moved(monkeypatch, writing):
    monkeypatch.setattr(peak, "_rate", lambda loop, memory: 10.0)  # passes a second
    size = 4 * 4096
    rate = peak.bandwidth(size, 2, writing=writing)
    assert rate == 10 * size * (2 if writing else 1)
