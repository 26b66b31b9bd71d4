"""One call of fit by L-BFGS: an iteration, which takes the whole training set, is an epoch."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import Counting, Engine, FullBatch
from fastnn.engine.threads import available_cores
from fastnn.interrupts import allow, let_in
from fastnn.training.course import Course
from fastnn.training.divergence import DivergenceError
from fastnn.training.history import Epoch
from fastnn.training.lbfgs import minimize
from fastnn.training.measuring import measure
from fastnn.training.optimizers import LBFGS
from fastnn.training.penalty import Penalty
from fastnn.training.settings import Settings

__all__ = ["FullBatchTraining"]


class FullBatchTraining(Course):
    """Where such a fit stands, as `loop.Training` of all others: its epochs are iterations."""

    def __init__(
        self, engine: Engine, settings: Settings, optimizer: LBFGS, penalty: Penalty, past: int
    ):
        """`penalty` is that of the weights; `past` epochs went before."""
        super().__init__(engine, settings.early_stopping)
        data = settings.data
        self._engine, self._settings, self._optimizer = engine, settings, optimizer
        self._penalty, self._past = penalty, past
        counting = Counting(data.row_weights, data.targets.multi_label, data.targets.classes)
        threads = settings.n_threads or available_cores()
        self._batch = FullBatch(engine, data.x, data.targets.values, threads, counting)
        self._count = float(len(data.x))
        if settings.by_weight and data.row_weights is not None:
            self._count = float(data.row_weights.sum())
        self._last = 0.0, 0

    def run(
        self,
        each: Callable[[Epoch], object],
        on_progress: Callable[[int, int], object] | None = None,
        on_interrupt: Callable[[], object] | None = None,
        *,
        watched: bool = True,
    ) -> None:
        """Train, calling `each` with the figures of every iteration; other arguments as there.

        Whatever ends it, the network is that of the last iteration. Raises MissingSciPyError, and
        DivergenceError if the cost is no number where it begins.
        """
        engine, began = self._engine, [time.perf_counter()]
        kept = engine.parameters.copy()

        def iterated(x: NDArray) -> bool:
            kept[...] = engine.parameters[...] = x
            now = time.perf_counter()
            epoch = self._measure(now - began[0])
            self.record(epoch)
            if on_progress is not None:
                allow(on_progress, *[len(self._settings.data.x)] * 2)
            each(epoch)
            let_in()
            began[0] = time.perf_counter()
            return self.complete

        try:
            minimize(
                self._objective,
                engine.parameters,
                iterated,
                iterations=self._settings.epochs,
                evaluations=self._optimizer.evaluations,
                tolerance=self._optimizer.tolerance,
                memory=self._optimizer.memory,
            )
        finally:
            engine.parameters[...] = kept
        self.restore_best()

    def give_back(self) -> None:
        """Leave memory that only training needs to others; there can be no more of it."""
        self._batch.give_back()

    def _objective(self, parameters: NDArray) -> tuple[float, NDArray]:
        """The mean cost with its penalty, and the gradient."""
        engine, n = self._engine, self._penalty.n
        engine.parameters[...] = parameters
        cost_sum, nabla = self._batch.sums()
        figures = engine.figures()
        cost = cost_sum / self._count + self._penalty.of(figures.squares, figures.magnitudes)
        if not self.epochs and not np.isfinite(cost):
            raise DivergenceError(f"the cost is {cost} before the first iteration of lbfgs")
        gradient = nabla.astype(np.float64) / self._count
        of_weights = engine.matrices(gradient)[0]
        for part, w, l2 in zip(of_weights, engine.weights, self._penalty.l2, strict=True):
            part += l2 / n * w
        self._last = cost_sum, self._batch.correct
        return cost, gradient

    def _measure(self, seconds: float) -> Epoch:
        """The figures of the iteration that has just ended: its parameters were the last ones."""
        settings, (cost_sum, correct) = self._settings, self._last
        figures = self._engine.figures()
        data, validation = settings.data, settings.validation
        epoch = Epoch(
            self._past + len(self.epochs) + 1,
            seconds,
            cost_sum / self._count,
            self._penalty.of(figures.squares, figures.magnitudes),
            correct / len(data.x) if data.targets.classes else None,
            **figures.weights._asdict(),
        )
        if validation is None:
            return epoch
        cost, accuracy = allow(partial(measure, self._engine, validation, settings.n_threads))
        return epoch._replace(validation_data_cost=cost, validation_accuracy=accuracy)
