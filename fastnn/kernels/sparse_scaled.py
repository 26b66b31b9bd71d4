"""Layer 1 on sparse rows by plain SGD: a row's non-zeros, one row after the other.

Plain SGD with L2 multiplies all weights by 1 - eta lambda2 / n at every update. So w is kept
as scale * v: the decay changes the number `scale`, and the step for non-zero inputs is
v <- v - (eta / m / scale) nabla. Before anyone else reads w, or `scale` becomes small, the
factor is folded back into it.
"""

import numpy as np

from fastnn.kernels.jit import inline, inner
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
from fastnn.kernels.sparse import bounds, value_at

__all__ = ["fold_scale", "scaled_update", "sparse_weighted_input"]


def _forward_panel(vectors):
    """The kernel for one row's part of z, `vectors` wide: scale * sum_q value_q v[column_q]."""

    @inline
    def add_input(total, rows, q, v, stride):
        weights = load_tile(1, vectors, advance(v, np.int64(item(rows.columns, q)) * stride), 0)
        return fma(value_at(rows, q), weights, total)

    @inline
    def forward_panel(rows, v, stride, first, last, scale, z):
        # Four sums, for each addition waits for the one before.
        one, two = zero_tile(1, vectors, v), zero_tile(1, vectors, v)
        three, four = zero_tile(1, vectors, v), zero_tile(1, vectors, v)
        q = first
        while q + 3 < last:
            one = add_input(one, rows, q, v, stride)
            two = add_input(two, rows, q + 1, v, stride)
            three = add_input(three, rows, q + 2, v, stride)
            four = add_input(four, rows, q + 3, v, stride)
            q += 4
        while q < last:
            one = add_input(one, rows, q, v, stride)
            q += 1
        total = (one + two) + (three + four)
        store_tile(total * scale, z, 0)

    return forward_panel


_forward_4, _forward_2, _forward_1 = _forward_panel(4), _forward_panel(2), _forward_panel(1)


@inner
def sparse_weighted_input(
    compressed, first_half, last_half, start, m, v, first_column, last_column, stride, scale, z
):
    """z = scale * x v of layer 1, for the rows order[start : start + m] and the columns given.

    Of the inputs, only the halves first_half to last_half - 1 are looked at.
    v (inputs, stride) in, z (m, stride) out
    """
    begins, ends = bounds(compressed, first_half, last_half)
    lanes = lanes_at(z)
    j = first_column
    while j < last_column:
        vectors = _panel(last_column - j, lanes)
        for i in range(m):
            row = item(compressed.order, start + i)
            first, last = item(begins, row), item(ends, row)
            vj, zj = advance(v, j), advance(z, i * stride + j)
            if vectors == 4:
                _forward_4(compressed, vj, stride, first, last, scale, zj)
            elif vectors == 2:
                _forward_2(compressed, vj, stride, first, last, scale, zj)
            else:
                _forward_1(compressed, vj, stride, first, last, scale, zj)
        j += vectors * lanes


def _scatter_panel(vectors):
    """The kernel that adds one row's share of the gradient, `vectors` wide, to v."""

    @inline
    def scatter_panel(rows, v, stride, first, last, factor, delta):
        step = load_tile(1, vectors, delta, 0) * factor
        for q in range(first, last):
            row = advance(v, np.int64(item(rows.columns, q)) * stride)
            store_tile(fma(value_at(rows, q), step, load_tile(1, vectors, row, 0)), row, 0)

    return scatter_panel


_scatter_4, _scatter_2, _scatter_1 = _scatter_panel(4), _scatter_panel(2), _scatter_panel(1)


@inline
def _panel(columns, lanes):
    """How many vectors the next panel has, if so many columns are left."""
    vectors = columns // lanes
    return 4 if vectors >= 4 else 2 if vectors >= 2 else 1


@inner
def scaled_update(
    compressed, first_half, last_half, start, m, v, stride, delta, factor, first_column, last_column
):
    """v[c, :] += factor * sum over the mini-batch of x_c delta, for the columns given.

    c are the inputs of the halves first_half to last_half - 1.
    v (inputs, stride) in and out, delta (m, stride) in; factor is -eta / m / scale
    """
    begins, ends = bounds(compressed, first_half, last_half)
    lanes = lanes_at(v)
    j = first_column
    while j < last_column:
        vectors = _panel(last_column - j, lanes)
        for i in range(m):
            row = item(compressed.order, start + i)
            first, last = item(begins, row), item(ends, row)
            vj, dj = advance(v, j), advance(delta, i * stride + j)
            if vectors == 4:
                _scatter_4(compressed, vj, stride, first, last, factor, dj)
            elif vectors == 2:
                _scatter_2(compressed, vj, stride, first, last, factor, dj)
            else:
                _scatter_1(compressed, vj, stride, first, last, factor, dj)
        j += vectors * lanes


@inner
def fold_scale(v, first_input, last_input, stride, scale, first_column, last_column):
    """v *= scale, for the inputs and columns given: v is then the weights themselves."""
    for r in range(first_input, last_input):
        for j in range(first_column, last_column, lanes_at(v)):
            store(v, r * stride + j, load(v, r * stride + j) * scale)
