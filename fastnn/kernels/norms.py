"""Norms that training keeps small: of a mini-batch's gradient, and of each neuron's weights.

clipping  The gradient of all layers together is made as short as `clip_norm` where it is
          longer (Pascanu, Mikolov and Bengio 2013, algorithm 1). Its length is known only when
          all of it is, so that here, and only here, the gradient is written to memory.
max-norm  After an update, a neuron's incoming weights are made as short as `max_norm` where
          they are longer (Srebro and Shraibman 2005; Srivastava et al. 2014, section 5.1).
"""

import math

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer import layer_of
from fastnn.kernels.matrix import Matrix, columns_of, rows_of
from fastnn.kernels.optimizers import penalized, state_from, step_rows
from fastnn.kernels.products import transpose
from fastnn.kernels.simd import (
    advance,
    fma,
    item,
    lanes_at,
    load,
    load_tile,
    set_item,
    sqrt,
    store,
    store_tile,
    sum_lanes,
    where_positive,
    zero_tile,
    zeros,
)
from fastnn.kernels.team import share
from fastnn.layout.layers import UPDATE_UNIT

__all__ = ["clip_factor", "limit_norms", "step_gradient", "sum_squares"]


@inline
def _sum_of_rows(gradient):
    total = zeros(gradient.start)
    for k in range(0, gradient.rows * gradient.stride, gradient.stride):
        for j in range(k, k + gradient.width, lanes_at(gradient.start)):
            g = load(gradient.start, j)
            total = fma(g, g, total)
    return sum_lanes(total)


@inner
def sum_squares(layers, gradient, squares, member):
    """squares (units,) float64 out: of this member's share of the gradient, by units of rows.

    The units don't depend on the number of threads, so their sum doesn't either.
    """
    unit = 0
    for l in range(layers.last):
        n, w, b = item(layers.sizes, l), item(layers.w, l), item(layers.b, l)
        stride, width = item(layers.strides, l + 1), item(layers.widths, l + 1)
        first, last = share(member, n, UPDATE_UNIT)
        for i in range(first, last, UPDATE_UNIT):
            rows = min(UPDATE_UNIT, last - i)
            part = Matrix(advance(gradient, w + i * stride), stride, rows, width)
            set_item(squares, unit + i // UPDATE_UNIT, _sum_of_rows(part))
        unit += (n + UPDATE_UNIT - 1) // UPDATE_UNIT
        if member.number == member.size - 1:
            of_biases = Matrix(advance(gradient, b), width, np.int64(1), width)
            set_item(squares, unit, _sum_of_rows(of_biases))
        unit += 1


@inner
def clip_factor(layers, squares, mean, clip_norm):
    """What a gradient is multiplied by, given its parts' sums of squares before the mean."""
    units = 0
    for l in range(layers.last):
        units += (item(layers.sizes, l) + UPDATE_UNIT - 1) // UPDATE_UNIT + 1
    total = 0.0
    for unit in range(units):
        total += item(squares, unit)
    norm = math.sqrt(total) * mean
    return clip_norm / norm if norm > clip_norm else 1.0


@inner
def step_gradient(layers, state, gradient, rule, step, member):
    """One step of this member's share of all parameters; its gradient becomes 0 again."""
    for l in range(layers.last):
        n, w, b = item(layers.sizes, l), item(layers.w, l), item(layers.b, l)
        stride, width = item(layers.strides, l + 1), item(layers.widths, l + 1)
        first, last = share(member, n, UPDATE_UNIT)
        of_weights = penalized(rule, l, step)
        for k in range(w + first * stride, w + last * stride, stride):
            _step_row(state_from(state, k), advance(gradient, k), width, of_weights)
        if member.number == member.size - 1:
            _step_row(state_from(state, b), advance(gradient, b), width, step)


@inner
def _step_row(state, nabla, width, step):
    step_rows(state, width, Matrix(nabla, width, np.int64(1), width), np.bool_(False), step)
    for j in range(0, width, lanes_at(nabla)):
        store(nabla, j, zeros(nabla))


def _squares_panel(vectors):
    """The kernel for the sums of squares of some columns, `vectors` wide."""

    @inline
    def squares_panel(w, stride, rows, squares):
        total = zero_tile(1, vectors, w)
        for i in range(rows):
            part = load_tile(1, vectors, advance(w, i * stride), 0)
            total = fma(part, part, total)
        store_tile(total, squares, 0)

    return squares_panel


_squares_4, _squares_1 = _squares_panel(4), _squares_panel(1)


@inner
def limit_norms(p, max_norm, scale, member, buffer):
    """Make the weights of this member's neurons no longer than max_norm (L,), in every layer.

    w[0] is `scale` times what is in memory. Renews the transposed weights.
    """
    layers, lanes = p.layers, lanes_at(buffer)
    for l in range(1, layers.last + 1):
        layer, limit = layer_of(p, l), item(max_norm, l - 1)
        if limit == 0.0:
            continue
        if l == 1:
            limit /= scale
        stride, rows = layer.w.stride, layer.w.rows
        first, last = share(member, item(layers.widths, l), 4 * lanes)
        for j in range(first, last, 4 * lanes):
            w = advance(layer.w.start, j)
            if j + 4 * lanes <= last:
                _squares_4(w, stride, rows, buffer)
            else:
                for k in range(0, last - j, lanes):
                    _squares_1(advance(w, k), stride, rows, advance(buffer, k))
            for k in range(0, min(4 * lanes, last - j), lanes):
                _shorten(advance(w, k), stride, rows, load(buffer, k), limit)
        if l > 1:  # the rows of padding too, which the backward pass reads
            height = item(layers.widths, l - 1)
            w = columns_of(rows_of(layer.w, np.int64(0), height), first, last)
            transpose(w, rows_of(layer.w_t, first, last))


@inline
def _shorten(w, stride, rows, squares, limit):
    """Multiply each of a vector's columns, the sums of whose squares are given."""
    excess = squares - limit * limit
    if sum_lanes(where_positive(excess, 1.0, 0.0)) > 0.0:
        factor = where_positive(excess, limit / sqrt(squares), 1.0)
        for k in range(0, rows * stride, stride):
            store(w, k, load(w, k) * factor)
