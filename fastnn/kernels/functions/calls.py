"""Calling a function through its address, which kernels get as a number, at run time.

So a kernel compiles once for whatever it calls, and what it calls compiles only when a network
asks for it. All such functions look alike:

    number = function(m, n, stride, p, q, r)

p, q, r (m, stride) point to rows of n numbers each. An activation takes (a, slope, slope): z in
a; out are a = sigma(z) and slope = sigma'(z), their padding zero. A cost takes (a, y, y) and
returns the sum of the rows' costs; its derivative by a takes (a, y, delta) and fills delta, its
padding zero. Other results are 0.0.
"""

import time
from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import config
from numba.extending import intrinsic

from fastnn.kernels.jit import c_function, log_preparation
from fastnn.kernels.simd.types import Pointer

__all__ = ["Called", "call"]


class Called:
    """A compiled function, and its `address`, which is good as long as this object lives."""

    def __init__(self, function: Callable, dtype: Any, *, cache: bool):
        """Compile `function` for rows of `dtype`; `cache` keeps the machine code on disk."""
        self._function: Any = function
        if config.DISABLE_JIT:
            self.address = id(self)
            _INTERPRETED[self.address] = function
            return
        rows = Pointer(numba.from_dtype(dtype))
        start = time.perf_counter()
        signature = (types.intp, types.intp, types.intp, rows, rows, rows), types.float64
        self._function = c_function(function, signature, cache=cache)
        self.address = self._function.address
        log_preparation(
            function.__name__, time.perf_counter() - start, loaded=bool(self._function.cache_hits)
        )


@intrinsic
def call(typingctx, address, m, n, stride, p, q, r):
    """The function at `address`, called with the rest; float64."""

    def codegen(context, builder, sig, args):
        function = ir.FunctionType(ir.DoubleType(), [value.type for value in args[1:]])
        return builder.call(builder.inttoptr(args[0], function.as_pointer()), args[1:])

    return types.float64(types.int64, types.intp, types.intp, types.intp, p, q, r), codegen


_INTERPRETED: dict[int, Callable] = {}

if config.DISABLE_JIT:

    def call(address, m, n, stride, p, q, r):
        """The function that has this number."""
        return _INTERPRETED[int(address)](m, n, stride, p, q, r)
