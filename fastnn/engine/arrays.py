"""Arrays as kernels take them."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.layout.layers import aligned_empty
from fastnn.layout.rows import ROW_DTYPES, RawRows

__all__ = ["aligned_zeros", "number", "raw_rows", "read_only"]


def aligned_zeros(size: int, dtype: DTypeLike) -> NDArray:
    """A flat array of zeros that starts on a cache line."""
    array = aligned_empty(size, dtype)
    array[:] = 0
    return array


def number(value: float, dtype: DTypeLike) -> Any:
    """A number of this dtype: with Python's own, kernels would reckon in float64."""
    return np.asarray(value, dtype)[()]


def read_only(array: NDArray, dtype: DTypeLike | None = None) -> NDArray:
    """The array as kernels take what they only read: C-contiguous and aligned.

    That it is read-only, kernels notice that are interpreted.
    """
    flags = array.flags  # a short epoch takes little longer than np.require
    if not (flags.c_contiguous and flags.aligned and dtype in (None, array.dtype)):
        array = np.require(array, dtype, ["C", "A"])
    view = array.view()
    view.flags.writeable = False
    return view


def raw_rows(x: NDArray, *, written: bool = False) -> RawRows:
    """Rows (rows, inputs) as kernels take them, of any dtype: all but a few become float64.

    written: kernels write to x, which is C-contiguous and of one of these few dtypes
    """
    if not written:
        x = read_only(x, x.dtype if x.dtype in ROW_DTYPES else np.float64)
    return RawRows(x.reshape(-1).view(np.uint8), ROW_DTYPES[x.dtype], len(x))
