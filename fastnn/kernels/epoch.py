"""The loop over the mini-batches of an epoch: stochastic gradient descent, one call.

Each mini-batch has two phases. First the threads share its rows: each takes some of them
through the whole network and back, which needs nothing of the others. Then they share the
parameters: each updates some of them, which needs all rows. Between the phases they wait.
"""

from typing import NamedTuple

from fastnn.kernels.backpropagation import backpropagate
from fastnn.kernels.costs import count_correct, output_cost
from fastnn.kernels.feedforward import feedforward, gather_rows
from fastnn.kernels.jit import inner, kernel
from fastnn.kernels.layout import ROW_UNIT, UPDATE_UNIT, layers_of
from fastnn.kernels.optimizers import SGD, State, make_step
from fastnn.kernels.simd import TILE_ROWS, advance, lanes_at, pointer
from fastnn.kernels.sparse import (
    fold_scale,
    gathered_update,
    prefetch_rows,
    scaled_update,
    sparse_weighted_input,
)
from fastnn.kernels.team import Member, share, wait_for_all
from fastnn.kernels.update import transpose_weights, update_parameters

__all__ = ["CORRECT", "COST_SUM", "SCALE", "UPDATES", "Data", "Memory", "finish", "train"]

# How far a training has come, in an array that each call goes on from: updates done so far, for
# Adam; of the epoch's rows so far the sum of data costs, and how many were classified
# correctly, each row before its own update; and the scale of the weights of sparse inputs, which
# are this times what is in memory until `finish`.
UPDATES, COST_SUM, CORRECT, SCALE = range(4)


class Data(NamedTuple):
    """The training set; arrays are read-only.

    x (rows, inputs)   any float dtype; not read if sparse
    y (rows, outputs)  targets, the parameters' dtype
    order (k,) int64   the rows to take, in this order
    sparse             whether the rows are given by their non-zeros instead, see kernels.sparse:
    starts (rows + 1,) int64, columns (non-zeros,) uint16, values (non-zeros,)
    """

    x: object
    y: object
    order: object
    sparse: bool
    starts: object
    columns: object
    values: object


