"""How much each row counts: `fit(sample_weight=..., class_weight=...)`, `evaluate(...)`.

With a weight s_i for row i, the gradient of a mini-batch's data cost is (1 / m) sum s_i dC_i,
and the data cost that is reported (1 / n) sum s_i C_i: as in Keras, divided by the number of
rows, not by the sum of their weights. To multiply all weights by c is to multiply eta, and to
divide the lambdas, by c. `fit(mean_over="weights")` divides a mini-batch's sums by the sum of its
weights instead, as scikit-learn's MLP does: then c has no effect. Accuracies are unweighted, and so
are all figures of validation data, unless these come with weights of their own. All of it is about
the rows that are trained: those that `validation_split` takes away count for nothing.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastnn.arguments import checks
from fastnn.data.class_weights import weights_of_labels
from fastnn.data.targets import Targets, labels_of

__all__ = ["ClassWeight", "as_row_weights", "weights_of_rows"]

ClassWeight = Mapping[Any, float] | str
_BALANCED = "balanced"


def weights_of_rows(
    sample_weight: NDArray | None, class_weight: ClassWeight | None, targets: Targets
) -> NDArray | None:
    """The rows' weights (rows,), products of both kinds; None if all of them are 1.

    `targets` are those of just the rows that are trained, or measured.

    sample_weight  of these rows, as `as_row_weights` gives them
    class_weight   the weight of each label's rows, 1 for labels that it doesn't name; or
                   "balanced": rows / (classes x rows of the label), so that all classes that
                   occur count the same, and a row 1 on average

    Raises TypeError or ValueError.
    """
    if sample_weight is None and class_weight is None:
        return None
    row_weights = np.ones(len(targets.values), targets.values.dtype)
    if sample_weight is not None:
        row_weights *= sample_weight
        _check_any(row_weights, "sample_weight")
    if class_weight is not None:
        row_weights *= _of_classes(class_weight, targets)
        _check_any(row_weights, "class_weight")
    return row_weights


def as_row_weights(
    values: ArrayLike | None, rows: int, dtype: DTypeLike, prefix: str = ""
) -> NDArray | None:
    """Weights (rows,), a number of at least 0 for each row; TypeError or ValueError."""
    if values is None:
        return None
    name = f"{prefix}sample_weight"
    row_weights = checks.numeric(name, values, dtype)
    if row_weights.shape != (rows,):
        raise ValueError(
            f"{name}: expected shape ({rows},), a weight for each row of x, got {row_weights.shape}"
        )
    if row_weights.min() < 0:
        raise ValueError(
            f"{name}: expected weights of 0 or more, "
            f"got weights from {row_weights.min()} to {row_weights.max()}"
        )
    return row_weights


def _check_any(row_weights: NDArray, argument: str) -> None:
    if not row_weights.any():
        raise ValueError(
            f"{argument}: expected a weight above 0 in the {len(row_weights)} rows that are "
            "trained or measured, got none"
        )


def _of_classes(class_weight: Any, targets: Targets) -> NDArray:
    labels, classes = labels_of(targets), max(2, targets.values.shape[1])
    if labels is None:
        raise ValueError("class_weight: expected targets that name a class each, got others")
    if isinstance(class_weight, str):
        checks.known("class_weight", class_weight, [_BALANCED])
        rows = np.bincount(labels, minlength=classes)
        occur, table = rows > 0, np.ones(classes)
        table[occur] = len(labels) / (occur.sum() * rows[occur])
    else:
        table = weights_of_labels("class_weight", class_weight, classes)
    return table[labels]
