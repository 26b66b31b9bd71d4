"""Gradients of a mini-batch (BP3, BP4), each handed to the optimizer as soon as it is summed.

The gradient of a tile of weights, nabla_w = a^T delta, is summed up in registers over the
mini-batch and never leaves the L1 cache. But of a mini-batch that is longer than a panel it waits
in memory, while the other tiles' are summed up over the same part of the rows.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer import activations_of, layer_of
from fastnn.kernels.matrix import Matrix, columns_of, rows_of, whole_vectors
from fastnn.kernels.optimizers import penalized, prefetch_step, state_from, step_rows
from fastnn.kernels.panels import packed_columns, packed_panel, panel_width, worth_packing
from fastnn.kernels.products import panel_room, sum_of_outer_products, transpose
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
from fastnn.layout.layers import PANEL_VECTORS, UPDATE_UNIT
from fastnn.layout.training import State
from fastnn.machine.registers import PANEL_ROWS, TILE_ROWS, TILE_VECTORS

__all__ = ["Tile", "renew_transposed", "update_parameters"]


class Columns(NamedTuple):
    """Activations (m, k) of the layer below, of which TILE_ROWS columns are read together.

    start   pointer to the first
    column  how many elements later the next column begins, if it is the first of a tile
    row     how many elements later the next row begins
    """

    start: object
    column: int
    row: int


def _panel_gradient(vectors):
    """The kernel for the gradients of a panel of w; plain descent takes its step at once."""
    rows, add = TILE_ROWS, sum_of_outer_products(TILE_ROWS, vectors)
    pack = packed_panel(vectors)

    @inline
    def panel_gradient(k, weights, a, step, buffer):
        width, m = vectors * lanes_at(buffer), weights.delta.rows
        stride, room = weights.delta.stride, panel_room(buffer)
        sums = advance(room, PANEL_VECTORS * lanes_at(buffer))
        errors = columns_of(weights.delta, k, k + width)
        for first in range(0, max(m, 1), PANEL_ROWS):
            last = min(m, first + PANEL_ROWS)
            panel, complete = rows_of(errors, first, last), last == m
            if weights.a.width > FEW_INPUTS and worth_packing(weights.delta):
                panel = pack(panel, room)
            for j in range(0, weights.a.width, TILE_ROWS):  # the last one may take in some padding
                state = state_from(weights.state, k + j * stride)
                if complete:
                    prefetch_step(state, stride, rows, vectors, step)
                nabla_w = zero_tile(rows, vectors, buffer)
                if first > 0:
                    nabla_w = load_tile(rows, vectors, advance(sums, j * width), width)
                column = advance(a.start, j * a.column + first * a.row)
                nabla_w = add(nabla_w, column, 1, a.row, panel.start, panel.stride, panel.rows)
                if not complete:
                    store_tile(nabla_w, advance(sums, j * width), width)
                elif _is_plain(step):  # the usual case: all in registers
                    w = state.value
                    decayed = load_tile(rows, vectors, w, stride) * step.penalty.decay
                    store_tile(fma(nabla_w, -step.rate.eta * step.mean, decayed), w, stride)
                else:
                    store_tile(nabla_w, buffer, width)
                    tile = Matrix(buffer, width, np.int64(rows), width)
                    step_rows(state, stride, tile, np.bool_(False), step)

    return panel_gradient


_panel_of_three, _panel_of_two = _panel_gradient(TILE_VECTORS), _panel_gradient(2)
_panel_of_one = _panel_gradient(1)

FEW_INPUTS = 4 * TILE_ROWS  # to copy errors takes as long as to multiply them by some


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
    first         which of the layer's inputs is the first of these
    """

    state: State
    a: Matrix
    delta: Matrix
    first: int


@inner
def update_weights(weights, step, room, buffer):
    """One step of the weights of a Tile: w -= a^T delta (BP4).

    room    for a's columns
    buffer  the thread's own room
    """
    a, lanes = weights.a, lanes_at(buffer)
    columns = Columns(a.start, np.int64(1), a.stride)
    if worth_packing(a):
        packed_columns(a, room)
        columns = Columns(room, a.rows, np.int64(TILE_ROWS))
    n = whole_vectors(weights.delta)
    k = np.int64(0)
    while k < n:
        vectors = panel_width((n - k) // lanes)
        if vectors == TILE_VECTORS:
            _panel_of_three(k, weights, columns, step, buffer)
        elif vectors == 2:
            _panel_of_two(k, weights, columns, step, buffer)
        else:
            _panel_of_one(k, weights, columns, step, buffer)
        k += vectors * lanes


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
            own = Tile(state_from(state, start), a, layer.delta, np.int64(first))
        room = advance(t.memory.scratch, item(t.layers.columns, l - 1) + own.first * m)
        update_weights(own, penalized(t.rule, l - 1, step), room, t.buffer)
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
