"""How much each row counts: `fit(sample_weight=..., class_weight=...)`, `evaluate(...)`.

With a weight s_i for row i, the gradient of a mini-batch's data cost is (1 / m) sum s_i dC_i,
and the data cost that is reported (1 / n) sum s_i C_i: as in Keras, divided by the number of
rows, not by the sum of their weights. To multiply all weights by c is to multiply eta, and to
divide the lambdas, by c. Accuracies, and all figures of validation data, are unweighted.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastnn import checks
from fastnn.class_weights import weights_of_labels
from fastnn.targets import Targets

__all__ = ["ClassWeight", "labels_of", "row_weights"]

ClassWeight = Mapping[Any, float] | str
_BALANCED = "balanced"


def row_weights(
    sample_weight: ArrayLike | None,
    class_weight: ClassWeight | None,
    targets: Targets,
    dtype: DTypeLike,
) -> NDArray | None:
    """The rows' weights (rows,), products of both kinds; None if all of them are 1.

    sample_weight  (rows,), a number of at least 0 for each row
    class_weight   the weight of each label's rows, 1 for labels that it doesn't name; or
                   "balanced": rows / (classes x rows of the label), so that all classes that
                   occur count the same, and a row 1 on average

    Raises TypeError or ValueError.
    """
    if sample_weight is None and class_weight is None:
        return None
    weights = np.ones(len(targets.values), dtype)
    if sample_weight is not None:
        weights *= _checked(sample_weight, len(weights), dtype)
    if class_weight is not None:
        weights *= _of_classes(class_weight, targets)
    return weights


def labels_of(targets: Targets) -> NDArray | None:
    """Each row's label, (rows,) int64; None unless each row names exactly one class."""
    values = targets.values
    if not targets.classes:
        return None
    if values.shape[1] == 1:
        return values[:, 0].astype(np.int64)
    return values.argmax(axis=1) if (values.sum(axis=1) == 1).all() else None


def _checked(values: Any, rows: int, dtype: DTypeLike) -> NDArray:
    weights = checks.numeric("sample_weight", values, dtype)
    if weights.shape != (rows,):
        raise ValueError(
            f"sample_weight: expected shape ({rows},), a weight for each row of x, "
            f"got {weights.shape}"
        )
    if weights.min() < 0 or not weights.any():
        raise ValueError(
            "sample_weight: expected weights of 0 or more, not all of them 0, "
            f"got weights from {weights.min()} to {weights.max()}"
        )
    return weights


def _of_classes(class_weight: Any, targets: Targets) -> NDArray:
    labels, classes = labels_of(targets), max(2, targets.values.shape[1])
    if labels is None:
        raise ValueError("class_weight: expected targets that name a class each, got others")
    table = np.ones(classes)
    if isinstance(class_weight, str):
        checks.known("class_weight", class_weight, [_BALANCED])
        rows = np.bincount(labels, minlength=classes)
        occur = rows > 0
        table[occur] = len(labels) / (occur.sum() * rows[occur])
    else:
        table = weights_of_labels("class_weight", class_weight, classes)
    weights = table[labels]
    if not weights.any():
        raise ValueError("class_weight: expected a weight above 0 for a label in y, got none")
    return weights
