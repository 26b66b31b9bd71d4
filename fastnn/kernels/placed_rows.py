"""Rows that lie apart, such as the columns of the book's list of samples, read where they are."""

import numpy as np

from fastnn.kernels.addresses import bytes_at
from fastnn.kernels.jit import inline, inner, kernel
from fastnn.kernels.raw_rows import of_any_dtype
from fastnn.kernels.simd import advance, item, line_at, prefetch, reinterpreted, set_item
from fastnn.layout.rows import RawRows

__all__ = ["copy_rows", "find_columns", "prefetch_row", "row_at"]

# The fields of an array in NumPy's C headers, in words of 8 bytes behind the head of an object.
# They are part of its binary interface.
_DATA, _NDIM, _SHAPE, _STRIDES, _DTYPE, _FLAGS, _WORDS = 0, 1, 2, 3, 5, 6, 7
_ALIGNED = 0x100  # a flag

_AHEAD = 16  # arrays, of which memory is asked for what is read of them next


@inline
def row_at(rows, i):
    """Row i of PlacedRows, as RawRows of one row."""
    return RawRows(bytes_at(item(rows.addresses, i), rows.length), rows.code, 1)


@inline
def prefetch_row(rows, i):
    """Ask for row i, if there is one: soon to be read."""
    if i < rows.rows:
        row = bytes_at(item(rows.addresses, i), rows.length)
        for k in range(0, rows.length, line_at(row)):
            prefetch(row, k)


@kernel
def copy_rows(rows, size, target):
    """target (rows, size) out, a float dtype that holds all numbers of the PlacedRows exactly."""
    for i in range(rows.rows):
        prefetch_row(rows, i + _AHEAD)
        _copy_row(row_at(rows, i), size, advance(target, i * size))


@of_any_dtype
@inner
def _copy_row(row, size, target):
    for j in range(size):
        set_item(target, j, item(row, j))


@kernel
def find_columns(columns, addresses):
    """addresses (rows,) out: where the numbers of Columns lie.

    Returns whether all are arrays as they should be: no subclass, of this size and dtype, aligned,
    the numbers one after the other. Nothing else in memory is looked at before that is known.
    """
    for i in range(columns.rows + _AHEAD):
        if i + _AHEAD < columns.rows:
            prefetch(_words(item(columns.arrays, i + _AHEAD), columns.head), columns.head // 8)
        if i < columns.rows:
            array = item(columns.arrays, i)
            if not _is_array(columns, array):
                return False
            fields = _fields(columns, array)
            prefetch(_words(item(fields, _SHAPE), 16), 0)
            set_item(addresses, i, item(fields, _DATA))
        if i >= _AHEAD and not _is_column(columns, item(columns.arrays, i - _AHEAD)):
            return False
    return True


@inline
def _is_array(columns, array):
    """Whether it is an array of two axes, of the dtype, and aligned."""
    if item(_words(array, columns.head), columns.head // 8 - 1) != columns.kind:
        return False
    fields = _fields(columns, array)
    halves = reinterpreted(fields, np.int32)
    return (
        item(fields, _DTYPE) == columns.dtype
        and item(halves, 2 * _NDIM) == 2
        and item(halves, 2 * _FLAGS) & _ALIGNED != 0
    )


@inline
def _is_column(columns, array):
    """Whether an array of two axes has the shape, and its numbers one after the other."""
    fields = _fields(columns, array)
    shape, strides = _words(item(fields, _SHAPE), 16), _words(item(fields, _STRIDES), 16)
    return (
        item(shape, 0) == columns.size
        and item(shape, 1) == 1
        and item(strides, 0) == columns.itemsize
    )


@inline
def _fields(columns, array):
    return _words(array + columns.head, 8 * _WORDS)


@inline
def _words(address, size):
    return reinterpreted(bytes_at(address, size), np.int64)
