"""Rows that are mostly zeros, as their non-zeros only.

81 % of MNIST's pixels are 0. A zero input adds nothing to z, and the gradient of its
weights is 0, so forward pass and update need a row's non-zeros alone. They are kept as
compressed sparse rows: `columns` and `values` of row i are the elements starts[i] to
starts[i + 1] - 1.

Inputs come in two halves, those before and those from `middle` on, for two threads to share.

For sorted inputs come in groups of INPUT_GROUP: then an entry is what a row has of a group
that is not all zeros. `columns` are the groups' numbers, and each entry has INPUT_GROUP values.

Regularization touches every weight at every update all the same. scaled and sorted are two
answers to that.
"""

from typing import Any, NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.layout import HALVES, INPUT_GROUP
from fastnn.kernels.simd import (
    BITS,
    advance,
    append_positions,
    item,
    line_at,
    nonzero_bits,
    pointer,
    pointers,
    prefetch,
    set_item,
)

__all__ = [
    "SPARE",
    "SPARSE",
    "Entries",
    "Nonzeros",
    "append_rows",
    "columns_of_row",
    "compress_row",
    "entries_of",
    "find_middles",
    "mostly_zeros",
    "next_rows",
    "prefetch_rows",
    "restore",
]


_NO_MIDDLES = np.empty(0, np.int64)
_NO_MIDDLES.setflags(write=False)


class Nonzeros(NamedTuple):
    """Compressed rows: arrays, in kernels pointers.

    starts (rows + 1,) int64
    columns (entries,) uint16     of inputs, or of groups of them
    values (entries * width,)     of the parameters' dtype; width is 1, or INPUT_GROUP if inputs
                                  are in groups
    middle                        the column with which the second half begins
    middles (rows,) int64         each row's first entry of that half, if it was looked for
    """

    starts: Any
    columns: Any
    values: Any
    middle: int = 0
    middles: Any = _NO_MIDDLES


class Entries(NamedTuple):
    """The entries of some inputs, of rows in an order: pointers.

    order         row numbers
    begins, ends  where each row's entries begin and end, by number
    columns, values  see Nonzeros
    """

    order: object
    begins: object
    ends: object
    columns: object
    values: object


@inline
def entries_of(nonzeros, first_half, last_half, order):
    """Those of the halves first_half to last_half - 1."""
    begins = nonzeros.starts if first_half == 0 else nonzeros.middles
    ends = advance(nonzeros.starts, 1) if last_half == HALVES else nonzeros.middles
    return Entries(order, begins, ends, nonzeros.columns, nonzeros.values)


@kernel
def find_middles(starts, columns, middle, middles):
    """middles[i] = the first entry of row i whose column is `middle` or more; columns ascend."""
    all_columns = pointer(columns, 0)
    for i in range(len(middles)):
        before = 0
        for q in range(starts[i], starts[i + 1]):
            before += np.int64(item(all_columns, q)) < middle
        middles[i] = starts[i] + before


# Rows with less than this share of non-zeros are evaluated by their non-zeros.
SPARSE = 0.35
SPARE = 64  # elements behind the last entry that may be written or prefetched


@kernel
def append_rows(x, group, scale, first, starts, columns, values):
    """Append the non-zeros of x (k, inputs), which are the rows first to first + k - 1 of all.

    group  INPUT_GROUP if inputs come in groups, or None
    scale  what they are multiplied by, of the dtype of values
    starts (rows + 1,) int64 in up to starts[first], out the k after it; columns and values out,
    with room for x.size + SPARE entries from starts[first] on
    """
    k, inputs = x.shape
    q = starts[first]
    for i in range(k):
        q = compress_row(
            pointer(x, 0), i, inputs, group, scale, pointer(columns, 0), pointer(values, 0), q
        )
        starts[first + i + 1] = q


@kernel
def restore(nonzeros, first, x):
    """The reverse, for rows not in groups: write row first + i to x[i], which holds zeros.

    x (k, inputs) out
    """
    rows = pointers(nonzeros)
    for i in range(x.shape[0]):
        for q in range(item(rows.starts, first + i), item(rows.starts, first + i + 1)):
            x[i, np.int64(item(rows.columns, q))] = item(rows.values, q)


