"""How far outputs are from targets that are numbers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Errors", "errors_of"]


class Errors(NamedTuple):
    """Of each output; each item is (outputs,) float64.

    rms        sqrt(mean (a - y)^2)
    absolute   mean |a - y|
    bias       mean of a - y
    explained  R^2: 1 - sum (a - y)^2 / sum (y - mean y)^2; NaN where all targets are the same
    """

    rms: NDArray
    absolute: NDArray
    bias: NDArray
    explained: NDArray


def errors_of(targets: NDArray, outputs: NDArray) -> Errors:
    """Of targets y and outputs a, (rows, outputs) both."""
    y = targets.astype(np.float64)
    off = outputs - y
    spread = ((y - y.mean(axis=0)) ** 2).mean(axis=0)
    squares = (off**2).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = np.where(spread > 0, 1 - squares / spread, np.nan)
    return Errors(np.sqrt(squares), np.abs(off).mean(axis=0), off.mean(axis=0), explained)
