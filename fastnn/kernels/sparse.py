"""Layer 1 on rows that are mostly zeros: only the non-zeros are ever touched.

81 % of MNIST's pixels are 0. A zero input adds nothing to z, and the gradient of its
weights is 0, so forward pass and update need a row's non-zeros alone. They are kept as
compressed sparse rows: `columns` and `values` of row i are the elements starts[i] to
starts[i + 1] - 1.

Regularization touches every weight at every update all the same. Two ways around that:

scaled update   Plain SGD with L2 only multiplies all weights by 1 - eta lambda2 / n. So
                w is kept as scale * v: the decay changes the number `scale`, and the step
                for non-zero inputs is v <- v - (eta / m / scale) nabla. Before anyone else
                reads w, or `scale` becomes small, the factor is folded back into it.
gathered update With L1, momentum or Adam every weight has a step of its own at every
                update. Then the mini-batch's non-zeros are sorted by input; the forward
                pass loads each input's weights once for all rows, and the gradient is summed
                up an input at a time, for the optimizer to take it from there.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner, kernel
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
    prefetch,
    set_item,
    store,
    store_tile,
    zero_tile,
    zeros,
)

__all__ = [
    "SPARE", "SPARSE", "Bins", "Rows", "bins_at", "compress", "compress_row", "count_nonzeros",
    "fold_scale", "gathered_update", "mostly_zeros", "prefetch_rows", "scaled_update",
    "sort_by_input", "sorted_weighted_input", "sparse_weighted_input",
]  # fmt: skip


class Rows(NamedTuple):
    """Compressed rows in an order, as pointers; see epoch.Data."""

    order: object
    starts: object
    columns: object
    values: object


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
    """The bins with pointers to the first thread's."""
    return Bins(pointer(b.slot, 0), pointer(b.rows, 0), pointer(b.values, 0), b.slots, b.room)


# Rows with less than this share of non-zeros are taken by their non-zeros. An estimate: where
# the two ways are equally fast depends on layer sizes, mini-batch and optimizer, and is not
# measured yet.
SPARSE = 0.35
SPARE = 64  # elements behind the last non-zero that may be written or prefetched


@kernel
def count_nonzeros(x, starts):
    """starts (rows + 1,) int64 out: where each row of x (rows, inputs) will begin."""
    p = pointer(x, 0)
    starts[0] = 0
    for i in range(x.shape[0]):
        n = 0
        for j in range(x.shape[1]):
            n += item(p, i * x.shape[1] + j) != 0
        starts[i + 1] = starts[i] + n


@kernel
def compress(x, columns, values):
    """columns, values (non-zeros + SPARE,) out: the non-zeros of x (rows, inputs), row by row."""
    q = 0
    for i in range(x.shape[0]):
        q = compress_row(pointer(x, 0), i, x.shape[1], pointer(columns, 0), pointer(values, 0), q)


@inner
def compress_row(x, i, inputs, columns, values, q):
    """Append the non-zeros of row i of x (rows, inputs) from element q on; the next q."""
    for j in range(inputs):
        # Written always, kept only if not zero: a branch here would be mispredicted often.
        number = item(x, i * inputs + j)
        set_item(columns, q, np.uint16(j))
        set_item(values, q, number)
        q += number != 0
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


def _forward_panel(vectors):
    """The kernel for z of one row, `vectors` wide: b + scale * sum_q value_q v[column_q]."""

    @inline
    def forward_panel(v, stride, columns, values, first, last, scale, b, z):
        even, odd = zero_tile(1, vectors, v), zero_tile(1, vectors, v)  # two sums hide latency
        q = first
        while q + 1 < last:
            row = advance(v, np.int64(item(columns, q)) * stride)
            even = add_outer_product(even, advance(values, q), 0, row)
            row = advance(v, np.int64(item(columns, q + 1)) * stride)
            odd = add_outer_product(odd, advance(values, q + 1), 0, row)
            q += 2
        if q < last:
            row = advance(v, np.int64(item(columns, q)) * stride)
            even = add_outer_product(even, advance(values, q), 0, row)
        store_tile(load_tile(1, vectors, b, 0) + (even + odd) * scale, z, 0)

    return forward_panel


_forward_2, _forward_1 = _forward_panel(2), _forward_panel(1)


@inner
def sparse_weighted_input(compressed, start, m, v, b, width, stride, scale, z):
    """z = scale * x v + b of layer 1, for the rows order[start : start + m].

    v (inputs, stride) in, b (stride,) in, z (m, stride) out
    """
    lanes = lanes_at(z)
    columns, values = compressed.columns, compressed.values
    for i in range(m):
        row = item(compressed.order, start + i)
        first, last = item(compressed.starts, row), item(compressed.starts, row + 1)
        zi, j = advance(z, i * stride), 0
        while j + 2 * lanes <= width:
            _forward_2(
                advance(v, j), stride, columns, values, first, last, scale, advance(b, j),
                advance(zi, j),
            )  # fmt: skip
            j += 2 * lanes
        if j < width:
            _forward_1(
                advance(v, j), stride, columns, values, first, last, scale, advance(b, j),
                advance(zi, j),
            )  # fmt: skip
        for j in range(width, stride, lanes):
            store(zi, j, zeros(z))


