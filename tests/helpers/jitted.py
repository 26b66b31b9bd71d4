"""Functions of arrays that a test writes itself, run as kernels are."""

from collections.abc import Callable

import numba
from interpreted import KERNELS_ARE_INTERPRETED

from fastnn.kernels import target

__all__ = ["kernel"]


def kernel(function: Callable) -> Callable:
    """The function, which may call whatever kernels do, for Python to call."""
    if KERNELS_ARE_INTERPRETED:
        return function
    options = {"error_model": "numpy", "no_cfunc_wrapper": True, **target.OPTIONS}
    return numba.njit(**options)(function)
