"""Layer 1 on sparse rows by any optimizer: a mini-batch's non-zeros, sorted by groups of inputs.

With L1, momentum or Adam every weight has a step of its own at every update. The forward
pass loads each input's weights once for all rows, and the gradient is summed up some inputs at
a time, for the optimizer to take it from there.

Inputs come GROUP at a time, for where one pixel is not 0, its neighbours seldom are: then z and the
errors of a row are loaded, and z stored, once for several multiply-adds. Rows come in entries, each
of which is what one row has of one group, see sparse; a zero in it adds nothing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layout import BUFFER_VECTORS, INPUT_GROUP, NEURON_UNIT
from fastnn.kernels.optimizers import prefetch_step, step_rows
from fastnn.kernels.simd import (
    TILE_ROWS,
    advance,
    fma,
    item,
    lanes_at,
    load_tile,
    pointer,
    set_item,
    store,
    store_tile,
    zero_tile,
    zeros,
)

GROUP = INPUT_GROUP  # four: the panels' kernels name each
# Vectors of a panel; GROUP times as many weights or gradients stay in registers.
NARROW, WIDE = NEURON_UNIT, 2 * NEURON_UNIT
L1_VECTORS = 512  # 32 KB of AVX-512 registers: what of m rows is used over and over
LARGE = 1 << 18  # weights of a thread, 1 MB of float32: they don't stay in its L2 cache
MOST_VECTORS = BUFFER_VECTORS // TILE_ROWS

__all__ = [
    "Bins",
    "bins_at",
    "gathered_update",
    "make_bins",
    "sort_by_input",
    "sorted_weighted_input",
]


class Bins(NamedTuple):
    """Where each thread sorts its rows' entries by group: arrays, in kernels pointers.

    slot (threads, slots) int64     slots = groups + 1; where each group's entries begin
    rows (threads, room) int32      their rows in the mini-batch, in order
    values (threads, room, GROUP)   their inputs
    """

    slot: object
    rows: object
    values: object
    slots: int
    room: int


def make_bins(threads: int, inputs: int, room: int, dtype: DTypeLike) -> Bins:
    """Memory for mini-batches with at most `room` entries."""
    groups = -(-inputs // GROUP)
    return Bins(
        np.empty((threads, groups + 1), np.int64),
        np.empty((threads, room), np.int32),
        np.empty((threads, room, GROUP), dtype),
        groups + 1,
        room,
    )


@inline
def bins_at(b):
    """The bins with pointers to the first thread's; None, for trainings without, stays None."""
    if b is None:
        return None
    return Bins(pointer(b.slot, 0), pointer(b.rows, 0), pointer(b.values, 0), b.slots, b.room)


@inline
def _bin_of(bins, number):
    """The bins of thread `number`: slot, rows, values."""
    return (
        advance(bins.slot, number * bins.slots),
        advance(bins.rows, number * bins.room),
        advance(bins.values, number * bins.room * GROUP),
    )


@inline
def sort_by_input(compressed, start, first_row, m, masked, mask, mask_stride, bins, number):
    """Sort the entries of m rows, from row first_row of the mini-batch on, by group.

    The mini-batch begins at compressed.order[start]. Thread `number` fills its part of bins.
    mask (mini-batch, mask_stride) in: what each input is multiplied by, if `masked`
    """
    slot, rows, values = _bin_of(bins, number)
    columns, groups = compressed.columns, bins.slots - 1
    for g in range(groups + 1):
        set_item(slot, g, 0)
    for i in range(first_row, first_row + m):
        row = item(compressed.order, start + i)
        for q in range(item(compressed.starts, row), item(compressed.starts, row + 1)):
            g = np.int64(item(columns, q))
            set_item(slot, g + 1, item(slot, g + 1) + 1)
    # slot[g + 1] holds a count; make it the beginning of g, to be moved on while filling.
    total = 0
    for g in range(groups):
        count = item(slot, g + 1)
        set_item(slot, g + 1, total)
        total += count
    for i in range(first_row, first_row + m):
        row = item(compressed.order, start + i)
        for q in range(item(compressed.starts, row), item(compressed.starts, row + 1)):
            g = np.int64(item(columns, q))
            k = item(slot, g + 1)
            set_item(slot, g + 1, k + 1)
            set_item(rows, k, np.int32(i))
            _copy_entry(compressed, q, values, k)
            if masked:
                _mask_entry(values, k, advance(mask, i * mask_stride + g * GROUP))


@inline
def _copy_entry(compressed, q, values, k):
    entry = advance(compressed.values, q * GROUP)
    x0, x1, x2, x3 = item(entry, 0), item(entry, 1), item(entry, 2), item(entry, 3)
    set_item(values, k * GROUP, x0)
    set_item(values, k * GROUP + 1, x1)
    set_item(values, k * GROUP + 2, x2)
    set_item(values, k * GROUP + 3, x3)


@inline
def _mask_entry(values, k, mask):
    for c in range(GROUP):
        set_item(values, k * GROUP + c, item(values, k * GROUP + c) * item(mask, c))