def _scatter_panel(vectors):
    """The kernel that adds one row's share of the gradient, `vectors` wide, to v."""

    @inline
    def scatter_panel(v, stride, columns, values, first, last, factor, delta):
        step = load_tile(1, vectors, delta, 0) * factor
        for q in range(first, last):
            row = advance(v, np.int64(item(columns, q)) * stride)
            store_tile(fma(item(values, q), step, load_tile(1, vectors, row, 0)), row, 0)

    return scatter_panel


_scatter_2, _scatter_1 = _scatter_panel(2), _scatter_panel(1)


@inner
def scaled_update(compressed, start, m, v, stride, delta, factor, first_column, last_column):
    """v[c, :] += factor * sum over the mini-batch of x_c delta, for the columns given.

    v (inputs, stride) in and out, delta (m, stride) in; factor is -eta / m / scale
    """
    lanes = lanes_at(v)
    columns, values = compressed.columns, compressed.values
    j = first_column
    while j < last_column:
        wide = 2 if j + 2 * lanes <= last_column else 1
        for i in range(m):
            row = item(compressed.order, start + i)
            first, last = item(compressed.starts, row), item(compressed.starts, row + 1)
            vj, dj = advance(v, j), advance(delta, i * stride + j)
            if wide == 2:
                _scatter_2(vj, stride, columns, values, first, last, factor, dj)
            else:
                _scatter_1(vj, stride, columns, values, first, last, factor, dj)
        j += wide * lanes


@inner
def fold_scale(v, inputs, stride, scale, first_column, last_column):
    """v *= scale, for the columns given: v is then the weights themselves."""
    for r in range(inputs):
        for j in range(first_column, last_column, lanes_at(v)):
            store(v, r * stride + j, load(v, r * stride + j) * scale)


@inline
def sort_by_input(compressed, start, first_row, m, inputs, bins, number):
    """Sort the non-zeros of m rows, from row first_row of the mini-batch on, by input.

    The mini-batch begins at compressed.order[start]. Thread `number` fills its part of bins.
    """
    slot = advance(bins.slot, number * bins.slots)
    rows = advance(bins.rows, number * bins.room)
    values = advance(bins.values, number * bins.room)
    columns, numbers = compressed.columns, compressed.values
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
            set_item(values, k, item(numbers, q))
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


_sorted_forward_4, _sorted_forward_1 = _sorted_forward_panel(4), _sorted_forward_panel(1)


@inline
def sorted_weighted_input(bins, number, inputs, first_row, m, w, b, width, stride, z):
    """z = x w + b of layer 1 for the m rows that thread `number` has sorted.

    An input's weights are loaded once for all rows, and z stays in the L1 cache: row by row,
    all weights would come from the L2 cache for each row.
    w (inputs, width) in, b (width,) in, z (mini-batch, width) out
    """
    lanes = lanes_at(z)
    slot = advance(bins.slot, number * bins.slots)
    rows = advance(bins.rows, number * bins.room)
    values = advance(bins.values, number * bins.room)
    for i in range(first_row, first_row + m):
        for j in range(0, stride, lanes):
            store(z, i * stride + j, load(b, j))
    j = 0
    while j < width:
        wide = 4 if j + 4 * lanes <= width else 1
        for c in range(inputs):
            first, last = item(slot, c), item(slot, c + 1)
            wc, zj = advance(w, c * stride + j), advance(z, j)
            if wide == 4:
                _sorted_forward_4(wc, rows, values, first, last, zj, stride)
            else:
                _sorted_forward_1(wc, rows, values, first, last, zj, stride)
        j += wide * lanes


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


_gather_4, _gather_1 = _gather_panel(4), _gather_panel(1)


@inner
def gathered_update(
    bins, threads, state, w, width, stride, delta, first_input, last_input, step, buffer
):
    """One step of the weights of the inputs given, rows of w (inputs, width).

    The weights begin at element w of the parameters; delta (mini-batch, width) in.
    """
    lanes = lanes_at(delta)
    j = 0
    while j < width:
        wide = 4 if j + 4 * lanes <= width else 1
        dj, part = advance(delta, j), wide * lanes
        for c in range(first_input, last_input, TILE_ROWS):
            inputs = min(TILE_ROWS, last_input - c)
            for i in range(inputs):
                nabla = advance(buffer, i * part)
                if wide == 4:
                    _gather_4(bins, threads, c + i, dj, stride, nabla)
                else:
                    _gather_1(bins, threads, c + i, dj, stride, nabla)
            step_rows(state, w + c * stride + j, stride, buffer, inputs, part, step)
        j += wide * lanes
