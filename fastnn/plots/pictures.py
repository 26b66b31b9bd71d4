"""Rows of numbers as pictures: their shape, their colours' range, many of them in one."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks

__all__ = [
    "AUTO",
    "colour_range",
    "corner",
    "grey_range",
    "in_blocks",
    "mosaic",
    "picture_shape",
    "places_in",
    "strongest",
]

AUTO = "auto"

# Fewer numbers than those of 8 x 8 are a table's columns, also where they are a square number.
_LEAST_SIDE = 8
_ENOUGH = 1_000_000  # values, all over a large layer: to sort all of them takes long
_SHARE = 0.995  # of values that colours tell apart; few larger ones would make all others pale


def picture_shape(argument: str, shape: Any, inputs: int) -> tuple[int, int] | None:
    """(height, width) of a row that is a picture; None if it is none.

    shape  "auto": a square, if `inputs` is a square number of at least 64, else no picture; or
           (height, width), or None for no picture. TypeError or ValueError for all else
    """
    if shape is None:
        return None
    if isinstance(shape, str) and shape == AUTO:
        side = math.isqrt(inputs)
        return (side, side) if side * side == inputs and side >= _LEAST_SIDE else None
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise TypeError(
            f"{argument}: expected {AUTO!r}, (height, width) or None, got {checks.shown(shape)}"
        )
    height, width = (checks.count(f"{argument}[{i}]", side) for i, side in enumerate(shape))
    if height * width != inputs:
        raise ValueError(
            f"{argument}: expected height x width = {inputs}, as many as inputs, got "
            f"{height} x {width}"
        )
    return height, width


def strongest(w: NDArray, most: int) -> NDArray:
    """The neurons (at most `most`,) with the largest norm of w (outputs, inputs), by number."""
    if len(w) <= most:
        return np.arange(len(w))
    norms = np.einsum("ki,ki->k", w, w, dtype=np.float64)
    return np.sort(np.argsort(-norms, kind="stable")[:most])


def colour_range(values: NDArray) -> float:
    """What the darkest colours stand for, above 0: all but half a percent of |values| are less."""
    some = values.ravel()[:: max(1, values.size // _ENOUGH)]
    sizes = np.abs(some[np.isfinite(some)])
    if not sizes.size or not sizes.max():
        return 1.0
    return float(np.quantile(sizes, _SHARE) or sizes.max())


def places_in(count: int) -> tuple[int, int]:
    """(rows, columns) of so many pictures beside and below each other, about as high as wide."""
    columns = max(1, math.ceil(math.sqrt(count)))
    return max(1, math.ceil(count / columns)), columns


def mosaic(pictures: NDArray, gap: int = 1) -> NDArray:
    """Pictures (n, height, width) in one, as `places_in` says, with NaN between them.

    gap  how many lines are between rows of pictures; between columns there is one
    """
    n, height, width = pictures.shape
    rows, columns = places_in(n)
    whole = np.full((rows * (height + gap) - gap, columns * (width + 1) - 1), np.nan)
    for i, picture in enumerate(pictures):
        top, left = corner(i, columns, height + gap, width + 1)
        whole[top : top + height, left : left + width] = picture
    return whole


def corner(i: int, columns: int, height: int, width: int) -> tuple[int, int]:
    """(top, left) of picture i of those in a mosaic, each with what is between it and the next."""
    return height * (i // columns), width * (i % columns)


def grey_range(pictures: NDArray) -> tuple[float, float]:
    """What is no ink at all, and what is full ink: 0, or what is less, and the largest value."""
    low, high = min(0.0, float(pictures.min())), float(pictures.max())
    return low, high if high > low else low + 1.0


def in_blocks(matrix: NDArray, most: int) -> NDArray:
    """A matrix of at most `most` x `most` numbers: the means of blocks, if it has more."""
    for axis in (0, 1):
        length = matrix.shape[axis]
        if length > most:
            starts = np.arange(most) * length // most
            sums = np.add.reduceat(matrix, starts, axis=axis, dtype=np.float64)
            counts = np.diff(np.append(starts, length))
            matrix = sums / (counts[:, None] if axis == 0 else counts)
    return matrix
