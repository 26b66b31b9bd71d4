"""Forward and backward pass of some rows of a mini-batch, from the data to the errors delta."""

from fastnn.kernels.backpropagation import backpropagate
from fastnn.kernels.costs import count_correct, output_costs
from fastnn.kernels.dropout import drop_inputs, feedforward_with_dropout
from fastnn.kernels.feedforward import feedforward, gather_rows
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.simd import advance, item, set_item
from fastnn.kernels.sparse_sorted import sort_by_input, sorted_weighted_input

__all__ = ["propagate"]


@inline
def propagate(layers, cost, memory, data, rows, bins, extras, update, start, first, m, number):
    """Forward and backward pass of m rows, from row `first` of the mini-batch on.

    The mini-batch begins at data.order[start]. Leaves activations and errors in scratch, and
    each row's data cost in memory.costs; returns how many are classified correctly. `number` is
    this thread's, `update` counts the updates so far.
    rows, bins, extras: None where there are none, see epoch.train; with rows and without bins
    layer 1's z is there already.
    """
    last = layers.last
    n, stride = item(layers.sizes, last), item(layers.strides, last)
    parameters, scratch = memory.parameters, memory.scratch
    targets = advance(scratch, item(layers.y, 0) + first * stride)
    _first_weighted_input(layers, memory, data, rows, bins, extras, update, start, first, m, number)
    gather_rows(data.y, n, data.order, start + first, m, targets, stride, 1)
    _feedforward(layers, extras, update, parameters, scratch, first, m, rows is not None)
    correct = _measure(layers, cost, memory, data, start, first, m)
    backpropagate(layers, cost, data, extras, scratch, start, first, m)
    return correct


@inline
def _feedforward(layers, extras, update, parameters, scratch, first, m, has_first_z):
    if extras is None:
        feedforward(layers, parameters, scratch, first, m, has_first_z)
    else:  # which may have a rate of 0 for each layer
        feedforward_with_dropout(layers, extras, update, parameters, scratch, first, m, has_first_z)


@inline
def _first_weighted_input(
    layers, memory, data, rows, bins, extras, update, start, first, m, number
):
    """The inputs of m dense rows; or, for sorted sparse rows, layer 1's z."""
    scratch, inputs, stride_0 = memory.scratch, item(layers.sizes, 0), item(layers.strides, 0)
    a = advance(scratch, item(layers.a, 0))
    if rows is None:
        gather_rows(
            data.x, inputs, data.order, start + first, m, advance(a, first * stride_0), stride_0,
            data.scale,
        )  # fmt: skip
        _drop_inputs(layers, extras, update, rows is not None, scratch, first, m)
        return
    if bins is not None:
        w = advance(memory.parameters, item(layers.w, 0))
        b = advance(memory.parameters, item(layers.b, 0))
        z, width = advance(scratch, item(layers.a, 1)), item(layers.widths, 1)
        masked = _drop_inputs(layers, extras, update, rows is not None, scratch, first, m)
        sort_by_input(rows, start, first, m, inputs, masked, a, stride_0, bins, number)
        sorted_weighted_input(
            bins, number, inputs, first, m, w, b, width, item(layers.strides, 1), z
        )


@inline
def _drop_inputs(layers, extras, update, sparse, scratch, first, m):
    """Drop inputs, if they are to be dropped; returns whether they are."""
    if extras is None:
        return False
    drop_inputs(layers, extras, update, sparse, scratch, first, m)
    return item(extras.drop, 0) > 0.0


@inner
def _measure(layers, cost, memory, data, start, first, m):
    """Activate the output layer of m rows, write down what each costs; how many are correct."""
    last = layers.last
    n, stride = item(layers.sizes, last), item(layers.strides, last)
    costs = advance(memory.costs, first)
    output_costs(layers, cost, memory.scratch, first, m, costs)
    if data.weighted:
        for i in range(m):
            weight = float(item(data.weights, item(data.order, start + first + i)))
            set_item(costs, i, weight * item(costs, i))
    a = advance(memory.scratch, item(layers.a, last) + first * stride)
    y = advance(memory.scratch, item(layers.y, 0) + first * stride)
    return count_correct(a, y, m, n, stride, data.each)
