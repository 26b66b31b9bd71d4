"""What outputs ought to be: target rows of some rows at a time, copied or made from labels."""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.feedforward import gather_rows
from fastnn.kernels.jit import inline, inner
from fastnn.kernels.simd import advance, item, keep_lanes, lanes_at, pointer, set_item, splat, store

__all__ = ["Targets", "target_rows", "targets_at"]


class Targets(NamedTuple):
    """The targets of all rows, in one of two forms: read-only arrays, or pointers.

    rows (n, outputs)  target rows, of the parameters' dtype; empty where there are labels
    labels (n,) int32  each row's label: an output; empty where there are rows
    labelled           which of the two there is
    on, off            the target of a label's output, and of all others; of the parameters' dtype

    A row of ones and zeros takes as many times a label's memory as there are classes.
    """

    rows: object
    labels: object
    labelled: bool
    on: float
    off: float


@inline
def targets_at(t, n, first):
    """The targets from row `first` on, as pointers, for n outputs."""
    labels = np.int64(t.labelled)  # the other array is empty
    rows = pointer(t.rows, (1 - labels) * first * n)
    return Targets(rows, pointer(t.labels, labels * first), t.labelled, t.on, t.off)


@inner
def target_rows(t, n, order, start, m, stride, target):
    """target (m, stride) out: those of the rows order[start : start + m], padding is 0."""
    if not t.labelled:
        gather_rows(t.rows, n, 0, n, order, start, m, target, stride, stride, 1)
        return
    for i in range(m):
        row = advance(target, i * stride)
        for j in range(0, stride, lanes_at(target)):
            store(row, j, keep_lanes(splat(t.off), n - j, 0.0))
        set_item(row, np.int64(item(t.labels, item(order, start + i))), t.on)
