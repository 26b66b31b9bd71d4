"""Calling a function through its address, which kernels get as a number, at run time.

So a kernel compiles once for whatever it calls, and what it calls compiles only when a network
asks for it. All such functions look alike:

    number = function(m, n, stride, p, q, r, numbers)

p, q, r (m, stride) point to rows of n numbers each. An activation takes (a, slope, slope): z in
a; out are a = sigma(z) and slope = sigma'(z), their padding zero. A cost takes (a, y, y) and
returns the sum of the rows' costs; its derivative by a takes (a, y, delta) and fills delta, its
padding zero. Other results are 0.0. `numbers` is the address of float64 numbers that a cost has, of
one for each output; 0 where there are none.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from fastnn.kernels import jit
from fastnn.kernels.simd.types import Pointer
from fastnn.machine.choice import CHOICE, INTERPRETED

__all__ = ["Called", "call", "interpreted_address", "signature"]


def signature(rows: Pointer) -> tuple:
    """Of all such functions, for rows of a dtype."""
    return (types.intp, types.intp, types.intp, rows, rows, rows, types.int64), types.float64


class Called:
    """A compiled function, and its `address`, which is good as long as this object lives."""

    def __init__(self, function: Callable, dtype: np.dtype):
        """Compile a function of the user's for rows of `dtype`."""
        self._function: Any = function
        if CHOICE.mode == INTERPRETED:
            self.address = interpreted_address(function)
            return
        kind = signature(Pointer(numba.from_dtype(dtype)))
        self._function = jit.c_function(function, kind)
        self.address = self._function.address


@intrinsic
def call(typingctx, address, m, n, stride, p, q, r, numbers):  # noqa: PLR0913  all it takes
    """The function at `address`, called with the rest; float64."""

    def codegen(context, builder, sig, args):
        function = ir.FunctionType(ir.DoubleType(), [value.type for value in args[1:]])
        return builder.call(builder.inttoptr(args[0], function.as_pointer()), args[1:])

    own = types.float64(types.int64, types.intp, types.intp, types.intp, p, q, r, types.int64)
    return own, codegen


_INTERPRETED: dict[int, Callable] = {}


def interpreted_address(function: Callable) -> int:
    """A number by which `call` finds a function of Python's."""
    _INTERPRETED[id(function)] = function
    return id(function)


if CHOICE.mode == INTERPRETED:

    def call(address, m, n, stride, p, q, r, numbers):
        """The function that has this number."""
        return _INTERPRETED[int(address)](m, n, stride, p, q, r, numbers)
