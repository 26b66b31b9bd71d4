"""What is scikit-learn's own here, and where its versions differ: nothing else imports it.

Names with an underscore are private there, and have been the same from 1.6 to 1.9: they say in the
contract's own words what is wrong.
"""

import joblib
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import d2_pinball_score, get_scorer, r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import check_random_state, column_or_1d, compute_sample_weight
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels
from sklearn.utils.optimize import _check_optimize_result
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing."""


__all__ = [
    "BaseEstimator",
    "CallbackSupportMixin",
    "ClassifierMixin",
    "ConvergenceWarning",
    "Interval",
    "LabelBinarizer",
    "Options",
    "RegressorMixin",
    "StrOptions",
    "available_if",
    "check_is_fitted",
    "check_optimize_result",
    "check_partial_fit_first_call",
    "check_random_state",
    "check_sample_weight",
    "column_or_1d",
    "compute_sample_weight",
    "d2_pinball_score",
    "fit_context",
    "get_scorer",
    "is_worker",
    "neural_networks",
    "r2_score",
    "train_test_split",
    "type_of_target",
    "unique_labels",
    "validate_data",
]

check_optimize_result = _check_optimize_result
check_partial_fit_first_call = _check_partial_fit_first_call
check_sample_weight = _check_sample_weight
fit_context = _fit_context


def is_worker() -> bool:
    """Whether joblib runs this beside others."""
    backend, _ = joblib.parallel.get_active_backend()
    return bool(backend.nesting_level)


def neural_networks() -> tuple[type, type]:
    """scikit-learn's own MLPClassifier and MLPRegressor."""
    from sklearn import neural_network

    return neural_network.MLPClassifier, neural_network.MLPRegressor
