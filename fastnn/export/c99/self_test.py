"""Rows and outputs that a header carries, for it to tell whether it computes what it should."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.export.c99.constants import Constant
from fastnn.export.c99.floats import Floats
from fastnn.export.c99.int8 import Int8

__all__ = ["SelfTest", "self_test"]

_ROWS = 3
_SEED = 19
# How much an output may differ, in terms of the largest one, and of what float32 rounds off here.
_RELATIVE, _TIMES_ROUNDING = 1e-5, 10

_FUNCTION = """\
/* Whether this compiler and this machine compute what fastnn did: 0, or else the number, from 1 on,
 * of the first row above that has an output farther off than NN_TOLERANCE. */
static inline int nn_self_test(float *scratch)
{
    float output[NN_OUTPUTS];
    size_t row, k;
    for (row = 0; row < NN_TEST_ROWS; ++row) {
        nn_predict(nn_test_inputs + row * NN_INPUTS, output, scratch);
        for (k = 0; k < NN_OUTPUTS; ++k) {
            const float off = output[k] - nn_test_outputs[row * NN_OUTPUTS + k];
            if (!(off >= -NN_TOLERANCE && off <= NN_TOLERANCE)) /* or NaN */
                return (int)row + 1;
        }
    }
    return 0;
}
"""


class SelfTest(NamedTuple):
    """x (rows, inputs), the outputs for it, both float32, and how far off others may be."""

    x: NDArray
    outputs: NDArray
    tolerance: float

    @property
    def constants(self) -> list[Constant]:
        """What the header has of it."""
        return [
            Constant("test_inputs", "float", self.x),
            Constant("test_outputs", "float", self.outputs),
        ]

    @property
    def function(self) -> str:
        """C that compares."""
        return _FUNCTION


def self_test(arithmetic: Floats | Int8, x: NDArray | None) -> SelfTest:
    """That of a network, with rows out of x (rows, inputs), or if None with random ones.

    Expected is what the weights as they are in the header give in float64. Raises ValueError if
    outputs overflow.
    """
    rows = _random_rows(arithmetic) if x is None else _spread(x, arithmetic.candidates)
    best = np.argsort(-arithmetic.certainty(rows), kind="stable")[:_ROWS]
    rows = rows[np.sort(best)]
    exact = arithmetic.outputs(rows, np.float64)
    with np.errstate(over="ignore"):
        expected = exact.astype(np.float32)
    if not np.isfinite(expected).all():
        given = "random ones; rows=(x, y) gives others" if x is None else "such"
        raise ValueError(f"rows: expected some whose outputs float32 can hold, got {given}")
    rounding = np.abs(arithmetic.outputs(rows) - exact).max()
    most = max(_RELATIVE * np.abs(exact).max(), _TIMES_ROUNDING * rounding)
    return SelfTest(rows, expected, _rounded_up(float(most)))


def _random_rows(arithmetic: Floats | Int8) -> NDArray:
    """From -1 to 1, or where inputs are scaled, from 0 to what becomes 1; with few digits."""
    network = arithmetic.network
    rng = np.random.default_rng(_SEED)
    shape = arithmetic.candidates, network.sizes[0]
    if network.input_scale == 1:
        return (rng.integers(-100, 101, shape) / 100).astype(np.float32)
    top = 1 / network.input_scale
    step = 10.0 ** (math.floor(math.log10(top)) - 2)
    return (np.floor(rng.random(shape) * top / step) * step).astype(np.float32)


def _spread(x: NDArray, count: int) -> NDArray:
    """At most `count` rows of x, as far from each other as they can be: it may be sorted."""
    return x[np.unique(np.linspace(0, len(x) - 1, count).astype(int))].astype(np.float32)


def _rounded_up(value: float) -> float:
    """To one digit."""
    if value == 0:
        return 0.0
    step = 10.0 ** math.floor(math.log10(value))
    return float(f"{math.ceil(value / step) * step:.0e}")
