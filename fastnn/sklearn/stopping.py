"""When epochs end because they get no better, and with which weights: as scikit-learn decides."""

from typing import Any

from numpy.typing import NDArray

from fastnn.engine import Engine

__all__ = ["Stopping", "begin"]


def begin(estimator: Any) -> None:
    """What a first fit starts from; later ones of a warm start, and partial_fit, go on with it."""
    estimator._best = _copies(estimator)
    estimator.loss_curve_ = []
    estimator._no_improvement_count = 0
    early = estimator.early_stopping
    estimator.best_loss_ = None if early else float("inf")
    estimator.validation_scores_ = [] if early else None
    estimator.best_validation_score_ = -float("inf") if early else None


class Stopping:
    """Looks at the loss of each epoch; with early stopping, at its score."""

    def __init__(self, estimator: Any, engine: Engine):
        self._estimator, self._engine, self._early = estimator, engine, estimator.early_stopping

    def note(self, loss: float, score: float | None) -> None:
        """Take note of an epoch."""
        e = self._estimator
        if not self._early:
            worse = loss > e.best_loss_ - e.tol
            e.best_loss_ = min(e.best_loss_, loss)
        else:
            worse = score < e.best_validation_score_ + e.tol
            e.validation_scores_.append(score)
            if e.verbose:
                print(f"Validation score: {score:f}")
            if score > e.best_validation_score_:
                e.best_validation_score_ = score
                e._best = _copies(e)
        e._no_improvement_count = e._no_improvement_count + 1 if worse else 0

    @property
    def stuck(self) -> bool:
        """Whether more epochs than `n_iter_no_change` were no better."""
        return self._estimator._no_improvement_count > self._estimator.n_iter_no_change

    @property
    def message(self) -> str:
        """What there is to say of it."""
        e = self._estimator
        what = "Validation score" if self._early else "Training loss"
        return (
            f"{what} did not improve more than tol={e.tol:f} "
            f"for {e.n_iter_no_change} consecutive epochs."
        )

    def go_on(self) -> None:
        """Count anew, if it was stuck."""
        if self.stuck:
            self._estimator._no_improvement_count = 0

    def restore(self) -> None:
        """With early stopping, end with the weights of the best score.

        Where a warm start has found no better score than the fits before, it ends with its last
        weights: so it does in scikit-learn, where these are the ones that were once the best.
        """
        best = vars(self._estimator).get("_best")
        self._estimator._best = None
        if not self._early or best is None:
            return
        coefs, intercepts = best
        weights, biases = [c.T for c in coefs], [b[:, None] for b in intercepts]
        # All of the memory, for NaN may have come between the rows.
        self._engine.parameters[...] = self._engine.packed(weights, biases)


def _copies(estimator: Any) -> tuple[list[NDArray], list[NDArray]]:
    return [c.copy() for c in estimator.coefs_], [b.copy() for b in estimator.intercepts_]
