"""SIMD blocks as Numba types: a vector, and a tile of vectors, that live in registers.

Numba turns a loop over scalars into vector code when it can prove that this is safe, and
stays silent when it can't. Here the vectors are explicit instead:

    z = load(b, j)                       # as many numbers as a register holds, from b[j] on
    z = fma(splat(x), load(w, j), z)     # x * w + z, all lanes in one instruction
    store(a, j, maximum(z, 0.0))

A *vector* is one register. A *tile* is `rows` x `vectors` registers: the part of a matrix
product that is being summed up. It must stay in registers for all of the sum, which is why
it is a value like any other and not an array. Arithmetic (+ - * / and the functions below)
works alike on vectors and tiles, lane by lane; a Python number takes the block's dtype.

Memory is named by a *pointer*: the address of one element of an array. Reading through it
has no bounds test, no wraparound of negative offsets and no reference count; the kernels
allot all memory in whole vectors, so that none of them ever needs a partial load.

Each operation emits LLVM IR; LLVM chooses the instructions (AVX-512, AVX2, NEON, ...).
`emulation.py` holds the same operations in plain NumPy, for runs without the compiler.
"""

import operator
from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from fastnn.kernels.simd.registers import lanes

_I8, _I32, _I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)


# ---------------------------------------------------------------- the types


class Block(types.Type):
    """`rows` x `vectors` SIMD registers of `dtype` (float32 or float64)."""

    def __init__(self, dtype: types.Float, rows: int = 1, vectors: int = 1):
        self.dtype, self.rows, self.vectors = dtype, rows, vectors
        self.parts = rows * vectors
        self.lanes = lanes(dtype.bitwidth // 8)
        super().__init__(name=f"block({dtype}, {rows}x{vectors}x{self.lanes})")


class Pointer(types.Type):
    """The address of an element of an array of `dtype`; the array must outlive it."""

    def __init__(self, dtype: types.Type):
        self.dtype = dtype
        super().__init__(name=f"pointer({dtype})")


def _scalar(dtype: types.Float) -> ir.Type:
    return ir.FloatType() if dtype == types.float32 else ir.DoubleType()


def _vector(block: Block) -> ir.VectorType:
    return ir.VectorType(_scalar(block.dtype), block.lanes)


def _integers(block: Block) -> ir.VectorType:
    return ir.VectorType(_I32 if block.dtype == types.float32 else _I64, block.lanes)


@register_model(Block)
class _BlockModel(models.PrimitiveModel):
    def __init__(self, dmm, block):
        vector = _vector(block)
        super().__init__(
            dmm, block, vector if block.parts == 1 else ir.ArrayType(vector, block.parts)
        )


@register_model(Pointer)
class _PointerModel(models.PrimitiveModel):
    def __init__(self, dmm, pointer):
        element = dmm.lookup(pointer.dtype).get_data_type()
        super().__init__(dmm, pointer, element.as_pointer())


# ---------------------------------------------------------------- emitting IR


def _split(builder, block, value) -> list:
    """The registers of a block, row by row."""
    if block.parts == 1:
        return [value]
    return [builder.extract_value(value, i) for i in range(block.parts)]


def _join(builder, block, parts):
    if block.parts == 1:
        return parts[0]
    value = ir.Constant(ir.ArrayType(_vector(block), block.parts), ir.Undefined)
    for i, part in enumerate(parts):
        value = builder.insert_value(value, part, i)
    return value


def _broadcast(builder, vector: ir.VectorType, scalar):
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, scalar, _I32(0))
    lane0 = ir.Constant(ir.VectorType(_I32, vector.count), [0] * vector.count)
    return builder.shuffle_vector(first, undefined, lane0)


def _as_parts(context, builder, block, type_, value) -> list:
    """An operand's registers: a block of the same shape, or a number for every lane."""
    if isinstance(type_, Block):
        return _split(builder, type_, value)
    number = context.cast(builder, value, type_, block.dtype)
    return [_broadcast(builder, _vector(block), number)] * block.parts


def _at(builder, pointer, offset, vector: ir.VectorType):
    """The address of a whole vector, `offset` elements on."""
    return builder.bitcast(builder.gep(pointer, [offset]), vector.as_pointer())


def _load(builder, pointer, offset, block):
    value = builder.load(_at(builder, pointer, offset, _vector(block)))
    value.align = block.dtype.bitwidth // 8
    return value


