"""Forward and backward pass of some rows of a mini-batch, from the data to the errors delta."""

from fastnn.kernels.backpropagation import backpropagate
from fastnn.kernels.dropout import drop_inputs, feedforward_with_dropout
from fastnn.kernels.feedforward import add_parts, feedforward, gather_rows
from fastnn.kernels.functions.costs import count_correct, output_costs
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layout import HALVES
from fastnn.kernels.simd import advance, item, set_item
from fastnn.kernels.targets import target_rows
from fastnn.kernels.workspace import part_at

__all__ = ["propagate"]


@inline
def propagate(layers, cost, memory, data, dense, extras, update, start, first, m):
    """Forward and backward pass of m rows, from row `first` of the mini-batch on.

    The mini-batch begins at data.order[start]. Leaves activations and errors in scratch, and
    each row's data cost in memory.costs; returns how many are classified correctly. `update` counts
    the updates so far.
    dense, extras: None where there are none, see epoch.train; of sparse rows, and of inputs in
    halves, the parts of layer 1's z are there already
    """
    last = layers.last
    n, stride = item(layers.sizes, last), item(layers.strides, last)
    parameters, scratch = memory.state.value, memory.scratch
    targets = advance(scratch, item(layers.y, 0) + first * stride)
    _gather_inputs(layers, memory, data, dense, extras, update, start, first, m)
    target_rows(data.y, n, data.order, start + first, m, stride, targets)
    has_first_z = dense is None or dense.middle > 0
    _feedforward(layers, extras, update, parameters, scratch, first, m, has_first_z)
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
def _gather_inputs(layers, memory, data, dense, extras, update, start, first, m):
    """Layer 1's z of m rows, if its parts are there; else the inputs."""
    if dense is not None and dense.middle == 0:
        n, stride = item(layers.sizes, 0), item(layers.strides, 0)
        a = advance(memory.scratch, item(layers.a, 0) + first * stride)
        gather_rows(dense.x, n, 0, n, data.order, start + first, m, a, stride, stride, dense.scale)
        if extras is not None:
            drop_inputs(layers, extras, update, False, memory.scratch, first, m)
        return
    stride = item(layers.strides, 1)
    begin = first * stride
    add_parts(
        advance(part_at(memory, 0), begin),
        memory.part_size,
        HALVES,
        advance(memory.state.value, item(layers.b, 0)),
        m,
        item(layers.widths, 1),
        stride,
        advance(memory.scratch, item(layers.a, 1) + begin),
    )


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
    if not data.classes:
        return 0
    a = advance(memory.scratch, item(layers.a, last) + first * stride)
    y = advance(memory.scratch, item(layers.y, 0) + first * stride)
    return count_correct(a, y, m, n, stride, data.each)
