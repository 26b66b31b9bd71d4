"""Layer 1 on sparse rows by plain SGD: a row's non-zeros, one row after the other.

Plain SGD with L2 multiplies all weights by 1 - eta lambda2 / n at every update. So w is kept
as scale * v: the decay changes the number `scale`, and the step for non-zero inputs is
v <- v - (eta / m / scale) nabla. Before anyone else reads w, or `scale` becomes small, the
factor is folded back into it.
"""

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer1.compressed import bounds
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

__all__ = ["fold_scale", "scaled_update", "sparse_weighted_input"]


def _forward_panel(vectors):
    """The kernel for one row's part of z, `vectors` wide: scale * sum_q value_q v[column_q]."""

    @inline
    def add_input(total, rows, q, v, stride):
        weights = load_tile(1, vectors, advance(v, np.int64(item(rows.columns, q)) * stride), 0)
        return fma(item(rows.values, q), weights, total)

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


def _scatter_panel(vectors):
    """The kernel that adds one row's share of the gradient, `vectors` wide, to v."""

    @inline
    def scatter_panel(rows, v, stride, first, last, factor, delta):
        step = load_tile(1, vectors, delta, 0) * factor
        for q in range(first, last):
            row = advance(v, np.int64(item(rows.columns, q)) * stride)
            store_tile(fma(item(rows.values, q), step, load_tile(1, vectors, row, 0)), row, 0)

    return scatter_panel


def _for_all_rows(panel):
    """The kernel that calls panel's for each row and as many vectors of it as there are.

    It takes the rows order[start : start + m] of `compressed`, of their inputs the halves
    first_half to last_half - 1, of v (inputs, stride) the columns given; other is (m, stride).
    """
    four, two, one = panel(4), panel(2), panel(1)

    @inner
    def for_all_rows(
        compressed,
        first_half,
        last_half,
        start,
        m,
        v,
        first_column,
        last_column,
        stride,
        factor,
        other,
    ):
        begins, ends = bounds(compressed, first_half, last_half)
        lanes = lanes_at(v)
        j = first_column
        while j < last_column:
            left = (last_column - j) // lanes
            vectors = 4 if left >= 4 else 2 if left >= 2 else 1
            for i in range(m):
                row = item(compressed.order, start + i)
                first, last = item(begins, row), item(ends, row)
                vj, of_row = advance(v, j), advance(other, i * stride + j)
                if vectors == 4:
                    four(compressed, vj, stride, first, last, factor, of_row)
                elif vectors == 2:
                    two(compressed, vj, stride, first, last, factor, of_row)
                else:
                    one(compressed, vj, stride, first, last, factor, of_row)
            j += vectors * lanes

    return for_all_rows


# z = scale * x v of layer 1: other is z, out; factor is the scale.
sparse_weighted_input = _for_all_rows(_forward_panel)
# v[c, :] += factor * sum over the mini-batch of x_c delta: other is delta, in; factor is
# -eta / m / scale.
scaled_update = _for_all_rows(_scatter_panel)


@inner
def fold_scale(v, first_input, last_input, stride, scale, first_column, last_column):
    """v *= scale, for the inputs and columns given: v is then the weights themselves."""
    for r in range(first_input, last_input):
        for j in range(first_column, last_column, lanes_at(v)):
            store(v, r * stride + j, load(v, r * stride + j) * scale)
