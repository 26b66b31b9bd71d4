"""What the weights of each layer look like: norm, share of zeros, largest magnitude."""

import math
from typing import NamedTuple

from numpy.typing import NDArray

__all__ = ["EpochsFigures", "ParameterFigures", "WeightFigures"]

PerLayer = tuple[float, ...]


class WeightFigures(NamedTuple):
    """One item a layer each; biases are not counted.

    weight_norms     sqrt(sum w^2)
    zero_shares      fraction of the weights that are exactly 0
    largest_weights  max |w|
    """

    weight_norms: PerLayer
    zero_shares: PerLayer
    largest_weights: PerLayer


class ParameterFigures(NamedTuple):
    """What is measured of a network's parameters after each epoch, one item a layer each.

    weights     what is reported
    squares     sum w^2, and
    magnitudes  sum |w|, for the penalty
    biases      0, or NaN unless all biases are finite
    """

    weights: WeightFigures
    squares: PerLayer
    magnitudes: PerLayer
    biases: PerLayer

    def first_not_finite(self) -> int | None:
        """Index of the first layer that holds NaN or infinity, None if there is none."""
        for l, (w, b) in enumerate(zip(self.weights.largest_weights, self.biases, strict=True)):
            if not math.isfinite(w + b):
                return l
        return None


class EpochsFigures(NamedTuple):
    """Figures of several epochs, all float64.

    all_finite          whether all of these are, and with them costs and parameters
    cost_sums, correct  (epochs,): of the rows, each before its own update
    norms, ...          (epochs, layers): of the parameters that each epoch leaves, see
                        ParameterFigures
    """

    all_finite: bool
    cost_sums: NDArray
    correct: NDArray
    norms: NDArray
    zero_shares: NDArray
    largest_weights: NDArray
    squares: NDArray
    magnitudes: NDArray
    biases: NDArray