@inner
def compress_row(x, i, inputs, group, scale, columns, values, q):
    """Append the non-zeros of row i of x (rows, inputs) from entry q on; returns the next q.

    They are converted to the dtype of values and then multiplied by scale, as in copy_rows.
    """
    row, first = advance(x, i * inputs), q
    q = columns_of_row(row, inputs, group, columns, q)
    if group is None:
        for r in range(first, q):
            _convert(row, np.int64(item(columns, r)), scale, values, r)
        return q
    for r in range(first, q):
        begin, entry = np.int64(item(columns, r)) * INPUT_GROUP, advance(values, r * INPUT_GROUP)
        if begin + INPUT_GROUP <= inputs:
            _convert_group(row, begin, scale, entry)
        else:
            for k in range(INPUT_GROUP):
                set_item(entry, k, 0)
            for k in range(inputs - begin):
                _convert(row, begin + k, scale, entry, k)
    return q


@inline
def _convert_group(row, j, scale, entry):
    """All at once: else each number would be read only when the one before is written."""
    x0, x1, x2, x3 = item(row, j), item(row, j + 1), item(row, j + 2), item(row, j + 3)
    set_item(entry, 0, x0)
    set_item(entry, 1, x1)
    set_item(entry, 2, x2)
    set_item(entry, 3, x3)
    x0, x1, x2, x3 = item(entry, 0), item(entry, 1), item(entry, 2), item(entry, 3)
    set_item(entry, 0, x0 * scale)
    set_item(entry, 1, x1 * scale)
    set_item(entry, 2, x2 * scale)
    set_item(entry, 3, x3 * scale)


@inline
def _convert(row, j, scale, values, r):
    set_item(values, r, item(row, j))
    set_item(values, r, item(values, r) * scale)


def _columns_of_row(width):
    """The kernel for `columns_of_row` with so many inputs an entry."""
    first_bits = sum(1 << k for k in range(0, BITS, width))

    @inline
    def columns_of(row, inputs, columns, q):
        whole = inputs - inputs % BITS
        for j in range(0, whole, BITS):
            bits = nonzero_bits(row, j)
            if bits != 0:
                for k in range(1, width):  # an entry's first bit stands for all of them
                    bits |= (bits >> k) & first_bits
                q = append_positions(columns, q, bits & first_bits, j, width)
        for j in range(whole, inputs, width):
            there = False
            for k in range(j, min(j + width, inputs)):
                there |= item(row, k) != 0
            set_item(columns, q, np.uint16(j // width))
            q += there
        return q

    return columns_of


_single_columns, _group_columns = _columns_of_row(1), _columns_of_row(INPUT_GROUP)


@inline
def columns_of_row(row, inputs, group, columns, q):
    """Write down where a row of x has its non-zeros, from entry q on; returns the next q."""
    if group is None:
        return _single_columns(row, inputs, columns, q)
    return _group_columns(row, inputs, columns, q)


@inner
def mostly_zeros(x, rows, inputs):
    """Whether less than SPARSE of x (rows, inputs) are non-zeros."""
    n = 0
    for i in range(rows * inputs):
        n += item(x, i) != 0
    return n < SPARSE * rows * inputs


@inner
def prefetch_rows(entries, width, m):
    """Ask for m rows' entries of `width` values each: soon to be read."""
    columns, values = entries.columns, entries.values
    for i in range(m):
        row = item(entries.order, i)
        first, last = item(entries.begins, row), item(entries.ends, row)
        for q in range(first * width, last * width, line_at(values)):
            prefetch(values, q)
        for q in range(first, last, line_at(columns)):
            prefetch(columns, q)


@inline
def next_rows(t, batch):
    """Where in the order the mini-batch after this one begins, and how many rows it has."""
    start = batch.start + batch.m
    return start, max(0, min(t.rule.mini_batch_size, t.data.k - start))
