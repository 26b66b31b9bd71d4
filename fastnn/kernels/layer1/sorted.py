"""Layer 1 on sparse rows by any optimizer: a mini-batch's non-zeros, sorted by groups of inputs.

With L1, momentum or Adam every weight has a step of its own at every update. The forward
pass loads each input's weights once for all rows, and the gradient is summed up some inputs at
a time, for the optimizer to take it from there.

Inputs come GROUP at a time, for where one pixel is not 0, its neighbours seldom are: then z and the
errors of a row are loaded, and z stored, once for several multiply-adds. Rows come in entries, each
of which is what one row has of one group, see compressed; a zero in it adds nothing.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.dropout import drop_inputs
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer import activations_of, layer_of
from fastnn.kernels.layer1.compressed import entries_of, next_rows, prefetch_all_entries
from fastnn.kernels.layer1.shares import add_both_parts, share_of_weights
from fastnn.kernels.matrix import Matrix, clear, columns_of, row_of
from fastnn.kernels.optimizers import penalized, prefetch_step, state_from, step_rows
from fastnn.kernels.simd import (
    advance,
    fma,
    item,
    lanes_at,
    load_tile,
    set_item,
    store_tile,
    zero_tile,
)
from fastnn.kernels.team import row_unit, share, wait_for_all
from fastnn.kernels.workspace import own_rows, part_of, weights_from, whole_batch
from fastnn.layout.layers import BUFFER_VECTORS, HALVES, INPUT_GROUP, NEURON_UNIT
from fastnn.layout.rows import Bins, Nonzeros
from fastnn.machine.registers import REGISTER_BYTES, TILE_ROWS

GROUP = INPUT_GROUP  # four: the panels' kernels name each
# Vectors of a panel; GROUP times as many weights or gradients stay in registers.
NARROW, WIDE = NEURON_UNIT, 2 * NEURON_UNIT
L1_VECTORS = 32 * 1024 // REGISTER_BYTES  # what of m rows is used over and over
LARGE = 1 << 15  # weights of a thread: with Adam's state, 384 KB, they don't stay in its L2 cache
MOST_VECTORS = BUFFER_VECTORS // TILE_ROWS

__all__ = ["Sorted", "update", "weigh"]


class Sorted(NamedTuple):
    """The rows' non-zeros by groups of inputs, and where they are sorted."""

    nonzeros: Nonzeros
    bins: Bins


@inline
def weigh(way, t, batch, extras):
    """See ways.weigh."""
    # Others may still read what they have sorted.
    if not (wait_for_all(t.member) and _sort(way, t, batch, extras)):
        return False
    p, own = whole_batch(t, batch.m), _own_share(way, t)
    w = columns_of(layer_of(p, 1).w, own.first_neuron, own.last_neuron)
    for half in range(own.first_half, own.last_half):
        z = columns_of(part_of(t, half, batch.m), own.first_neuron, own.last_neuron)
        first, last = 0, way.nonzeros.middle * GROUP
        if half > 0:
            first, last = last, (way.bins.slots - 1) * GROUP
        _weigh_groups(Bunch(way.bins, t.member.size, first, last, own.alone), w, z)
    if not wait_for_all(t.member):
        return False
    add_both_parts(t, batch)
    return True


@inline
def _own_share(way, t):
    """Of the groups of inputs, and of neurons: these with as much of the padding as whole units."""
    unit = NEURON_UNIT * lanes_at(t.buffer)
    n = (item(t.layers.widths, 1) + unit - 1) // unit * unit
    return share_of_weights(t.member, way.nonzeros.middle, way.bins.slots - 1, n, unit)


@inline
def _sort(way, t, batch, extras):
    """Sort this thread's rows, and ask for those that it will sort next; False as of weigh."""
    start, m = next_rows(t, batch)
    first, last = share(t.member, m, row_unit(m))
    soon = entries_of(way.nonzeros, 0, HALVES, advance(t.piece.order, start + first))
    prefetch_all_entries(soon, GROUP, last - first)
    masked, p = False, own_rows(t, batch)
    if item(extras.drop, 0) > 0.0:
        drop_inputs(p, extras, batch.update, True)
        masked = True
    order = advance(t.piece.order, batch.start + batch.first)
    entries = entries_of(way.nonzeros, 0, HALVES, order)
    own = _bin_of(way.bins, t.member.number)
    _sort_by_group(entries, batch.first, own, way.bins.slots - 1, masked, activations_of(p, 0))
    return wait_for_all(t.member)


@inline
def update(way, t, batch, state, step):
    """One step of the thread's share of layer 1's weights, see ways.update."""
    own, delta = _own_share(way, t), layer_of(whole_batch(t, batch.m), 1).delta
    first, last = own.first_input * GROUP, min(own.last_input * GROUP, item(t.layers.sizes, 0))
    _update_inputs(
        Bunch(way.bins, t.member.size, first, last, own.alone),
        weights_from(t, state, first, own.first_neuron),
        columns_of(delta, own.first_neuron, own.last_neuron),
        penalized(t.rule, np.int64(0), step),
        t.buffer,
    )


