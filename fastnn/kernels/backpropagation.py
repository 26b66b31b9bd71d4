"""The backward pass of a mini-batch: the errors delta, from the output down (BP1, BP2)."""

from fastnn.kernels.dropout import multiply_by_slope
from fastnn.kernels.functions.activations import multiply_by_derivative
from fastnn.kernels.functions.costs import output_error
from fastnn.kernels.jit import inner
from fastnn.kernels.products import add_product
from fastnn.kernels.simd import advance, item, lanes_at, load, store, zeros

__all__ = ["backpropagate"]


@inner
def backpropagate(layers, cost, data, extras, scratch, start, first, m):
    """Fill delta of every layer but the input, for the rows first to first + m - 1.

    The mini-batch begins at data.order[start]. Uses the activations that feedforward left, and
    the transposed weights.
    """
    output_error(layers, cost, scratch, first, m)
    last = layers.last
    if data.weighted:
        stride = item(layers.strides, last)
        delta = advance(scratch, item(layers.delta, last) + first * stride)
        for i in range(m):
            weight = item(data.weights, item(data.order, start + first + i))
            for j in range(i * stride, (i + 1) * stride, lanes_at(delta)):
                store(delta, j, load(delta, j) * weight)
    for l in range(last - 1, 0, -1):
        _hidden_error(layers, l, extras, scratch, first, m)


@inner
def _hidden_error(layers, l, extras, scratch, first, m):
    """Pull the error back one layer (BP2): delta = (delta_next w^T) * sigma'(z).

    delta_next (m, sizes[l+1]) in, w_t (sizes[l+1], sizes[l]) in, delta (m, sizes[l]) out
    """
    stride, stride_next = item(layers.strides, l), item(layers.strides, l + 1)
    delta = advance(scratch, item(layers.delta, l) + first * stride)
    delta_next = advance(scratch, item(layers.delta, l + 1) + first * stride_next)
    for i in range(0, m * stride, lanes_at(delta)):
        store(delta, i, zeros(delta))
    # Reading w by columns would make every load a gather; the transposed copy, renewed with
    # each update, costs 1/m of the product's work.
    w_t, depth = advance(scratch, item(layers.w_t, l)), item(layers.sizes, l + 1)
    width = item(layers.widths, l)
    add_product(delta, stride, delta_next, stride_next, w_t, stride, m, width, depth)
    if extras is not None and item(extras.drop, l) > 0.0:
        multiply_by_slope(layers, l, scratch, first, m)
    else:
        multiply_by_derivative(layers, l, scratch, first, m)
