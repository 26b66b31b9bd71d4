"""Rows where they lie: those of a matrix, or many small arrays, of which no matrix is made first.

Where an array's numbers are, NumPy says in a microsecond, and what shape and dtype they have in
another; to read that of an array in memory, as C programs do, takes a few nanoseconds.
"""

import ctypes
import sys
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.layout.rows import ROW_DTYPES, Columns, PlacedRows, RawRows
from fastnn.native import kernels

__all__ = ["as_rows", "copy_rows", "find_rows"]

_HEAD = object.__basicsize__  # of what every object begins with in CPython; its type comes last
_WORD = 8  # bytes
# An array's own fields: data, number of axes, shape, strides, owner, dtype, flags.
_FIELDS = np.dtype("i8, i4, i4, i8, i8, i8, i8, i4, i4")


def as_rows(x: RawRows) -> PlacedRows:
    """The rows of a matrix, which is theirs to keep."""
    length = x.start.size // max(1, x.rows)
    first = x.start.__array_interface__["data"][0]
    return PlacedRows(first + length * np.arange(x.rows), x.code, length, x.rows)


def find_rows(columns: list[Any], size: int, narrowest: DTypeLike) -> PlacedRows | None:
    """Columns (size, 1) as rows; None if they are for NumPy to understand.

    All must be plain arrays of one dtype, which kernels read and whose numbers `narrowest` holds
    exactly. They have to stay alive, and their numbers where they are.
    """
    first = columns[0] if columns else None
    if type(first) is not np.ndarray or first.dtype not in ROW_DTYPES:
        return None
    n, dtype = len(columns), first.dtype
    if not np.can_cast(dtype, narrowest) or not _knows_fields():
        return None
    ids, addresses = np.fromiter(map(id, columns), np.int64, n), np.empty(n, np.int64)
    if kernels.find_columns(
        Columns(ids, n, size, dtype.itemsize, _HEAD, id(np.ndarray), id(dtype)), addresses
    ):
        return PlacedRows(addresses, ROW_DTYPES[dtype], size * dtype.itemsize, n)
    return None


def copy_rows(rows: PlacedRows, target: NDArray) -> None:
    """Write the rows to those of a C-contiguous float array, which holds all numbers exactly."""
    kernels.copy_rows(rows, target.shape[1], target)


@cache
def _knows_fields() -> bool:
    """Whether arrays are in memory what NumPy's C headers say, as far as kernels rely on it."""
    if (
        sys.implementation.name != "cpython"
        or ctypes.sizeof(ctypes.c_void_p) != _WORD
        or np.ndarray.__basicsize__ < _HEAD + _FIELDS.itemsize
    ):
        return False
    array = np.zeros((4, 3), np.float32)[::2, 1:2]
    memory = ctypes.string_at(id(array), _HEAD + _FIELDS.itemsize)
    kind = np.frombuffer(memory, np.int64, 1, _HEAD - _WORD)[0]
    data, axes, _, shape, strides, base, dtype, flags, _ = np.frombuffer(
        memory, _FIELDS, 1, _HEAD
    ).tolist()[0]
    expected = array.__array_interface__["data"][0], 2, id(array.base), id(array.dtype)
    if kind != id(np.ndarray) or (data, axes, base, dtype) != expected or flags != array.flags.num:
        return False
    pairs = [(ctypes.c_int64 * 2).from_address(place) for place in (shape, strides)]
    return [*map(tuple, pairs)] == [array.shape, array.strides]
