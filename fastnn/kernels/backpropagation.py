"""The backward pass of a mini-batch: the errors delta, from the output down (BP1, BP2)."""

from fastnn.kernels.activations import multiply_by_derivative
from fastnn.kernels.costs import output_error
from fastnn.kernels.jit import inner
from fastnn.kernels.products import add_product, transpose
from fastnn.kernels.simd import advance, lanes_at, store, zeros

__all__ = ["backpropagate"]


@inner
def backpropagate(layers, cost, parameters, scratch, m):
    """Fill delta of every layer but the input, from the activations that feedforward left."""
    last = layers.w.size
    a, y = advance(scratch, layers.a[last]), advance(scratch, layers.y[0])
    delta = advance(scratch, layers.delta[last])
    n, stride = layers.sizes[last], layers.strides[last]
    output_error(cost, layers.activations[last], a, y, delta, m, n, stride)
    for l in range(last - 1, 0, -1):
        _hidden_error(layers, l, parameters, scratch, m)


@inner
def _hidden_error(layers, l, parameters, scratch, m):
    """Pull the error back one layer (BP2): delta = (delta_next w^T) * sigma'(z).

    delta_next (m, sizes[l+1]) in, w (sizes[l], sizes[l+1]) in, delta (m, sizes[l]) out
    """
    n, stride, stride_next = layers.sizes[l], layers.strides[l], layers.strides[l + 1]
    w, w_t = advance(parameters, layers.w[l]), advance(scratch, layers.w_t[l])
    # Reading w by columns would make every load a gather; a transposed copy costs 1/m of
    # the product's work.
    transpose(w, stride_next, n, layers.sizes[l + 1], w_t, stride)
    delta, delta_next = advance(scratch, layers.delta[l]), advance(scratch, layers.delta[l + 1])
    for i in range(0, m * stride, lanes_at(delta)):
        store(delta, i, zeros(delta))
    add_product(delta, stride, delta_next, stride_next, w_t, stride, m, stride, layers.sizes[l + 1])
    a = advance(scratch, layers.a[l])
    multiply_by_derivative(layers.activations[l], a, delta, m, n, stride)
