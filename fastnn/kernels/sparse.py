"""Rows that are mostly zeros, as their non-zeros only.

81 % of MNIST's pixels are 0. A zero input adds nothing to z, and the gradient of its
weights is 0, so forward pass and update need a row's non-zeros alone. They are kept as
compressed sparse rows: `columns` and `values` of row i are the elements starts[i] to
starts[i + 1] - 1.

Regularization touches every weight at every update all the same. sparse_scaled, sparse_lazy
and sparse_sorted are three answers to that.
"""

from typing import Any, NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.simd import advance, item, lanes_at, pointer, prefetch, set_item

__all__ = [
    "SPARE", "SPARSE", "Nonzeros", "Rows", "append_rows", "compress_row", "mostly_zeros",
    "prefetch_rows", "restore", "rows_at",
]  # fmt: skip


class Nonzeros(NamedTuple):
    """Compressed rows, as arrays: starts (rows + 1,) int64, columns uint16, values."""

    starts: Any
    columns: Any
    values: Any


class Rows(NamedTuple):
    """Compressed rows in an order, as pointers."""

    order: object
    starts: object
    columns: object
    values: object


@inline
def rows_at(nonzeros, order):
    """Nonzeros in an order, as pointers; None, which is for dense rows, stays None."""
    if nonzeros is None:
        return None
    return Rows(
        order, pointer(nonzeros.starts, 0), pointer(nonzeros.columns, 0),
        pointer(nonzeros.values, 0),
    )  # fmt: skip


# Rows with less than this share of non-zeros are evaluated by their non-zeros.
SPARSE = 0.35
SPARE = 64  # elements behind the last non-zero that may be written or prefetched


@kernel
def append_rows(x, scale, first, starts, columns, values):
    """Append the non-zeros of x (k, inputs), which are the rows first to first + k - 1 of all.

    scale  what they are multiplied by, of the dtype of values
    starts (rows + 1,) int64 in up to starts[first], out the k after it; columns and values out,
    with room for x.size + SPARE elements from starts[first] on
    """
    k, inputs = x.shape
    q = starts[first]
    for i in range(k):
        q = compress_row(
            pointer(x, 0), i, inputs, scale, pointer(columns, 0), pointer(values, 0), q
        )
        starts[first + i + 1] = q


@kernel
def restore(starts, columns, values, x):
    """The reverse: put the non-zeros where they were in x (rows, inputs), which holds zeros."""
    for i in range(x.shape[0]):
        for q in range(starts[i], starts[i + 1]):
            x[i, columns[q]] = values[q]


@inner
def compress_row(x, i, inputs, scale, columns, values, q):
    """Append the non-zeros of row i of x (rows, inputs) from element q on; returns the next q.

    They are converted to the dtype of values and then multiplied by scale, as in copy_rows.
    """
    row, first = advance(x, i * inputs), q
    for j in range(inputs):
        # Written always, kept only if not zero: a branch here would be mispredicted often.
        set_item(columns, q, np.uint16(j))
        q += item(row, j) != 0
    for r in range(first, q):
        set_item(values, r, item(row, np.int64(item(columns, r))))
        set_item(values, r, item(values, r) * scale)
    return q


@inner
def mostly_zeros(x, rows, inputs):
    """Whether less than SPARSE of x (rows, inputs) are non-zeros."""
    n = 0
    for i in range(rows * inputs):
        n += item(x, i) != 0
    return n < SPARSE * rows * inputs


@inner
def prefetch_rows(compressed, start, m):
    """Ask for the rows order[start : start + m], which will be read soon."""
    order, starts, columns, values = (
        compressed.order,
        compressed.starts,
        compressed.columns,
        compressed.values,
    )
    line = 4 * lanes_at(values)  # at least a cache line, whatever the lanes
    for i in range(m):
        row = item(order, start + i)
        first, last = item(starts, row), item(starts, row + 1)
        for q in range(first, last, min(line, 16)):
            prefetch(values, q)
        for q in range(first, last, 32):
            prefetch(columns, q)