def _forward_panel(vectors):
    """The kernel that adds one group's part to z, `vectors` wide, for all rows that have it."""

    @inline
    def weights_of(w, k, stride):
        return load_tile(1, vectors, advance(w, k * stride), 0)

    @inline
    def forward_panel(w, rows, values, first, last, z, stride):
        w0, w1 = weights_of(w, 0, stride), weights_of(w, 1, stride)
        w2, w3 = weights_of(w, 2, stride), weights_of(w, 3, stride)
        for q in range(first, last):
            zi, x = advance(z, item(rows, q) * stride), advance(values, q * GROUP)
            total = fma(item(x, 0), w0, load_tile(1, vectors, zi, 0))
            total = fma(item(x, 2), w2, fma(item(x, 1), w1, total))
            store_tile(fma(item(x, 3), w3, total), zi, 0)

    return forward_panel


_wide_forward, _narrow_forward = _forward_panel(WIDE), _forward_panel(NARROW)


@inline
def _columns_at_once(m, alone, lanes):
    """How many columns of a layer's rows to take at a time: m rows of them fit the L1 cache.

    Fewer at a time would read the sorted non-zeros, and guess how many an input has, more often.
    But where another thread has the next columns, no more than a panel: where a CPU has read more
    of a row of weights, it goes on, unasked, with the next ones, and takes them from the other.
    """
    vectors = L1_VECTORS // max(1, m) // WIDE * WIDE if alone else WIDE
    return min(MOST_VECTORS, max(WIDE, vectors)) * lanes


@inner
def sorted_weighted_input(
    bins, threads, first_group, last_group, alone, m, w, first_column, last_column, stride, z
):
    """z = x w of layer 1 for the m rows that all threads have sorted.

    Of the inputs, only the groups first_group to last_group - 1 are looked at; `alone` says that
    no other thread has other columns of them.

    A group's weights are loaded once for all rows, and z stays in the L1 cache: row by row,
    all weights would come from the L2 cache for each row.
    w (inputs, stride) in, z (m, stride) out
    columns in units of NARROW vectors, which may take in some of the padding
    """
    lanes = lanes_at(z)
    for i in range(m):
        for j in range(first_column, last_column, lanes):
            store(z, i * stride + j, zeros(z))
    columns = _columns_at_once(m, alone, lanes)
    for begin in range(first_column, last_column, columns):
        part_end = min(begin + columns, last_column)
        for number in range(threads):
            slot, rows, values = _bin_of(bins, number)
            for g in range(first_group, last_group):
                first, last, wg = item(slot, g), item(slot, g + 1), advance(w, g * GROUP * stride)
                j = begin
                while first < last and j < part_end:
                    wj, zj = advance(wg, j), advance(z, j)
                    if part_end - j >= WIDE * lanes:
                        _wide_forward(wj, rows, values, first, last, zj, stride)
                        j += WIDE * lanes
                    else:
                        _narrow_forward(wj, rows, values, first, last, zj, stride)
                        j += NARROW * lanes


def _gather_panel(vectors):
    """The kernel for the gradient of one group's weights, `vectors` wide."""

    @inline
    def gather_panel(bins, threads, g, delta, stride, nabla, part):
        total0, total1 = zero_tile(1, vectors, delta), zero_tile(1, vectors, delta)
        total2, total3 = zero_tile(1, vectors, delta), zero_tile(1, vectors, delta)
        for number in range(threads):
            slot, rows, values = _bin_of(bins, number)
            for q in range(item(slot, g), item(slot, g + 1)):
                x = advance(values, q * GROUP)
                error = load_tile(1, vectors, advance(delta, item(rows, q) * stride), 0)
                total0, total1 = fma(item(x, 0), error, total0), fma(item(x, 1), error, total1)
                total2, total3 = fma(item(x, 2), error, total2), fma(item(x, 3), error, total3)
        store_tile(total0, nabla, 0)
        store_tile(total1, advance(nabla, part), 0)
        store_tile(total2, advance(nabla, 2 * part), 0)
        store_tile(total3, advance(nabla, 3 * part), 0)

    return gather_panel


_wide_gather, _narrow_gather = _gather_panel(WIDE), _gather_panel(NARROW)


@inner
def gathered_update(
    bins,
    threads,
    first_input,
    last_input,
    alone,
    state,
    w,
    stride,
    delta,
    m,
    first_column,
    last_column,
    step,
    buffer,
):
    """One step of the columns given of the weights w (inputs, stride), of whole groups of inputs.

    The weights begin at element w of the parameters; delta (m, stride) in.
    """
    lanes = lanes_at(delta)
    columns = _columns_at_once(m, alone, lanes)
    large = (last_input - first_input) * (last_column - first_column) > LARGE
    for begin in range(first_column, last_column, columns):
        end = min(begin + columns, last_column)
        part = end - begin
        narrow = part <= WIDE * lanes
        for c in range(first_input, last_input, TILE_ROWS):
            count = min(TILE_ROWS, last_input - c)
            if large:
                prefetch_step(state, w + c * stride + begin, stride, count, part // lanes, step)
            for i in range(0, count, GROUP):
                nabla, g, j = advance(buffer, i * part), (c + i) // GROUP, begin
                while j < end:
                    to, dj = advance(nabla, j - begin), advance(delta, j)
                    if end - j >= WIDE * lanes:
                        _wide_gather(bins, threads, g, dj, stride, to, part)
                        j += WIDE * lanes
                    else:
                        _narrow_gather(bins, threads, g, dj, stride, to, part)
                        j += NARROW * lanes
            step_rows(state, w + c * stride + begin, stride, buffer, count, part, narrow, step)
