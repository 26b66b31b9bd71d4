"""Layer 1 on dense rows where threads share its weights, as they do on sparse rows.

Few rows and many inputs: if threads shared the rows, each would have to fetch all the weights that
the others have just updated, and that takes as long as to multiply them. Where a mini-batch has
many rows, it counts for little, and threads share these.

dense.middle says where the halves of the inputs meet; if it is 0, or `dense` None, for rows are
sparse, nothing is done here.
"""

import numpy as np

from fastnn.kernels.feedforward import gather_rows
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer1.shares import share_of_weights
from fastnn.kernels.optimizers import with_penalty
from fastnn.kernels.products import add_product
from fastnn.kernels.simd import advance, item, lanes_at, store, zeros
from fastnn.kernels.team import wait_for_all
from fastnn.kernels.update import update_weights
from fastnn.kernels.workspace import part_at

__all__ = ["update_dense", "weigh_dense"]


@inline
def weigh_dense(layers, memory, dense, order, start, m, member):
    """The parts of layer 1's z of the mini-batch that begins at order[start].

    False: the team gives up.
    """
    if dense is None or dense.middle == 0:
        return True
    _weigh(layers, memory, dense, order, start, m, member)
    return wait_for_all(member)


@inline
def _share(layers, middle, parameters, member):
    inputs, width = np.int64(item(layers.sizes, 0)), item(layers.widths, 1)
    return share_of_weights(member, middle, inputs, width, 2 * lanes_at(parameters))


@inner
def _weigh(layers, memory, dense, order, start, m, member):
    """Gather this member's inputs of m rows, and multiply them by its weights."""
    own = _share(layers, dense.middle, memory.state.value, member)
    inputs, a_stride = item(layers.sizes, 0), item(layers.strides, 0)
    stride, columns = item(layers.strides, 1), own.last_neuron - own.first_neuron
    for half in range(own.first_half, own.last_half):
        first, last = (0, dense.middle) if half == 0 else (dense.middle, inputs)
        a = advance(memory.scratch, item(layers.a, 0) + first)
        # Who shares the half writes the same, or has a place of its own.
        gather_rows(
            dense.x,
            inputs,
            first,
            last - first,
            order,
            start,
            m,
            a,
            a_stride,
            last - first if half == 0 else a_stride - first,
            dense.scale,
        )
        z = advance(part_at(memory, half), own.first_neuron)
        for i in range(m):
            for j in range(0, columns, lanes_at(z)):
                store(z, i * stride + j, zeros(z))
        w = item(layers.w, 0) + first * stride + own.first_neuron
        add_product(
            z, stride, a, a_stride, advance(memory.state.value, w), stride, m, columns, last - first
        )


@inline
def update_dense(layers, memory, dense, state, buffer, m, h, step, member):
    """One step of this member's weights."""
    if dense is not None and dense.middle > 0:
        _update(layers, memory, dense.middle, state, buffer, m, h, step, member)


@inner
def _update(layers, memory, middle, state, buffer, m, h, step, member):
    own = _share(layers, middle, memory.state.value, member)
    stride, first = item(layers.strides, 1), own.first_neuron
    update_weights(
        state,
        item(layers.w, 0) + first,
        own.last_neuron - first,
        stride,
        advance(memory.scratch, item(layers.a, 0)),
        item(layers.strides, 0),
        advance(memory.scratch, item(layers.delta, 1) + first),
        own.first_input,
        own.last_input,
        m,
        with_penalty(h, 0, step),
        buffer,
    )
