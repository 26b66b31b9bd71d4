"""How far a training has come, as kernels count it: the numbers that a checkpoint keeps."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fastnn.engine.rule import MOST_UPDATES
from fastnn.layout import figures

__all__ = ["check_state", "correct_in", "factor_in", "start", "updates_in"]

_NUMBERS = 4  # see layout.figures


def start(updates: int) -> NDArray[np.float64]:
    """Where an epoch begins after so many updates."""
    progress = np.zeros(_NUMBERS)
    progress[figures.UPDATES], progress[figures.SCALE] = updates, 1.0
    return progress


def check_state(state: Sequence[float]) -> None:
    """TypeError or ValueError unless a trainer could have given this."""
    numbers = [isinstance(number, (int, float)) for number in state]
    if numbers != [True] * _NUMBERS or not np.isfinite(state).all():
        raise ValueError(f"progress: expected {_NUMBERS} finite numbers, got {state}")
    counts, scale = (state[figures.UPDATES], state[figures.CORRECT]), state[figures.SCALE]
    if any(count % 1 or not 0 <= count <= MOST_UPDATES for count in counts):
        raise ValueError(f"progress: expected counts of updates and rows, got {counts}")
    if not figures.SMALLEST_SCALE <= scale <= 1:
        raise ValueError(f"progress: expected a scale up to 1, got {scale}")


def factor_in(state: Sequence[float]) -> float:
    """What weights[0] must be multiplied with to be the network's."""
    return state[figures.SCALE]


def updates_in(state: Sequence[float]) -> int:
    """How many updates the optimizer had done."""
    return int(state[figures.UPDATES])


def correct_in(state: Sequence[float]) -> int:
    """How many of the epoch's rows had been classified correctly."""
    return int(state[figures.CORRECT])
