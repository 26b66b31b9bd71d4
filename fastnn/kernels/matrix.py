"""A matrix as a value: what kernels hand to each other instead of a pointer and three numbers."""

from typing import NamedTuple

from fastnn.kernels.jit import inline
from fastnn.kernels.simd import advance, lanes_at, store, zeros

__all__ = [
    "Matrix",
    "clear",
    "clear_padding",
    "columns_of",
    "row_of",
    "rows_of",
    "whole_rows",
    "whole_vectors",
]


class Matrix(NamedTuple):
    """Numbers in memory, by rows.

    start        pointer to the first number
    stride       how many elements later the next row begins
    rows, width  how many numbers it has; rows does not matter where they are asked for by number
    """

    start: object
    stride: int
    rows: int
    width: int


@inline
def row_of(a, i):
    """Where row i of a begins."""
    return advance(a.start, i * a.stride)


@inline
def rows_of(a, first, last):
    """The rows first to last - 1 of a."""
    return Matrix(row_of(a, first), a.stride, last - first, a.width)


@inline
def columns_of(a, first, last):
    """The columns first to last - 1 of a."""
    return Matrix(advance(a.start, first), a.stride, a.rows, last - first)


@inline
def whole_rows(a):
    """The rows of a with their padding."""
    return Matrix(a.start, a.stride, a.rows, a.stride)


@inline
def whole_vectors(a):
    """How many columns the vectors have that hold a's: kernels take these, up to `stride`."""
    lanes = lanes_at(a.start)
    return (a.width + lanes - 1) // lanes * lanes


@inline
def clear_padding(a):
    """What lies behind a's vectors, up to the next row, becomes 0."""
    clear(columns_of(a, whole_vectors(a), a.stride))


@inline
def clear(a):
    """a = 0, in whole vectors."""
    for i in range(0, a.rows * a.stride, a.stride):
        for j in range(0, a.width, lanes_at(a.start)):
            store(a.start, i + j, zeros(a.start))
