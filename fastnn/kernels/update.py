"""Gradients of a mini-batch (BP3, BP4), each handed to the optimizer as soon as it is summed.

The gradient of a tile of weights, nabla_w = a^T delta, is summed up in registers over the
mini-batch and never leaves the L1 cache.
"""

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layout import UPDATE_UNIT
from fastnn.kernels.optimizers import SGD, prefetch_step, step_rows, with_penalty
from fastnn.kernels.products import sum_of_outer_products, transpose
from fastnn.kernels.simd import (
    TILE_ROWS,
    advance,
    fma,
    item,
    lanes_at,
    load,
    load_tile,
    store,
    store_tile,
    zero_tile,
    zeros,
)
from fastnn.kernels.team import share

__all__ = ["renew_transposed", "update_parameters", "update_weights"]


def _tile_gradient(vectors):
    """The kernel for the gradient of one tile of w; plain descent takes its step at once."""
    rows, add = TILE_ROWS, sum_of_outer_products(TILE_ROWS, vectors)

    @inline
    def tile_gradient(state, start, stride, a, a_stride, delta, m, step, buffer):
        w = advance(state.value, start)
        prefetch_step(state, start, stride, rows, vectors, step)
        nabla_w = add(zero_tile(rows, vectors, w), a, 1, a_stride, delta, stride, m)
        if _is_plain(step):  # the usual case: all in registers
            decayed = load_tile(rows, vectors, w, stride) * step.decay
            store_tile(fma(nabla_w, -step.eta * step.mean, decayed), w, stride)
        else:
            store_tile(nabla_w, buffer, vectors * lanes_at(w))

    return tile_gradient


_wide_gradient, _narrow_gradient = _tile_gradient(2), _tile_gradient(1)


@inline
def _is_plain(step):
    """Whether an update is descent with no more than L2."""
    return step.optimizer == SGD and step.shrink == 0.0 and step.threshold == 0.0


@inner
def update_weights(state, start, width, stride, a, a_stride, delta, first, last, m, step, buffer):
    """One step of the rows first to last - 1 of a layer's weights, or of some columns (BP4).

    w     (rows, width) from element `start` of the parameters on, in and out
    a     (m, a_stride) in      activations of the layer below
    delta (m, stride) in        errors of the layer
    """
    lanes, rows = lanes_at(delta), np.int64(TILE_ROWS)
    for k in range(0, width, 2 * lanes):
        wide, d = k + 2 * lanes <= width, advance(delta, k)
        columns = 2 * lanes if wide else lanes
        for j in range(first, last, TILE_ROWS):  # the last one may take in some of the padding
            begin, aj = start + k + j * stride, advance(a, j)
            if wide:
                _wide_gradient(state, begin, stride, aj, a_stride, d, m, step, buffer)
            else:
                _narrow_gradient(state, begin, stride, aj, a_stride, d, m, step, buffer)
            if not _is_plain(step):  # in one place: it is much to compile
                step_rows(state, begin, stride, buffer, rows, columns, False, step)


@inner
def _update_biases(state, start, width, stride, delta, m, step, buffer):
    """One step of a layer's biases; nabla_b is the sum of the errors (BP3)."""
    lanes = lanes_at(delta)
    for k in range(0, width, lanes):
        nabla_b = zeros(delta)
        for i in range(m):
            nabla_b = nabla_b + load(delta, i * stride + k)
        store(buffer, 0, nabla_b)
        step_rows(state, start + k, lanes, buffer, np.int64(1), lanes, False, step)


@inner
def update_parameters(layers, state, scratch, buffer, m, h, step, member, lowest):
    """One step of this member's share of the weights from w[lowest] on, and of all biases.

    Uses the activations and errors of the m rows in scratch.
    h are the hyperparameters, `step` is that of biases.
    """
    for l in range(layers.last):
        stride, below = item(layers.strides, l + 1), item(layers.strides, l)
        width = item(layers.widths, l + 1)
        a, delta = advance(scratch, item(layers.a, l)), advance(scratch, item(layers.delta, l + 1))
        first, last = share(member, item(layers.sizes, l), UPDATE_UNIT)
        if l >= lowest:
            update_weights(
                state,
                item(layers.w, l),
                width,
                stride,
                a,
                below,
                delta,
                first,
                last,
                m,
                with_penalty(h, l, step),
                buffer,
            )
        if member.number == 0:  # whose share is never the largest
            _update_biases(state, item(layers.b, l), width, stride, delta, m, step, buffer)


@inner
def renew_transposed(layers, parameters, scratch, member):
    """Transpose this member's rows of all weights that the backward pass reads, and the padding.

    The rows are those that it updates: widths and sizes have as many units.
    """
    for l in range(1, layers.last):
        first, last = share(member, item(layers.widths, l), UPDATE_UNIT)
        stride, stride_t = item(layers.strides, l + 1), item(layers.strides, l)
        transpose(
            advance(parameters, item(layers.w, l) + first * stride),
            stride,
            last - first,
            item(layers.sizes, l + 1),
            advance(scratch, item(layers.w_t, l) + first),
            stride_t,
        )
