"""Outputs, cost and accuracy of any number of rows, block by block in bounded memory."""

from fastnn.kernels.activations import activate
from fastnn.kernels.costs import count_correct, output_cost
from fastnn.kernels.feedforward import copy_rows, feedforward
from fastnn.kernels.jit import kernel
from fastnn.kernels.simd import advance, item, pointer, set_item

__all__ = ["evaluate", "outputs"]


@kernel
def outputs(layers, parameters, scratch, x, block, result):
    """result (rows, outputs) = the output layer's activations for x (rows, inputs)."""
    last = layers.w.size
    n, stride = layers.sizes[last], layers.strides[last]
    p, s, px = pointer(parameters, 0), pointer(scratch, 0), pointer(x, 0)
    a, out = advance(s, layers.a[last]), pointer(result, 0)
    for first in range(0, x.shape[0], block):
        m = min(block, x.shape[0] - first)
        copy_rows(px, layers.sizes[0], first, m, advance(s, layers.a[0]), layers.strides[0])
        feedforward(layers, p, s, 0, m, False)
        activate(layers.activations[last], a, m, n, stride)
        for i in range(m):
            for j in range(n):
                set_item(out, (first + i) * n + j, item(a, i * stride + j))


@kernel
def evaluate(layers, cost, parameters, scratch, x, y, block):
    """(sum of data costs, rows correct) of x (rows, inputs) with targets y (rows, outputs)."""
    last = layers.w.size
    n, stride = layers.sizes[last], layers.strides[last]
    p, s, px, py = pointer(parameters, 0), pointer(scratch, 0), pointer(x, 0), pointer(y, 0)
    a, targets = advance(s, layers.a[last]), advance(s, layers.y[0])
    cost_sum, correct = 0.0, 0
    for first in range(0, x.shape[0], block):
        m = min(block, x.shape[0] - first)
        copy_rows(px, layers.sizes[0], first, m, advance(s, layers.a[0]), layers.strides[0])
        copy_rows(py, n, first, m, targets, stride)
        feedforward(layers, p, s, 0, m, False)
        cost_sum += output_cost(cost, layers.activations[last], a, targets, m, n, stride)
        correct += count_correct(a, targets, m, n, stride)
    return cost_sum, correct
