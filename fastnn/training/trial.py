"""Beginning a fit for the sake of its kernels: they differ by rows, sizes and settings."""

import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from fastnn.engine import Engine, UpdateRule, train
from fastnn.model.output_range import TargetRangeWarning
from fastnn.training.callbacks import Progress, as_callbacks, only
from fastnn.training.divergence import DivergenceError
from fastnn.training.early_stopping import EarlyStopping

__all__ = ["try_out", "try_plain_descent"]

# What a trial must not do: speak, or refuse what the fit itself is to refuse.
_SILENT = {"verbose": 0, "check_regularization": False}


class _EnoughError(Exception):
    """The first piece of an epoch is trained."""


def try_out(fit: Callable[..., object], settings: dict[str, Any]) -> None:
    """Run what `fit(**settings)` runs, but little of it; changes the network."""
    callbacks = settings.get("callbacks")

    def stop(done: int, total: int) -> None:
        raise _EnoughError

    with suppress(_EnoughError, DivergenceError), warnings.catch_warnings():
        warnings.simplefilter("ignore", TargetRangeWarning)  # the fit itself gives it
        # Nor write files, go on from one, or call the user's functions.
        stopping = only("callbacks", as_callbacks("callbacks", callbacks), EarlyStopping)
        kept = [Progress(stop), *([stopping] if stopping else [])]
        fit(**{**settings, **_SILENT, "callbacks": kept})


def try_plain_descent(dtype: np.dtype) -> None:
    """Run what plain SGD and `evaluate` run on dense rows, for one row of one number."""
    tiny = Engine([1, 1], ["sigmoid"], "quadratic", dtype)
    x, order = np.zeros((1, 1), dtype), np.zeros(1, np.int64)
    train(tiny, x, x, order, UpdateRule(1, 0.0, 0.0, 0.0, 1))
    tiny.evaluate(x, x)
