"""Whether a network is right as often as it says.

Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Reliability", "reliability"]


class Reliability(NamedTuple):
    """Predictions in bins of equal width by their confidence.

    edges       (bins + 1,) from 0 to 1: bin i has what is above edges[i] and at most edges[i + 1];
                the first one has 0 as well
    counts      (bins,) int64, predictions in each
    confidence  (bins,) mean of what they say; NaN in an empty bin, as is the next
    accuracy    (bins,) share that is right
    ece         the expected calibration error: mean of |accuracy - confidence| over all predictions
    """

    edges: NDArray
    counts: NDArray
    confidence: NDArray
    accuracy: NDArray
    ece: float


def reliability(confidence: NDArray, right: NDArray, bins: int = 10) -> Reliability:
    """Of predictions, what each says of itself, in [0, 1], and whether it is right; (n,) both."""
    says = confidence.astype(np.float64)
    edges = np.arange(bins + 1) / bins
    places = np.clip(np.searchsorted(edges, says, side="left") - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(places, says, bins) / counts
        accuracy = np.bincount(places, right, bins) / counts
    ece = float(np.nansum(counts * np.abs(accuracy - mean)) / max(1, len(says)))
    return Reliability(edges, counts, mean, accuracy, ece)
