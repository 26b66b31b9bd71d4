"""Which mistakes are worth a look: those that a network is most sure of."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["most_confident_mistakes"]


def most_confident_mistakes(confidence: NDArray, right: NDArray, most: int) -> NDArray:
    """Rows that are wrong, (at most `most`,) int64: the most confident first, then by number.

    confidence, right  (rows,) what each prediction says of itself, and whether it is right
    """
    wrong = np.flatnonzero(~right)
    return wrong[np.argsort(-confidence[wrong], kind="stable")[:most]]
