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
from fastnn.kernels.layout import HALF_TILE
from fastnn.kernels.simd import (
    TILE_ROWS,
    add_outer_product,
    advance,
    lanes_at,
    load_square,
    load_tile,
    store_tile,
    transposed,
)

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
    """The kernel for `rows` rows of a panel of c."""
    add_to = sum_of_outer_products(rows, vectors)

    @inline
    def product_of_rows(i, c, c_row, a, a_row, b, b_row, depth):
        ci = advance(c, i * c_row)
        tile = load_tile(rows, vectors, ci, c_row)
        store_tile(add_to(tile, advance(a, i * a_row), a_row, 1, b, b_row, depth), ci, c_row)

    return product_of_rows


def _panel_product(vectors):
    """The kernel for one panel of c: `vectors` wide, all rows.

    Every number of it is the same sum in the same order, in whichever tile it lies.
    """
    whole, half = _product_of_rows(TILE_ROWS, vectors), _product_of_rows(HALF_TILE, vectors)

    @inline
    def panel_product(c, c_row, a, a_row, b, b_row, m, depth):
        i = np.int64(0)
        while i + TILE_ROWS <= m:
            whole(i, c, c_row, a, a_row, b, b_row, depth)
            i += TILE_ROWS
        while i < m:
            half(i, c, c_row, a, a_row, b, b_row, depth)
            i += HALF_TILE

    return panel_product


_wide_panel_product = _panel_product(2)
_narrow_panel_product = _panel_product(1)


@inner
def add_product(c, c_row, a, a_row, b, b_row, m, n, depth):
    """C += a b.

    c (m, n)     in and out, rows c_row apart
    a (m, depth) in, rows a_row apart
    b (depth, n) in, rows b_row apart
    """
    lanes = lanes_at(c)
    for k in range(0, depth, DEPTH_BLOCK):
        a_part, b_part, part = advance(a, k), advance(b, k * b_row), min(DEPTH_BLOCK, depth - k)
        whole = n - n % (2 * lanes)
        for j in range(0, whole, 2 * lanes):
            _wide_panel_product(
                advance(c, j), c_row, a_part, a_row, advance(b_part, j), b_row, m, part
            )
        if whole < n:
            _narrow_panel_product(
                advance(c, whole), c_row, a_part, a_row, advance(b_part, whole), b_row, m, part
            )


@inner
def transpose(a, a_row, m, n, t, t_row):
    """t (n, m) = a (m, n) transposed; rows are a_row and t_row apart.

    Both have room for whole squares of vectors; what lies beyond a's rows and columns is
    transposed as well.
    """
    side = lanes_at(a)
    for i in range(0, m, side):
        for j in range(0, n, side):
            square = transposed(load_square(advance(a, i * a_row + j), a_row))
            store_tile(square, advance(t, j * t_row + i), t_row)