def _store(builder, pointer, offset, block, value):
    builder.store(value, _at(builder, pointer, offset, _vector(block))).align = (
        block.dtype.bitwidth // 8
    )


def _llvm_function(name: str) -> Callable:
    """A lane-wise operation that LLVM offers as an intrinsic function."""

    def emit(builder, block, *parts):
        vector = _vector(block)
        suffix = f"v{block.lanes}f{block.dtype.bitwidth}"
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector] * len(parts)), f"llvm.{name}.{suffix}"
        )
        return builder.call(function, parts)

    return emit


def _instruction(name: str) -> Callable:
    """A lane-wise operation that is one LLVM instruction."""
    return lambda builder, block, *parts: getattr(builder, name)(*parts)


# ---------------------------------------------------------------- operators


def _block_of(args) -> Block | None:
    """The block among the operands, if they fit together: blocks of one type, and numbers."""
    blocks = {arg for arg in args if isinstance(arg, Block)}
    others = [arg for arg in args if not isinstance(arg, Block)]
    if len(blocks) != 1 or not all(
        isinstance(arg, (types.Number, types.Literal)) for arg in others
    ):
        return None
    return next(iter(blocks))


def _lane_wise(emit: Callable) -> Callable:
    """Code generation for an operation on every register of a block."""

    def codegen(context, builder, sig, args):
        block = sig.return_type
        operands = [
            _as_parts(context, builder, block, type_, value)
            for type_, value in zip(sig.args, args, strict=True)
        ]
        return _join(
            builder, block, [emit(builder, block, *parts) for parts in zip(*operands, strict=True)]
        )

    return codegen


def _define_operator(function: Callable, name: str) -> None:
    @infer_global(function)
    class _Template(AbstractTemplate):
        def generic(self, args, kws):
            block = _block_of(args)
            return signature(block, *args) if block is not None and not kws else None

    codegen = _lane_wise(_instruction(name))
    if function is operator.neg:
        lower_builtin(function, Block)(codegen)
        return
    for operands in ((Block, Block), (Block, types.Number), (types.Number, Block)):
        lower_builtin(function, *operands)(codegen)


for _function, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
    (operator.neg, "fneg"),
):
    _define_operator(_function, _name)


# ---------------------------------------------------------------- functions of blocks


def _typed(block_args, emit):
    block = _block_of(block_args)
    return None if block is None else (block(*block_args), _lane_wise(emit))


@intrinsic
def fma(typingctx, a, b, c):
    """a * b + c, rounded once."""
    return _typed((a, b, c), _llvm_function("fma"))


@intrinsic
def minimum(typingctx, a, b):
    """The smaller of a and b."""
    return _typed((a, b), _llvm_function("minnum"))


@intrinsic
def maximum(typingctx, a, b):
    """The larger of a and b; the other one where one is NaN."""
    return _typed((a, b), _llvm_function("maxnum"))


@intrinsic
def absolute(typingctx, a):
    """|a|."""
    return _typed((a,), _llvm_function("fabs"))


@intrinsic
def sqrt(typingctx, a):
    """The square root."""
    return _typed((a,), _llvm_function("sqrt"))


@intrinsic
def nearest(typingctx, a):
    """The nearest whole number; halves go to the even one."""
    return _typed((a,), _llvm_function("nearbyint"))


@intrinsic
def where_positive(typingctx, condition, a, b):
    """A where condition > 0, else b (also where condition is NaN)."""

    def emit(builder, block, condition, a, b):
        zero = ir.Constant(_vector(block), [0.0] * block.lanes)
        return builder.select(builder.fcmp_ordered(">", condition, zero), a, b)

    return _typed((condition, a, b), emit)


@intrinsic
def power_of_two(typingctx, n):
    """2**n for whole n that give a normal number, built in the exponent's bits."""

    def emit(builder, block, n):
        bias, mantissa_bits = (127, 23) if block.dtype == types.float32 else (1023, 52)
        integers = _integers(block)
        exponent = builder.add(
            builder.fptosi(n, integers), ir.Constant(integers, [bias] * block.lanes)
        )
        bits = builder.shl(exponent, ir.Constant(integers, [mantissa_bits] * block.lanes))
        return builder.bitcast(bits, _vector(block))

    return _typed((n,), emit)


