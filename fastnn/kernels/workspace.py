"""What a thread has at hand while it trains, and the parts of that."""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline
from fastnn.kernels.layer import Pass, layers_of
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.optimizers import state_from
from fastnn.kernels.simd import advance, item
from fastnn.layout.layers import Layers
from fastnn.layout.team import Member
from fastnn.layout.training import Data, Hyperparameters, Memory, Piece

__all__ = ["Batch", "Thread", "own_rows", "part_of", "thread_of", "weights_from", "whole_batch"]


class Thread(NamedTuple):
    """What a thread needs all the time: pointers.

    buffer  its own room, for gradients first, see layout.layers
    """

    layers: Layers
    memory: Memory
    data: Data
    rule: Hyperparameters
    piece: Piece
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
def thread_of(table, memory, data, rule, piece, member):
    """The thread that this member is."""
    layers = layers_of(table)
    place = item(layers.room, 0) + member.number * item(layers.room, 1)
    buffer = advance(memory.scratch, place)
    return Thread(layers, memory, data, rule, piece, member, buffer)


@inline
def own_rows(t, batch):
    """A pass of the thread's rows of a mini-batch."""
    first, m = np.int64(batch.first), np.int64(batch.last - batch.first)
    return Pass(t.layers, t.memory.state.value, t.memory.scratch, t.buffer, first, m)


@inline
def whole_batch(t, m):
    """A pass of all m rows of a mini-batch."""
    first, m = np.int64(0), np.int64(m)
    return Pass(t.layers, t.memory.state.value, t.memory.scratch, t.buffer, first, m)


@inline
def part_of(t, half, m):
    """The part of layer 1's z that a half of the inputs gives, for m rows."""
    start = advance(t.memory.parts, half * t.memory.part_size)
    return Matrix(start, item(t.layers.strides, 1), m, item(t.layers.sizes, 1))


@inline
def weights_from(t, state, i, j):
    """The state of layer 1's weights from input i and neuron j on."""
    return state_from(state, item(t.layers.w, 0) + i * item(t.layers.strides, 1) + j)
