"""What each parameter may be, as scikit-learn checks it; beyond it, as fastnn does."""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np

from fastnn.engine import ACTIVATIONS
from fastnn.model.own_functions import UserActivation
from fastnn.sklearn.library import Interval, Options, StrOptions
from fastnn.training.schedules import Schedule

__all__ = ["CONSTRAINTS", "hidden_sizes"]

_NAMES = {"logistic", *(name.replace("-", "_") for name in ACTIVATIONS)} - {"softmax"}

CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left"), str],
    "activation": [StrOptions(_NAMES), list, tuple, UserActivation],
    "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
    # Beyond scikit-learn's.
    "dropout": [Interval(Real, 0, 1, closed="left"), list, tuple],
    "input_dropout": [Interval(Real, 0, 1, closed="left")],
    "l1": [Interval(Real, 0, None, closed="left")],
    "max_norm": [None, Interval(Real, 0, None, closed="neither")],
    "optimizer": [None, str, tuple],
    "learning_rate_schedule": [None, Schedule],
    "scoring": [None, str, callable],
    "callbacks": [None, callable, list, tuple],
    "n_jobs": [None, Integral],
}


def hidden_sizes(given: Any) -> list[int]:
    """The hidden layers' sizes, of (64, 32), of 64, or of "64-32"; ValueError."""
    if isinstance(given, str):
        words = given.split("-")
        if not all(word.strip().isdecimal() for word in words):
            raise ValueError(
                "hidden_layer_sizes: expected a number of neurons for each layer, "
                f"such as '64-32', got {given!r}"
            )
        given = [int(word) for word in words]
    sizes = list(given) if isinstance(given, Iterable) else [given]
    if np.any(np.array(sizes) <= 0):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return sizes
