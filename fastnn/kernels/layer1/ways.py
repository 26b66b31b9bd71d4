"""The way in which layer 1 takes the rows: one of three, by a run-time code.

A branch in each mini-batch takes no time beside the mini-batch, and one compiled function serves
all trainings.
"""

import numpy as np

from fastnn.kernels.jit import inline
from fastnn.kernels.layer import activations_of, layer_of
from fastnn.kernels.layer1 import dense, scaled, sorted
from fastnn.kernels.layer1.sorted import Sorted
from fastnn.kernels.matrix import columns_of
from fastnn.kernels.update import tile_of, update_parameters
from fastnn.kernels.workspace import whole_batch
from fastnn.layout.rows import DENSE, SCALED

__all__ = ["complete", "update", "weigh"]


@inline
def weigh(rows, t, batch, extras):
    """z = x w + b of layer 1, for the thread's rows of the mini-batch.

    False: the team gives up. See where the threads meet in shares.
    """
    if rows.way == DENSE:
        return dense.weigh(rows.dense, t, batch, extras)
    if rows.way == SCALED:
        return scaled.weigh(rows.nonzeros, t, batch)
    return sorted.weigh(Sorted(rows.nonzeros, rows.bins), t, batch, extras)


@inline
def update(rows, t, batch, state, step):
    """One step of the thread's share of all parameters; returns layer 1's scale from now on.

    state  the parameters and the optimizer's memory, or where the gradient is to be added up
    step   that of biases
    """
    scale, p = batch.scale, whole_batch(t, batch.m)
    nothing = columns_of(activations_of(p, 0), np.int64(0), np.int64(0))
    own = tile_of(t, state, 0, nothing, layer_of(p, 1).delta)
    if rows.way == DENSE:
        own = dense.own_weights(rows.dense, t, batch, state)
    elif rows.way == SCALED:
        scale = scaled.update(rows.nonzeros, t, batch, step)
    else:
        sorted.update(Sorted(rows.nonzeros, rows.bins), t, batch, state, step)
    update_parameters(t, batch.m, state, step, own)  # in one place: it is much to compile
    return scale


@inline
def complete(rows, t, scale):
    """Complete the thread's share of the weights when an epoch ends."""
    if rows.way == SCALED:
        scaled.complete(rows.nonzeros, t, scale)
