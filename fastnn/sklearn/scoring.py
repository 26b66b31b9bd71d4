"""Validation rows scored by any of scikit-learn's scorers: `scoring="roc_auc"`."""

import copy
import inspect
from typing import Any

from numpy.typing import NDArray

from fastnn.sklearn.library import get_scorer

__all__ = ["check_scoring", "score_by"]


def check_scoring(scoring: Any) -> None:
    """ValueError for a name that is no scorer's."""
    if scoring not in (None, "loss"):
        get_scorer(scoring)


def score_by(estimator: Any, x: Any, y: NDArray, sample_weight: NDArray | None) -> float:
    """The score of the estimator as it is now; y as the user writes it.

    A function of the user's gets the weights if it has a `sample_weight`.
    """
    scored = copy.copy(estimator)
    vars(scored).pop("feature_names_in_", None)  # rows that are arrays by now have no names
    scoring, weights = estimator.scoring, {}
    if sample_weight is not None and _takes_weights(scoring):
        weights["sample_weight"] = sample_weight
    return float(get_scorer(scoring)(scored, x, y, **weights))


def _takes_weights(scoring: Any) -> bool:
    if not inspect.isfunction(scoring):
        return True
    parameters = inspect.signature(scoring).parameters.values()
    return any(p.name == "sample_weight" or p.kind is p.VAR_KEYWORD for p in parameters)
