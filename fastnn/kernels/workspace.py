"""What a training reads and writes: arrays as Python hands them over, pointers in kernels."""

from typing import NamedTuple

from fastnn.kernels.jit import inline
from fastnn.kernels.simd import pointer
from fastnn.kernels.sparse import Rows
from fastnn.kernels.sparse_sorted import bins_at

__all__ = ["DENSE", "SCALED", "SORTED", "Data", "Memory", "data_at", "memory_at"]

# How the rows' inputs are given, and layer 1 works on them; see sparse_scaled, sparse_sorted.
DENSE, SCALED, SORTED = range(3)


class Data(NamedTuple):
    """The training set: read-only arrays.

    x (rows, inputs)   any float dtype; read if kind is DENSE
    y (rows, outputs)  targets, the parameters' dtype
    each               whether every output decides for itself, see costs.count_correct
    weighted           whether rows count differently in cost and gradient:
    weights (rows,)    how much each does, the parameters' dtype
    order (k,) int64   the rows to take, in this order
    k                  how many those are
    etas (updates,)    float64: the learning rate of each mini-batch
    kind               DENSE, or the rows' non-zeros are read, see kernels.sparse:
    starts (rows + 1,) int64, columns (non-zeros,) uint16, values (non-zeros,)
    """

    x: object
    y: object
    each: bool
    weighted: bool
    weights: object
    order: object
    k: int
    etas: object
    kind: int
    starts: object
    columns: object
    values: object


class _Data(NamedTuple):
    """The same with pointers; rows are the compressed ones."""

    x: object
    y: object
    each: bool
    weighted: bool
    weights: object
    order: object
    k: int
    etas: object
    kind: int
    rows: object


@inline
def data_at(d):
    """The data as pointers."""
    order = pointer(d.order, 0)
    rows = Rows(order, pointer(d.starts, 0), pointer(d.columns, 0), pointer(d.values, 0))
    return _Data(
        pointer(d.x, 0), pointer(d.y, 0), d.each, d.weighted, pointer(d.weights, 0), order, d.k,
        pointer(d.etas, 0), d.kind, rows,
    )  # fmt: skip


class Memory(NamedTuple):
    """What training writes to.

    parameters (p,)      all weights and biases
    first, second (p,)   the optimizer's memory; may be empty where it has none
    gradient (p,)        zeros between mini-batches; may be empty without clipping
    squares (units,)     float64, see norms.sum_squares; may be empty without clipping
    scratch (s,)         room for a mini-batch; its content does not matter
    costs, correct (u,)  float64 and int64: figures of each unit of a mini-batch's rows
    bins                 see sparse_sorted.Bins; empty unless kind is SORTED
    """

    parameters: object
    first: object
    second: object
    gradient: object
    squares: object
    scratch: object
    costs: object
    correct: object
    bins: object


@inline
def memory_at(m):
    """The memory as pointers."""
    return Memory(
        pointer(m.parameters, 0), pointer(m.first, 0), pointer(m.second, 0),
        pointer(m.gradient, 0), pointer(m.squares, 0), pointer(m.scratch, 0),
        pointer(m.costs, 0), pointer(m.correct, 0), bins_at(m.bins),
    )  # fmt: skip
