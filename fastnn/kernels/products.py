"""Matrix products as sums of outer products, tile by tile.

c += a b, with c (m, n), a (m, depth), b (depth, n): a tile of c stays in registers while
`depth` outer products of a column of a and a row of b are added to it. A tile of
TILE_ROWS x 2 vectors makes each number that is loaded serve many multiplications, and has
enough independent sums to keep the CPU's multiply-add units busy.

Columns come in whole vectors, rows in whole tiles and then halves (the padding of `layout`). Less
than half a tile would take as long: each sum waits for its last addition, and there must be others
to work on meanwhile.
"""

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.matrix import columns_of, row_of, rows_of, whole_vectors
from fastnn.kernels.simd import (
    add_outer_product,
    advance,
    lanes_at,
    load_square,
    load_tile,
    store_tile,
    transposed,
)
from fastnn.layout.layers import HALF_TILE
from fastnn.machine.registers import TILE_ROWS

# b's rows are taken this many at a time: that much of a panel of b stays in the L1 cache
# while it meets every row of a.
DEPTH_BLOCK = 256


def sum_of_outer_products(rows, vectors):
    """The kernel that adds a (rows, depth) times b (depth, vectors) to a tile.

    a's element (i, k) lies at i * a_row + k * a_column, b's row k at k * b_row. So the
    same code multiplies by a (a_column = 1) and by its transpose (a_row = 1).
    """

    @inline
    def add_to(tile, a, a_row, a_column, b, b_row, depth):
        for k in range(depth):
            tile = add_outer_product(tile, advance(a, k * a_column), a_row, advance(b, k * b_row))
        return tile

    return add_to


def _product_of_rows(rows, vectors):
    """The kernel for `rows` rows of a panel of c, from row i on."""
    add_to = sum_of_outer_products(rows, vectors)

    @inline
    def product_of_rows(i, c, a, b):
        ci, ai = row_of(c, i), row_of(a, i)
        tile = load_tile(rows, vectors, ci, c.stride)
        store_tile(add_to(tile, ai, a.stride, 1, b.start, b.stride, a.width), ci, c.stride)

    return product_of_rows


def _panel_product(vectors):
    """The kernel for one panel of c: `vectors` wide, all rows.

    Every number of it is the same sum in the same order, in whichever tile it lies.
    """
    whole, half = _product_of_rows(TILE_ROWS, vectors), _product_of_rows(HALF_TILE, vectors)

    @inline
    def panel_product(c, a, b):
        i = np.int64(0)
        while i + TILE_ROWS <= c.rows:
            whole(i, c, a, b)
            i += TILE_ROWS
        while i < c.rows:
            half(i, c, a, b)
            i += HALF_TILE

    return panel_product


_wide_panel_product = _panel_product(2)
_narrow_panel_product = _panel_product(1)


@inner
def add_product(c, a, b):
    """c += a b.

    c (m, n) in and out, a (m, depth) in, b (depth, n) in
    """
    panel, depth = 2 * lanes_at(c.start), a.width
    n = whole_vectors(c)
    whole = n - n % panel
    for k in range(0, depth, DEPTH_BLOCK):
        end = min(depth, k + DEPTH_BLOCK)
        a_part, b_part = columns_of(a, k, end), rows_of(b, k, end)
        for j in range(0, whole, panel):
            _wide_panel_product(
                columns_of(c, j, j + panel), a_part, columns_of(b_part, j, j + panel)
            )
        if whole < n:
            _narrow_panel_product(columns_of(c, whole, n), a_part, columns_of(b_part, whole, n))


@inner
def transpose(a, t):
    """t (n, m) = a (m, n) transposed.

    Both have room for whole squares of vectors; what lies beyond a's rows and columns is
    transposed as well.
    """
    side = lanes_at(a.start)
    for i in range(0, a.rows, side):
        for j in range(0, a.width, side):
            square = transposed(load_square(advance(a.start, i * a.stride + j), a.stride))
            store_tile(square, advance(t.start, j * t.stride + i), t.stride)
