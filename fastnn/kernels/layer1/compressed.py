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

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.placed_rows import prefetch_row, row_at
from fastnn.kernels.raw_rows import of_any_dtype
from fastnn.kernels.simd import (
    advance,
    append_positions,
    item,
    line_at,
    nonzero_bits,
    prefetch,
    set_item,
)
from fastnn.layout.layers import HALVES, INPUT_GROUP
from fastnn.machine.registers import BITS

__all__ = [
    "Entries",
    "append_rows",
    "compress_row",
    "entries_of",
    "find_middles",
    "next_rows",
    "prefetch_all_entries",
    "prefetch_entries",
    "restore",
]


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
def find_middles(starts, columns, middle, rows, middles):
    """middles[i] = the first entry of row i whose column is `middle` or more; columns ascend."""
    for i in range(rows):
        before, first = 0, item(starts, i)
        for q in range(first, item(starts, i + 1)):
            before += np.int64(item(columns, q)) < middle
        set_item(middles, i, first + before)


@kernel
def append_rows(x, inputs, in_groups, scale, first, starts, columns, values):
    """Append the non-zeros of x (k, inputs), which are the rows first to first + k - 1 of all.

    x          PlacedRows
    in_groups  whether inputs come in groups of INPUT_GROUP
    scale      what they are multiplied by, of the dtype of values
    starts (rows + 1,) int64 in up to starts[first], out the k after it; columns and values out,
    with room for k * inputs + SPARE entries from starts[first] on
    """
    q = item(starts, first)
    for i in range(x.rows):
        prefetch_row(x, i + 1)
        row = row_at(x, i)
        if in_groups:
            q = _compress_row_in_groups(row, inputs, scale, columns, values, q)
        else:
            q = compress_row(row, 0, inputs, scale, columns, values, q)
        set_item(starts, first + i + 1, q)


@kernel
def restore(nonzeros, first, x, inputs):
    """The reverse, for rows not in groups: write row first + i to x[i], which holds zeros.

    x (k, inputs) out, RawRows
    """
    _restore(x, nonzeros, first, x.rows, inputs)


@of_any_dtype
@inner
def _restore(x, nonzeros, first, count, inputs):
    for i in range(count):
        row, k = advance(x, i * inputs), first + i
        for q in range(item(nonzeros.starts, k), item(nonzeros.starts, k + 1)):
            set_item(row, np.int64(item(nonzeros.columns, q)), item(nonzeros.values, q))


@of_any_dtype
@inner
def compress_row(x, i, inputs, scale, columns, values, q):
    """Append the non-zeros of row i of x (rows, inputs) from entry q on; returns the next q.

    They are converted to the dtype of values and then multiplied by scale, as in gather_rows.
    """
    row, first = advance(x, i * inputs), q
    q = single_columns(row, inputs, columns, q)
    for r in range(first, q):
        _convert(row, np.int64(item(columns, r)), scale, values, r)
    return q


@of_any_dtype
@inner
def _compress_row_in_groups(row, inputs, scale, columns, values, q):
    """The same of inputs in groups, of a single row."""
    first = q
    q = group_columns(row, inputs, columns, q)
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
    """The kernel that finds a row's non-zeros, with so many inputs an entry.

    It writes down where they are, from entry q on; returns the next q.
    """
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


single_columns, group_columns = _columns_of_row(1), _columns_of_row(INPUT_GROUP)


@inner
def prefetch_all_entries(entries, width, m):
    """Ask for m rows' entries of `width` values each: soon to be read."""
    for i in range(m):
        prefetch_entries(entries, width, i)


@inline
def prefetch_entries(entries, width, i):
    """Ask for those of the i-th row in the order."""
    columns, values, row = entries.columns, entries.values, item(entries.order, i)
    first, last = item(entries.begins, row), item(entries.ends, row)
    for q in range(first * width, last * width, line_at(values)):
        prefetch(values, q)
    for q in range(first, last, line_at(columns)):
        prefetch(columns, q)


@inline
def next_rows(t, batch):
    """Where in the order the mini-batch after this one begins, and how many rows it has."""
    start = batch.start + batch.m
    return start, max(0, min(t.rule.mini_batch_size, t.piece.k - start))
