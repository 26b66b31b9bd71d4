"""Matrices by panels: copies of some of their columns, one row right behind the other.

Rows of a wide matrix lie far apart: each is on a cache line, and on a page, of its own, and they
push each other out of the cache. Whoever reads some columns of it many times copies them first.
"""

from fastnn.kernels.jit import inline
from fastnn.kernels.matrix import Matrix, row_of
from fastnn.kernels.simd import advance, copy_items, lanes_at, load_tile, store_tile
from fastnn.machine.registers import REGISTER_BYTES, TILE_ROWS, TILE_VECTORS

__all__ = ["packed_columns", "packed_panel", "panel_width", "worth_packing"]

_AT_HOME = 16 * 1024 // REGISTER_BYTES  # vectors: no more of them stay in the L1 cache as they are


@inline
def worth_packing(a):
    """Whether a is so large that columns of it are quicker to read as a copy."""
    return a.rows * a.stride > _AT_HOME * lanes_at(a.start)


@inline
def panel_width(vectors):
    """How many of so many vectors the next panel has.

    One vector alone would keep few of a tile's sums at work: two panels of two rather.
    """
    return 2 if vectors == TILE_VECTORS + 1 else min(vectors, TILE_VECTORS)


def packed_panel(vectors):
    """The kernel that copies a panel of so many vectors to `room`."""

    @inline
    def pack(panel, room):
        width = vectors * lanes_at(room)
        for k in range(panel.rows):
            store_tile(load_tile(1, vectors, row_of(panel, k), 0), advance(room, k * width), 0)
        return Matrix(room, width, panel.rows, width)

    return pack


@inline
def packed_columns(a, room):
    """Copy a (m, n) by TILE_ROWS columns: for each of these groups m rows, and then the next group.

    room  for n columns, in whole groups
    """
    for j in range(0, a.width, TILE_ROWS):
        group = advance(room, j * a.rows)
        for i in range(a.rows):
            copy_items(TILE_ROWS, advance(row_of(a, i), j), advance(group, i * TILE_ROWS))
