"""Outputs, cost and accuracy of any number of rows, block by block in bounded memory.

Where x is mostly zeros, each block is compressed to its non-zeros first. Blocks have the same
size and place for any number of threads, so the result is the same bits.
"""

import numpy as np

from fastnn.kernels.feedforward import add_parts, feedforward, weighted_input
from fastnn.kernels.functions.activations import activate
from fastnn.kernels.functions.costs import count_correct, output_costs
from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.layer import Pass, activations_of, layer_of, layers_of, targets_of
from fastnn.kernels.layer1.compressed import Entries, compress_row
from fastnn.kernels.layer1.scaled import weighted_rows
from fastnn.kernels.matrix import row_of, whole_rows
from fastnn.kernels.raw_rows import count_nonzeros, gather_inputs
from fastnn.kernels.simd import advance, item, set_item
from fastnn.kernels.targets import target_rows, targets_from
from fastnn.layout.rows import SPARSE

__all__ = ["evaluate", "outputs"]


# To find a row's non-zeros takes as long as its product with so many neurons' weights (measured).
# A single row's product waits for the weights, which serve no other row.
WORTH_COMPRESSING, WORTH_COMPRESSING_ALONE = 96, 16


@inline
def _pass_of(layers, parameters, room, m):
    buffer = advance(room.scratch, item(layers.room, 0))
    return Pass(layers, parameters, room.scratch, buffer, np.int64(0), m)


@inner
def _block_to_z(p, room, x, start, sparse):
    """As many rows of x as the pass has, from row `start` on, up to the output's z."""
    layer, inputs = layer_of(p, 1), item(p.layers.sizes, 0)
    if sparse:
        if x.compressed:
            starts = advance(x.nonzeros.starts, start)
            _entries_to_z(p, layer, room.order, starts, x.nonzeros.columns, x.nonzeros.values)
        else:
            columns, values, q = room.columns, room.values, 0
            for i in range(p.m):
                set_item(room.starts, i, q)
                q = compress_row(x.raw, start + i, inputs, room.scale, columns, values, q)
            set_item(room.starts, p.m, q)
            _entries_to_z(p, layer, room.order, room.starts, columns, values)
    else:
        a = activations_of(p, 0)
        gather_inputs(x.raw, inputs, start, np.int64(0), room.order, whole_rows(a), room.scale)
        weighted_input(layer, a, p.buffer)
    feedforward(p)


@inline
def _entries_to_z(p, layer, order, starts, columns, values):
    entries = Entries(order, starts, advance(starts, 1), columns, values)
    weighted_rows(entries, layer.w, 1.0, layer.a, entries, np.int64(0))
    add_parts(layer.a, np.int64(0), 1, layer.b, layer.a)


@inner
def _sparse(layers, x, block):
    """Whether to take x by its non-zeros, by its first block: the same for every thread."""
    if x.compressed:
        return True
    inputs, alone = item(layers.sizes, 0), x.raw.rows == 1
    if item(layers.sizes, 1) < (WORTH_COMPRESSING_ALONE if alone else WORTH_COMPRESSING):
        return False
    size = min(block, x.raw.rows) * inputs
    return inputs < 65536 and count_nonzeros(x.raw, size) < SPARSE * size


@kernel
def outputs(table, parameters, room, x, first, last, result, offset):
    """result (rows, outputs) = the output layer's activations for x, RowsToEvaluate.

    Only the rows first to last - 1, a block at a time; first is a multiple of it. The result
    begins with row `offset`.
    """
    layers = layers_of(table)
    sparse = _sparse(layers, x, room.block)
    for start in range(first, last, room.block):
        m = min(room.block, last - start)
        p = _pass_of(layers, parameters, room, m)
        _block_to_z(p, room, x, start, sparse)
        layer = layer_of(p, layers.last)
        activate(layer)
        for i in range(m):
            a, n = row_of(layer.a, i), layer.a.width
            for j in range(n):
                set_item(result, (start - offset + i) * n + j, item(a, j))


@kernel
def evaluate(table, parameters, room, x, judged, first, last):
    """What there is to say of each block of the rows first to last - 1 of x, see Judged."""
    layers = layers_of(table)
    sparse = _sparse(layers, x, room.block)
    for start in range(first, last, room.block):
        m = min(room.block, last - start)
        p = _pass_of(layers, parameters, room, m)
        targets = targets_of(p)
        target_rows(targets_from(judged.y, targets.width, start), room.order, targets)
        _block_to_z(p, room, x, start, sparse)
        output_costs(p, room.costs)
        total = 0.0
        for i in range(m):
            weight = float(item(judged.row_weights, start + i)) if judged.weighted else 1.0
            total += weight * item(room.costs, i)
        set_item(judged.costs, start // room.block, total)
        correct = count_correct(activations_of(p, layers.last), targets, judged.each)
        set_item(judged.correct, start // room.block, correct)
