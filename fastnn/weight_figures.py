"""What the weights of each layer look like: norm, share of zeros, largest magnitude."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["WeightFigures", "weight_figures"]


class WeightFigures(NamedTuple):
    """One item a layer each; biases are not counted.

    weight_norms     sqrt(sum w^2)
    zero_shares      fraction of the weights that are exactly 0
    largest_weights  max |w|
    """

    weight_norms: tuple[float, ...]
    zero_shares: tuple[float, ...]
    largest_weights: tuple[float, ...]

    def first_not_finite(self) -> int | None:
        """Index of the first layer that holds NaN or infinity, None if there is none."""
        return next((l for l, w in enumerate(self.largest_weights) if not math.isfinite(w)), None)


def weight_figures(weights: Iterable[NDArray]) -> WeightFigures:
    """The figures of weights, one array (outputs, inputs) a layer."""
    with np.errstate(all="ignore"):  # a network that has diverged has figures, too
        return WeightFigures(*zip(*map(_of_layer, weights)))


def _of_layer(w: NDArray) -> tuple[float, float, float]:
    """Three quick passes over a contiguous copy, in the order in which the weights lie."""
    flat = w.T.astype(np.float64, order="C").ravel()
    # Not np.abs, which would write all magnitudes to memory. NaN is kept by both.
    largest = max(float(flat.max()), -float(flat.min()))
    square = _sum_of_squares(flat)
    if not math.isfinite(square) and math.isfinite(largest):  # float64 weights above 1e154
        flat /= largest
        return largest * math.sqrt(_sum_of_squares(flat)), _zeros(flat), largest
    return math.sqrt(square), _zeros(flat), largest


def _sum_of_squares(flat: NDArray) -> float:
    """Not by np.dot: BLAS threads spin for a while afterwards, in the way of the next epoch."""
    return float(np.einsum("i,i", flat, flat))


def _zeros(flat: NDArray) -> float:
    return int(np.count_nonzero(flat == 0)) / flat.size
