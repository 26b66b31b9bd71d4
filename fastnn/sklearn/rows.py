"""Rows and targets of a fit as the engine takes them, and those that are kept for validation."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.data.sparse import as_sparse_rows
from fastnn.engine import Engine, OneHot, SparseRows
from fastnn.sklearn.library import train_test_split
from fastnn.sklearn.losses import xlogy

__all__ = [
    "Rows",
    "Validation",
    "as_rows",
    "check_any",
    "check_inputs",
    "costs_of_y",
    "keep_some",
    "sum_of_means",
]

_FLOATS = (np.float32, np.float64)


@dataclass
class Rows:
    """What a fit is given.

    given    (n, inputs) as scikit-learn has checked it
    x        the same as the engine takes it
    targets  (n, outputs), or OneHot
    weights  (n,) or None: how much each row counts in training
    given_weights  the same by the user's weights alone, without those of classes
    numbers  (k,) int64: the rows that are trained
    """

    given: Any
    x: NDArray | SparseRows
    targets: NDArray | OneHot
    weights: NDArray | None
    given_weights: NDArray | None
    numbers: NDArray


@dataclass
class Validation:
    """Rows that are measured after each epoch; y (n, outputs) as the estimator reads it."""

    given: Any
    x: NDArray | SparseRows
    y: NDArray
    weights: NDArray | None


def as_rows(X: Any) -> NDArray | SparseRows:
    """X (n, inputs), checked by scikit-learn, as the engine takes it."""
    if hasattr(X, "tocsr"):
        return as_sparse_rows(X)
    return np.ascontiguousarray(X, None if X.dtype in _FLOATS else np.float64)


def check_inputs(X: Any, engine: Engine) -> None:
    """ValueError unless rows have as many numbers as `coefs_` take: these may be the user's."""
    if X.shape[1] != engine.sizes[0]:
        raise ValueError(
            f"X has {X.shape[1]} features, but coefs_[0] is expecting {engine.sizes[0]} of them"
        )


def check_any(weights: NDArray) -> NDArray:
    """The weights; ValueError if none is above 0."""
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights


def keep_some(
    rows: Rows, y: NDArray, estimator: Any, strata: NDArray | None
) -> tuple[Rows, Validation]:
    """The rows to train, and a `validation_fraction` of them that is not trained.

    strata  what each row is, if the share of each is to be the same in both parts
    """
    trained, kept = train_test_split(
        rows.numbers,
        random_state=estimator._random_state,
        test_size=estimator.validation_fraction,
        stratify=strata,
    )
    if len(kept) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            "or the size of your dataset."
        )
    own = rows.given_weights
    weights = None if own is None else check_any(own[kept])
    training = replace(rows, numbers=trained)
    return training, Validation(rows.given[kept], rows.x[kept], y[kept], weights)


def costs_of_y(rows: Rows) -> NDArray:
    """The terms of half the Poisson deviance that the cost leaves out, (n,)."""
    y = np.asarray(rows.targets, np.float64)
    return (xlogy(y, y) - y).sum(axis=1)


def sum_of_means(costs: NDArray, weights: NDArray | None, order: NDArray, m: int) -> float:
    """Over mini-batches of m rows, the mean of their `costs` (n,) times their number of rows."""
    if weights is None:
        return float(costs[order].sum())
    starts = np.arange(0, len(order), m)
    counts = np.diff(np.append(starts, len(order)))
    own = weights[order]
    sums = np.add.reduceat(own, starts)
    means = np.add.reduceat(own * costs[order], starts) / np.where(sums > 0, sums, np.inf)
    return float((means * counts).sum())
