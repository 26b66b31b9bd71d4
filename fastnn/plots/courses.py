"""How figures go over the epochs: which lines a training has, and which epoch is marked."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Course", "Mark", "accuracies", "costs", "marked_epoch"]


class Course(NamedTuple):
    """A line over the epochs.

    name    what it shows
    kind    which line it is: "training", "validation", "penalty" or "sum"
    values  (epochs,) float64; NaN where there is no figure
    """

    name: str
    kind: str
    values: NDArray


class Mark(NamedTuple):
    """An epoch to be marked, and why."""

    epoch: int
    text: str


def costs(history: Mapping[str, list]) -> list[Course]:
    """The costs of a history's epochs; the penalty and the sum only if there is a penalty."""
    data_cost, penalty = _values(history["data_cost"]), _values(history["penalty"])
    found = [Course("data cost, training", "training", data_cost)]
    if _measured(history["validation_data_cost"]):
        values = _values(history["validation_data_cost"])
        found.append(Course("data cost, validation", "validation", values))
    if np.any(penalty):
        found.append(Course("penalty", "penalty", penalty))
        found.append(Course("data cost + penalty, training", "sum", data_cost + penalty))
    return found


def accuracies(history: Mapping[str, list]) -> list[Course]:
    """The accuracies, as fractions; none where targets name no class."""
    names = {"training": "accuracy", "validation": "validation_accuracy"}
    return [
        Course(f"accuracy, {kind}", kind, _values(history[name]))
        for kind, name in names.items()
        if _measured(history[name])
    ]


def marked_epoch(history: Mapping[str, list], best_epoch: int | None) -> Mark | None:
    """The epoch that early stopping found best, else that of the lowest validation cost."""
    if best_epoch is not None:
        there = best_epoch in history["epoch"]
        return Mark(best_epoch, f"best epoch: {best_epoch}") if there else None
    values = _values(history["validation_data_cost"])
    if not np.isfinite(values).any():
        return None
    epoch = int(history["epoch"][int(np.nanargmin(values))])
    return Mark(epoch, f"lowest validation cost: epoch {epoch}")


def _measured(figures: list[Any]) -> bool:
    return any(figure is not None for figure in figures)


def _values(figures: list[Any]) -> NDArray:
    return np.array([np.nan if figure is None else figure for figure in figures], np.float64)
