"""Layer 1 on sparse rows by any optimizer: a mini-batch's non-zeros, sorted by input.

With L1, momentum or Adam every weight has a step of its own at every update. The forward
pass loads each input's weights once for all rows, and the gradient is summed up an input at
a time, for the optimizer to take it from there.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layout import BUFFER_VECTORS
from fastnn.kernels.optimizers import step_rows
from fastnn.kernels.simd import (
    TILE_ROWS,
    add_outer_product,
    advance,
    fma,
    item,
    lanes_at,
    load,
    load_tile,
    pointer,
    set_item,
    store,
    store_tile,
    zero_tile,
    zeros,
)
from fastnn.kernels.sparse import value_at

L1_VECTORS = 512  # 32 KB of AVX-512 registers: what of m rows is used over and over
MOST_VECTORS = BUFFER_VECTORS // TILE_ROWS

__all__ = ["Bins", "bins_at", "gathered_update", "sort_by_input", "sorted_weighted_input"]


class Bins(NamedTuple):
    """Where each thread sorts its rows' non-zeros by input: arrays, in kernels pointers.

    slot (threads, slots) int64     slots = inputs + 1; where each input's non-zeros begin
    rows (threads, room) int32      their rows in the mini-batch, in order
    values (threads, room)          themselves
    """

    slot: object
    rows: object
    values: object
    slots: int
    room: int


@inline
def bins_at(b):
    """The bins with pointers to the first thread's; None, for trainings without, stays None."""
    if b is None:
        return None
    return Bins(pointer(b.slot, 0), pointer(b.rows, 0), pointer(b.values, 0), b.slots, b.room)


@inline
def sort_by_input(compressed, start, first_row, m, inputs, masked, mask, mask_stride, bins, number):
    """Sort the non-zeros of m rows, from row first_row of the mini-batch on, by input.

    The mini-batch begins at compressed.order[start]. Thread `number` fills its part of bins.
    mask (mini-batch, mask_stride) in: what each input is multiplied by, if `masked`
    """
    slot = advance(bins.slot, number * bins.slots)
    rows = advance(bins.rows, number * bins.room)
    values = advance(bins.values, number * bins.room)
    columns = compressed.columns
    for c in range(inputs + 1):
        set_item(slot, c, 0)
    for i in range(first_row, first_row + m):
        row = item(compressed.order, start + i)
        for q in range(item(compressed.starts, row), item(compressed.starts, row + 1)):
            c = np.int64(item(columns, q))
            set_item(slot, c + 1, item(slot, c + 1) + 1)
    # slot[c + 1] holds a count; make it the beginning of c, to be moved on while filling.
    total = 0
    for c in range(inputs):
        count = item(slot, c + 1)
        set_item(slot, c + 1, total)
        total += count
    for i in range(first_row, first_row + m):
        row = item(compressed.order, start + i)
        for q in range(item(compressed.starts, row), item(compressed.starts, row + 1)):
            c = np.int64(item(columns, q))
            k = item(slot, c + 1)
            set_item(rows, k, np.int32(i))
            value = value_at(compressed, q)
            set_item(values, k, value * item(mask, i * mask_stride + c) if masked else value)
            set_item(slot, c + 1, k + 1)


def _sorted_forward_panel(vectors):
    """The kernel that adds one input's part to z, `vectors` wide, for all rows that have it."""

    @inline
    def forward_panel(w, rows, values, first, last, z, stride):
        weights = load_tile(1, vectors, w, 0)
        for q in range(first, last):
            zi = advance(z, item(rows, q) * stride)
            store_tile(fma(item(values, q), weights, load_tile(1, vectors, zi, 0)), zi, 0)

    return forward_panel


_sorted_forward_4, _sorted_forward_2, _sorted_forward_1 = (
    _sorted_forward_panel(vectors) for vectors in (4, 2, 1)
)


