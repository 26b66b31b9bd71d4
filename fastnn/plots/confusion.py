"""Which classes are taken for which: counts, and what they say of each class."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["ClassScores", "Confusion", "class_scores", "confusion_counts", "most_confused"]


def confusion_counts(labels: NDArray, predicted: NDArray, classes: int) -> NDArray:
    """How many rows of class i were taken for class j: (classes, classes) int64, at [i, j].

    labels, predicted  (rows,) integers from 0 to classes - 1
    """
    pairs = labels.astype(np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


class ClassScores(NamedTuple):
    """What the counts say of each class; each item is (classes,).

    rows       of the class
    recall     share of them that were taken for it; NaN where there are none
    precision  share of the rows taken for it that are of it; NaN where there are none
    """

    rows: NDArray
    recall: NDArray
    precision: NDArray


def class_scores(counts: NDArray) -> ClassScores:
    """Recall and precision of each class, from (classes, classes) counts."""
    right, rows, taken = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return ClassScores(rows, right / rows, right / taken)


class Confusion(NamedTuple):
    """Rows of a class that were taken for another one."""

    label: int
    predicted: int
    rows: int


def most_confused(counts: NDArray, most: int) -> list[Confusion]:
    """The pairs of classes that are mistaken most often, at most so many, the worst first."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    worst = np.argsort(-wrong, axis=None, kind="stable")[:most].tolist()
    pairs = [Confusion(i // len(wrong), i % len(wrong), int(wrong.flat[i])) for i in worst]
    return [pair for pair in pairs if pair.rows]
