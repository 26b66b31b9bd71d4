"""Outputs, cost and accuracy of any number of rows, block by block in bounded memory.

Where x is mostly zeros, each block is compressed to its non-zeros first. Blocks have the same
size and place for any number of threads, so the result is the same bits.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.feedforward import add_parts, copy_rows, feedforward
from fastnn.kernels.functions.activations import activate
from fastnn.kernels.functions.costs import count_correct, output_costs
from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.layer1.compressed import Rows, compress_row, mostly_zeros
from fastnn.kernels.layer1.scaled import sparse_weighted_input
from fastnn.kernels.layout import HALVES, layers_of
from fastnn.kernels.simd import advance, item, pointer, set_item
from fastnn.kernels.targets import target_rows, targets_at

__all__ = ["Room", "evaluate", "outputs"]


# To find a row's non-zeros takes as long as its product with so many neurons' weights (measured).
WORTH_COMPRESSING = 128


class Room(NamedTuple):
    """Memory of one thread for a block of rows, of any content; in kernels pointers.

    scratch (s,)                        see layout.Plan
    order (block + 1,)                  int64: 0, 1, 2, ...
    starts (block + 1,)                 int64
    columns, values (block * inputs + SPARE,)  uint16 and the parameters' dtype
    costs (block,)                      float64
    scale                               what inputs are multiplied by, of the parameters' dtype
    """

    scratch: object
    order: object
    starts: object
    columns: object
    values: object
    costs: object
    scale: float


@inline
def _room_at(r):
    return Room(
        pointer(r.scratch, 0),
        pointer(r.order, 0),
        pointer(r.starts, 0),
        pointer(r.columns, 0),
        pointer(r.values, 0),
        pointer(r.costs, 0),
        r.scale,
    )


@inner
def _block_to_z(layers, parameters, room, x, sparse, first, m):
    """The rows first to first + m - 1 of x, through the network up to the output's z."""
    scratch = room.scratch
    inputs, width_1, stride_1 = (
        item(layers.sizes, 0),
        item(layers.widths, 1),
        item(layers.strides, 1),
    )
    if sparse:
        columns, values, q = room.columns, room.values, 0
        for i in range(m):
            set_item(room.starts, i, q)
            q = compress_row(x, first + i, inputs, None, room.scale, columns, values, q)
        set_item(room.starts, m, q)
        w, b = advance(parameters, item(layers.w, 0)), advance(parameters, item(layers.b, 0))
        z = advance(scratch, item(layers.a, 1))
        rows = Rows(room.order, room.starts, columns, values, inputs, room.starts)
        sparse_weighted_input(
            rows, 0, HALVES, np.int64(0), m, w, np.int64(0), width_1, stride_1, 1.0, z
        )
        add_parts(z, np.int64(0), 1, b, m, width_1, stride_1, z)
    else:
        a, stride_0 = advance(scratch, item(layers.a, 0)), item(layers.strides, 0)
        copy_rows(x, inputs, first, m, a, stride_0, room.scale)
    feedforward(layers, parameters, scratch, np.int64(0), m, sparse)


@inner
def _sparse(layers, x, block):
    """Whether to compress x, going by its first block: the same for every thread."""
    inputs = item(layers.sizes, 0)
    if item(layers.sizes, 1) < WORTH_COMPRESSING:
        return False
    return inputs < 65536 and mostly_zeros(pointer(x, 0), min(block, x.shape[0]), inputs)


@kernel
def outputs(table, parameters, room_, x, first, last, block, result, offset):
    """result (rows, outputs) = the output layer's activations for x (rows, inputs).

    Only the rows first to last - 1, `block` at a time; first is a multiple of block. The result
    begins with row `offset`.
    """
    layers, room = layers_of(table), _room_at(room_)
    final = layers.last
    n, stride = item(layers.sizes, final), item(layers.strides, final)
    p, px, out = pointer(parameters, 0), pointer(x, 0), pointer(result, 0)
    a = advance(room.scratch, item(layers.a, final))
    sparse = _sparse(layers, x, block)
    for start in range(first, last, block):
        m = min(block, last - start)
        _block_to_z(layers, p, room, px, sparse, start, m)
        activate(layers, final, room.scratch, np.int64(0), m)
        for i in range(m):
            for j in range(n):
                set_item(out, (start - offset + i) * n + j, item(a, i * stride + j))


@kernel
def evaluate(
    table, cost, each, parameters, room_, x, y, weights, first, last, block, costs, correct
):
    """The sum of data costs and the rows correct, of each block of rows first to last - 1.

    each                               see costs.count_correct
    x (rows, inputs), y (targets.Targets), weights (rows,) or None (1 each) in
    costs float64, correct int64 (blocks,) out
    """
    layers, room = layers_of(table), _room_at(room_)
    final = layers.last
    n, stride = item(layers.sizes, final), item(layers.strides, final)
    p, px = pointer(parameters, 0), pointer(x, 0)
    a = advance(room.scratch, item(layers.a, final))
    targets = advance(room.scratch, item(layers.y, 0))
    sparse = _sparse(layers, x, block)
    for start in range(first, last, block):
        m = min(block, last - start)
        target_rows(targets_at(y, n, start), n, room.order, np.int64(0), m, stride, targets)
        _block_to_z(layers, p, room, px, sparse, start, m)
        output_costs(layers, cost, room.scratch, np.int64(0), m, room.costs)
        total = 0.0
        for i in range(m):
            total += _weight(weights, start + i) * item(room.costs, i)
        costs[start // block] = total
        correct[start // block] = count_correct(a, targets, m, n, stride, each)


@inline
def _weight(weights, i):
    if weights is None:
        return 1.0
    return float(weights[i])
