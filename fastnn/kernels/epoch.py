"""The loop over the mini-batches of an epoch: stochastic gradient descent, one call.

Each mini-batch has two phases. First the threads share its rows: each takes some of them
through the whole network and back, which needs nothing of the others. Then they share the
parameters: each updates some of them, which needs all rows. Between the phases they wait.
"""

from typing import NamedTuple

from fastnn.kernels.backpropagation import backpropagate
from fastnn.kernels.costs import count_correct, output_cost
from fastnn.kernels.feedforward import feedforward, gather_rows
from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.layout import BUFFER_VECTORS, ROW_UNIT, UPDATE_UNIT, layers_of
from fastnn.kernels.optimizers import SGD, State, make_step
from fastnn.kernels.simd import advance, item, lanes_at, pointer, set_item
from fastnn.kernels.sparse import (
    Rows,
    bins_at,
    fold_scale,
    gathered_update,
    prefetch_rows,
    scaled_update,
    sort_by_input,
    sorted_weighted_input,
    sparse_weighted_input,
)
from fastnn.kernels.team import Member, member_at, share, wait_for_all
from fastnn.kernels.update import transpose_weights, update_parameters

__all__ = ["CORRECT", "COST_SUM", "SCALE", "UPDATES", "Data", "Memory", "finish", "train"]

# How far a training has come, in an array that each call goes on from: updates done so far, for
# Adam; of the epoch's rows so far the sum of data costs, and how many were classified
# correctly, each row before its own update; and the scale of the weights of sparse inputs, which
# are this times what is in memory until `finish`.
UPDATES, COST_SUM, CORRECT, SCALE = range(4)


class Data(NamedTuple):
    """The training set: read-only arrays.

    x (rows, inputs)   any float dtype; not read if sparse
    y (rows, outputs)  targets, the parameters' dtype
    order (k,) int64   the rows to take, in this order
    k                  how many those are
    sparse             whether the rows are given by their non-zeros instead, see kernels.sparse:
    starts (rows + 1,) int64, columns (non-zeros,) uint16, values (non-zeros,)
    """

    x: object
    y: object
    order: object
    k: int
    sparse: bool
    starts: object
    columns: object
    values: object


class _Data(NamedTuple):
    """The same with pointers; rows are the compressed ones."""

    x: object
    y: object
    order: object
    k: int
    sparse: bool
    rows: object


@inline
def _data_at(d):
    order = pointer(d.order, 0)
    rows = Rows(order, pointer(d.starts, 0), pointer(d.columns, 0), pointer(d.values, 0))
    return _Data(pointer(d.x, 0), pointer(d.y, 0), order, d.k, d.sparse, rows)


class Memory(NamedTuple):
    """What training writes to: arrays, in kernels pointers to them.

    parameters (p,)      all weights and biases
    first, second (p,)   the optimizer's memory; may be empty where it has none
    scratch (s,)         room for a mini-batch; its content does not matter
    costs, correct (u,)  float64 and int64: figures of each unit of a mini-batch's rows
    bins                 see sparse.Bins; empty for dense rows
    """

    parameters: object
    first: object
    second: object
    scratch: object
    costs: object
    correct: object
    bins: object


@inline
def _memory_at(m):
    return Memory(
        pointer(m.parameters, 0), pointer(m.first, 0), pointer(m.second, 0), pointer(m.scratch, 0),
        pointer(m.costs, 0), pointer(m.correct, 0), bins_at(m.bins),
    )  # fmt: skip


@inline
def _propagate(layers, cost, memory, data, start, first, m, scaled, scale, number):
    """Forward and backward pass of m rows, from row `first` of the mini-batch on.

    The mini-batch begins at data.order[start]. Leaves activations and errors in scratch, and
    each row unit's figures in memory.costs and memory.correct. The weights of sparse inputs
    are scale * w if `scaled`; if not, thread `number` has its rows sorted by input already.
    """
    last = layers.last
    n, stride = item(layers.sizes, last), item(layers.strides, last)
    parameters, scratch = memory.parameters, memory.scratch
    a = advance(scratch, item(layers.a, last) + first * stride)
    targets = advance(scratch, item(layers.y, 0) + first * stride)
    inputs = advance(scratch, item(layers.a, 0) + first * item(layers.strides, 0))
    if data.sparse:
        w, b = advance(parameters, item(layers.w, 0)), advance(parameters, item(layers.b, 0))
        width_1, stride_1 = item(layers.widths, 1), item(layers.strides, 1)
        z = advance(scratch, item(layers.a, 1))
        if scaled:
            zi = advance(z, first * stride_1)
            sparse_weighted_input(data.rows, start + first, m, w, b, width_1, stride_1, scale, zi)
        else:
            inputs = item(layers.sizes, 0)
            sorted_weighted_input(memory.bins, number, inputs, first, m, w, b, width_1, stride_1, z)
    else:
        gather_rows(
            data.x,
            item(layers.sizes, 0),
            data.order,
            start + first,
            m,
            inputs,
            item(layers.strides, 0),
        )
    gather_rows(data.y, n, data.order, start + first, m, targets, stride)
    feedforward(layers, parameters, scratch, first, m, data.sparse)
    for i in range(0, m, ROW_UNIT):
        rows, unit = min(ROW_UNIT, m - i), (first + i) // ROW_UNIT
        z, t = advance(a, i * stride), advance(targets, i * stride)
        activation = item(layers.activations, last)
        set_item(memory.costs, unit, output_cost(cost, activation, z, t, rows, n, stride))
        set_item(memory.correct, unit, count_correct(z, t, rows, n, stride))
    backpropagate(layers, cost, scratch, first, m)


