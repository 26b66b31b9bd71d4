"""What a training reads and writes: arrays as Python hands them over, pointers in kernels."""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.layout import HALVES
from fastnn.kernels.optimizers import State
from fastnn.kernels.simd import advance, item, lanes_at, load, pointer, store
from fastnn.kernels.targets import targets_at

__all__ = ["Data", "Dense", "Memory", "copies_size", "data_at", "dense_at", "memory_of", "part_at"]


class Dense(NamedTuple):
    """The inputs of a training set with their zeros, read-only.

    x (rows, inputs)  any float dtype or uint8
    middle            the input with which the second half begins; 0: they aren't in halves
    scale             what x is multiplied by, of the parameters' dtype
    """

    x: object
    middle: int
    scale: float


@inline
def dense_at(d):
    """The inputs as a pointer; None, which is for sparse rows, stays None."""
    if d is None:
        return None
    return Dense(pointer(d.x, 0), d.middle, d.scale)


class Data(NamedTuple):
    """What belongs to the inputs of a training set: read-only arrays.

    y                  see targets.Targets
    classes            whether rows can be classified correctly, so that these are counted
    each               whether every output decides for itself, see costs.count_correct
    weighted           whether rows count differently in cost and gradient:
    weights (rows,)    how much each does, the parameters' dtype
    order (k,) int64   the rows to take, in this order
    k                  how many those are
    epoch_rows         how many of them are an epoch's, which ends with a whole or a shorter
                       mini-batch; more than k if none ends
    etas (updates,)    float64: the learning rate of each mini-batch
    """

    y: object
    classes: bool
    each: bool
    weighted: bool
    weights: object
    order: object
    k: int
    epoch_rows: int
    etas: object


@inline
def data_at(d, outputs):
    """The data as pointers, of a network with so many outputs."""
    return Data(
        targets_at(d.y, outputs, np.int64(0)),
        d.classes,
        d.each,
        d.weighted,
        pointer(d.weights, 0),
        pointer(d.order, 0),
        d.k,
        d.epoch_rows,
        pointer(d.etas, 0),
    )


class Memory(NamedTuple):
    """What training writes to, as arrays.

    parameters (p,)       all weights and biases
    first, second (p,)    the optimizer's memory; may be empty where it has none
    scratch (c, s)        room for a mini-batch; its content does not matter
    parts (c', HALVES, r) room for what each half of the inputs adds to layer 1's z
    costs (c, m or more)  float64: of each row of a mini-batch
    correct (threads,)    int64: how many rows each thread counted as classified correctly
    epochs (e, f)         float64: figures of each epoch that ends, see epoch.epoch_figures
    copies                room for what `copies_size` says, or none

    c is 1 where threads share the rows of a mini-batch above layer 1. Where each takes all of
    them, c is the number of threads, and c' is 2: then one may still read a mini-batch's parts
    when the others write the next one's.
    """

    parameters: object
    first: object
    second: object
    scratch: object
    parts: object
    costs: object
    correct: object
    epochs: object
    copies: object


def copies_size(begin: int, parameters: int, copies: int) -> int:
    """Elements of Memory.copies, for so many threads' copies of what is behind w[0].

    begin  where that begins in parameters and in the optimizer's memory. A copy's elements are
           counted from where w[0] would begin, which is in the copies before it.
    """
    return begin + 3 * copies * (parameters - begin) if copies else 0


class ThreadMemory(NamedTuple):
    """The same as one thread uses it: pointers.

    apart          whether each thread takes all rows above layer 1
    state, upper   parameters and the optimizer's memory: for w[0], and for all that is behind it.
                   These are the same, or `upper` points to copies of the thread's own, which by
                   the same work become the same numbers
    scratch, costs if apart, the thread's own
    part_size, part_sets  r and c' of Memory.parts
    """

    apart: bool
    state: State
    upper: State
    scratch: object
    parts: object
    part_size: int
    part_sets: int
    costs: object
    correct: object
    epochs: object


@inline
def memory_of(layers, m, number):
    """The memory m of thread `number`; copies are made anew."""
    state = State(pointer(m.parameters, 0), pointer(m.first, 0), pointer(m.second, 0))
    upper, apart, place = state, m.scratch.shape[0] > 1, np.int64(0)
    if apart:
        place = np.int64(number)
    if place > 0:
        begin = np.int64(item(layers.b, 0))
        size = m.parameters.size - begin
        value = pointer(m.copies, (place - 1) * 3 * size)
        upper = State(value, advance(value, size), advance(value, 2 * size))
        _copy(state.value, begin, m.parameters.size, upper.value)
        _copy(state.first, begin, m.first.size, upper.first)
        _copy(state.second, begin, m.second.size, upper.second)
    return ThreadMemory(
        apart,
        state,
        upper,
        pointer(m.scratch, place * m.scratch.shape[1]),
        pointer(m.parts, 0),
        m.parts.shape[2],
        m.parts.shape[0],
        pointer(m.costs, place * m.costs.shape[1]),
        pointer(m.correct, 0),
        pointer(m.epochs, 0),
    )


@inner
def _copy(p, begin, end, copy):
    """The elements `begin` to `end` - 1 of p."""
    for k in range(begin, end, lanes_at(p)):
        store(copy, k, load(p, k))


@inline
def part_at(memory, updates, half):
    """The part of layer 1's z that a half of the inputs gives, of update number `updates`."""
    number = updates % memory.part_sets * HALVES + half
    return advance(memory.parts, number * memory.part_size)
