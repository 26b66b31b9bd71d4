"""What a layer's weights look like in numbers, without a copy of a large layer in float64."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["WeightFigures", "figures_of"]


class WeightFigures(NamedTuple):
    """Of one layer's weights: squares is sum w^2, magnitudes sum |w|, zeros a fraction."""

    squares: float
    magnitudes: float
    largest: float
    zeros: float


def figures_of(w: NDArray) -> WeightFigures:
    """Of weights (outputs, inputs), summed in float64."""
    sizes = np.abs(w)
    return WeightFigures(
        float(np.einsum("ki,ki->", sizes, sizes, dtype=np.float64)),
        float(sizes.sum(dtype=np.float64)),
        float(sizes.max()),
        1 - np.count_nonzero(sizes) / sizes.size,
    )
