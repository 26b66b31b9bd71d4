"""Layer 1 on dense rows: all inputs, as matrix products.

Threads share the rows of a mini-batch. But where there are few of them and many inputs, they share
the weights, see shares: if they shared the rows, each would have to fetch all the weights that the
others have just updated, and that takes as long as to multiply them.
"""

import numpy as np

from fastnn.kernels.dropout import drop_inputs
from fastnn.kernels.jit import inline
from fastnn.kernels.layer import activations_of, layer_of
from fastnn.kernels.layer1.shares import add_both_parts, share_of_weights
from fastnn.kernels.matrix import clear_padding, columns_of, rows_of
from fastnn.kernels.products import from_row, from_zero, product
from fastnn.kernels.raw_rows import gather_inputs
from fastnn.kernels.simd import advance, item, lanes_at
from fastnn.kernels.team import share, wait_for_all
from fastnn.kernels.update import tile_of
from fastnn.kernels.workspace import own_rows, part_of, whole_batch
from fastnn.layout.layers import UPDATE_UNIT

__all__ = ["own_weights", "weigh"]


@inline
def weigh(way, t, batch, extras):
    """See ways.weigh."""
    # Others may still read the inputs of the last mini-batch, or update weights.
    if not wait_for_all(t.member):
        return False
    _weigh(way, t, batch, extras)
    if way.middle == 0:
        return True
    if not wait_for_all(t.member):
        return False
    add_both_parts(t, batch)
    return True


@inline
def _own_share(way, t):
    inputs, n = np.int64(item(t.layers.sizes, 0)), item(t.layers.widths, 1)
    return share_of_weights(t.member, way.middle, inputs, n, 2 * lanes_at(t.buffer))


@inline
def _weigh(way, t, batch, extras):
    """z of this thread's rows, or, in halves, the parts of z of all rows that its weights give.

    Both in one place: a product is much to compile.
    """
    in_halves, p = way.middle > 0, own_rows(t, batch)
    first_half, last_half = 0, 1
    first_neuron, last_neuron = np.int64(0), np.int64(item(t.layers.sizes, 1))
    if in_halves:
        own, p = _own_share(way, t), whole_batch(t, batch.m)
        first_half, last_half = own.first_half, own.last_half
        first_neuron, last_neuron = own.first_neuron, own.last_neuron
    a, layer, inputs = activations_of(p, 0), layer_of(p, 1), item(t.layers.sizes, 0)
    order = advance(t.piece.order, batch.start + p.first)
    for half in range(first_half, last_half):
        first, last, end, z = np.int64(0), a.width, a.stride, layer.a
        if in_halves:
            z = part_of(t, half, p.m)
            if half == 0:
                last, end = way.middle, way.middle
            else:
                first = way.middle
        # Who shares the half writes the same, or has a place of its own.
        part = columns_of(a, first, end)
        gather_inputs(way.x, inputs, np.int64(0), first, order, part, way.scale)
        z = columns_of(z, first_neuron, last_neuron)
        start = from_zero(t.buffer)
        if not in_halves:
            drop_inputs(p, extras, batch.update, False)
            start = from_row(layer.b)
        w = columns_of(rows_of(layer.w, first, last), first_neuron, last_neuron)
        product(z, start, columns_of(a, first, last), w, t.buffer)
    if not in_halves:  # parts get theirs when they are added
        clear_padding(layer.a)


@inline
def own_weights(way, t, batch, state):
    """The Tile of layer 1 that this thread updates, see ways.update."""
    p = whole_batch(t, batch.m)
    first, last = share(t.member, item(t.layers.sizes, 0), UPDATE_UNIT)
    first_neuron, last_neuron = np.int64(0), np.int64(item(t.layers.sizes, 1))
    if way.middle > 0:
        own = _own_share(way, t)
        first, last = own.first_input, own.last_input
        first_neuron, last_neuron = own.first_neuron, own.last_neuron
    a = columns_of(activations_of(p, 0), first, last)
    delta = columns_of(layer_of(p, 1).delta, first_neuron, last_neuron)
    place = item(t.layers.w, 0) + first * item(t.layers.strides, 1) + first_neuron
    return tile_of(t, state, place, a, delta)
