"""Explicit SIMD for Numba: vectors and register tiles, portable from one source.

`registers` says what the CPU has, `block` defines the types and operations, `emulation`
has the same operations in NumPy for runs without the compiler.
"""

from typing import TYPE_CHECKING

from numba.core import config

from fastnn.kernels.simd.registers import ALIGNMENT, TILE_ROWS, lanes

if config.DISABLE_JIT and not TYPE_CHECKING:
    from fastnn.kernels.simd import emulation as _operations
else:
    from fastnn.kernels.simd import block as _operations

absolute = _operations.absolute
add_outer_product = _operations.add_outer_product
advance = _operations.advance
fma = _operations.fma
item = _operations.item
itemsize = _operations.itemsize
lanes_at = _operations.lanes_at
load = _operations.load
load_square = _operations.load_square
load_tile = _operations.load_tile
maximum = _operations.maximum
minimum = _operations.minimum
nearest = _operations.nearest
pointer = _operations.pointer
power_of_two = _operations.power_of_two
prefetch = _operations.prefetch
set_item = _operations.set_item
splat = _operations.splat
sqrt = _operations.sqrt
store = _operations.store
store_tile = _operations.store_tile
sum_lanes = _operations.sum_lanes
transposed = _operations.transposed
uniforms = _operations.uniforms
where_positive = _operations.where_positive
zero_tile = _operations.zero_tile
zeros = _operations.zeros

__all__ = [
    "ALIGNMENT", "TILE_ROWS", "absolute", "add_outer_product", "advance", "fma", "item",
    "itemsize", "lanes", "lanes_at", "load", "load_square", "load_tile", "maximum", "minimum",
    "nearest", "pointer", "power_of_two", "prefetch", "set_item", "splat", "sqrt", "store",
    "store_tile", "sum_lanes", "transposed", "uniforms", "where_positive", "zero_tile", "zeros",
]  # fmt: skip