class Bunch(NamedTuple):
    """Entries of some inputs that all threads have sorted.

    bins, threads  where the entries are, and how many threads have sorted them
    first, last    the inputs first to last - 1, of whole groups
    alone          no other thread has other neurons of these inputs
    """

    bins: Bins
    threads: int
    first: int
    last: int
    alone: bool


@inline
def _bin_of(bins, number):
    """The bins of thread `number`: slot, rows, values."""
    return (
        advance(bins.slot, number * bins.slots),
        advance(bins.rows, number * bins.room),
        advance(bins.values, number * bins.room * GROUP),
    )


@inline
def _sort_by_group(entries, first, own, groups, masked, mask):
    """Sort the entries of as many rows as mask has, of a mini-batch from its row `first` on.

    own  the thread's bin, which is filled
    mask (m, inputs) in  what each input is multiplied by, if `masked`
    """
    slot, rows, values = own
    columns = entries.columns
    for g in range(groups + 1):
        set_item(slot, g, 0)
    for i in range(mask.rows):
        row = item(entries.order, i)
        for q in range(item(entries.begins, row), item(entries.ends, row)):
            g = np.int64(item(columns, q))
            set_item(slot, g + 1, item(slot, g + 1) + 1)
    # slot[g + 1] holds a count; make it the beginning of g, to be moved on while filling.
    total = 0
    for g in range(groups):
        count = item(slot, g + 1)
        set_item(slot, g + 1, total)
        total += count
    for i in range(mask.rows):
        row = item(entries.order, i)
        for q in range(item(entries.begins, row), item(entries.ends, row)):
            g = np.int64(item(columns, q))
            k = item(slot, g + 1)
            set_item(slot, g + 1, k + 1)
            set_item(rows, k, np.int32(first + i))
            _copy_entry(advance(entries.values, q * GROUP), values, k)
            if masked:
                _mask_entry(values, k, advance(row_of(mask, i), g * GROUP))


@inline
def _copy_entry(entry, values, k):
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
def _weigh_groups(bunch, w, z):
    """z = x w of layer 1 for all rows of the mini-batch, and for some inputs and neurons.

    A group's weights are loaded once for all rows, and z stays in the L1 cache: row by row,
    all weights would come from the L2 cache for each row.
    w (inputs, n) in, z (m, n) out; n in units of NARROW vectors, which may take in some padding
    """
    lanes = lanes_at(z.start)
    clear(z)
    columns = _columns_at_once(z.rows, bunch.alone, lanes)
    for begin in range(0, z.width, columns):
        part_end = min(begin + columns, z.width)
        for number in range(bunch.threads):
            slot, rows, values = _bin_of(bunch.bins, number)
            for g in range(bunch.first // GROUP, bunch.last // GROUP):
                first, last, wg = item(slot, g), item(slot, g + 1), row_of(w, g * GROUP)
                j = begin
                while first < last and j < part_end:
                    wj, zj = advance(wg, j), advance(z.start, j)
                    if part_end - j >= WIDE * lanes:
                        _wide_forward(wj, rows, values, first, last, zj, z.stride)
                        j += WIDE * lanes
                    else:
                        _narrow_forward(wj, rows, values, first, last, zj, z.stride)
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
def _update_inputs(bunch, state, delta, step, buffer):
    """One step of the weights of the bunch's inputs, and of some neurons.

    state        of the first of these weights on, whose rows lie `delta.stride` apart
    delta (m, n) in
    """
    lanes, stride, bins, threads = lanes_at(buffer), delta.stride, bunch.bins, bunch.threads
    columns = _columns_at_once(delta.rows, bunch.alone, lanes)
    large = (bunch.last - bunch.first) * delta.width > LARGE
    for begin in range(0, delta.width, columns):
        end = min(begin + columns, delta.width)
        part = end - begin
        narrow = part <= WIDE * lanes
        for c in range(bunch.first, bunch.last, TILE_ROWS):
            count = min(TILE_ROWS, bunch.last - c)
            weights = state_from(state, (c - bunch.first) * stride + begin)
            if large:
                prefetch_step(weights, stride, count, part // lanes, step)
            for i in range(0, count, GROUP):
                nabla, g, j = advance(buffer, i * part), (c + i) // GROUP, begin
                while j < end:
                    to, dj = advance(nabla, j - begin), advance(delta.start, j)
                    if end - j >= WIDE * lanes:
                        _wide_gather(bins, threads, g, dj, stride, to, part)
                        j += WIDE * lanes
                    else:
                        _narrow_gather(bins, threads, g, dj, stride, to, part)
                        j += NARROW * lanes
            step_rows(weights, stride, Matrix(buffer, part, count, part), narrow, step)
