"""The sigmoid function without overflow, and the unit vector: shared by the book's modules."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.arguments import checks
from fastnn.arguments.array_input import refuse_masked
from fastnn.book._mistakes import MistakeWarning

__all__ = ["logistic", "unit_vector"]

# As far as exp(z) and exp(-z) both are normal numbers.
_LARGEST_Z = {"f": 87.0, "d": 708.0}


def logistic(z: ArrayLike) -> Any:
    """1 / (1 + exp(-z)) elementwise (eq. 3), for any z without overflow, underflow or warning.

    An array of z's shape, or a NumPy number for a number; float32 stays float32, all else is
    float64. Beyond 708 (float32: 87) on either side the value is that at 708, which is 1 or
    3e-308.
    """
    refuse_masked("z", z)
    z = np.asarray(z)
    if z.dtype.char not in _LARGEST_Z:
        z = z.astype(np.float64)
    limit = _LARGEST_Z[z.dtype.char]
    return 1 / (1 + np.exp(-np.minimum(np.maximum(z, -limit), limit)))


def unit_vector(j: Any, size: int) -> NDArray[np.float64]:
    """A column (size, 1) of zeros with a one in row j, which may be an array of one integer.

    A negative j counts from the last row, as in the book's code, with a warning.
    """
    refuse_masked("j", j)
    size = checks.count("size", size)
    if isinstance(j, np.ndarray) and j.size == 1:
        j = j.item()
    j = checks.count("j", j, least=-size)
    if j >= size:
        raise ValueError(f"j: expected a whole number from 0 to {size - 1}, got {j}")
    if j < 0:
        warnings.warn(
            f"j: expected a whole number from 0 to {size - 1}, got {j}, which counts from the last"
            " row",
            MistakeWarning,
            stacklevel=3,
        )
    e = np.zeros((size, 1))
    e[j] = 1.0
    return e
