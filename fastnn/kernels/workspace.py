"""What a training reads and writes: arrays as Python hands them over, pointers in kernels."""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline
from fastnn.kernels.optimizers import State
from fastnn.kernels.simd import advance, pointer
from fastnn.kernels.targets import targets_at

__all__ = ["Data", "Dense", "Memory", "data_at", "dense_at", "memory_of", "part_at"]


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
    scratch (s,)          room for a mini-batch; its content does not matter
    parts (HALVES, r)     room for what each half of the inputs adds to layer 1's z
    costs (m,)            float64: of each row of a mini-batch
    correct (threads,)    int64: how many rows each thread counted as classified correctly
    epochs (e, f)         float64: figures of each epoch that ends, see epoch.epoch_figures
    """

    parameters: object
    first: object
    second: object
    scratch: object
    parts: object
    costs: object
    correct: object
    epochs: object


class ThreadMemory(NamedTuple):
    """The same as one thread uses it: pointers.

    state      parameters and the optimizer's memory
    part_size  r of Memory.parts
    """

    state: State
    scratch: object
    parts: object
    part_size: int
    costs: object
    correct: object
    epochs: object


@inline
def memory_of(m):
    """The memory m as pointers."""
    return ThreadMemory(
        State(pointer(m.parameters, 0), pointer(m.first, 0), pointer(m.second, 0)),
        pointer(m.scratch, 0),
        pointer(m.parts, 0),
        m.parts.shape[1],
        pointer(m.costs, 0),
        pointer(m.correct, 0),
        pointer(m.epochs, 0),
    )


@inline
def part_at(memory, half):
    """The part of layer 1's z that a half of the inputs gives."""
    return advance(memory.parts, half * memory.part_size)
