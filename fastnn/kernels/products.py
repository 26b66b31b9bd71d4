"""Matrix products as sums of outer products, tile by tile.

c += a b, with c (m, n), a (m, depth), b (depth, n): a tile of c stays in registers while
`depth` outer products of a column of a and a row of b are added to it. A tile of
TILE_ROWS x 2 vectors makes each number that is loaded serve many multiplications, and has
enough independent sums to keep the CPU's multiply-add units busy.

Columns come in whole vectors (the padding of `layout`), rows in tiles, then pairs.
"""

from fastnn.kernels.jit import inline, inner
from fastnn.kernels.simd import (
    TILE_ROWS,
    add_outer_product,
    advance,
    item,
    lanes_at,
    load_square,
    load_tile,
    set_item,
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


def _panel_product(vectors):
    """The kernel for one panel of c: `vectors` wide, all rows."""
    add_tile = sum_of_outer_products(TILE_ROWS, vectors)
    add_pair = sum_of_outer_products(2, vectors)

    @inline
    def panel_product(c, c_row, a, a_row, b, b_row, m, depth):
        whole = m - m % TILE_ROWS
        for i in range(0, whole, TILE_ROWS):
            tile = load_tile(TILE_ROWS, vectors, advance(c, i * c_row), c_row)
            tile = add_tile(tile, advance(a, i * a_row), a_row, 1, b, b_row, depth)
            store_tile(tile, advance(c, i * c_row), c_row)
        for i in range(whole, m, 2):
            pair = load_tile(2, vectors, advance(c, i * c_row), c_row)
            pair = add_pair(pair, advance(a, i * a_row), a_row, 1, b, b_row, depth)
            store_tile(pair, advance(c, i * c_row), c_row)

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
def transpose(a, a_row, m, n, t, t_row, width):
    """t (n, m) = a (m, n) transposed; rows are a_row and t_row apart.

    Columns m to width - 1 of t, its padding, become 0.
    """
    side = lanes_at(a)
    whole_m, whole_n = m - m % side, n - n % side
    for i in range(0, whole_m, side):
        for j in range(0, whole_n, side):
            square = transposed(load_square(advance(a, i * a_row + j), a_row))
            store_tile(square, advance(t, j * t_row + i), t_row)
    for j in range(n):  # what no whole square covers
        for i in range(whole_m if j < whole_n else 0, m):
            set_item(t, j * t_row + i, item(a, i * a_row + j))
        for i in range(m, width):
            set_item(t, j * t_row + i, 0)
