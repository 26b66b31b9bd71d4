"""The penalty of each mini-batch's weights, before its update, summed up over an epoch.

    C = C0 + lambda2 / (2 n) sum w^2 + lambda1 / n sum |w|    (the book's eqs. 87 and 95)

fastnn reports the penalty of the weights at an epoch's end. scikit-learn adds to each mini-batch's
cost the penalty that its weights have before the update, for which all of them must be read then.
"""

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.simd import (
    absolute,
    advance,
    fma,
    item,
    lanes_at,
    load,
    set_item,
    sum_lanes,
    zeros,
)
from fastnn.kernels.team import share
from fastnn.layout.layers import UPDATE_UNIT

__all__ = ["add_penalty", "measure_penalties"]


@inner
def measure_penalties(t, scale, penalties):
    """Penalties[1:], out: of this member's share of the weights, by units of rows; times n.

    The units don't depend on the number of threads, so their sum doesn't either. All members meet
    before the call and after it, and until then nobody changes weights. w[0] is `scale` times what
    is in memory.
    """
    layers, unit = t.layers, 1
    for l in range(layers.last):
        n, w, stride = item(layers.sizes, l), item(layers.w, l), item(layers.strides, l + 1)
        half_l2, l1 = 0.5 * item(t.rule.l2, l), item(t.rule.l1, l)
        if l == 0:
            half_l2, l1 = half_l2 * scale * scale, l1 * abs(scale)
        first, last = share(t.member, n, UPDATE_UNIT)
        for i in range(first, last, UPDATE_UNIT):
            start = advance(t.memory.state.value, w + i * stride)
            rows = min(UPDATE_UNIT, last - i)
            part = Matrix(start, stride, rows, item(layers.widths, l + 1))
            squares, magnitudes = _sums_of(part)
            set_item(penalties, unit + i // UPDATE_UNIT, half_l2 * squares + l1 * magnitudes)
        unit += (n + UPDATE_UNIT - 1) // UPDATE_UNIT


@inline
def _sums_of(w):
    squares, magnitudes = zeros(w.start), zeros(w.start)
    for k in range(0, w.rows * w.stride, w.stride):
        for j in range(k, k + w.width, lanes_at(w.start)):
            size = absolute(load(w.start, j))
            squares, magnitudes = fma(size, size, squares), magnitudes + size
    return float(sum_lanes(squares)), float(sum_lanes(magnitudes))


@inner
def add_penalty(layers, penalties, share):
    """Add to penalties[0] those of a mini-batch's weights, times `share`."""
    total, unit = 0.0, np.int64(1)
    for l in range(layers.last):
        last = unit + (item(layers.sizes, l) + UPDATE_UNIT - 1) // UPDATE_UNIT
        for k in range(unit, last):
            total += item(penalties, k)
        unit = last
    set_item(penalties, 0, item(penalties, 0) + share * total)
