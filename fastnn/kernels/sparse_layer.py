"""Layer 1 on sparse rows, whichever way it takes them: what an epoch asks of it.

Here threads share the neurons, not the rows. By far the most weights of a network are layer 1's,
and so those of a neuron stay in the cache of one core, which reads them in the forward pass and
writes them in the update. What cores hand to each other is z, the errors and the sorted non-zeros.

rows, bins and lazy say which way it is, see epoch.train; without rows nothing is done.
"""

from fastnn.kernels.dropout import drop_inputs
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layout import INPUT_GROUP, NEURON_UNIT, row_unit
from fastnn.kernels.optimizers import with_penalty
from fastnn.kernels.simd import advance, item, lanes_at
from fastnn.kernels.sparse import prefetch_rows
from fastnn.kernels.sparse_lazy import lazy_update, touch
from fastnn.kernels.sparse_scaled import fold_scale, scaled_update, sparse_weighted_input
from fastnn.kernels.sparse_sorted import gathered_update, sort_by_input, sorted_weighted_input
from fastnn.kernels.team import share, wait_for_all

__all__ = ["decayed", "fold", "prefetch_next", "touch_sparse", "update_sparse", "weigh_sparse"]

# Far above the smallest float32, so that neither scale nor what is divided by it loses bits.
SMALLEST_SCALE = 2.0**-20


@inline
def _neurons(layers, v, bins, member):
    """The neurons [first, last) of layer 1 whose weights are this member's alone."""
    unit = lanes_at(v) if bins is None else NEURON_UNIT * lanes_at(v)
    return share(member, _all_neurons(layers, v, bins), unit)


@inline
def _all_neurons(layers, v, bins):
    """The neurons of layer 1 with as much of the padding as whole units of them take in."""
    width, unit = item(layers.widths, 1), NEURON_UNIT * lanes_at(v)
    return width if bins is None else (width + unit - 1) // unit * unit


@inline
def prefetch_next(rows, bins, start, k, mini_batch_size, member):
    """Ask for what this member will read of the mini-batch beginning at element `start`."""
    if rows is not None:
        m = max(0, min(mini_batch_size, k - start))
        first, last = _rows_to_read(bins, m, member)
        prefetch_rows(rows, 1 if bins is None else INPUT_GROUP, start + first, last - first)


@inline
def _rows_to_read(bins, m, member):
    """The rows of a mini-batch that this member sorts; all of them if they stay as they are."""
    if bins is None:
        return 0, m
    return share(member, m, row_unit(m))


@inline
def touch_sparse(layers, memory, rows, lazy, h, step, start, m, update, member):
    """Bring up to date what this member reads of lazy weights; how many inputs that is."""
    if lazy is None:
        return 0
    v, stride = advance(memory.parameters, item(layers.w, 0)), item(layers.strides, 1)
    first, last = _neurons(layers, v, None, member)
    s = with_penalty(h, 0, step)
    return touch(
        lazy, rows, start, m, update, v, stride, first, last, s.decay, s.shrink + s.threshold,
        h.proximal, member.number,
    )  # fmt: skip


@inline
def weigh_sparse(layers, memory, rows, bins, extras, update, start, m, scale, member):
    """Layer 1's z of the mini-batch that begins at rows.order[start]; False: the team gives up.

    The first weights are `scale` times what is in memory.
    """
    if rows is None:
        return True
    if not _sort(layers, memory, rows, bins, extras, update, start, m, member):
        return False
    w = advance(memory.parameters, item(layers.w, 0))
    b = advance(memory.parameters, item(layers.b, 0))
    z, stride = advance(memory.scratch, item(layers.a, 1)), item(layers.strides, 1)
    first, last = _neurons(layers, w, bins, member)
    # Who has the last neuron sees to the padding, too.
    end = stride if last == _all_neurons(layers, w, bins) else last
    if bins is None:
        sparse_weighted_input(rows, start, m, w, b, first, last, end, stride, scale, z)
    else:
        sorted_weighted_input(bins, member.size, m, w, b, first, last, end, stride, z)
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
def decayed(layers, memory, rows, bins, lazy, h, step, scale, member):
    """The scale of the first weights after this update's decay, if it acts on their scale."""
    if rows is None:
        return scale
    if bins is None and lazy is None:
        scale *= with_penalty(h, 0, step).decay
        if scale < SMALLEST_SCALE:  # or 0, or negative
            fold(layers, memory.parameters, scale, member)
            scale = 1.0
    return scale


@inline
def update_sparse(
    layers, memory, rows, bins, lazy, touched, state, buffer, start, m, h, step, updates, scale,
    member,
):  # fmt: skip
    """Hand the gradient of this member's neurons to the optimizer; afterwards all must meet."""
    if rows is not None:
        w, stride = item(layers.w, 0), item(layers.strides, 1)
        delta, v = advance(memory.scratch, item(layers.delta, 1)), advance(state.value, w)
        first, last = _neurons(layers, v, bins, member)
        s, rate = with_penalty(h, 0, step), step.eta * step.mean
        if bins is not None:
            inputs = item(layers.sizes, 0)
            gathered_update(
                bins, member.size, state, w, inputs, stride, delta, m, first, last, s, buffer
            )
        elif lazy is not None:
            lazy_update(
                lazy, touched, rows, start, m, updates - 1, v, stride, delta, rate, first, last,
                s.decay, s.shrink + s.threshold, h.proximal, member.number,
            )  # fmt: skip
        else:
            scaled_update(rows, start, m, v, stride, delta, -rate / scale, first, last)


@inner
def fold(layers, parameters, scale, member):
    """Multiply this member's part of the first weights by their scale."""
    v, stride = advance(parameters, item(layers.w, 0)), item(layers.strides, 1)
    first, last = _neurons(layers, v, None, member)
    fold_scale(v, item(layers.sizes, 0), stride, scale, first, last)
