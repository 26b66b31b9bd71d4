"""A few C functions to build small libraries of, by keys such as `gelu(f4*)` and `total(i8*)`."""

import re

import numpy as np

from fastnn.kernels.functions import rare_activations, rare_costs
from fastnn.kernels.simd import item

ROWS = {f.__name__: f for f in (*rare_activations.FUNCTIONS, *rare_costs.FUNCTIONS)}


def total(block):
    """block[1] + ... + block[n], n = block[0]."""

    result = 0
    for i in range(1, item(block, 0) + 1):
        result += item(block, i)
    return result


def compile_entry(key):
    """The compiled function of a key."""
    import numba
    from numba import types

    from fastnn.kernels.jit import c_function
    from fastnn.kernels.simd.types import Pointer

    name, dtype = re.fullmatch(r"(\w+)\((\w\d)\*\)", key).groups()
    pointer = Pointer(numba.from_dtype(np.dtype(dtype)))
    if name == "total":
        return c_function(total, ((pointer,), types.int64))
    signature = (types.intp, types.intp, types.intp, pointer, pointer, pointer), types.float64
    return c_function(ROWS[name], signature)
