"""Matrix products as sums of outer products, tile by tile.

c += a b, with c (m, n), a (m, depth), b (depth, n): a tile of c stays in registers while
`depth` outer products of a column of a and a row of b are added to it. A tile of
TILE_ROWS x TILE_VECTORS makes each number that is loaded serve many multiplications, and has
enough independent sums to keep the CPU's multiply-add units busy.

Columns come in whole vectors, rows in whole tiles and then halves (the padding of `layout`). Less
than half a tile would take as long: each sum waits for its last addition, and there must be others
to work on meanwhile.

    for parts of the depth     whose panels have room in the L1 cache
        for blocks of a's rows     whose part stays in the L2 cache while all panels meet it
            for panels of b            packed first, if many rows will read them
                for tiles of c             in registers

Every number of c is the same sum in the same order, however it is cut into these.
"""

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.matrix import columns_of, row_of, rows_of, whole_vectors
from fastnn.kernels.panels import packed_panel, panel_width, worth_packing
from fastnn.kernels.simd import (
    add_outer_product,
    advance,
    lanes_at,
    load_square,
    load_tile,
    store_tile,
    transposed,
)
from fastnn.layout.layers import BUFFER_VECTORS, HALF_TILE
from fastnn.machine.registers import PANEL_ROWS, TILE_ROWS, TILE_VECTORS

ROW_BLOCK = (
    128  # a's rows: with PANEL_ROWS columns of float32 they take 128 KB, of float64 twice that
)
FEW_ROWS = 4 * TILE_ROWS  # to copy a panel takes as long as to multiply some rows by it


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
    """The kernel for one panel of c: `vectors` wide, all rows."""
    whole, half = _product_of_rows(TILE_ROWS, vectors), _product_of_rows(HALF_TILE, vectors)
    pack = packed_panel(vectors)

    @inline
    def panel_product(j, c, a, b, room):
        width = vectors * lanes_at(room)
        c, panel = columns_of(c, j, j + width), columns_of(b, j, j + width)
        if c.rows > FEW_ROWS and worth_packing(b):
            panel = pack(panel, room)
        i = np.int64(0)
        while i + TILE_ROWS <= c.rows:
            whole(i, c, a, panel)
            i += TILE_ROWS
        while i < c.rows:
            half(i, c, a, panel)
            i += HALF_TILE

    return panel_product


_panel_of_three, _panel_of_two = _panel_product(TILE_VECTORS), _panel_product(2)
_panel_of_one = _panel_product(1)


@inner
def add_product(c, a, b, buffer):
    """c += a b.

    c (m, n) in and out, a (m, depth) in, b (depth, n) in
    buffer  the thread's own room
    """
    room = panel_room(buffer)
    for k in range(0, a.width, PANEL_ROWS):
        end = min(a.width, k + PANEL_ROWS)
        a_part, b_part = columns_of(a, k, end), rows_of(b, k, end)
        for i in range(0, c.rows, ROW_BLOCK):
            last = min(c.rows, i + ROW_BLOCK)
            _add_block(rows_of(c, i, last), rows_of(a_part, i, last), b_part, room)


@inline
def panel_room(buffer):
    """Where in a thread's own room a panel is packed."""
    return advance(buffer, BUFFER_VECTORS * lanes_at(buffer))


@inline
def _add_block(c, a, b, room):
    lanes, n = lanes_at(room), whole_vectors(c)
    j = np.int64(0)
    while j < n:
        vectors = panel_width((n - j) // lanes)
        if vectors == TILE_VECTORS:
            _panel_of_three(j, c, a, b, room)
        elif vectors == 2:
            _panel_of_two(j, c, a, b, room)
        else:
            _panel_of_one(j, c, a, b, room)
        j += vectors * lanes


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