@intrinsic
def itemsize(typingctx, block):
    """Bytes a number: 4 or 8, known when compiling, so that `if` on it costs nothing."""

    def codegen(context, builder, sig, args):
        return context.get_constant(types.intp, block.dtype.bitwidth // 8)

    return types.intp(block), codegen


@intrinsic
def sum_lanes(typingctx, vector):
    """The sum of a vector's lanes, added pairwise, as a number."""

    def codegen(context, builder, sig, args):
        value, width = args[0], vector.lanes
        while width > 1:
            width //= 2
            undefined = ir.Constant(value.type, ir.Undefined)
            low, high = (
                builder.shuffle_vector(
                    value,
                    undefined,
                    ir.Constant(ir.VectorType(_I32, width), [start + i for i in range(width)]),
                )
                for start in (0, width)
            )
            value = builder.fadd(low, high)
        return builder.extract_element(value, _I32(0))

    return vector.dtype(vector), codegen


# ---------------------------------------------------------------- memory


@intrinsic
def pointer(typingctx, array, offset):
    """The address of element `offset` of a C-contiguous array, all axes as one."""
    if not (isinstance(array, types.Array) and array.layout == "C"):
        return None

    def codegen(context, builder, sig, args):
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        return builder.gep(data, [args[1]])

    return Pointer(array.dtype)(array, types.intp), codegen


@intrinsic
def advance(typingctx, p, offset):
    """The address `offset` elements on."""

    def codegen(context, builder, sig, args):
        return builder.gep(args[0], [args[1]])

    return p(p, types.intp), codegen


@intrinsic
def lanes_at(typingctx, p):
    """How many of the numbers that p points to one register holds, known when compiling."""

    def codegen(context, builder, sig, args):
        return context.get_constant(types.intp, Block(p.dtype).lanes)

    return types.intp(p), codegen


@intrinsic
def item(typingctx, p, offset):
    """One element."""

    def codegen(context, builder, sig, args):
        return builder.load(builder.gep(args[0], [args[1]]))

    return p.dtype(p, types.intp), codegen


@intrinsic
def set_item(typingctx, p, offset, value):
    """Write one element."""

    def codegen(context, builder, sig, args):
        builder.store(args[2], builder.gep(args[0], [args[1]]))
        return context.get_dummy_value()

    return types.void(p, types.intp, p.dtype), codegen


@intrinsic
def splat(typingctx, number):
    """A vector with `number` in every lane."""
    if number not in (types.float32, types.float64):
        return None

    def codegen(context, builder, sig, args):
        return _broadcast(builder, _vector(sig.return_type), args[0])

    return Block(number)(number), codegen


@intrinsic
def zeros(typingctx, p):
    """A vector of zeros, of the dtype that p points to."""

    def codegen(context, builder, sig, args):
        return ir.Constant(_vector(sig.return_type), [0.0] * sig.return_type.lanes)

    return Block(p.dtype)(p), codegen


@intrinsic
def load(typingctx, p, offset):
    """The vector from element `offset` on."""

    def codegen(context, builder, sig, args):
        return _load(builder, args[0], args[1], sig.return_type)

    return Block(p.dtype)(p, types.intp), codegen


@intrinsic
def store(typingctx, p, offset, vector):
    """Write a vector from element `offset` on."""

    def codegen(context, builder, sig, args):
        _store(builder, args[0], args[1], sig.args[2], args[2])
        return context.get_dummy_value()

    return types.void(p, types.intp, Block(p.dtype)), codegen


@intrinsic
def prefetch(typingctx, p, offset):
    """Ask for the cache line of element `offset`, which will be read soon."""

    def codegen(context, builder, sig, args):
        byte_pointer = _I8.as_pointer()
        address = builder.bitcast(builder.gep(args[0], [args[1]]), byte_pointer)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte_pointer, _I32, _I32, _I32]),
            "llvm.prefetch.p0",
        )
        read, keep_in_all_caches, data = _I32(0), _I32(3), _I32(1)
        builder.call(function, [address, read, keep_in_all_caches, data])
        return context.get_dummy_value()

    return types.void(p, types.intp), codegen


