"""Tiles: several rows of vectors that stay in registers."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from fastnn.kernels.simd.types import (
    I32,
    I64,
    Block,
    Pointer,
    broadcast,
    join,
    load_vector,
    multiply_add,
    split,
    store_vector,
    vector_type,
)

__all__ = [
    "add_outer_product",
    "copy_items",
    "load_square",
    "load_tile",
    "store_tile",
    "transposed",
    "zero_tile",
]


def _tile_type(p, rows, vectors) -> Block | None:
    if not (isinstance(rows, types.IntegerLiteral) and isinstance(vectors, types.IntegerLiteral)):
        return None
    return Block(p.dtype, rows.literal_value, vectors.literal_value)


def _each(builder, block, stride):
    """(register, offset) of every register of a tile whose rows are `stride` apart."""
    for i in range(block.rows):
        row = builder.mul(stride, I64(i))
        for j in range(block.vectors):
            yield i * block.vectors + j, builder.add(row, I64(j * block.lanes))


@intrinsic(prefer_literal=True)
def load_tile(typingctx, rows, vectors, p, stride):
    """A tile of `rows` x `vectors` registers; its rows lie `stride` elements apart.

    With stride 0 every row of the tile is the same row of memory.
    """
    tile = _tile_type(p, rows, vectors)
    if tile is None:
        return None

    def codegen(context, builder, sig, args):
        parts = [
            load_vector(builder, args[2], offset, tile)
            for _, offset in _each(builder, tile, args[3])
        ]
        return join(builder, tile, parts)

    return tile(rows, vectors, p, types.intp), codegen


@intrinsic(prefer_literal=True)
def zero_tile(typingctx, rows, vectors, p):
    """A tile of zeros, of the dtype that `p` points to."""
    tile = _tile_type(p, rows, vectors)
    if tile is None:
        return None

    def codegen(context, builder, sig, args):
        zero = ir.Constant(vector_type(tile), [0.0] * tile.lanes)
        return join(builder, tile, [zero] * tile.parts)

    return tile(rows, vectors, p), codegen


@intrinsic
def store_tile(typingctx, tile, p, stride):
    """Write a tile; its rows lie `stride` elements apart."""

    def codegen(context, builder, sig, args):
        parts = split(builder, tile, args[0])
        for i, offset in _each(builder, tile, args[2]):
            store_vector(builder, args[1], offset, tile, parts[i])
        return context.get_dummy_value()

    return types.void(tile, p, types.intp), codegen


@intrinsic(prefer_literal=True)
def copy_items(typingctx, count, source, target):
    """target[:count] = source[:count]: a column of a tile, say, which may be no whole vector."""
    if not isinstance(count, types.IntegerLiteral):
        return None

    def codegen(context, builder, sig, args):
        element = context.get_data_type(source.dtype)
        place = ir.VectorType(element, count.literal_value).as_pointer()
        numbers = builder.load(builder.bitcast(args[1], place))
        numbers.align = source.dtype.bitwidth // 8
        builder.store(numbers, builder.bitcast(args[2], place)).align = numbers.align
        return context.get_dummy_value()

    return types.void(count, source, target), codegen


@intrinsic
def add_outer_product(typingctx, tile, column, stride, row):
    """tile[i, :] + column[i * stride] * row[:]: one term of a matrix product's sum."""

    def codegen(context, builder, sig, args):
        value, column, stride, row = args
        fused = multiply_add
        parts = split(builder, tile, value)
        right = [load_vector(builder, row, I64(j * tile.lanes), tile) for j in range(tile.vectors)]
        for i in range(tile.rows):
            number = builder.load(builder.gep(column, [builder.mul(stride, I64(i))]))
            left = broadcast(builder, vector_type(tile), number)
            for j in range(tile.vectors):
                k = i * tile.vectors + j
                parts[k] = fused(builder, tile, left, right[j], parts[k])
        return join(builder, tile, parts)

    pointer_type = Pointer(tile.dtype)
    return tile(tile, pointer_type, types.intp, pointer_type), codegen


@intrinsic
def load_square(typingctx, p, stride):
    """A square tile, as many rows of one vector as it has lanes; rows lie `stride` apart."""
    tile = Block(p.dtype, Block(p.dtype).lanes, 1)

    def codegen(context, builder, sig, args):
        offsets = _each(builder, tile, args[1])
        return join(builder, tile, [load_vector(builder, args[0], k, tile) for _, k in offsets])

    return tile(p, types.intp), codegen


@intrinsic
def transposed(typingctx, tile):
    """A square tile, transposed.

    In log2(lanes) rounds: round b swaps, in each pair of rows whose numbers differ in bit b
    only, the halves that lie off the diagonal.
    """
    if not (tile.vectors == 1 and tile.rows == tile.lanes):
        return None

    def codegen(context, builder, sig, args):
        rows, n = split(builder, tile, args[0]), tile.lanes

        def pick(low, high, lanes):
            mask = ir.Constant(ir.VectorType(I32, n), lanes)
            return builder.shuffle_vector(low, high, mask)

        bit = 1
        while bit < n:
            for i in range(n):
                if not i & bit:
                    low, high = rows[i], rows[i | bit]
                    # Lanes of `high` count on from n.
                    rows[i] = pick(low, high, [n + (k ^ bit) if k & bit else k for k in range(n)])
                    rows[i | bit] = pick(
                        low, high, [n + k if k & bit else k | bit for k in range(n)]
                    )
            bit *= 2
        return join(builder, tile, rows)

    return tile(tile), codegen
