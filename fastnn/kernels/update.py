"""Gradients of a mini-batch (BP3, BP4), each handed to the optimizer as soon as it is summed.

The gradient of a tile of weights, nabla_w = a^T delta, is summed up in registers over the
mini-batch and never leaves the L1 cache. But of a mini-batch that is longer than a panel it waits
in memory, while the other tiles' are summed up over the same part of the rows. The loops are those
of `products`, with a's columns as rows.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer import activations_of, layer_of
from fastnn.kernels.matrix import Matrix, columns_of, rows_of, whole_vectors
from fastnn.kernels.optimizers import Step, penalized, prefetch_step, state_from, step_rows
from fastnn.kernels.panels import (
    Columns,
    Panels,
    for_each_panel,
    packed_columns,
    packed_panels,
    panel_block,
    panel_of,
    row_block,
    worth_packing,
)
from fastnn.kernels.products import prefetch_rows, sum_of_outer_products, transpose
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
    zeros,
)
from fastnn.kernels.team import share
from fastnn.kernels.workspace import whole_batch
from fastnn.layout.codes import SGD
from fastnn.layout.layers import UPDATE_UNIT
from fastnn.layout.training import State
from fastnn.machine.registers import PANEL_ROWS, TILE_ROWS, TILE_VECTORS

__all__ = ["Tile", "renew_transposed", "tile_of", "update_parameters"]

FEW_INPUTS = 4 * TILE_ROWS  # to copy errors takes as long as to multiply them by some


class Tile(NamedTuple):
    """A layer's weights w (k, n), or some of their rows and columns, and what changes them.

    state         from the first of them on; rows lie `delta.stride` apart
    sums          where their gradients wait, laid out alike, if they have to
    a (m, k)      activations of the layer below
    delta (m, n)  errors of the layer
    """

    state: State
    sums: object
    a: Matrix
    delta: Matrix


@inline
def tile_of(t, state, place, a, delta):
    """The Tile of the weights from element `place` of the parameters on."""
    sums = advance(t.memory.scratch, item(t.layers.sums, 0) + place)
    return Tile(state_from(state, place), sums, a, delta)


class _Block(NamedTuple):
    """Some rows of w, and what a part of the mini-batch adds to their gradient.

    first, last  whether it is the first part, the last one
    """

    state: State
    sums: object
    stride: int
    inputs: int
    columns: Columns
    errors: Panels
    first: bool
    last: bool
    step: Step
    buffer: object


def _panel_gradient(vectors):
    """The kernel for the gradients of a panel of w; plain descent takes its step at once."""
    rows, add = TILE_ROWS, sum_of_outer_products(TILE_ROWS, vectors)

    @inline
    def panel_gradient(k, block):
        width, stride, step = vectors * lanes_at(block.buffer), block.stride, block.step
        columns, errors = block.columns, panel_of(block.errors, k, width)
        for j in range(0, block.inputs, rows):  # the last one may take in some padding
            place = k + j * stride
            state, sums = state_from(block.state, place), advance(block.sums, place)
            if block.last:
                prefetch_step(state, stride, rows, vectors, step)
            if not (block.first and block.last):
                prefetch_rows(rows, advance(sums, rows * stride), stride, width)
            nabla_w = zero_tile(rows, vectors, block.buffer)
            if not block.first:
                nabla_w = load_tile(rows, vectors, sums, stride)
            a = advance(columns.start, j * columns.column)
            nabla_w = add(nabla_w, a, 1, columns.row, errors.start, errors.stride, errors.rows)
            if not block.last:
                store_tile(nabla_w, sums, stride)
            elif _is_plain(step):  # the usual case: all in registers
                w = state.value
                decayed = load_tile(rows, vectors, w, stride) * step.penalty.decay
                store_tile(fma(nabla_w, -step.rate.eta * step.mean, decayed), w, stride)
            else:
                store_tile(nabla_w, block.buffer, width)
                tile = Matrix(block.buffer, width, np.int64(rows), width)
                step_rows(state, stride, tile, np.bool_(False), step)

    return panel_gradient


@inline
def _is_plain(step):
    """Whether an update is descent with no more than L2."""
    penalty = step.penalty
    return step.optimizer == SGD and penalty.shrink == 0.0 and penalty.threshold == 0.0


_update_panels = for_each_panel(_panel_gradient)


@inner
def update_weights(weights, step, buffer):
    """One step of the weights of a Tile: w -= a^T delta (BP4).

    buffer  the thread's own room
    """
    lanes, n = lanes_at(buffer), whole_vectors(weights.delta)
    inputs, stride = weights.a.width, weights.delta.stride
    m, block = weights.delta.rows, row_block(lanes)
    pack_errors = inputs > FEW_INPUTS and worth_packing(weights.delta)
    pack_columns = n > 2 * TILE_VECTORS * lanes and worth_packing(weights.a)
    for k in range(0, n, panel_block(lanes)):
        last = min(n, k + panel_block(lanes))
        for i in range(0, m, PANEL_ROWS):
            end = min(m, i + PANEL_ROWS)
            errors = columns_of(rows_of(weights.delta, i, end), k, last)
            panels = packed_panels(errors, pack_errors, buffer)
            for j in range(0, inputs, block):
                some = columns_of(rows_of(weights.a, i, end), j, min(inputs, j + block))
                columns = packed_columns(some, pack_columns, buffer)
                place = k + j * stride
                state, sums = state_from(weights.state, place), advance(weights.sums, place)
                _update_panels(
                    last - k,
                    lanes,
                    _Block(
                        state, sums, stride, some.width, columns, panels, i == 0, end == m, step,
                        buffer,
                    ),
                )  # fmt: skip


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
            own = tile_of(t, state, start, a, layer.delta)
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
