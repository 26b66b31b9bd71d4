"""Arithmetic of blocks, lane by lane: operators and functions."""

import operator
from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin

from fastnn.kernels.simd.types import (
    I1,
    I32,
    I64,
    Block,
    as_parts,
    broadcast,
    first_lanes,
    integer_type,
    join,
    llvm_function,
    multiply_add,
    vector_type,
)

__all__ = [
    "above_bits",
    "absolute",
    "at_least_bits",
    "first_bit",
    "fma",
    "itemsize",
    "keep_lanes",
    "max_lanes",
    "maximum",
    "minimum",
    "nearest",
    "power_of_two",
    "sqrt",
    "sum_lanes",
    "uniforms",
    "where_positive",
]


def _instruction(name: str) -> Callable:
    """A lane-wise operation that is one LLVM instruction."""
    return lambda builder, block, *parts: getattr(builder, name)(*parts)


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
            as_parts(context, builder, block, type_, value)
            for type_, value in zip(sig.args, args, strict=True)
        ]
        return join(
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


def _typed(block_args, emit):
    block = _block_of(block_args)
    return None if block is None else (block(*block_args), _lane_wise(emit))


def _frozen(builder, value):
    """The same value, by LLVM's `freeze`, for which llvmlite has no method.

    Where one of a selection's sides was read from where the other is to be written, LLVM writes a
    masked vector, which takes AMD's CPUs ten cycles instead of one; it does not see through this.
    """
    instruction = ir.instructions.Instruction(builder.block, value.type, "freeze", [value])
    builder._insert(instruction)  # noqa: SLF001
    return instruction


@intrinsic
def fma(typingctx, a, b, c):
    """a * b + c, rounded once where the CPU has an instruction for it."""
    return _typed((a, b, c), multiply_add)


@intrinsic
def minimum(typingctx, a, b):
    """The smaller of a and b."""
    return _typed((a, b), llvm_function("minnum"))


@intrinsic
def maximum(typingctx, a, b):
    """The larger of a and b; the other one where one is NaN."""
    return _typed((a, b), llvm_function("maxnum"))


@intrinsic
def absolute(typingctx, a):
    """|a|."""
    return _typed((a,), llvm_function("fabs"))


@intrinsic
def sqrt(typingctx, a):
    """The square root."""
    return _typed((a,), llvm_function("sqrt"))


@intrinsic
def nearest(typingctx, a):
    """The nearest whole number; halves go to the even one."""
    return _typed((a,), llvm_function("nearbyint"))


@intrinsic
def where_positive(typingctx, condition, a, b):
    """A where condition > 0, else b (also where condition is NaN)."""

    def emit(builder, block, condition, a, b):
        zero = ir.Constant(vector_type(block), [0.0] * block.lanes)
        return _frozen(builder, builder.select(builder.fcmp_ordered(">", condition, zero), a, b))

    return _typed((condition, a, b), emit)


@intrinsic
def power_of_two(typingctx, n):
    """2**n for whole n that give a normal number, built in the exponent's bits."""

    def emit(builder, block, n):
        bias, mantissa_bits = (127, 23) if block.dtype == types.float32 else (1023, 52)
        integers = integer_type(block)
        exponent = builder.add(
            builder.fptosi(n, integers), ir.Constant(integers, [bias] * block.lanes)
        )
        bits = builder.shl(exponent, ir.Constant(integers, [mantissa_bits] * block.lanes))
        return builder.bitcast(bits, vector_type(block))

    return _typed((n,), emit)


@intrinsic
def itemsize(typingctx, block):
    """Bytes a number: 4 or 8, known when compiling, so that `if` on it costs nothing."""

    def codegen(context, builder, sig, args):
        return context.get_constant(types.intp, block.dtype.bitwidth // 8)

    return types.intp(block), codegen


@intrinsic
def keep_lanes(typingctx, vector, n, other):
    """The vector's first n lanes, all or none if n is out of range; `other` in the rest."""

    def codegen(context, builder, sig, args):
        block = sig.args[0]
        kept = first_lanes(builder, block.lanes, args[1])
        (rest,) = as_parts(context, builder, block, sig.args[2], args[2])
        return builder.select(kept, args[0], rest)

    return vector(vector, types.intp, other), codegen


def _compared(relation: str, doc: str) -> Callable:
    """An intrinsic that compares two vectors lane by lane: an integer with a bit for each."""

    @intrinsic
    def compare(typingctx, a, b):
        block = _block_of((a, b))
        if block is None:
            return None

        def codegen(context, builder, sig, args):
            pairs = zip(sig.args, args, strict=True)
            left, right = (as_parts(context, builder, block, t, value)[0] for t, value in pairs)
            bits = builder.fcmp_ordered(relation, left, right)
            return builder.zext(builder.bitcast(bits, ir.IntType(block.lanes)), I64)

        return types.int64(a, b), codegen

    compare.__doc__ = doc
    return compare


above_bits = _compared(
    ">", "An integer whose bit k is 1 where lane k of a, or a number a, is above that of b."
)
at_least_bits = _compared(">=", "The same where it is above or equal; NaN is neither.")


@intrinsic
def first_bit(typingctx, bits):
    """Which bit of an integer that isn't 0 is the lowest one set."""

    def codegen(context, builder, sig, args):
        return builder.cttz(args[0], I1(1))

    return types.int64(types.int64), codegen


def _halved(combine: Callable) -> Callable:
    """Code generation for a vector's lanes as one number: pairs are combined, then their pairs."""

    def codegen(context, builder, sig, args):
        value, width = args[0], sig.args[0].lanes
        while width > 1:
            width //= 2
            undefined = ir.Constant(value.type, ir.Undefined)
            low, high = (
                builder.shuffle_vector(
                    value,
                    undefined,
                    ir.Constant(ir.VectorType(I32, width), [start + i for i in range(width)]),
                )
                for start in (0, width)
            )
            value = combine(builder, low, high)
        return builder.extract_element(value, I32(0))

    return codegen


@intrinsic
def sum_lanes(typingctx, vector):
    """The sum of a vector's lanes, added pairwise, as a number."""
    return vector.dtype(vector), _halved(lambda builder, low, high: builder.fadd(low, high))


@intrinsic
def max_lanes(typingctx, vector):
    """The largest of a vector's lanes, none of which is NaN, as a number."""

    def larger(builder, low, high):
        return builder.select(builder.fcmp_ordered(">", low, high), low, high)

    return vector.dtype(vector), _halved(larger)


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
        words = ir.VectorType(I32, block.lanes)
        position, key, second_key = (
            broadcast(builder, words, builder.trunc(value, I32)) for value in args[1:]
        )
        x = builder.add(builder.add(position, ir.Constant(words, list(range(block.lanes)))), key)
        x = mixed(builder, builder.xor(mixed(builder, x), second_key))
        numbers = builder.uitofp(
            builder.lshr(x, ir.Constant(words, [9] * block.lanes)), vector_type(block)
        )
        half, unit = (
            ir.Constant(vector_type(block), [value] * block.lanes) for value in (0.5, 2.0**-23)
        )
        return builder.fmul(builder.fadd(numbers, half), unit)

    return Block(p.dtype)(p, types.int64, types.int64, types.int64), codegen