@intrinsic
def uniforms(typingctx, p, position, key, second_key):
    """A vector of numbers in (0, 1), of the dtype that p points to: a hash of each lane's place.

    Lane k's place is position + k. Two rounds of a hash of 32-bit words (Wellons 2018,
    "lowbias32"), with a key before each; of its bits the upper 23 count.
    """

    def mixed(builder, x):
        def constant(number):
            return ir.Constant(x.type, [number] * x.type.count)

        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
            x = builder.mul(builder.xor(x, builder.lshr(x, constant(shift))), constant(factor))
        return builder.xor(x, builder.lshr(x, constant(16)))

    def codegen(context, builder, sig, args):
        block = sig.return_type
        words = ir.VectorType(_I32, block.lanes)
        position, key, second_key = (
            _broadcast(builder, words, builder.trunc(value, _I32)) for value in args[1:]
        )
        x = builder.add(builder.add(position, ir.Constant(words, list(range(block.lanes)))), key)
        x = mixed(builder, builder.xor(mixed(builder, x), second_key))
        numbers = builder.uitofp(
            builder.lshr(x, ir.Constant(words, [9] * block.lanes)), _vector(block)
        )
        half, unit = (
            ir.Constant(_vector(block), [value] * block.lanes) for value in (0.5, 2.0**-23)
        )
        return builder.fmul(builder.fadd(numbers, half), unit)

    return Block(p.dtype)(p, types.int64, types.int64, types.int64), codegen


# ---------------------------------------------------------------- tiles


def _tile_type(p, rows, vectors) -> Block | None:
    if not (isinstance(rows, types.IntegerLiteral) and isinstance(vectors, types.IntegerLiteral)):
        return None
    return Block(p.dtype, rows.literal_value, vectors.literal_value)


def _each(builder, block, stride):
    """(register, offset) of every register of a tile whose rows are `stride` apart."""
    for i in range(block.rows):
        row = builder.mul(stride, _I64(i))
        for j in range(block.vectors):
            yield i * block.vectors + j, builder.add(row, _I64(j * block.lanes))


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
            _load(builder, args[2], offset, tile) for _, offset in _each(builder, tile, args[3])
        ]
        return _join(builder, tile, parts)

    return tile(rows, vectors, p, types.intp), codegen


@intrinsic(prefer_literal=True)
def zero_tile(typingctx, rows, vectors, p):
    """A tile of zeros, of the dtype that `p` points to."""
    tile = _tile_type(p, rows, vectors)
    if tile is None:
        return None

    def codegen(context, builder, sig, args):
        zero = ir.Constant(_vector(tile), [0.0] * tile.lanes)
        return _join(builder, tile, [zero] * tile.parts)

    return tile(rows, vectors, p), codegen


@intrinsic
def store_tile(typingctx, tile, p, stride):
    """Write a tile; its rows lie `stride` elements apart."""

    def codegen(context, builder, sig, args):
        parts = _split(builder, tile, args[0])
        for i, offset in _each(builder, tile, args[2]):
            _store(builder, args[1], offset, tile, parts[i])
        return context.get_dummy_value()

    return types.void(tile, p, types.intp), codegen


@intrinsic
def add_outer_product(typingctx, tile, column, stride, row):
    """tile[i, :] + column[i * stride] * row[:]: one term of a matrix product's sum."""

    def codegen(context, builder, sig, args):
        value, column, stride, row = args
        fused = _llvm_function("fma")
        parts = _split(builder, tile, value)
        right = [_load(builder, row, _I64(j * tile.lanes), tile) for j in range(tile.vectors)]
        for i in range(tile.rows):
            number = builder.load(builder.gep(column, [builder.mul(stride, _I64(i))]))
            left = _broadcast(builder, _vector(tile), number)
            for j in range(tile.vectors):
                k = i * tile.vectors + j
                parts[k] = fused(builder, tile, left, right[j], parts[k])
        return _join(builder, tile, parts)

    pointer_type = Pointer(tile.dtype)
    return tile(tile, pointer_type, types.intp, pointer_type), codegen


@intrinsic
def load_square(typingctx, p, stride):
    """A square tile, as many rows of one vector as it has lanes; rows lie `stride` apart."""
    tile = Block(p.dtype, Block(p.dtype).lanes, 1)

    def codegen(context, builder, sig, args):
        offsets = _each(builder, tile, args[1])
        return _join(builder, tile, [_load(builder, args[0], k, tile) for _, k in offsets])

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
        rows, n = _split(builder, tile, args[0]), tile.lanes

        def pick(low, high, lanes):
            mask = ir.Constant(ir.VectorType(_I32, n), lanes)
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
        return _join(builder, tile, rows)

    return tile(tile), codegen