@inline
def _columns_at_once(m, lanes):
    """How many columns of a layer's rows to take at a time: m rows of them fit the L1 cache.

    Fewer at a time would read the sorted non-zeros, and guess how many an input has, more often.
    """
    return min(MOST_VECTORS, max(4, L1_VECTORS // max(1, m) // 4 * 4)) * lanes


@inner
def sorted_weighted_input(
    bins, threads, inputs, m, w, b, first_column, last_column, end, stride, z
):
    """z = x w + b of layer 1 for the m rows that all threads have sorted, and the columns given.

    An input's weights are loaded once for all rows, and z stays in the L1 cache: row by row,
    all weights would come from the L2 cache for each row.
    w (inputs, stride) in, b (stride,) in, z (m, stride) out, and 0 from the last column to `end`
    """
    lanes = lanes_at(z)
    for i in range(m):
        for j in range(first_column, last_column, lanes):
            store(z, i * stride + j, load(b, j))
        for j in range(last_column, end, lanes):
            store(z, i * stride + j, zeros(z))
    columns = _columns_at_once(m, lanes)
    for begin in range(first_column, last_column, columns):
        part_end = min(begin + columns, last_column)
        for number in range(threads):
            slot = advance(bins.slot, number * bins.slots)
            rows = advance(bins.rows, number * bins.room)
            values = advance(bins.values, number * bins.room)
            for c in range(inputs):
                first, last = item(slot, c), item(slot, c + 1)
                j = begin
                while first < last and j < part_end:
                    wc, zj = advance(w, c * stride + j), advance(z, j)
                    if part_end - j >= 4 * lanes:
                        _sorted_forward_4(wc, rows, values, first, last, zj, stride)
                        j += 4 * lanes
                    elif part_end - j >= 2 * lanes:
                        _sorted_forward_2(wc, rows, values, first, last, zj, stride)
                        j += 2 * lanes
                    else:
                        _sorted_forward_1(wc, rows, values, first, last, zj, stride)
                        j += lanes


def _gather_panel(vectors):
    """The kernel for the gradient of one input's weights, `vectors` wide."""

    @inline
    def gather_panel(bins, threads, c, delta, stride, nabla):
        total = zero_tile(1, vectors, delta)
        for number in range(threads):
            slot = advance(bins.slot, number * bins.slots)
            rows = advance(bins.rows, number * bins.room)
            values = advance(bins.values, number * bins.room)
            for q in range(item(slot, c), item(slot, c + 1)):
                row = advance(delta, item(rows, q) * stride)
                total = add_outer_product(total, advance(values, q), 0, row)
        store_tile(total, nabla, 0)

    return gather_panel


_gather_4, _gather_2, _gather_1 = (_gather_panel(vectors) for vectors in (4, 2, 1))


@inner
def gathered_update(
    bins, threads, state, w, inputs, stride, delta, m, first_column, last_column, step, buffer
):
    """One step of the columns given of the weights w (inputs, stride).

    The weights begin at element w of the parameters; delta (m, stride) in.
    """
    lanes = lanes_at(delta)
    columns = _columns_at_once(m, lanes)
    for begin in range(first_column, last_column, columns):
        end = min(begin + columns, last_column)
        part = end - begin
        for c in range(0, inputs, TILE_ROWS):
            count, start = min(TILE_ROWS, inputs - c), w + c * stride + begin
            for i in range(count):
                nabla, j = advance(buffer, i * part), begin
                while j < end:
                    to, dj = advance(nabla, j - begin), advance(delta, j)
                    if end - j >= 4 * lanes:
                        _gather_4(bins, threads, c + i, dj, stride, to)
                        j += 4 * lanes
                    elif end - j >= 2 * lanes:
                        _gather_2(bins, threads, c + i, dj, stride, to)
                        j += 2 * lanes
                    else:
                        _gather_1(bins, threads, c + i, dj, stride, to)
                        j += lanes
            step_rows(state, start, stride, buffer, count, part, step)
