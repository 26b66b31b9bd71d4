"""Which mistakes are worth a look: those that a network is most sure of."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mistake", "most_confident_mistakes"]


class Mistake(NamedTuple):
    """A row, what is wrong, in words, and how sure of it the network is."""

    row: int
    text: str
    confidence: float

    @property
    def sure(self) -> str:
        """The confidence in percent: never 100 %, as it was wrong."""
        return "> 99.9%" if self.confidence >= 0.9995 else f"{self.confidence:.1%}"


def most_confident_mistakes(confidence: NDArray, right: NDArray, most: int) -> NDArray:
    """Rows that are wrong, (at most `most`,) int64: the most confident first, then by number.

    confidence, right  (rows,) what each prediction says of itself, and whether it is right
    """
    wrong = np.flatnonzero(~right)
    return wrong[np.argsort(-confidence[wrong], kind="stable")[:most]]
