"""What outputs ought to be: target rows of some rows at a time, copied or made from labels."""

import numpy as np

from fastnn.kernels.feedforward import gather_rows
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.matrix import Matrix, row_of, whole_rows
from fastnn.kernels.simd import advance, item, keep_lanes, lanes_at, set_item, splat, store
from fastnn.layout.training import Targets

__all__ = ["target_rows", "targets_from"]


@inline
def targets_from(y, n, first):
    """The targets from row `first` on, of n outputs each."""
    labels = np.int64(y.labelled)  # the other array is empty
    rows, first_label = advance(y.rows, (1 - labels) * first * n), labels * first
    return Targets(rows, advance(y.labels, first_label), y.labelled, y.on, y.off)


@inner
def target_rows(y, order, target):
    """target (m, n) out: those of the rows order[0], order[1], ...; padding is 0."""
    n, m, stride = target.width, target.rows, target.stride
    if not y.labelled:
        gather_rows(Matrix(y.rows, n, m, n), order, whole_rows(target), 1)
        return
    for i in range(m):
        row = row_of(target, i)
        for j in range(0, stride, lanes_at(row)):
            store(row, j, keep_lanes(splat(y.off), n - j, 0.0))
        set_item(row, np.int64(item(y.labels, item(order, i))), y.on)
