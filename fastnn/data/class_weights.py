"""Weights that a user gives for classes, by the labels as y has them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks

__all__ = ["weights_of_labels"]


def weights_of_labels(argument: str, class_weight: Any, classes: int) -> NDArray:
    """The weight of each class, (classes,) float64: 1 for labels that the dict doesn't name.

    Labels are whole numbers of any type, bool and 1.0 among them, as in `np.unique(y)`. Raises
    TypeError or ValueError.
    """
    if not isinstance(class_weight, Mapping):
        raise TypeError(
            f"{argument}: expected a dict from labels to weights or 'balanced', "
            f"got {checks.shown(class_weight)}{_as_dict(argument, class_weight)}"
        )
    table = np.ones(classes)
    for label, weight in class_weight.items():
        table[_index(argument, label, classes)] = checks.number(f"{argument}[{label}]", weight)
    return table


def _index(argument: str, label: Any, classes: int) -> int:
    """The class that a label stands for."""
    expected = f"{argument}: expected labels from 0 to {classes - 1}"
    if isinstance(label, (str, bytes)):
        way = f"{{int(label): weight for label, weight in {argument}.items()}}"
        if not label.strip().isdigit():
            way = "names have become integers in y, np.unique(names) has them in that order"
        raise TypeError(f"{expected}, got the text {label!r}; {way}")
    try:
        index = int(label)
    except (TypeError, ValueError, OverflowError):
        index = -1
    if index != label or not 0 <= index < classes:
        raise ValueError(f"{expected}, got {checks.shown(label)}")
    return index


def _as_dict(argument: str, given: Any) -> str:
    """How to make a dict of what came instead."""
    if hasattr(given, "to_dict"):
        return f"; {argument}.to_dict() is one"
    if isinstance(given, (list, tuple, np.ndarray)):
        return f"; dict(enumerate({argument})) is one, of a weight for each label from 0 on"
    return ""
