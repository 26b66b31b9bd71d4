"""Short epochs, several of which are trained in one call of the compiled core."""

from collections.abc import Mapping
from itertools import count, repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import EpochsFigures
from fastnn.training.history import Epoch
from fastnn.training.penalty import Penalty

__all__ = ["Piece", "as_epochs"]


class Piece(NamedTuple):
    """Several epochs that are trained together, and what was before them.

    first         the index of the first one
    etas          (epochs, mini-batches): their learning rates
    progress, random_state
                  the trainer's and the generator's
    """

    first: int
    etas: NDArray
    progress: list[float]
    random_state: Mapping[str, Any]

    @property
    def size(self) -> int:
        """How many epochs there are."""
        return len(self.etas)


def as_epochs(
    figures: EpochsFigures,
    penalty: Penalty,
    etas: NDArray,
    *,
    number: int,
    seconds: float,
    rows: int,
    classes: bool,
) -> list[Epoch] | None:
    """The epochs that have these figures; None unless all numbers are finite.

    etas     (epochs,): their last learning rates
    number   of the first one
    seconds  that each took
    rows     that each has; `classes` says whether they can be classified correctly
    """
    with np.errstate(all="ignore"):
        penalties = penalty.of(figures.squares.T, figures.magnitudes.T)
    if not (figures.all_finite and np.isfinite(penalties).all()):
        return None
    accuracies = (figures.correct / rows).tolist() if classes else repeat(None)
    of_layers = figures.norms, figures.zero_shares, figures.largest_weights
    columns = zip(
        count(number),
        repeat(seconds),
        (figures.cost_sums / rows).tolist(),
        np.broadcast_to(penalties, len(etas)).tolist(),
        accuracies,
        repeat(None),
        repeat(None),
        etas.tolist(),
        *(zip(*column.T.tolist(), strict=True) for column in of_layers),
    )
    return list(map(Epoch._make, columns))
