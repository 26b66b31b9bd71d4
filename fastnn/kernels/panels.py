"""Copies of a product's factors, in the order in which its tiles read them.

Rows of a wide matrix lie far apart: each is on a cache line, and on a page, of its own, and they
push each other out of the cache. So b is copied to panels, as wide as a tile and one row right
behind the other, and of a transposed factor the columns that a tile takes together (Goto and van de
Geijn 2008, "Anatomy of high-performance matrix multiplication").

Copies are of a part of the depth, PANEL_ROWS, so that a panel stays in the L1 cache; of at most
PANELS panels; and of at most row_block columns, which stay in the L2 cache.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.matrix import Matrix, columns_of, row_of, whole_vectors
from fastnn.kernels.simd import advance, copy_items, lanes_at, load_tile, store_tile
from fastnn.layout.layers import BUFFER_VECTORS, COLUMNS_ROOM, COLUMNS_VECTORS, GAP_VECTORS, PANELS
from fastnn.machine.registers import PANEL_ROWS, REGISTER_BYTES, TILE_ROWS, TILE_VECTORS

__all__ = [
    "for_each_panel",
    "packed_columns",
    "packed_panels",
    "panel_block",
    "panel_of",
    "row_block",
    "worth_packing",
]

_AT_HOME = 16 * 1024 // REGISTER_BYTES  # vectors: no more of them stay in the L1 cache as they are


@inline
def worth_packing(a):
    """Whether a is so large that columns of it are quicker to read as a copy."""
    return a.rows * a.stride > _AT_HOME * lanes_at(a.start)


@inline
def panel_block(lanes):
    """How many columns PANELS panels have."""
    return np.int64(PANELS * TILE_VECTORS) * lanes


@inline
def row_block(lanes):
    """How many rows of c, with a's of a part of the depth, stay in the L2 cache."""
    return np.int64(COLUMNS_VECTORS // PANEL_ROWS) * lanes


@inline
def _panel_width(vectors):
    """How many of so many vectors the next panel has.

    One vector alone would keep few of a tile's sums at work: two panels of two rather.
    """
    return 2 if vectors == TILE_VECTORS + 1 else min(vectors, TILE_VECTORS)


class Panels(NamedTuple):
    """A factor b (depth, n) by panels; if packed, copies of them."""

    b: Matrix
    packed: bool
    room: object


@inline
def _place(j, rows, lanes):
    """Where the panel from column j on begins: a line further than right behind the others.

    Distances of a power of two would have the panels' rows push each other out of the cache.
    """
    return j * rows + j // (TILE_VECTORS * lanes) * (GAP_VECTORS * lanes)


@inline
def panel_of(panels, j, width):
    """The columns j to j + width - 1, where a panel begins."""
    if panels.packed:
        start = advance(panels.room, _place(j, panels.b.rows, lanes_at(panels.room)))
        return Matrix(start, width, panels.b.rows, width)
    return columns_of(panels.b, j, j + width)


def for_each_panel(kernel):
    """The kernel that calls kernel(vectors) for each panel of n columns.

    That takes the panel's first column, and the arguments.
    """
    three, two, one = kernel(TILE_VECTORS), kernel(2), kernel(1)

    @inline
    def for_each(n, lanes, arguments):
        j = np.int64(0)
        while j < n:
            vectors = _panel_width((n - j) // lanes)
            if vectors == TILE_VECTORS:
                three(j, arguments)
            elif vectors == 2:
                two(j, arguments)
            else:
                one(j, arguments)
            j += vectors * lanes

    return for_each


def _row_copy(vectors):
    @inline
    def copy(j, row):
        width = vectors * lanes_at(row.start)
        place = _place(j, row.rows, lanes_at(row.start)) + row.number * width
        store_tile(load_tile(1, vectors, advance(row.start, j), 0), advance(row.room, place), 0)

    return copy


class _Row(NamedTuple):
    """Row `number` of b, which has so many rows, on its way to the panels in `room`."""

    start: object
    number: int
    rows: int
    room: object


_copy_row = for_each_panel(_row_copy)


@inner
def packed_panels(b, packed, buffer):
    """The Panels of b, which has at most PANEL_ROWS rows and PANELS panels.

    Row by row, for the CPU sees that the next numbers of a row will be wanted, but not the next
    row's.
    """
    lanes = lanes_at(buffer)
    room = advance(buffer, (BUFFER_VECTORS + COLUMNS_ROOM) * lanes)
    if packed:
        n = whole_vectors(b)
        for k in range(b.rows):
            _copy_row(n, lanes, _Row(row_of(b, k), k, b.rows, room))
    return Panels(b, packed, room)


class Columns(NamedTuple):
    """Columns of a (m, k), of which TILE_ROWS are read together.

    start   pointer to the first
    row     how many elements later the next row begins
    column  how many elements later the next column begins, if it is the first of a tile
    """

    start: object
    row: int
    column: int


@inner
def packed_columns(a, packed, buffer):
    """The Columns of a, which has at most PANEL_ROWS rows and row_block columns."""
    start, row, column = a.start, a.stride, np.int64(1)
    if packed:
        lanes = lanes_at(buffer)
        start, row = advance(buffer, BUFFER_VECTORS * lanes), np.int64(TILE_ROWS)
        group = a.rows * TILE_ROWS + GAP_VECTORS * lanes
        column = group // TILE_ROWS
        for i in range(a.rows):
            for j in range(0, a.width, TILE_ROWS):
                copy_items(
                    TILE_ROWS, advance(row_of(a, i), j), advance(start, j * column + i * TILE_ROWS)
                )
    return Columns(start, row, column)