class Memory(NamedTuple):
    """What training writes to.

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


@inner
def _propagate(layers, cost, memory, data, start, first, m, scale):
    """Forward and backward pass of m rows, from row `first` of the mini-batch on.

    The mini-batch begins at data.order[start]. Leaves activations and errors in scratch, and
    each row unit's figures in memory.costs and memory.correct. The weights of sparse inputs
    are scale * w.
    """
    last = layers.sizes.size - 1
    n, stride = layers.sizes[last], layers.strides[last]
    scratch = pointer(memory.scratch, 0)
    a = advance(scratch, layers.a[last] + first * stride)
    targets = advance(scratch, layers.y[0] + first * stride)
    inputs = advance(scratch, layers.a[0] + first * layers.strides[0])
    x, y, order = pointer(data.x, 0), pointer(data.y, 0), pointer(data.order, 0)
    parameters = pointer(memory.parameters, 0)
    if data.sparse:
        w, b = advance(parameters, layers.w[0]), advance(parameters, layers.b[0])
        stride_1 = layers.strides[1]
        z = advance(scratch, layers.a[1] + first * stride_1)
        sparse_weighted_input(data, start + first, m, w, b, stride_1, scale, z)
    else:
        gather_rows(x, layers.sizes[0], order, start + first, m, inputs, layers.strides[0])
    gather_rows(y, n, order, start + first, m, targets, stride)
    feedforward(layers, parameters, scratch, first, m, data.sparse)
    for i in range(0, m, ROW_UNIT):
        rows, unit = min(ROW_UNIT, m - i), (first + i) // ROW_UNIT
        z, t = advance(a, i * stride), advance(targets, i * stride)
        activation = layers.activations[last]
        memory.costs[unit] = output_cost(cost, activation, z, t, rows, n, stride)
        memory.correct[unit] = count_correct(z, t, rows, n, stride)
    backpropagate(layers, cost, scratch, first, m)


@kernel
def train(table, cost, memory, data, mini_batch_size, hyperparameters, progress, member):
    """One update for each mini-batch of data.order, the last one possibly shorter.

    table, cost       see layout.Plan and costs.CODES
    memory, data      see Memory and Data
    mini_batch_size   rows of a mini-batch
    hyperparameters   see optimizers.Hyperparameters
    progress (4,) float64 in, out: see UPDATES and the following; it is not returned, for an
                      interrupt that has come meanwhile would lose what is returned
    member            this thread, see team.Member; all members make the same call

    """
    layers = layers_of(table)
    updates, scale = int(progress[UPDATES]), progress[SCALE]
    cost_sum, correct = progress[COST_SUM], int(progress[CORRECT])
    meetings = 0
    parameters, scratch = pointer(memory.parameters, 0), pointer(memory.scratch, 0)
    state = State(parameters, pointer(memory.first, 0), pointer(memory.second, 0))
    tile = TILE_ROWS * 2 * lanes_at(scratch)
    buffer = advance(scratch, layers.buffer[0] + member.number * tile)
    for l in range(1, layers.sizes.size - 1):
        first, last = share(member, layers.sizes[l], ROW_UNIT)
        transpose_weights(layers, l, parameters, scratch, first, last)
    meetings += 1
    if not wait_for_all(member, meetings):
        return
    scaled = data.sparse and hyperparameters.optimizer == SGD and hyperparameters.l1 == 0.0
    for start in range(0, data.order.size, mini_batch_size):
        m = min(mini_batch_size, data.order.size - start)
        if data.sparse:
            _prefetch(data, start + mini_batch_size, mini_batch_size, member)
        first, last = share(member, m, ROW_UNIT)
        if first < last:
            _propagate(layers, cost, memory, data, start, first, last - first, scale)
        meetings += 1
        if not wait_for_all(member, meetings):
            return
        if member.number == 0:
            for unit in range((m + ROW_UNIT - 1) // ROW_UNIT):
                cost_sum += memory.costs[unit]
                correct += memory.correct[unit]
        updates += 1
        step = make_step(hyperparameters, m, updates)
        if scaled:
            scale *= step.decay
            _scaled_update(layers, parameters, scratch, data, start, m, step, scale, member)
            if scale < SMALLEST_SCALE:
                _fold_scale(layers, parameters, scale, member)
                scale = 1.0
        elif data.sparse:
            _gathered_update(layers, memory, state, data, start, m, step, member, buffer)
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
    member = Member(0, 1, memory.correct)
    _fold_scale(layers_of(table), pointer(memory.parameters, 0), progress[SCALE], member)
    progress[SCALE] = 1.0


# Far above the smallest float32, so that neither scale nor what is divided by it loses bits.
SMALLEST_SCALE = 2.0**-20


@inner
def _prefetch(data, start, mini_batch_size, member):
    """Ask for this member's rows of the mini-batch that begins at data.order[start]."""
    m = min(mini_batch_size, data.order.size - start)
    if m > 0:
        first, last = share(member, m, ROW_UNIT)
        prefetch_rows(data, start + first, last - first)


@inner
def _scaled_update(layers, parameters, scratch, data, start, m, step, scale, member):
    """A member's columns of the first weights, kept as scale * v."""
    v, stride = advance(parameters, layers.w[0]), layers.strides[1]
    delta = advance(scratch, layers.delta[1])
    first, last = share(member, stride, 4 * lanes_at(v))
    scaled_update(data, start, m, v, stride, delta, -step.rate / scale, first, last)


@inner
def _fold_scale(layers, parameters, scale, member):
    v, stride = advance(parameters, layers.w[0]), layers.strides[1]
    first, last = share(member, stride, 4 * lanes_at(v))
    fold_scale(v, layers.sizes[0], stride, scale, first, last)


@inner
def _gathered_update(layers, memory, state, data, start, m, step, member, buffer):
    """A member's inputs' share of the first weights, by any optimizer."""
    delta = advance(pointer(memory.scratch, 0), layers.delta[1])
    first, last = share(member, layers.sizes[0], UPDATE_UNIT)
    gathered_update(
        data, start, m, state, layers.w[0], layers.strides[1], delta, first, last, step,
        memory.bins, member.number, buffer,
    )  # fmt: skip
