"""Layer 1 on sparse rows, whichever of two ways it takes them: what an epoch asks of it.

Here threads share the weights, not the rows. By far the most weights of a network are layer 1's,
and so each stays in the cache of one core, which reads it in the forward pass and writes it in the
update. What cores hand to each other is z, the sorted non-zeros and the errors.

They are shared in halves of the inputs, see shares.

rows and bins say which way it is, see epoch.train; without rows nothing is done.
"""

import numpy as np

from fastnn.kernels.dropout import drop_inputs
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layer1.compressed import prefetch_rows
from fastnn.kernels.layer1.scaled import fold_scale, scaled_update, sparse_weighted_input
from fastnn.kernels.layer1.shares import share_of_weights
from fastnn.kernels.layer1.sorted import gathered_update, sort_by_input, sorted_weighted_input
from fastnn.kernels.layout import HALVES, INPUT_GROUP, NEURON_UNIT, row_unit
from fastnn.kernels.optimizers import with_penalty
from fastnn.kernels.simd import advance, item, lanes_at
from fastnn.kernels.team import share, wait_for_all
from fastnn.kernels.workspace import part_at

__all__ = ["decayed", "fold", "meets_in_layer_1", "prefetch_next", "update_sparse", "weigh_sparse"]

# Far above the smallest float32, so that neither scale nor what is divided by it loses bits.
SMALLEST_SCALE = 2.0**-20


@inline
def _share(layers, v, rows, bins, member):
    """What this member has of layer 1; with bins, its inputs are groups."""
    n, unit = item(layers.widths, 1), lanes_at(v)
    inputs = np.int64(item(layers.sizes, 0))
    if bins is not None:  # with as much of the padding as whole units of vectors take in
        unit *= NEURON_UNIT
        n, inputs = (n + unit - 1) // unit * unit, bins.slots - 1
    return share_of_weights(member, rows.middle, inputs, n, unit)


@inline
def prefetch_next(layers, memory, rows, bins, start, k, mini_batch_size, member):
    """Ask for what this member will read of the mini-batch beginning at element `start`."""
    if rows is not None:
        m = max(0, min(mini_batch_size, k - start))
        if bins is None:
            own = _share(layers, memory.state.value, rows, bins, member)
            prefetch_rows(rows, own.first_half, own.last_half, 1, start, m)
        else:  # it will sort some rows
            first, last = share(member, m, row_unit(m))
            prefetch_rows(rows, 0, HALVES, INPUT_GROUP, start + first, last - first)


@inline
def weigh_sparse(layers, memory, rows, bins, extras, update, start, m, scale, member):
    """The parts of layer 1's z of the mini-batch that begins at rows.order[start].

    False: the team gives up. The first weights are `scale` times what is in memory.
    """
    if rows is None:
        return True
    if not _sort(layers, memory, rows, bins, extras, update, start, m, member):
        return False
    w, stride = advance(memory.state.value, item(layers.w, 0)), item(layers.strides, 1)
    own = _share(layers, w, rows, bins, member)
    for half in range(own.first_half, own.last_half):
        part = part_at(memory, half)
        if bins is None:
            sparse_weighted_input(
                rows,
                half,
                half + 1,
                start,
                m,
                w,
                own.first_neuron,
                own.last_neuron,
                stride,
                scale,
                part,
            )
        else:
            first, last = (0, rows.middle) if half == 0 else (rows.middle, bins.slots - 1)
            sorted_weighted_input(
                bins,
                member.size,
                first,
                last,
                own.alone,
                m,
                w,
                own.first_neuron,
                own.last_neuron,
                stride,
                part,
            )
    return wait_for_all(member)


@inline
def _sort(layers, memory, rows, bins, extras, update, start, m, member):
    """Sort this member's share of the rows, if they are to be sorted."""
    if bins is None:
        return True
    first, last = share(member, m, row_unit(m))
    stride = item(layers.strides, 0)
    masked, mask = False, advance(memory.scratch, item(layers.a, 0))
    if extras is not None and item(extras.drop, 0) > 0.0:
        drop_inputs(layers, extras, update, True, memory.scratch, first, last - first)
        masked = True
    sort_by_input(rows, start, first, last - first, masked, mask, stride, bins, member.number)
    return wait_for_all(member)


@inline
def decayed(layers, memory, rows, bins, h, step, scale, member):
    """The scale of the first weights after this update's decay, if it acts on their scale."""
    if rows is None:
        return scale
    if bins is None:
        scale *= with_penalty(h, 0, step).decay
        if scale < SMALLEST_SCALE:  # or 0, or negative
            fold(layers, memory.state.value, rows, scale, member)
            scale = 1.0
    return scale


@inline
def update_sparse(layers, memory, rows, bins, state, buffer, start, m, h, step, scale, member):
    """Hand the gradient of this member's weights to the optimizer; then see `meets_in_layer_1`."""
    if rows is not None:
        w, stride = item(layers.w, 0), item(layers.strides, 1)
        delta, v = advance(memory.scratch, item(layers.delta, 1)), advance(state.value, w)
        own = _share(layers, v, rows, bins, member)
        first, last = own.first_neuron, own.last_neuron
        s, rate = with_penalty(h, 0, step), step.eta * step.mean
        if bins is not None:
            end = min(own.last_input * INPUT_GROUP, item(layers.sizes, 0))
            gathered_update(
                bins,
                member.size,
                own.first_input * INPUT_GROUP,
                end,
                own.alone,
                state,
                w,
                stride,
                delta,
                m,
                first,
                last,
                s,
                buffer,
            )
        else:
            scaled_update(
                rows,
                own.first_half,
                own.last_half,
                start,
                m,
                v,
                first,
                last,
                stride,
                -rate / scale,
                delta,
            )


@inline
def meets_in_layer_1(rows, bins, extras):
    """Whether all will have met before anyone reads what another one changes in its update.

    Then nobody needs to wait at its end. Who has a weight of layer 1 is the only one to read it,
    and goes on to write parts of z, which by then nobody reads any more: all have met since they
    did. But inputs that are to be sorted, or dense ones that are gathered for all, would be written
    while others still read them.
    """
    return rows is not None and bins is None and extras is None


@inner
def fold(layers, parameters, rows, scale, member):
    """Multiply this member's part of the first weights by their scale."""
    v, stride = advance(parameters, item(layers.w, 0)), item(layers.strides, 1)
    own = _share(layers, v, rows, None, member)
    fold_scale(v, own.first_input, own.last_input, stride, scale, own.first_neuron, own.last_neuron)
