"""The backward pass of a mini-batch: the errors delta, from the output down (BP1, BP2)."""

from fastnn.kernels.dropout import multiply_by_slope
from fastnn.kernels.functions.activations import multiply_by_derivative
from fastnn.kernels.functions.costs import output_error
from fastnn.kernels.jit import inner
from fastnn.kernels.layer import layer_of
from fastnn.kernels.matrix import clear_padding
from fastnn.kernels.products import from_zero, product
from fastnn.kernels.simd import item, lanes_at, load, store

__all__ = ["backpropagate"]


@inner
def backpropagate(p, data, order, extras):
    """Fill delta of every layer but the input, for the rows order[0], order[1], ... of the data.

    Uses the activations that feedforward left, and the transposed weights.
    """
    output_error(p)
    if data.weighted:
        _weigh_rows(layer_of(p, p.layers.last).delta, data.row_weights, order)
    for l in range(p.layers.last - 1, 0, -1):
        layer, above = layer_of(p, l), layer_of(p, l + 1)
        _pull_back(layer, above, p.buffer)
        if item(extras.drop, l) > 0.0:
            multiply_by_slope(layer)
        else:
            multiply_by_derivative(layer)


@inner
def _weigh_rows(delta, row_weights, order):
    """Multiply each row's error by how much the row counts."""
    for i in range(delta.rows):
        weight = item(row_weights, item(order, i))
        for j in range(i * delta.stride, (i + 1) * delta.stride, lanes_at(delta.start)):
            store(delta.start, j, load(delta.start, j) * weight)


@inner
def _pull_back(layer, above, buffer):
    """Pull the error back one layer (the first factor of BP2): delta = delta_above w_above^T.

    Reading w by columns would make every load a gather; the transposed copy, renewed with each
    update, costs 1/m of the product's work.
    """
    product(layer.delta, from_zero(buffer), above.delta, above.w_t, buffer)
    clear_padding(layer.delta)
