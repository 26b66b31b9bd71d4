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

__all__ = ["renew_transposed", "update_parameters"]


def _update_panel(vectors):
    """The kernel for some rows of one panel of w, `vectors` wide."""

    def update_tile(rows):
        add = sum_of_outer_products(rows, vectors)

        @inline
        def one_tile(state, start, stride, a, a_stride, delta, m, step, buffer):
            w = advance(state.value, start)
            prefetch_step(state, start, stride, rows, vectors, step)
            nabla_w = add(zero_tile(rows, vectors, w), a, 1, a_stride, delta, stride, m)
            if step.optimizer == SGD and step.shrink == 0.0 and step.threshold == 0.0:
                # The usual case: all in registers.
                decayed = load_tile(rows, vectors, w, stride) * step.decay
                store_tile(fma(nabla_w, -step.eta * step.mean, decayed), w, stride)
            else:
                width = vectors * lanes_at(w)
                store_tile(nabla_w, buffer, width)
                step_rows(state, start, stride, buffer, np.int64(rows), width, False, step)

        return one_tile

    tall, pair = update_tile(TILE_ROWS), update_tile(2)

    @inline
    def panel(state, start, stride, a, a_stride, delta, first, last, m, step, buffer):
        whole = last - (last - first) % TILE_ROWS
        for j in range(first, whole, TILE_ROWS):
            begin = start + j * stride
            tall(state, begin, stride, advance(a, j), a_stride, delta, m, step, buffer)
        for j in range(whole, last, 2):
            begin = start + j * stride
            pair(state, begin, stride, advance(a, j), a_stride, delta, m, step, buffer)

    return panel


_wide_panel, _narrow_panel = _update_panel(2), _update_panel(1)


@inner
def _update_weights(state, start, width, stride, a, a_stride, delta, first, last, m, step, buffer):
    """One step of the rows first to last - 1 of a layer's weights (BP4).

    w     (rows, width) from element `start` of the parameters on, in and out
    a     (m, a_stride) in      activations of the layer below
    delta (m, stride) in        errors of the layer
    """
    lanes = lanes_at(delta)
    whole = width - width % (2 * lanes)
    for k in range(0, whole, 2 * lanes):
        _wide_panel(
            state, start + k, stride, a, a_stride, advance(delta, k), first, last, m, step, buffer
        )
    if whole < width:
        _narrow_panel(
            state, start + whole, stride, a, a_stride, advance(delta, whole), first, last, m, step,
            buffer,
        )  # fmt: skip


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
            _update_weights(
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
    """Transpose this member's rows of all weights that the backward pass reads."""
    for l in range(1, layers.last):
        first, last = share(member, item(layers.sizes, l), UPDATE_UNIT)
        _transpose_rows(layers, l, parameters, scratch, first, last)


@inner
def _transpose_rows(layers, l, parameters, scratch, first, last):
    """Renew the columns first to last - 1 of w_t[l], the transposed copy of w[l]."""
    stride, stride_t = item(layers.strides, l + 1), item(layers.strides, l)
    w = advance(parameters, item(layers.w, l) + first * stride)
    w_t = advance(scratch, item(layers.w_t, l) + first)
    if first < last:
        end = stride_t if last == item(layers.sizes, l) else last  # the last share has the padding
        transpose(w, stride, last - first, item(layers.sizes, l + 1), w_t, stride_t, end - first)
