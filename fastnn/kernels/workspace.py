"""What a training reads and writes: arrays as Python hands them over, pointers in kernels."""

from typing import NamedTuple

from fastnn.kernels.jit import inline
from fastnn.kernels.simd import pointer

__all__ = ["Data", "Dense", "Memory", "data_at", "dense_at", "memory_at"]


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

    y (rows, outputs)  targets, the parameters' dtype
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
    each: bool
    weighted: bool
    weights: object
    order: object
    k: int
    epoch_rows: int
    etas: object


@inline
def data_at(d):
    """The data as pointers."""
    return Data(
        pointer(d.y, 0), d.each, d.weighted,
        pointer(d.weights, 0), pointer(d.order, 0), d.k, d.epoch_rows, pointer(d.etas, 0),
    )  # fmt: skip


class Memory(NamedTuple):
    """What training writes to.

    parameters (p,)      all weights and biases
    first, second (p,)   the optimizer's memory; may be empty where it has none
    scratch (s,)         room for a mini-batch; its content does not matter
    costs (m,)           float64: of each row of a mini-batch
    correct (threads,)   int64: how many rows each thread found to be classified correctly
    epochs (e, f)        float64: figures of each epoch that ends, see epoch.epoch_figures
    """

    parameters: object
    first: object
    second: object
    scratch: object
    costs: object
    correct: object
    epochs: object


@inline
def memory_at(m):
    """The memory as pointers."""
    return Memory(
        pointer(m.parameters, 0), pointer(m.first, 0), pointer(m.second, 0),
        pointer(m.scratch, 0), pointer(m.costs, 0), pointer(m.correct, 0),
        pointer(m.epochs, 0),
    )  # fmt: skip
