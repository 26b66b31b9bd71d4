"""Validation data, split off from the rows given: `fit(validation_split=0.1)`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.data.targets import Targets, labels_of

__all__ = ["check_split", "split_rows"]


def check_split(share: Any, validation_data: Any, targets: Targets) -> float:
    """The share, in [0, 1); TypeError or ValueError, also if it leaves one part empty."""
    share = checks.share("validation_split", share)
    if share and validation_data is not None:
        raise ValueError("validation_split: expected validation_data or validation_split, got both")
    if share and not _sizes(targets, share).any():
        raise ValueError(
            "validation_split: expected a share that leaves rows to train on and rows to measure "
            f"of a class, got {share:g} of {len(targets.values)} rows"
        )
    return share


def split_rows(targets: Targets, share: float, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    """Row numbers of the training and of the validation part, int64, both ascending.

    `share` of the rows, rounded, are drawn for the validation part. If rows name a class each,
    that share of each class is, to within a row (stratified); each class that occurs keeps at
    least one row to train on.
    """
    validation = np.zeros(len(targets.values), bool)
    for rows, size in zip(_groups(targets), _sizes(targets, share), strict=True):
        validation[rng.permutation(rows)[:size]] = True
    return np.flatnonzero(~validation), np.flatnonzero(validation)


def _groups(targets: Targets) -> list[NDArray]:
    """The row numbers of each class that occurs; all rows, if they don't name one each."""
    labels = labels_of(targets)
    if labels is None:
        return [np.arange(len(targets.values))]
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]


def _sizes(targets: Targets, share: float) -> NDArray:
    """How many rows of each group are split off: rounded so that the total is right.

    By largest remainder: all are rounded down, then those that lost most get one more.
    """
    rows = np.array([len(group) for group in _groups(targets)])
    quotas = np.minimum(share * rows, rows - 1)
    sizes = np.floor(quotas).astype(np.int64)
    missing = round(float(quotas.sum())) - sizes.sum()
    sizes[np.argsort(sizes - quotas, kind="stable")[:missing]] += 1
    return sizes
