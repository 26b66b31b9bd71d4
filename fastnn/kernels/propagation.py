"""Forward and backward pass of some rows of a mini-batch, from the data to the errors delta."""

import numpy as np

from fastnn.kernels.backpropagation import backpropagate
from fastnn.kernels.costs import count_correct, output_cost
from fastnn.kernels.dropout import drop_inputs, feedforward_with_dropout
from fastnn.kernels.feedforward import feedforward, gather_rows
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layout import ROW_UNIT
from fastnn.kernels.simd import advance, item, set_item
from fastnn.kernels.sparse_scaled import sparse_weighted_input
from fastnn.kernels.sparse_sorted import sort_by_input, sorted_weighted_input
from fastnn.kernels.workspace import DENSE, SCALED

__all__ = ["propagate"]


@inline
def propagate(layers, cost, memory, data, h, update, start, first, m, scale, number):
    """Forward and backward pass of m rows, from row `first` of the mini-batch on.

    The mini-batch begins at data.order[start]. Leaves activations and errors in scratch, and
    each row unit's figures in memory.costs and memory.correct. The first weights are `scale`
    times what is in memory. `number` is this thread's, `update` counts the updates so far.
    """
    last = layers.last
    n, stride = item(layers.sizes, last), item(layers.strides, last)
    parameters, scratch = memory.parameters, memory.scratch
    targets = advance(scratch, item(layers.y, 0) + first * stride)
    _first_weighted_input(layers, memory, data, h, update, start, first, m, scale, number)
    gather_rows(data.y, n, data.order, start + first, m, targets, stride)
    if h.dropping:
        feedforward_with_dropout(
            layers, h, update, parameters, scratch, first, m, data.kind != DENSE
        )
    else:
        feedforward(layers, parameters, scratch, first, m, data.kind != DENSE)
    _measure(layers, cost, memory, data, start, first, m)
    backpropagate(layers, cost, data, h, scratch, start, first, m)


@inline
def _first_weighted_input(layers, memory, data, h, update, start, first, m, scale, number):
    """The inputs of m dense rows; or, for sparse rows, layer 1's z."""
    scratch, inputs = memory.scratch, item(layers.sizes, 0)
    a, stride_0 = advance(scratch, item(layers.a, 0)), item(layers.strides, 0)
    if data.kind == DENSE:
        ai = advance(a, first * stride_0)
        gather_rows(data.x, inputs, data.order, start + first, m, ai, stride_0)
        drop_inputs(layers, h, update, data.kind != DENSE, scratch, first, m)
        return
    w = advance(memory.parameters, item(layers.w, 0))
    b = advance(memory.parameters, item(layers.b, 0))
    z, width, stride = (
        advance(scratch, item(layers.a, 1)),
        item(layers.widths, 1),
        item(layers.strides, 1),
    )
    if data.kind == SCALED:
        zi = advance(z, first * stride)
        sparse_weighted_input(data.rows, start + first, m, w, b, width, stride, scale, zi)
    else:
        bins, masked = memory.bins, item(h.drop, 0) > 0.0
        drop_inputs(layers, h, update, data.kind != DENSE, scratch, first, m)
        sort_by_input(data.rows, start, first, m, inputs, masked, a, stride_0, bins, number)
        sorted_weighted_input(bins, number, inputs, first, m, w, b, width, stride, z)


@inner
def _measure(layers, cost, memory, data, start, first, m):
    """Activate the output layer of m rows, and write down each row unit's cost and successes."""
    last = layers.last
    n, stride = item(layers.sizes, last), item(layers.strides, last)
    for i in range(first, first + m, ROW_UNIT):
        rows, unit = min(ROW_UNIT, first + m - i), i // ROW_UNIT
        a = advance(memory.scratch, item(layers.a, last) + i * stride)
        y = advance(memory.scratch, item(layers.y, 0) + i * stride)
        if data.weighted:
            total = 0.0
            for k in range(rows):
                weight = item(data.weights, item(data.order, start + i + k))
                total += weight * output_cost(layers, cost, memory.scratch, i + k, np.int64(1))
        else:
            total = output_cost(layers, cost, memory.scratch, i, rows)
        set_item(memory.costs, unit, total)
        set_item(memory.correct, unit, count_correct(a, y, rows, n, stride, data.each))
