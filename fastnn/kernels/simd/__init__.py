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

types       blocks and pointers as Numba types
arithmetic  operators and functions of blocks
memory      pointers, and vectors from and to memory
tiles       several rows of vectors that stay in registers
emulation   the same operations in plain NumPy, for runs without the compiler
"""

from typing import TYPE_CHECKING

from fastnn.machine.choice import CHOICE, INTERPRETED
from fastnn.machine.registers import ALIGNMENT, BITS, TILE_ROWS, lanes

if CHOICE.mode == INTERPRETED and not TYPE_CHECKING:
    from fastnn.kernels.simd.emulation import (
        above_bits,
        absolute,
        add_outer_product,
        advance,
        append_positions,
        at_least_bits,
        copy_items,
        first_bit,
        fma,
        item,
        itemsize,
        keep_lanes,
        lanes_at,
        line_at,
        load,
        load_as,
        load_first_as,
        load_square,
        load_tile,
        max_lanes,
        maximum,
        minimum,
        nearest,
        nonzero_bits,
        pointer,
        power_of_two,
        prefetch,
        reinterpreted,
        set_item,
        splat,
        sqrt,
        store,
        store_tile,
        sum_lanes,
        transposed,
        uniforms,
        where_positive,
        zero_tile,
        zeros,
    )
else:
    from fastnn.kernels.simd.arithmetic import (
        above_bits,
        absolute,
        at_least_bits,
        first_bit,
        fma,
        itemsize,
        keep_lanes,
        max_lanes,
        maximum,
        minimum,
        nearest,
        power_of_two,
        sqrt,
        sum_lanes,
        uniforms,
        where_positive,
    )
    from fastnn.kernels.simd.memory import (
        advance,
        append_positions,
        item,
        lanes_at,
        line_at,
        load,
        load_as,
        load_first_as,
        nonzero_bits,
        pointer,
        prefetch,
        reinterpreted,
        set_item,
        splat,
        store,
        zeros,
    )
    from fastnn.kernels.simd.tiles import (
        add_outer_product,
        copy_items,
        load_square,
        load_tile,
        store_tile,
        transposed,
        zero_tile,
    )

__all__ = [
    "ALIGNMENT",
    "BITS",
    "TILE_ROWS",
    "above_bits",
    "absolute",
    "add_outer_product",
    "advance",
    "append_positions",
    "at_least_bits",
    "copy_items",
    "first_bit",
    "fma",
    "item",
    "itemsize",
    "keep_lanes",
    "lanes",
    "lanes_at",
    "line_at",
    "load",
    "load_as",
    "load_first_as",
    "load_square",
    "load_tile",
    "max_lanes",
    "maximum",
    "minimum",
    "nearest",
    "nonzero_bits",
    "pointer",
    "power_of_two",
    "prefetch",
    "reinterpreted",
    "set_item",
    "splat",
    "sqrt",
    "store",
    "store_tile",
    "sum_lanes",
    "transposed",
    "uniforms",
    "where_positive",
    "zero_tile",
    "zeros",
]
