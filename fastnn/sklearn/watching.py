"""What each epoch, or iteration of lbfgs, achieved: noted, and told to whoever wants to know."""

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import numpy as np

from fastnn.sklearn.rows import Validation

__all__ = ["Epoch", "Watch", "begin"]


class Epoch(NamedTuple):
    """One epoch, or iteration of lbfgs.

    epoch             counted from 1 in each fit
    loss              of the training rows, with the penalty, each before its own update
    learning_rate     of its last update; None for lbfgs
    validation_loss, validation_score
                      of the weights that it leaves, without penalty; None without validation rows
    seconds           since the epoch before, validation included
    """

    epoch: int
    loss: float
    learning_rate: float | None
    validation_loss: float | None
    validation_score: float | None
    seconds: float


def begin(estimator: Any) -> None:
    """Before a first fit; later ones of a warm start, and partial_fit, go on with it."""
    estimator.history_ = {field: [] for field in Epoch._fields}
    estimator.validation_loss_curve_ = None


class Watch:
    """Looks at a fit's estimator when its network is whole.

    validation  measured after each epoch, if there are such rows
    """

    def __init__(self, estimator: Any, validation: Validation | None, given: Mapping[str, Any]):
        """`given` is what scikit-learn's callbacks are handed: X, y, metadata."""
        self.validation = validation
        self.last = Epoch(0, float("nan"), None, None, None, 0.0)
        self._estimator, self._given = estimator, given
        self._functions = _functions(estimator.callbacks)
        self._since, self._task = time.perf_counter(), cast(Any, None)
        # Only where somebody has asked for it: a context takes longer than a short epoch.
        self._fit = getattr(estimator, "_callback_fit_ctx", None)
        if not hasattr(estimator, "history_"):  # its coefs_ were given, and not begun
            begin(estimator)
        if validation is not None and estimator.validation_loss_curve_ is None:
            estimator.validation_loss_curve_ = []

    def begins(self) -> None:
        """An epoch begins."""
        if self._fit is not None:
            self._task = self._fit.subcontext(task_name="epoch")
            self._task.call_on_fit_task_begin(estimator=self._estimator, **self._given)

    def ended(self, loss: float, learning_rate: float | None) -> None:
        """An epoch has ended: measure it."""
        e, number = self._estimator, self.last.epoch + 1
        validation_loss = score = None
        if self.validation is not None:
            validation_loss, score = e._measure(self.validation)
            e.validation_loss_curve_.append(validation_loss)
        now = time.perf_counter()
        seconds, self._since = now - self._since, now
        self.last = Epoch(number, loss, learning_rate, validation_loss, score, seconds)
        for figure, values in zip(self.last, e.history_.values(), strict=True):
            values.append(figure)

    def closes(self) -> None:
        """What began last was no epoch: SciPy does not say before which iteration is the last."""
        if self._task is not None:
            self._task.call_on_fit_task_end(estimator=self._estimator)

    def tell(self) -> bool:
        """Tell of it whoever wants to know; whether training is to end."""
        e = self._estimator
        answers = [function(e, self.last) for function in self._functions]
        ends = [isinstance(answer, (bool, np.bool_)) and bool(answer) for answer in answers]
        if self._task is not None:
            stops = self._task.call_on_fit_task_end(
                estimator=e, **self._given, reconstruction_attributes=lambda: _fitted(e)
            )
            ends.append(bool(stops))
        return any(ends)


def _functions(given: Any) -> list[Callable[[Any, Epoch], Any]]:
    functions = list(given) if isinstance(given, (list, tuple)) else [given] if given else []
    for function in functions:
        if not callable(function):
            raise TypeError(
                f"callbacks: expected functions of (estimator, epoch), got {function!r}"
            )
    return functions


def _fitted(estimator: Any) -> dict[str, Any]:
    """What makes a copy of the estimator one that has been fitted, with the weights of now."""
    fitted = {name: value for name, value in vars(estimator).items() if name.endswith("_")}
    for name in ("coefs_", "intercepts_"):
        fitted[name] = [p.copy() for p in fitted[name]]
    return fitted
