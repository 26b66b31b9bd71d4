"""A quick look for NaN and infinity."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["is_finite", "looks_finite"]

_FEW = 10_000  # numbers: to look at each of so many takes no longer than to set up the quick look


def looks_finite(array: NDArray[Any]) -> bool:
    """False if a C-contiguous array of floats holds NaN or infinity, or such large numbers.

    Both survive in the sum of the squares, which is one pass at the memory's speed: half as long
    as a plain sum takes. It also overflows for large numbers: then look closer.
    """
    flat = array.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(np.einsum("i,i", flat, flat))


def is_finite(array: NDArray[Any]) -> bool:
    """Whether an array of real numbers holds neither NaN nor infinity."""
    if array.dtype.kind != "f":
        return True
    quick = array.size > _FEW and looks_finite(array)
    return quick or bool(np.isfinite(array).all())
