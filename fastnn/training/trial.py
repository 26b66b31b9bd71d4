"""Beginning a fit for the sake of its kernels: they differ by rows, sizes and settings."""

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from fastnn.model.output_range import TargetRangeWarning
from fastnn.training.divergence import DivergenceError
from fastnn.training.loop import measure

if TYPE_CHECKING:
    from fastnn.network import Network

__all__ = ["try_out"]

# What a trial must not do: speak, write files, call the user's functions, or go on from a file.
_SILENT = {
    "verbose": 0,
    "callbacks": None,
    "checkpoint": None,
    "resume": None,
    "check_regularization": False,
}


class _EnoughError(Exception):
    """The first piece of an epoch is trained."""


def try_out(net: "Network", x: Any, y: Any, settings: dict[str, Any]) -> None:
    """Run what `net.fit(x, y, **settings)` and `evaluate` run, but little of it; changes net."""

    def stop(done: int, total: int) -> None:
        raise _EnoughError

    with suppress(_EnoughError, DivergenceError), warnings.catch_warnings():
        warnings.simplefilter("ignore", TargetRangeWarning)  # the fit itself gives it
        net.fit(x, y, **{**settings, **_SILENT, "on_progress": stop})
    first = net._reader.read(x, y, sample_weight=settings.get("sample_weight")).take(np.arange(1))
    measure(net._engine, first)
    net._engine.figures()
