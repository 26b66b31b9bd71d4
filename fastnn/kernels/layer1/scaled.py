"""Layer 1 on sparse rows by plain SGD: a row's non-zeros, one row after the other.

Plain SGD with L2 multiplies all weights by 1 - eta lambda2 / n at every update. So w is kept
as scale * v: the decay changes the number `scale`, and the step for non-zero inputs is
v <- v - (eta / m / scale) nabla. Before anyone else reads w, or `scale` becomes small, the
factor is folded back into it.

Threads share the weights, see shares. Nobody waits at the end of an update: who has a weight of
layer 1 is the only one to read it, and goes on to write parts of z, which by then nobody reads any
more, for all have met since they did.
"""

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer import layer_of
from fastnn.kernels.layer1.compressed import entries_of, next_rows, prefetch_entries
from fastnn.kernels.layer1.shares import add_both_parts, share_of_weights
from fastnn.kernels.matrix import columns_of, row_of, rows_of
from fastnn.kernels.optimizers import penalized
from fastnn.kernels.simd import (
    advance,
    fma,
    item,
    lanes_at,
    load,
    load_tile,
    store,
    store_tile,
    zero_tile,
)
from fastnn.kernels.team import wait_for_all
from fastnn.kernels.workspace import part_of, whole_batch
from fastnn.layout.figures import SMALLEST_SCALE

__all__ = ["complete", "fold", "update", "weigh", "weighted_rows"]


@inline
def weigh(nonzeros, t, batch):
    """See ways.weigh."""
    own = _own_share(nonzeros, t)
    start, m = next_rows(t, batch)
    w = columns_of(_weights(t), own.first_neuron, own.last_neuron)
    for half in range(own.first_half, own.last_half):
        entries = entries_of(nonzeros, half, half + 1, advance(t.piece.order, batch.start))
        soon = entries_of(nonzeros, half, half + 1, advance(t.piece.order, start))
        z = columns_of(part_of(t, half, batch.m), own.first_neuron, own.last_neuron)
        weighted_rows(entries, w, batch.scale, z, soon, m)
    if not wait_for_all(t.member):
        return False
    add_both_parts(t, batch)
    return True


@inline
def _weights(t):
    return layer_of(whole_batch(t, 0), 1).w


@inline
def _own_share(nonzeros, t):
    inputs, n = np.int64(item(t.layers.sizes, 0)), item(t.layers.widths, 1)
    return share_of_weights(t.member, nonzeros.middle, inputs, n, lanes_at(t.buffer))


@inline
def update(nonzeros, t, batch, step):
    """One step of the thread's share of layer 1's weights; returns their scale from now on."""
    scale = batch.scale * penalized(t.rule, np.int64(0), step).penalty.decay
    if scale < SMALLEST_SCALE:  # or 0, or negative
        complete(nonzeros, t, scale)
        scale = 1.0
    own, order = _own_share(nonzeros, t), advance(t.piece.order, batch.start)
    entries = entries_of(nonzeros, own.first_half, own.last_half, order)
    w = columns_of(_weights(t), own.first_neuron, own.last_neuron)
    delta = layer_of(whole_batch(t, batch.m), 1).delta
    delta = columns_of(delta, own.first_neuron, own.last_neuron)
    rate = step.rate.eta * step.mean
    _add_rows(entries, w, -rate / scale, delta, entries, np.int64(0))
    return scale


@inner
def complete(nonzeros, t, scale):
    """Multiply this thread's weights by the scale."""
    if scale != 1.0:
        own = _own_share(nonzeros, t)
        w = rows_of(_weights(t), own.first_input, own.last_input)
        fold(columns_of(w, own.first_neuron, own.last_neuron), scale)


def _forward_panel(vectors):
    """The kernel for one row's part of z, `vectors` wide: scale * sum_q value_q v[column_q]."""

    @inline
    def add_input(total, entries, q, v):
        weights = load_tile(1, vectors, row_of(v, np.int64(item(entries.columns, q))), 0)
        return fma(item(entries.values, q), weights, total)

    @inline
    def forward_panel(entries, v, first, last, scale, z):
        # Four sums, for each addition waits for the one before.
        one, two = zero_tile(1, vectors, z), zero_tile(1, vectors, z)
        three, four = zero_tile(1, vectors, z), zero_tile(1, vectors, z)
        q = first
        while q + 3 < last:
            one = add_input(one, entries, q, v)
            two = add_input(two, entries, q + 1, v)
            three = add_input(three, entries, q + 2, v)
            four = add_input(four, entries, q + 3, v)
            q += 4
        while q < last:
            one = add_input(one, entries, q, v)
            q += 1
        total = (one + two) + (three + four)
        store_tile(total * scale, z, 0)

    return forward_panel


def _scatter_panel(vectors):
    """The kernel that adds one row's share of the gradient, `vectors` wide, to v."""

    @inline
    def scatter_panel(entries, v, first, last, factor, delta):
        step = load_tile(1, vectors, delta, 0) * factor
        for q in range(first, last):
            row = row_of(v, np.int64(item(entries.columns, q)))
            store_tile(fma(item(entries.values, q), step, load_tile(1, vectors, row, 0)), row, 0)

    return scatter_panel


def _for_all_rows(panel):
    """The kernel that calls panel's for each row and as many vectors of it as there are.

    It takes the rows order[0], order[1], ... of entries, v (inputs, n) and other (rows, n).
    With each it asks for another one of the m first rows of `soon`: asked for all of them at once,
    a CPU, which waits for some dozen lines at a time, would stand still (10 to 15 % of an epoch).
    """
    four, two, one = panel(4), panel(2), panel(1)

    @inner
    def for_all_rows(entries, v, factor, other, soon, m):
        lanes, j = lanes_at(v.start), np.int64(0)
        while j < other.width:
            left = (other.width - j + lanes - 1) // lanes
            vectors = 4 if left >= 4 else 2 if left >= 2 else 1
            part = columns_of(v, j, other.width)
            for i in range(other.rows):
                if j == 0 and i < m:
                    prefetch_entries(soon, 1, i)
                row = item(entries.order, i)
                first, last = item(entries.begins, row), item(entries.ends, row)
                of_row = advance(row_of(other, i), j)
                if vectors == 4:
                    four(entries, part, first, last, factor, of_row)
                elif vectors == 2:
                    two(entries, part, first, last, factor, of_row)
                else:
                    one(entries, part, first, last, factor, of_row)
            j += vectors * lanes

    return for_all_rows


# z = scale * x v of layer 1: other is z, out; factor is the scale.
weighted_rows = _for_all_rows(_forward_panel)
# v[c, :] += factor * sum over the mini-batch of x_c delta: other is delta, in; factor is
# -eta / m / scale.
_add_rows = _for_all_rows(_scatter_panel)


@inner
def fold(v, scale):
    """v *= scale: v is then the weights themselves."""
    for i in range(0, v.rows * v.stride, v.stride):
        for j in range(i, i + v.width, lanes_at(v.start)):
            store(v.start, j, load(v.start, j) * scale)
