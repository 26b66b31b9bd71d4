"""Non-zeros as bytes, where their values are at most 255 steps of one size, as those of images.

MNIST's pixels are k / 255, or in the book k / 256, with whole k. As bytes they take an eighth of
float64's memory, and to wait for rows from memory is much of what training a small network takes.
Byte k stands for levels[k], the very number that was seen first with this k.
A number that is not among those does not fit, and the caller goes on with the values themselves.
"""

import numpy as np

from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.layer1.compressed import columns_of_row
from fastnn.kernels.layout import INPUT_GROUP
from fastnn.kernels.simd import item, pointer, set_item

__all__ = ["LEVELS", "append_coded_rows"]

LEVELS = 256  # as many as a byte can tell apart; the first is 0


@kernel
def append_coded_rows(x, group, steps, first, starts, columns, codes, seen, misfits):
    """Append the non-zeros of x (k, inputs), which are the rows first to first + k - 1 of all.

    steps    number: a value times this, rounded, is its byte
    group, starts, columns  as in sparse.append_rows
    codes    uint8 out
    seen     (LEVELS,) of x's dtype, in and out: the number of each byte, 0 where there is none yet
    misfits  (1,) int64, in and out: grows with each number that does not fit
    """
    k, inputs = x.shape
    q = starts[first]
    for i in range(k):
        row, begin = pointer(x, i * inputs), q
        q = columns_of_row(row, inputs, group, pointer(columns, 0), q)
        misfits[0] += _code(
            row,
            inputs,
            group,
            pointer(columns, 0),
            pointer(codes, 0),
            begin,
            q,
            steps,
            pointer(seen, 0),
        )
        starts[first + i + 1] = q


def _code_row(width):
    """The kernel for `_code` with so many values an entry."""

    @inline
    def code_row(row, inputs, columns, codes, begin, end, steps, seen):
        misfits = 0
        for q in range(begin, end):
            first = np.int64(item(columns, q)) * width
            for k in range(width):
                if width > 1 and (first + k >= inputs or item(row, first + k) == 0):
                    set_item(codes, q * width + k, np.uint8(0))
                    continue
                value = item(row, first + k)
                step = value * steps + 0.5
                if not (1.0 <= step < LEVELS):  # NaN doesn't fit, either
                    return misfits + 1
                level = np.int64(step)
                if item(seen, level) == 0:
                    set_item(seen, level, value)
                misfits += item(seen, level) != value
                set_item(codes, q * width + k, np.uint8(level))
        return misfits

    return code_row


_code_single, _code_group = _code_row(1), _code_row(INPUT_GROUP)


@inner
def _code(row, inputs, group, columns, codes, begin, end, steps, seen):
    """Write the bytes of the entries begin to end - 1 of all, in this row; how many don't fit."""
    if group is None:
        return _code_single(row, inputs, columns, codes, begin, end, steps, seen)
    return _code_group(row, inputs, columns, codes, begin, end, steps, seen)
