"""Pointers, and vectors from and to memory."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from fastnn.kernels.simd.types import (
    I1,
    I8,
    I16,
    I32,
    I64,
    Block,
    Pointer,
    broadcast,
    first_lanes,
    load_vector,
    store_vector,
    vector_type,
)
from fastnn.machine.registers import BITS, LINE_BYTES

__all__ = [
    "advance",
    "append_positions",
    "item",
    "lanes_at",
    "line_at",
    "load",
    "load_as",
    "load_first_as",
    "nonzero_bits",
    "pointer",
    "prefetch",
    "reinterpreted",
    "set_item",
    "splat",
    "store",
    "zeros",
]


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
def reinterpreted(typingctx, p, dtype):
    """The same address, of numbers of another dtype, a NumPy class: the bytes stay as they are."""
    if not isinstance(dtype, types.NumberClass):
        return None
    result = Pointer(dtype.dtype)

    def codegen(context, builder, sig, args):
        return builder.bitcast(args[0], context.get_value_type(result))

    return result(p, dtype), codegen


@intrinsic
def lanes_at(typingctx, p):
    """How many of the numbers that p points to one register holds, known when compiling."""

    def codegen(context, builder, sig, args):
        return context.get_constant(types.intp, Block(p.dtype).lanes)

    return types.intp(p), codegen


@intrinsic
def line_at(typingctx, p):
    """How many of the numbers that p points to one cache line holds, known when compiling."""

    def codegen(context, builder, sig, args):
        return context.get_constant(types.intp, LINE_BYTES * 8 // p.dtype.bitwidth)

    return types.intp(p), codegen


@intrinsic
def item(typingctx, p, offset):
    """One element."""

    def codegen(context, builder, sig, args):
        return builder.load(builder.gep(args[0], [args[1]]))

    return p.dtype(p, types.intp), codegen


@intrinsic
def nonzero_bits(typingctx, p, offset):
    """An integer whose bit k is 1 where p[offset + k] is not 0, for k below BITS; NaN is not 0."""

    def codegen(context, builder, sig, args):
        element = context.get_data_type(p.dtype)
        address = builder.gep(args[0], [args[1]])
        block = ir.VectorType(element, BITS)
        numbers = builder.load(builder.bitcast(address, block.as_pointer()))
        numbers.align = p.dtype.bitwidth // 8
        zeros = ir.Constant(block, [0] * BITS)
        if isinstance(p.dtype, types.Float):
            different = builder.fcmp_unordered("!=", numbers, zeros)
        else:
            different = builder.icmp_unsigned("!=", numbers, zeros)
        return builder.zext(builder.bitcast(different, ir.IntType(BITS)), I64)

    return types.int64(p, types.intp), codegen


_BYTE = 8
_BITS_OF_BYTES = [[k for k in range(_BYTE) if byte >> k & 1] for byte in range(2**_BYTE)]
_EIGHT = ir.VectorType(I16, _BYTE)


@intrinsic(prefer_literal=True)
def append_positions(typingctx, p, q, bits, start, width):
    """Write (start + k) // width for each bit k that is 1, in order, from p[q] on; the next q.

    p points to uint16, `width` is a power of two; `bits` are BITS. So many elements from p[q] on
    may be written.

    A table has the positions of each byte's bits, followed by anything: eight of them are written
    at once, and the count of the bits says how many of these are kept. A branch for each bit would
    be mispredicted often.
    """
    if p.dtype != types.uint16 or not isinstance(width, types.IntegerLiteral):
        return None
    halvings = width.literal_value.bit_length() - 1

    def codegen(context, builder, sig, args):
        rows = ir.ArrayType(_EIGHT, len(_BITS_OF_BYTES))
        table = cgutils.global_constant(
            builder.module,
            "positions_of_bits",
            ir.Constant(
                rows,
                [ir.Constant(_EIGHT, row + [0] * (_BYTE - len(row))) for row in _BITS_OF_BYTES],
            ),
        )
        p, q, bits, start, _ = args
        shift_by = ir.Constant(_EIGHT, [halvings] * _BYTE)
        for shift in range(0, BITS, _BYTE):
            byte = builder.and_(builder.lshr(bits, I64(shift)), I64(2**_BYTE - 1))
            first = builder.trunc(builder.add(start, I64(shift)), I16)
            row = builder.load(builder.gep(table, [I64(0), byte]))
            address = builder.bitcast(builder.gep(p, [q]), _EIGHT.as_pointer())
            positions = builder.lshr(builder.add(row, broadcast(builder, _EIGHT, first)), shift_by)
            builder.store(positions, address).align = 2
            q = builder.add(q, builder.ctpop(byte))
        return q

    return types.int64(p, types.int64, types.int64, types.int64, width), codegen


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
        return broadcast(builder, vector_type(sig.return_type), args[0])

    return Block(number)(number), codegen


@intrinsic
def zeros(typingctx, p):
    """A vector of zeros, of the dtype that p points to."""

    def codegen(context, builder, sig, args):
        return ir.Constant(vector_type(sig.return_type), [0.0] * sig.return_type.lanes)

    return Block(p.dtype)(p), codegen


@intrinsic
def load(typingctx, p, offset):
    """The vector from element `offset` on."""

    def codegen(context, builder, sig, args):
        return load_vector(builder, args[0], args[1], sig.return_type)

    return Block(p.dtype)(p, types.intp), codegen


@intrinsic
def load_as(typingctx, p, source, offset):
    """As many numbers of `source` as make a vector of the dtype that p points to, converted."""
    block = Block(p.dtype)
    if not isinstance(source.dtype, (types.Float, types.Integer)):
        return None

    def codegen(context, builder, sig, args):
        vector = ir.VectorType(context.get_data_type(source.dtype), block.lanes)
        address = builder.bitcast(builder.gep(args[1], [args[2]]), vector.as_pointer())
        numbers = builder.load(address)
        numbers.align = max(1, source.dtype.bitwidth // 8)
        return _converted(builder, source.dtype, block, numbers)

    return block(p, source, types.intp), codegen


@intrinsic
def load_first_as(typingctx, p, source, offset, n):
    """The same of the first n of them; the rest is 0, and is not read."""
    block = Block(p.dtype)
    if not isinstance(source.dtype, (types.Float, types.Integer)):
        return None

    def codegen(context, builder, sig, args):
        given = context.get_data_type(source.dtype)
        vector, flags = ir.VectorType(given, block.lanes), ir.VectorType(I1, block.lanes)
        address = builder.bitcast(builder.gep(args[1], [args[2]]), vector.as_pointer())
        name = f"{'i' if isinstance(source.dtype, types.Integer) else 'f'}{source.dtype.bitwidth}"
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(vector, [vector.as_pointer(), I32, flags, vector]),
            f"llvm.masked.load.v{block.lanes}{name}.p0",
        )
        wanted = first_lanes(builder, block.lanes, args[3])
        alignment = I32(max(1, source.dtype.bitwidth // 8))
        zeros = ir.Constant(vector, [0] * block.lanes)
        numbers = builder.call(function, [address, alignment, wanted, zeros])
        return _converted(builder, source.dtype, block, numbers)

    return block(p, source, types.intp, types.intp), codegen


def _converted(builder, dtype, block, numbers):
    """A vector of numbers of this dtype as a block."""
    wanted = vector_type(block)
    if isinstance(dtype, types.Integer):
        return (builder.sitofp if dtype.signed else builder.uitofp)(numbers, wanted)
    if dtype.bitwidth < block.dtype.bitwidth:
        return builder.fpext(numbers, wanted)
    if dtype.bitwidth > block.dtype.bitwidth:
        return builder.fptrunc(numbers, wanted)
    return numbers


@intrinsic
def store(typingctx, p, offset, vector):
    """Write a vector from element `offset` on."""

    def codegen(context, builder, sig, args):
        store_vector(builder, args[0], args[1], sig.args[2], args[2])
        return context.get_dummy_value()

    return types.void(p, types.intp, Block(p.dtype)), codegen


@intrinsic
def prefetch(typingctx, p, offset):
    """Ask for the cache line of element `offset`, which will be read soon."""

    def codegen(context, builder, sig, args):
        byte_pointer = I8.as_pointer()
        address = builder.bitcast(builder.gep(args[0], [args[1]]), byte_pointer)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte_pointer, I32, I32, I32]),
            "llvm.prefetch.p0",
        )
        read, keep_in_all_caches, data = I32(0), I32(3), I32(1)
        builder.call(function, [address, read, keep_in_all_caches, data])
        return context.get_dummy_value()

    return types.void(p, types.intp), codegen
