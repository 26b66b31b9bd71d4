"""Dense rows of inputs, whatever their dtype: bytes in memory, and a code that says what they are.

A code, not a type: a kernel that reads such rows compiles once, and only what copies, tests or
counts their numbers is there for each dtype.
"""

from collections.abc import Callable

import numpy as np

from fastnn.kernels.feedforward import gather_rows
from fastnn.kernels.jit import inner
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.simd import advance, item, reinterpreted
from fastnn.layout.rows import FLOAT32, UINT8

__all__ = ["count_nonzeros", "gather_inputs", "of_any_dtype"]


def of_any_dtype(function: Callable) -> Callable:
    """A function of RawRows: it calls `function` with a pointer to their numbers in their stead."""

    @inner
    def chosen(x, *others):
        if x.code == UINT8:
            return function(x.start, *others)
        if x.code == FLOAT32:
            return function(reinterpreted(x.start, np.float32), *others)
        return function(reinterpreted(x.start, np.float64), *others)

    return chosen


@of_any_dtype
@inner
def gather_inputs(x, inputs, start, first, order, target, scale):
    """Copy as many inputs as target is wide, from input `first` on, of the rows of an order.

    x (rows, inputs) in  the order's row 0 is row `start` of it
    target (m, width) out; for the rest see gather_rows
    """
    rows = advance(x, start * inputs + first)
    source = Matrix(rows, inputs, target.rows, min(inputs - first, target.width))
    gather_rows(source, order, target, scale)


@of_any_dtype
@inner
def count_nonzeros(x, size):
    """How many of the first `size` numbers are not 0."""
    n = 0
    for i in range(size):
        n += item(x, i) != 0
    return n
