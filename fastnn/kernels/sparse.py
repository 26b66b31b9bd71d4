"""Rows that are mostly zeros, as their non-zeros only.

81 % of MNIST's pixels are 0. A zero input adds nothing to z, and the gradient of its
weights is 0, so forward pass and update need a row's non-zeros alone. They are kept as
compressed sparse rows: `columns` and `values` of row i are the elements starts[i] to
starts[i + 1] - 1. Values of few steps may be kept as a byte each, see sparse_coded.

Regularization touches every weight at every update all the same. sparse_scaled, sparse_lazy
and sparse_sorted are three answers to that.
"""

from typing import Any, NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.simd import advance, item, item_among, line_at, pointer, prefetch, set_item

__all__ = [
    "SPARE", "SPARSE", "Nonzeros", "Rows", "append_rows", "compress_row", "mostly_zeros",
    "nonzero_columns", "prefetch_rows", "restore", "rows_at", "value_at",
]  # fmt: skip


class Nonzeros(NamedTuple):
    """Compressed rows, as arrays.

    starts (rows + 1,) int64
    columns uint16
    values            of the parameters' dtype, or uint8: each is levels[it]
    levels (256,)     of the parameters' dtype; None: values are what they are
    """

    starts: Any
    columns: Any
    values: Any
    levels: Any


class Rows(NamedTuple):
    """Compressed rows in an order, as pointers."""

    order: object
    starts: object
    columns: object
    values: object
    levels: object


@inline
def rows_at(nonzeros, order):
    """Nonzeros in an order, as pointers; None, which is for dense rows, stays None."""
    if nonzeros is None:
        return None
    return Rows(
        order, pointer(nonzeros.starts, 0), pointer(nonzeros.columns, 0),
        pointer(nonzeros.values, 0), pointer(nonzeros.levels, 0),
    )  # fmt: skip


@inline
def value_at(rows, q):
    """The value of non-zero number q."""
    return item_among(rows.levels, rows.values, q)


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
def restore(nonzeros, x):
    """The reverse: put the non-zeros where they were in x (rows, inputs), which holds zeros."""
    rows = rows_at(nonzeros, None)
    for i in range(x.shape[0]):
        for q in range(item(rows.starts, i), item(rows.starts, i + 1)):
            x[i, np.int64(item(rows.columns, q))] = value_at(rows, q)


@inner
def compress_row(x, i, inputs, scale, columns, values, q):
    """Append the non-zeros of row i of x (rows, inputs) from element q on; returns the next q.

    They are converted to the dtype of values and then multiplied by scale, as in copy_rows.
    """
    row, first = advance(x, i * inputs), q
    q = nonzero_columns(row, inputs, columns, q)
    for r in range(first, q):
        set_item(values, r, item(row, np.int64(item(columns, r))))
        set_item(values, r, item(values, r) * scale)
    return q


@inline
def nonzero_columns(row, inputs, columns, q):
    """Write down where a row of x has its non-zeros, from element q on; returns the next q."""
    for j in range(inputs):
        # Written always, kept only if not zero: a branch here would be mispredicted often.
        set_item(columns, q, np.uint16(j))
        q += item(row, j) != 0
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
    starts, columns, values = compressed.starts, compressed.columns, compressed.values
    for i in range(m):
        row = item(compressed.order, start + i)
        first, last = item(starts, row), item(starts, row + 1)
        for q in range(first, last, line_at(values)):
            prefetch(values, q)
        for q in range(first, last, line_at(columns)):
            prefetch(columns, q)