@kernel
def train(table, cost, memory_, data_, mini_batch_size, hyperparameters, progress, member_):
    """One update for each mini-batch of data.order, the last one possibly shorter.

    table, cost       see layout.Plan and costs.CODES
    memory_, data_    see Memory and Data
    mini_batch_size   rows of a mini-batch
    hyperparameters   see optimizers.Hyperparameters
    progress (4,) float64 in, out: see UPDATES and the following; it is not returned, for an
                      interrupt that has come meanwhile would lose what is returned
    member_           this thread, see team.Member; all members make the same call
    """
    layers, data, member = layers_of(table), _data_at(data_), member_at(member_)
    memory = _memory_at(memory_)
    updates, scale = int(progress[UPDATES]), progress[SCALE]
    cost_sum, correct = progress[COST_SUM], int(progress[CORRECT])
    meetings = 0
    parameters, scratch = memory.parameters, memory.scratch
    state = State(parameters, memory.first, memory.second)
    own = member.number * BUFFER_VECTORS * lanes_at(scratch)
    buffer = advance(scratch, item(layers.buffer, 0) + own)
    for l in range(1, layers.last):
        first, last = share(member, item(layers.sizes, l), ROW_UNIT)
        transpose_weights(layers, l, parameters, scratch, first, last)
    meetings += 1
    if not wait_for_all(member, meetings):
        return
    scaled = data.sparse and hyperparameters.optimizer == SGD and hyperparameters.l1 == 0.0
    for start in range(0, data.k, mini_batch_size):
        m = min(mini_batch_size, data.k - start)
        if data.sparse:
            _prefetch(data, start + mini_batch_size, mini_batch_size, member)
        first, last = share(member, m, ROW_UNIT)
        if data.sparse and not scaled:
            n_rows, n_in = last - first, item(layers.sizes, 0)
            sort_by_input(data.rows, start, first, n_rows, n_in, memory.bins, member.number)
        if first < last:
            _propagate(
                layers, cost, memory, data, start, first, last - first, scaled, scale, member.number
            )
        meetings += 1
        if not wait_for_all(member, meetings):
            return
        if member.number == 0:
            for unit in range((m + ROW_UNIT - 1) // ROW_UNIT):
                cost_sum += item(memory.costs, unit)
                correct += item(memory.correct, unit)
        updates += 1
        step = make_step(hyperparameters, m, updates)
        if scaled:
            scale *= step.decay
            _scaled_update(layers, parameters, scratch, data, start, m, step, scale, member)
            if scale < SMALLEST_SCALE:
                _fold_scale(layers, parameters, scale, member)
                scale = 1.0
        elif data.sparse:
            _gathered_update(layers, memory, state, step, member, buffer)
        lowest = 1 if data.sparse else 0
        update_parameters(layers, state, scratch, buffer, m, step, member, lowest)
        meetings += 1
        if not wait_for_all(member, meetings):
            return
    if member.number == 0:
        progress[UPDATES], progress[SCALE] = updates, scale
        progress[COST_SUM], progress[CORRECT] = cost_sum, correct


@kernel
def finish(table, memory, progress):
    """Fold the scale of sparse weights back into them."""
    member = Member(0, 1, pointer(progress, 0))
    _fold_scale(layers_of(table), pointer(memory.parameters, 0), progress[SCALE], member)
    progress[SCALE] = 1.0


# Far above the smallest float32, so that neither scale nor what is divided by it loses bits.
SMALLEST_SCALE = 2.0**-20


@inline
def _prefetch(data, start, mini_batch_size, member):
    """Ask for this member's rows of the mini-batch that begins at data.order[start]."""
    m = min(mini_batch_size, data.k - start)
    if m > 0:
        first, last = share(member, m, ROW_UNIT)
        prefetch_rows(data.rows, start + first, last - first)


@inline
def _scaled_update(layers, parameters, scratch, data, start, m, step, scale, member):
    """A member's columns of the first weights, kept as scale * v."""
    v, stride = advance(parameters, item(layers.w, 0)), item(layers.strides, 1)
    delta = advance(scratch, item(layers.delta, 1))
    first, last = share(member, item(layers.widths, 1), 4 * lanes_at(v))
    scaled_update(data.rows, start, m, v, stride, delta, -step.rate / scale, first, last)


@inner
def _fold_scale(layers, parameters, scale, member):
    v, stride = advance(parameters, item(layers.w, 0)), item(layers.strides, 1)
    first, last = share(member, item(layers.widths, 1), 4 * lanes_at(v))
    fold_scale(v, item(layers.sizes, 0), stride, scale, first, last)


@inline
def _gathered_update(layers, memory, state, step, member, buffer):
    """A member's inputs' share of the first weights, by any optimizer."""
    delta = advance(memory.scratch, item(layers.delta, 1))
    first, last = share(member, item(layers.sizes, 0), UPDATE_UNIT)
    w, width, stride = item(layers.w, 0), item(layers.widths, 1), item(layers.strides, 1)
    gathered_update(
        memory.bins, member.size, state, w, width, stride, delta, first, last, step, buffer
    )
