"""Gradients of a mini-batch (BP3, BP4), each handed to the optimizer as soon as it is summed.

The gradient of a tile of weights, nabla_w = a^T delta, is summed up in registers over the
mini-batch and never leaves the L1 cache.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer import activations_of, layer_of
from fastnn.kernels.matrix import Matrix, columns_of, rows_of
from fastnn.kernels.optimizers import penalized, prefetch_step, state_from, step_rows
from fastnn.kernels.products import sum_of_outer_products, transpose
from fastnn.kernels.simd import (
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
from fastnn.kernels.workspace import whole_batch
from fastnn.layout.codes import SGD
from fastnn.layout.layers import UPDATE_UNIT
from fastnn.layout.training import State
from fastnn.machine.registers import TILE_ROWS

__all__ = ["Tile", "renew_transposed", "update_parameters"]


def _tile_gradient(vectors):
    """The kernel for the gradient of one tile of w; plain descent takes its step at once."""
    rows, add = TILE_ROWS, sum_of_outer_products(TILE_ROWS, vectors)

    @inline
    def tile_gradient(state, a, delta, step, buffer):
        w, stride = state.value, delta.stride
        prefetch_step(state, stride, rows, vectors, step)
        nabla_w = add(
            zero_tile(rows, vectors, w), a.start, 1, a.stride, delta.start, stride, a.rows
        )
        if _is_plain(step):  # the usual case: all in registers
            decayed = load_tile(rows, vectors, w, stride) * step.penalty.decay
            store_tile(fma(nabla_w, -step.rate.eta * step.mean, decayed), w, stride)
        else:
            store_tile(nabla_w, buffer, vectors * lanes_at(w))

    return tile_gradient


_wide_gradient, _narrow_gradient = _tile_gradient(2), _tile_gradient(1)


@inline
def _is_plain(step):
    """Whether an update is descent with no more than L2."""
    penalty = step.penalty
    return step.optimizer == SGD and penalty.shrink == 0.0 and penalty.threshold == 0.0


class Tile(NamedTuple):
    """A layer's weights w (k, n), or some of their rows and columns, and what changes them.

    state         from the first of them on; rows lie `delta.stride` apart
    a (m, k)      activations of the layer below
    delta (m, n)  errors of the layer
    """

    state: State
    a: Matrix
    delta: Matrix


@inner
def update_weights(weights, step, buffer):
    """One step of the weights of a Tile: w -= a^T delta (BP4)."""
    state, a, delta = weights
    lanes, rows, stride = lanes_at(buffer), np.int64(TILE_ROWS), delta.stride
    for k in range(0, delta.width, 2 * lanes):
        wide, errors = k + lanes < delta.width, columns_of(delta, k, delta.width)
        columns = 2 * lanes if wide else lanes
        for j in range(0, a.width, TILE_ROWS):  # the last one may take in some of the padding
            tile, inputs = state_from(state, k + j * stride), columns_of(a, j, a.width)
            if wide:
                _wide_gradient(tile, inputs, errors, step, buffer)
            else:
                _narrow_gradient(tile, inputs, errors, step, buffer)
            if not _is_plain(step):  # in one place: it is much to compile
                step_rows(
                    tile, stride, Matrix(buffer, columns, rows, columns), np.bool_(False), step
                )


@inner
def _update_biases(state, delta, step, buffer):
    """One step of a layer's biases; nabla_b is the sum of the errors (BP3)."""
    lanes = lanes_at(buffer)
    for k in range(0, delta.width, lanes):
        nabla_b = zeros(buffer)
        for i in range(delta.rows):
            nabla_b = nabla_b + load(delta.start, i * delta.stride + k)
        store(buffer, 0, nabla_b)
        one_row = Matrix(buffer, lanes, np.int64(1), lanes)
        step_rows(state_from(state, k), lanes, one_row, np.bool_(False), step)


@inner
def update_parameters(t, m, state, step, own):
    """One step of this thread's share of the weights and of all biases, for m rows.

    step  that of biases
    own   of layer 1's weights: a Tile, which is empty where they are updated elsewhere
    """
    p = whole_batch(t, m)
    for l in range(1, p.layers.last + 1):
        layer = layer_of(p, l)
        if l > 1:
            first, last = share(t.member, item(p.layers.sizes, l - 1), UPDATE_UNIT)
            start = item(p.layers.w, l - 1) + first * layer.w.stride
            a = columns_of(activations_of(p, l - 1), first, last)
            own = Tile(state_from(state, start), a, layer.delta)
        update_weights(own, penalized(t.rule, l - 1, step), t.buffer)
        if t.member.number == 0:  # whose share is never the largest
            biases = state_from(state, item(p.layers.b, l - 1))
            _update_biases(biases, layer.delta, step, t.buffer)


@inner
def renew_transposed(p, member):
    """Transpose this member's rows of all weights that the backward pass reads, and the padding.

    The rows are those that it updates: widths and sizes have as many units.
    """
    for l in range(2, p.layers.last + 1):
        layer = layer_of(p, l)
        first, last = share(member, item(p.layers.widths, l - 1), UPDATE_UNIT)
        transpose(rows_of(layer.w, first, last), columns_of(layer.w_t, first, last))
