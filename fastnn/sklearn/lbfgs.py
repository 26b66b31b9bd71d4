"""The solver lbfgs: SciPy's, on the cost and the gradient of the whole data set."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import Counting, Engine, FullBatch
from fastnn.engine.threads import available_cores
from fastnn.sklearn.library import check_optimize_result
from fastnn.sklearn.losses import share_of
from fastnn.sklearn.parameters import fitted, take_back
from fastnn.sklearn.rows import Rows, costs_of_y
from fastnn.sklearn.watching import Watch
from fastnn.training.lbfgs import minimize

__all__ = ["Objective", "Training"]

_NOT_HERE = ("l1", "dropout", "input_dropout", "max_norm", "optimizer", "learning_rate_schedule")


class Objective:
    """The mean cost with its penalty, and the gradient, of parameters as the engine's lie."""

    def __init__(self, estimator: Any, engine: Engine, rows: Rows, threads: int):
        self._engine, self._alpha = engine, float(estimator.alpha)
        counting = Counting(rows.weights, classes=False, clipped=True)
        self._batch = FullBatch(engine, rows.x, rows.targets, threads, counting)
        weights = rows.weights
        self._count = float(len(rows.numbers) if weights is None else weights.sum())
        self._share, self._constant = share_of(estimator._loss, engine.sizes[-1]), 0.0
        if estimator._loss == "poisson":
            self._constant = float(np.average(costs_of_y(rows), weights=weights))
        self.best = np.inf, engine.parameters.copy()

    def __call__(self, parameters: NDArray) -> tuple[float, NDArray]:
        """The loss and its gradient."""
        engine, alpha = self._engine, self._alpha
        engine.parameters[...] = parameters
        cost_sum, nabla = self._batch.sums()
        penalty = 0.5 * alpha * sum(engine.figures().squares)
        loss = (cost_sum * self._share + penalty) / self._count + self._constant
        gradient = nabla.astype(np.float64)
        for of_weights, w in zip(engine.matrices(gradient)[0], engine.weights, strict=True):
            of_weights += alpha * w
        gradient /= self._count
        if loss < self.best[0]:
            self.best = loss, parameters.copy()
        return loss, gradient

    def give_back(self) -> None:
        """Leave memory to others."""
        self._batch.give_back()


class Training:
    """A fit that is about to begin: what can be wrong with it has been found."""

    def __init__(
        self, estimator: Any, engine: Engine, rows: Rows, watch: Watch, threads: int | None
    ):
        given = [name for name in _NOT_HERE if getattr(estimator, name)]
        if given:
            raise ValueError(
                f"{given[0]}: expected none with the solver lbfgs, which goes by the gradient of "
                "a smooth cost of all rows; the others take it"
            )
        self._estimator, self._engine, self._watch = estimator, engine, watch
        self._objective = Objective(estimator, engine, rows, threads or available_cores())
        self._ended, self._own = False, fitted(estimator)

    def run(self, *, incremental: bool) -> None:
        """Minimize; sets n_iter_, loss_ and the parameters.

        Where an exception ends it, Ctrl-C say, the network has the best parameters so far.
        """
        e, engine, objective = self._estimator, self._engine, self._objective
        self._watch.begins()
        try:
            result = minimize(
                objective,
                engine.parameters,
                self._iterated,
                iterations=e.max_iter,
                evaluations=e.max_fun,
                tolerance=e.tol,
                verbose=bool(e.verbose),
            )
        except BaseException:
            engine.parameters[...] = objective.best[1]
            raise
        finally:
            objective.give_back()
        self._watch.closes()
        engine.parameters[...] = result.x
        ended, most = self._ended, e.max_iter
        e.n_iter_ = result.nit if ended else check_optimize_result("lbfgs", result, most)
        e.loss_ = result.fun

    def _iterated(self, x: NDArray) -> bool:
        self._engine.parameters[...] = x
        # Each iteration's loss is the least so far.
        self._watch.ended(self._objective.best[0], None)
        self._ended = self._watch.tell()
        take_back(self._estimator, self._own)
        self._watch.begins()
        return self._ended
