"""The Numba types behind the vectors: what a block and a pointer are to LLVM."""

from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import models, register_model

from fastnn.machine.registers import FUSES, lanes

__all__ = [
    "I1",
    "I8",
    "I16",
    "I32",
    "I64",
    "Block",
    "Pointer",
    "as_parts",
    "broadcast",
    "first_lanes",
    "integer_type",
    "join",
    "llvm_function",
    "load_vector",
    "multiply_add",
    "split",
    "store_vector",
    "vector_type",
]

I1, I8, I16, I32, I64 = (ir.IntType(bits) for bits in (1, 8, 16, 32, 64))


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


def vector_type(block: Block) -> ir.VectorType:
    """One register, to LLVM."""
    return ir.VectorType(_scalar(block.dtype), block.lanes)


def integer_type(block: Block) -> ir.VectorType:
    """A register of whole numbers as wide as the block's."""
    return ir.VectorType(I32 if block.dtype == types.float32 else I64, block.lanes)


@register_model(Block)
class _BlockModel(models.PrimitiveModel):
    def __init__(self, dmm, block):
        vector = vector_type(block)
        super().__init__(
            dmm, block, vector if block.parts == 1 else ir.ArrayType(vector, block.parts)
        )


@register_model(Pointer)
class _PointerModel(models.PrimitiveModel):
    def __init__(self, dmm, pointer):
        element = dmm.lookup(pointer.dtype).get_data_type()
        super().__init__(dmm, pointer, element.as_pointer())


def split(builder, block, value) -> list:
    """The registers of a block, row by row."""
    if block.parts == 1:
        return [value]
    return [builder.extract_value(value, i) for i in range(block.parts)]


def join(builder, block, parts):
    """A block of these registers."""
    if block.parts == 1:
        return parts[0]
    value = ir.Constant(ir.ArrayType(vector_type(block), block.parts), ir.Undefined)
    for i, part in enumerate(parts):
        value = builder.insert_value(value, part, i)
    return value


def broadcast(builder, vector: ir.VectorType, scalar):
    """A vector with the number in every lane."""
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, scalar, I32(0))
    lane0 = ir.Constant(ir.VectorType(I32, vector.count), [0] * vector.count)
    return builder.shuffle_vector(first, undefined, lane0)


def first_lanes(builder, lanes: int, n):
    """A flag for each lane: whether it is one of the first n, all or none if n is out of range."""
    numbers = ir.VectorType(I32, lanes)
    places = ir.Constant(numbers, list(range(lanes)))
    return builder.icmp_signed("<", places, broadcast(builder, numbers, builder.trunc(n, I32)))


def as_parts(context, builder, block, type_, value) -> list:
    """An operand's registers: a block of the same shape, or a number for every lane."""
    if isinstance(type_, Block):
        return split(builder, type_, value)
    number = context.cast(builder, value, type_, block.dtype)
    return [broadcast(builder, vector_type(block), number)] * block.parts


def _at(builder, pointer, offset, vector: ir.VectorType):
    """The address of a whole vector, `offset` elements on."""
    return builder.bitcast(builder.gep(pointer, [offset]), vector.as_pointer())


def load_vector(builder, pointer, offset, block):
    """The register at `offset` elements from the pointer."""
    value = builder.load(_at(builder, pointer, offset, vector_type(block)))
    value.align = block.dtype.bitwidth // 8
    return value


def store_vector(builder, pointer, offset, block, value):
    """Write a register there."""
    builder.store(value, _at(builder, pointer, offset, vector_type(block))).align = (
        block.dtype.bitwidth // 8
    )


def llvm_function(name: str) -> Callable:
    """A lane-wise operation that LLVM offers as an intrinsic function."""

    def emit(builder, block, *parts):
        vector = vector_type(block)
        suffix = f"v{block.lanes}f{block.dtype.bitwidth}"
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector] * len(parts)), f"llvm.{name}.{suffix}"
        )
        return builder.call(function, parts)

    return emit


def multiply_add(builder, block, a, b, c):
    """a * b + c.

    A CPU without an instruction for it has a function, which takes a hundred times as long as to
    multiply and to add.
    """
    if FUSES:
        return llvm_function("fma")(builder, block, a, b, c)
    return builder.fadd(builder.fmul(a, b), c)
