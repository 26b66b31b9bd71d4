"""Arrays that kernels get by their address, a number, at run time.

So a kernel compiles once for any number of arrays, and they may lie anywhere. The caller sees to it
that they are there: C-contiguous, alive, and for `floats_at` float64.
"""

import ctypes

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from fastnn.kernels.simd.types import Pointer
from fastnn.machine.choice import CHOICE, INTERPRETED

__all__ = ["bytes_at", "floats_at"]


@intrinsic
def floats_at(typingctx, address, size):
    """A pointer to the `size` numbers, float64, that lie at this address."""

    def codegen(context, builder, sig, args):
        return builder.inttoptr(args[0], ir.DoubleType().as_pointer())

    return Pointer(types.float64)(types.int64, types.int64), codegen


@intrinsic
def bytes_at(typingctx, address, size):
    """A pointer to the `size` bytes that lie at this address."""

    def codegen(context, builder, sig, args):
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return Pointer(types.uint8)(types.int64, types.int64), codegen


_FLOAT = ctypes.c_double

if CHOICE.mode == INTERPRETED:

    def floats_at(address, size):
        """The memory that lies there, for runs without the compiler."""
        return np.frombuffer((_FLOAT * int(size)).from_address(int(address)))

    def bytes_at(address, size):
        """The memory that lies there, for runs without the compiler."""
        return np.frombuffer((ctypes.c_uint8 * int(size)).from_address(int(address)), np.uint8)
