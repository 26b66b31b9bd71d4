"""The cost of a whole data set and its gradient, as optimizers ask for that take it at once."""

import numpy as np
from numpy.typing import NDArray

from fastnn.engine.engine import Engine
from fastnn.engine.inputs import Inputs
from fastnn.engine.rule import UpdateRule
from fastnn.engine.sparse_rows import SparseRows
from fastnn.engine.targets import ONE_EACH, Counting, OneHot
from fastnn.engine.trainer import Trainer

__all__ = ["FullBatch"]

_ROWS = 512  # that are taken at a time: their activations have room in the cache


class FullBatch:
    """Sums over all rows of a data set, for the parameters that the engine has just then."""

    def __init__(
        self,
        engine: Engine,
        x: "NDArray | SparseRows | Inputs",
        y: NDArray | OneHot,
        max_threads: int = 1,
        counting: Counting = ONE_EACH,
    ):
        """As for Trainer; means are up to the caller."""
        rule = UpdateRule(_ROWS, 0.0, 0.0, 0.0, 1, "accumulate")
        plain = counting._replace(by_weight=False)
        self._trainer = Trainer(engine, x, y, rule, None, max_threads, plain)
        self._order, self._threads = np.arange(len(y)), max_threads

    def sums(self, rows: NDArray | None = None) -> tuple[float, NDArray]:
        """The rows' data costs, and their gradient as the parameters lie, until the next call.

        rows (k,) int64: only these
        """
        trainer = self._trainer
        trainer.memory.first[...] = 0
        trainer.start_epoch()
        trainer.run(self._order if rows is None else rows, self._threads)
        return trainer.cost_sum, trainer.memory.first

    @property
    def correct(self) -> int:
        """How many of the rows were classified correctly at the last call of `sums`."""
        return self._trainer.correct

    def give_back(self) -> None:
        """Leave memory to others; there can be no more sums."""
        self._trainer.give_back()
