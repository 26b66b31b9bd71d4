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
from fastnn.kernels.layout import ROW_UNIT
from fastnn.kernels.optimizers import State, make_step
from fastnn.kernels.simd import TILE_ROWS, advance, lanes_at, pointer
from fastnn.kernels.team import share, wait_for_all
from fastnn.kernels.update import transpose_weights, update_parameters

__all__ = ["Data", "Memory", "train"]


class Data(NamedTuple):
    """The training set; arrays are read-only.

    x (rows, inputs)   any float dtype
    y (rows, outputs)  targets, the parameters' dtype
    order (k,) int64   the rows to take, in this order
    """

    x: object
    y: object
    order: object


class Memory(NamedTuple):
    """What training writes to.

    parameters (p,)      all weights and biases
    first, second (p,)   the optimizer's memory; may be empty where it has none
    scratch (s,)         room for a mini-batch; its content does not matter
    costs, correct (u,)  float64 and int64: figures of each unit of a mini-batch's rows
    """

    parameters: object
    first: object
    second: object
    scratch: object
    costs: object
    correct: object


@inner
def _propagate(layers, cost, memory, data, start, first, m):
    """Forward and backward pass of m rows, from row `first` of the mini-batch on.

    The mini-batch begins at data.order[start]. Leaves activations and errors in scratch, and
    each row unit's figures in memory.costs and memory.correct.
    """
    last = layers.w.size
    n, stride = layers.sizes[last], layers.strides[last]
    scratch = pointer(memory.scratch, 0)
    a = advance(scratch, layers.a[last] + first * stride)
    targets = advance(scratch, layers.y[0] + first * stride)
    inputs = advance(scratch, layers.a[0] + first * layers.strides[0])
    x, y, order = pointer(data.x, 0), pointer(data.y, 0), pointer(data.order, 0)
    gather_rows(x, layers.sizes[0], order, start + first, m, inputs, layers.strides[0])
    gather_rows(y, n, order, start + first, m, targets, stride)
    feedforward(layers, pointer(memory.parameters, 0), scratch, first, m)
    for i in range(0, m, ROW_UNIT):
        rows, unit = min(ROW_UNIT, m - i), (first + i) // ROW_UNIT
        z, t = advance(a, i * stride), advance(targets, i * stride)
        activation = layers.activations[last]
        memory.costs[unit] = output_cost(cost, activation, z, t, rows, n, stride)
        memory.correct[unit] = count_correct(z, t, rows, n, stride)
    backpropagate(layers, cost, scratch, first, m)


@kernel
def train(
    layers, cost, memory, data, mini_batch_size, hyperparameters, updates, cost_sum, correct, member
):
    """One update for each mini-batch of data.order, the last one possibly shorter.

    layers, cost      see layout.Layers and costs.CODES
    memory, data      see Memory and Data
    mini_batch_size   rows of a mini-batch
    hyperparameters   see optimizers.Hyperparameters
    updates           how many updates were done before, for Adam
    cost_sum, correct figures of the epoch so far, to add to
    member            this thread, see team.Member; all members make the same call

    Returns (sum of data costs, rows correct), each mini-batch's before its update; only
    the first member's figures count.
    """
    meetings = 0
    parameters, scratch = pointer(memory.parameters, 0), pointer(memory.scratch, 0)
    state = State(parameters, pointer(memory.first, 0), pointer(memory.second, 0))
    tile = TILE_ROWS * 2 * lanes_at(scratch)
    buffer = advance(scratch, layers.buffer[0] + member.number * tile)
    for l in range(1, layers.w.size):
        first, last = share(member, layers.sizes[l], ROW_UNIT)
        transpose_weights(layers, l, parameters, scratch, first, last)
    meetings += 1
    if not wait_for_all(member, meetings):
        return cost_sum, correct
    for start in range(0, data.order.size, mini_batch_size):
        m = min(mini_batch_size, data.order.size - start)
        first, last = share(member, m, ROW_UNIT)
        if first < last:
            _propagate(layers, cost, memory, data, start, first, last - first)
        meetings += 1
        if not wait_for_all(member, meetings):
            return cost_sum, correct
        if member.number == 0:
            for unit in range((m + ROW_UNIT - 1) // ROW_UNIT):
                cost_sum += memory.costs[unit]
                correct += memory.correct[unit]
        updates += 1
        step = make_step(hyperparameters, m, updates)
        update_parameters(layers, state, scratch, buffer, m, step, member)
        meetings += 1
        if not wait_for_all(member, meetings):
            return cost_sum, correct
    return cost_sum, correct
