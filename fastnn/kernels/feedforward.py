"""The forward pass of a mini-batch: z = a w + b, then a = sigma(z), layer by layer."""

from fastnn.kernels.functions.activations import activate
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.products import add_product
from fastnn.kernels.simd import advance, item, lanes_at, load, load_as, load_first_as, store, zeros

__all__ = ["add_parts", "copy_rows", "feedforward", "gather_rows", "weighted_input"]


@inner
def gather_rows(source, inputs, first, n, order, start, m, target, stride, width, scale):
    """Copy n numbers of each of the rows order[start : start + m], times scale, to target.

    source (rows, inputs) in  from its column `first` on
    target (m, width) out     rows are `stride` apart; what lies behind the n becomes 0
    scale                     a number of target's dtype, or 1

    source may have another dtype; its numbers are converted, then scaled.
    """
    for i in range(m):
        begin = item(order, start + i) * inputs + first
        _copy_row(source, begin, n, target, i * stride, width, scale)


@inner
def copy_rows(source, n, first, m, target, stride, scale):
    """The same for all numbers of the consecutive rows first to first + m - 1 of source."""
    for i in range(m):
        _copy_row(source, (first + i) * n, n, target, i * stride, stride, scale)


@inline
def _copy_row(source, start, n, target, row, width, scale):
    lanes = lanes_at(target)
    whole = n - n % lanes
    for j in range(0, whole, lanes):
        store(target, row + j, load_as(target, source, start + j) * scale)
    for j in range(whole, width, lanes):  # padding becomes 0
        store(target, row + j, load_first_as(target, source, start + j, n - j) * scale)


@inner
def weighted_input(layers, l, parameters, scratch, first, m):
    """z = a w + b of layer l + 1 for m rows, written where that layer's activations will be.

    a (m, sizes[l]) in, w (sizes[l], sizes[l+1]) in, b (sizes[l+1],) in, z (m, sizes[l+1]) out
    """
    stride = item(layers.strides, l + 1)
    z, b = (
        advance(scratch, item(layers.a, l + 1) + first * stride),
        advance(parameters, item(layers.b, l)),
    )
    for i in range(0, m * stride, stride):
        for j in range(0, stride, lanes_at(z)):
            store(z, i + j, load(b, j))
    a = advance(scratch, item(layers.a, l) + first * item(layers.strides, l))
    w = advance(parameters, item(layers.w, l))
    add_product(
        z,
        stride,
        a,
        item(layers.strides, l),
        w,
        stride,
        m,
        item(layers.widths, l + 1),
        item(layers.sizes, l),
    )


@inner
def add_parts(parts, size, count, b, m, width, stride, z):
    """z = b + the sum of its parts, of layer 1, which may lie where z does.

    parts (count, m, stride) in, `size` elements apart, b (width,) in
    z (m, stride) out, its padding becomes 0
    """
    lanes = lanes_at(z)
    for i in range(0, m * stride, stride):
        for j in range(0, width, lanes):
            total = load(parts, i + j)
            for k in range(1, count):
                total = total + load(parts, k * size + i + j)
            store(z, i + j, load(b, j) + total)
        for j in range(width, stride, lanes):
            store(z, i + j, zeros(z))


@inner
def feedforward(layers, parameters, scratch, first, m, has_first_z):
    """The rows first to first + m - 1 of scratch, from the input to the output's z.

    `has_first_z`: layer 1's z is there already. The cost wants the output's z; whoever
    calls this activates the last layer.
    """
    for l in range(layers.last):
        if l > 0:
            activate(layers, l, scratch, first, m)
        if l > 0 or not has_first_z:
            weighted_input(layers, l, parameters, scratch, first, m)
