"""Validation rows scored by any of scikit-learn's scorers: `scoring="roc_auc"`."""

import copy
from typing import Any

from numpy.typing import NDArray

from fastnn.sklearn.library import get_scorer

__all__ = ["score_by"]


def score_by(estimator: Any, x: Any, y: NDArray, sample_weight: NDArray | None) -> float:
    """The score of the estimator as it is now; y as the user writes it."""
    scored = copy.copy(estimator)
    vars(scored).pop("feature_names_in_", None)  # rows that are arrays by now have no names
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}
    return float(get_scorer(estimator.scoring)(scored, x, y, **weights))
