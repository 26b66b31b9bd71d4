"""Matrix products as sums of outer products, tile by tile.

c = start + a b, with c (m, n), a (m, depth), b (depth, n): a tile of c stays in registers while
`depth` outer products of a column of a and a row of b are added to it. A tile of
TILE_ROWS x TILE_VECTORS makes each number that is loaded serve many multiplications, and has
enough independent sums to keep the CPU's multiply-add units busy.

Columns come in whole vectors, rows in whole tiles and then halves (the padding of `layout`). Less
than half a tile would take as long: each sum waits for its last addition, and there must be others
to work on meanwhile.

    for parts of b's columns        whose packed panels stay in the L2 or L3 cache
        for parts of the depth          whose panels have room in the L1 cache; packed first
            for blocks of a's rows          whose part stays in the L2 cache; meets all panels
                for panels of b
                    for tiles of c              in registers

Every number of c is the same sum in the same order, however it is cut into these.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.matrix import Matrix, columns_of, row_of, rows_of, whole_vectors
from fastnn.kernels.panels import (
    Panels,
    for_each_panel,
    packed_panels,
    panel_block,
    panel_of,
    row_block,
    worth_packing,
)
from fastnn.kernels.simd import (
    add_outer_product,
    advance,
    lanes_at,
    load_square,
    load_tile,
    prefetch,
    store_tile,
    transposed,
    zero_tile,
)
from fastnn.layout.layers import HALF_TILE
from fastnn.machine.registers import PANEL_ROWS, TILE_ROWS, TILE_VECTORS

__all__ = [
    "Start",
    "from_row",
    "from_zero",
    "prefetch_rows",
    "product",
    "sum_of_outer_products",
    "transpose",
]

FEW_ROWS = 4 * TILE_ROWS  # to copy b takes as long as to multiply some rows by it


class Start(NamedTuple):
    """What the sums of a product begin with: c[i, j] with first[i * row + j * column]."""

    first: object
    row: int
    column: int


@inline
def from_row(b):
    """Each row begins with b (n,): biases."""
    return Start(b, np.int64(0), np.int64(1))


@inline
def from_zero(buffer):
    """Sums begin with 0; buffer is the thread's own room."""
    store_tile(zero_tile(1, TILE_VECTORS, buffer), buffer, 0)
    return Start(buffer, np.int64(0), np.int64(0))


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


@inline
def prefetch_rows(rows, p, stride, width):
    """Ask for a line or two of rows that the next tile needs, and which are not in the L1 cache."""
    for i in range(rows):
        prefetch(p, i * stride)
        prefetch(p, i * stride + width - 1)


class _Block(NamedTuple):
    """Some rows of c, and what their sums are of."""

    c: Matrix
    start: Start
    a: Matrix
    panels: Panels


def _product_of_rows(rows, vectors):
    """The kernel for `rows` rows of a panel of c, from row i on."""
    add_to = sum_of_outer_products(rows, vectors)

    @inline
    def product_of_rows(i, c, start, a, b):
        prefetch_rows(rows, row_of(c, i + rows), c.stride, c.width)
        prefetch_rows(rows, row_of(a, i + rows), a.stride, c.width)
        tile = load_tile(rows, vectors, advance(start.first, i * start.row), start.row)
        tile = add_to(tile, row_of(a, i), a.stride, 1, b.start, b.stride, a.width)
        store_tile(tile, row_of(c, i), c.stride)

    return product_of_rows


def _panel_product(vectors):
    """The kernel for one panel of a block: `vectors` wide, all its rows."""
    whole, half = _product_of_rows(TILE_ROWS, vectors), _product_of_rows(HALF_TILE, vectors)

    @inline
    def panel_product(j, block):
        width = vectors * lanes_at(block.c.start)
        c, panel = columns_of(block.c, j, j + width), panel_of(block.panels, j, width)
        first, row, column = block.start
        start = Start(advance(first, j * column), row, column)
        i = np.int64(0)
        while i + TILE_ROWS <= c.rows:
            whole(i, c, start, block.a, panel)
            i += TILE_ROWS
        while i < c.rows:
            half(i, c, start, block.a, panel)
            i += HALF_TILE

    return panel_product


_add_panels = for_each_panel(_panel_product)


@inner
def product(c, start, a, b, buffer):
    """c = start + a b, in whole vectors.

    c (m, n) out, start a Start, a (m, depth) in, b (depth, n) in
    buffer  the thread's own room
    """
    lanes, n = lanes_at(buffer), whole_vectors(c)
    packed, block = c.rows > FEW_ROWS and worth_packing(b), row_block(lanes)
    for j in range(0, n, panel_block(lanes)):
        last = min(n, j + panel_block(lanes))
        begin = Start(advance(start.first, j * start.column), start.row, start.column)
        of_c = columns_of(c, j, last)
        for k in range(0, a.width, PANEL_ROWS):
            end = min(a.width, k + PANEL_ROWS)
            panels = packed_panels(columns_of(rows_of(b, k, end), j, last), packed, buffer)
            for i in range(0, c.rows, block):
                below = min(c.rows, i + block)
                of_a = columns_of(rows_of(a, i, below), k, end)
                of_start = Start(advance(begin.first, i * begin.row), begin.row, begin.column)
                rows = rows_of(of_c, i, below)
                _add_panels(last - j, lanes, _Block(rows, of_start, of_a, panels))
            begin = Start(of_c.start, c.stride, np.int64(1))


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
