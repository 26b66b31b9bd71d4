"""The forward pass of a mini-batch: z = a w + b, then a = sigma(z), layer by layer."""

from fastnn.kernels.functions.activations import activate
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer import layer_of
from fastnn.kernels.matrix import clear_padding, row_of, whole_vectors
from fastnn.kernels.products import from_row, product
from fastnn.kernels.simd import item, lanes_at, load, load_as, load_first_as, store, zeros

__all__ = ["add_parts", "feedforward", "gather_rows", "weighted_input"]


@inner
def gather_rows(source, order, target, scale):
    """Copy the rows order[0], order[1], ... of source, times scale, to those of target.

    source (rows, n) in
    target (m, width) out  what lies behind the n becomes 0
    scale                  a number of target's dtype, or 1

    source may have another dtype; its numbers are converted, then scaled.
    """
    for i in range(target.rows):
        _copy_row(
            row_of(source, item(order, i)), source.width, row_of(target, i), target.width, scale
        )


@inline
def _copy_row(source, n, target, width, scale):
    lanes = lanes_at(target)
    whole = n - n % lanes
    for j in range(0, whole, lanes):
        store(target, j, load_as(target, source, j) * scale)
    for j in range(whole, width, lanes):  # padding becomes 0
        store(target, j, load_first_as(target, source, j, n - j) * scale)


@inner
def weighted_input(layer, a, buffer):
    """z = a w + b, written where the layer's activations will be.

    a (m, k) in  activations of the layer below
    buffer       the thread's own room
    """
    product(layer.a, from_row(layer.b), a, layer.w, buffer)
    clear_padding(layer.a)


@inner
def add_parts(parts, size, count, b, z):
    """z = b + the sum of its parts, of layer 1, which may lie where z does.

    parts (m, n) in  the first of `count`, which lie `size` elements apart
    b (n,) in, z (m, n) out, its padding becomes 0
    """
    lanes, width = lanes_at(b), whole_vectors(z)
    for i in range(0, z.rows * z.stride, z.stride):
        for j in range(0, width, lanes):
            total = load(parts.start, i + j)
            for k in range(1, count):
                total = total + load(parts.start, k * size + i + j)
            store(z.start, i + j, load(b, j) + total)
        for j in range(width, z.stride, lanes):
            store(z.start, i + j, zeros(b))


@inner
def feedforward(p):
    """From layer 1's z to the output's, which the cost wants: whoever calls this activates it."""
    for l in range(1, p.layers.last):
        layer = layer_of(p, l)
        activate(layer)
        weighted_input(layer_of(p, l + 1), layer.a, p.buffer)
