"""What a training reads and writes: arrays as Python hands them over, pointers in kernels."""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline
from fastnn.kernels.layer import Pass
from fastnn.kernels.layout import BUFFER_VECTORS, Layers, layers_of
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.optimizers import Hyperparameters, State, state_from
from fastnn.kernels.simd import advance, item, lanes_at, pointer, pointers
from fastnn.kernels.targets import Targets
from fastnn.kernels.team import Member

__all__ = [
    "Batch",
    "Data",
    "Memory",
    "Thread",
    "own_rows",
    "part_of",
    "thread_of",
    "weights_from",
    "whole_batch",
]


class Data(NamedTuple):
    """What belongs to the inputs of a training set: read-only arrays.

    y                   see targets.Targets
    classes             whether rows can be classified correctly, so that these are counted
    each                whether every output decides for itself, see costs.count_correct
    weighted            whether rows count differently in cost and gradient:
    row_weights (rows,) how much each does, the parameters' dtype
    order (k,) int64    the rows to take, in this order
    k                   how many those are
    epoch_rows          how many of them are an epoch's, which ends with a whole or a shorter
                        mini-batch; more than k if none ends
    etas (updates,)     float64: the learning rate of each mini-batch
    """

    y: Targets
    classes: bool
    each: bool
    weighted: bool
    row_weights: object
    order: object
    k: int
    epoch_rows: int
    etas: object


class Memory(NamedTuple):
    """What training writes to: arrays.

    state               (p,) each: all weights and biases, and the optimizer's memory, which may be
                        empty where it has none
    scratch (s,)        room for a mini-batch; its content does not matter
    parts (HALVES * r,) room for what each half of the inputs adds to layer 1's z
    part_size           r
    costs (m,)          float64: of each row of a mini-batch
    correct (threads,)  int64: how many rows each thread counted as classified correctly
    epochs (e, f)       float64: figures of each epoch that ends, see epoch.epoch_figures
    """

    state: State
    scratch: object
    parts: object
    part_size: int
    costs: object
    correct: object
    epochs: object


class Thread(NamedTuple):
    """What a thread needs all the time: pointers.

    buffer  its own room for BUFFER_VECTORS of gradients
    """

    layers: Layers
    memory: Memory
    data: Data
    rule: Hyperparameters
    member: Member
    buffer: object


class Batch(NamedTuple):
    """A mini-batch, as one thread sees it.

    start        where in the order of the rows it begins
    m            its rows, which the threads share:
    first, last  the thread has its rows first to last - 1
    update       how many updates were done before
    scale        layer 1's weights are so many times what is in memory, see layer1.scaled
    """

    start: int
    m: int
    first: int
    last: int
    update: int
    scale: float


@inline
def thread_of(table, memory, data, rule, member):
    """The thread that this member is."""
    layers, memory = layers_of(pointer(table, 0)), pointers(memory)
    lanes = lanes_at(memory.scratch)
    buffer = advance(
        memory.scratch, item(layers.buffer, 0) + member.number * BUFFER_VECTORS * lanes
    )
    return Thread(layers, memory, pointers(data), pointers(rule), pointers(member), buffer)


@inline
def own_rows(t, batch):
    """A pass of the thread's rows of a mini-batch."""
    first, m = np.int64(batch.first), np.int64(batch.last - batch.first)
    return Pass(t.layers, t.memory.state.value, t.memory.scratch, first, m)


@inline
def whole_batch(t, m):
    """A pass of all m rows of a mini-batch."""
    return Pass(t.layers, t.memory.state.value, t.memory.scratch, np.int64(0), np.int64(m))


@inline
def part_of(t, half, m):
    """The part of layer 1's z that a half of the inputs gives, for m rows."""
    start = advance(t.memory.parts, half * t.memory.part_size)
    return Matrix(start, item(t.layers.strides, 1), m, item(t.layers.sizes, 1))


@inline
def weights_from(t, state, i, j):
    """The state of layer 1's weights from input i and neuron j on."""
    return state_from(state, item(t.layers.w, 0) + i * item(t.layers.strides, 1) + j)
