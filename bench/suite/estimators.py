"""What is done with scikit-learn's estimators and with fastnn's in their place.

A job is made for a module that has both estimators; it is run again and again, and says what came
of it, which must be the same with the other module.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["JOBS", "MODULES", "Job", "module_of"]

# Where each competitor's estimators come from, and whether its rows are sparse where a job asks.
MODULES = {
    "fastnn.sklearn": ("fastnn.sklearn", True),
    "fastnn.sklearn-dense": ("fastnn.sklearn", False),
    "sklearn-mlp": ("sklearn.neural_network", True),
}


class Job(NamedTuple):
    """Something to do.

    run      does it, once; what is timed
    figures  what came of it
    share    what the seconds are multiplied by
    """

    run: Callable[[], Any]
    figures: Callable[[], list[float]]
    share: float = 1.0


def module_of(competitor: str) -> tuple[Any, bool]:
    """The module with the estimators, and whether rows may be sparse."""
    import importlib

    name, sparse = MODULES[competitor]
    return importlib.import_module(name), sparse


@lru_cache
def _mnist() -> tuple[NDArray, NDArray]:
    from fastnn.datasets import load_mnist

    x, y, *_ = load_mnist()
    return x.astype(np.float64), y


@lru_cache
def _digits() -> tuple[NDArray, NDArray]:
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return x / 16, y


def _fitting(make: Callable[[], Any], x: Any, y: NDArray, share: float = 1.0) -> Job:
    """A fit of a new estimator."""
    fitted: list[Any] = []

    def run() -> None:
        fitted[:] = [make().fit(x, y)]

    def figures() -> list[float]:
        estimator = fitted[0]
        norms = [float(np.linalg.norm(c)) for c in estimator.coefs_]
        return [estimator.loss_, float(estimator.n_iter_), *norms]

    return Job(run, figures, share)


def _fit_mnist(module: Any, sparse: bool) -> Job:
    x, y = _mnist()
    return _fitting(lambda: module.MLPClassifier(max_iter=3, random_state=0), x, y, 1 / 3)


def _fit_digits(module: Any, sparse: bool) -> Job:
    return _fitting(lambda: module.MLPClassifier(max_iter=1000, random_state=0), *_digits())


def _fit_table(module: Any, sparse: bool) -> Job:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50_000, 32))
    y = np.tanh(x @ rng.standard_normal((32, 8))) @ rng.standard_normal(8)
    make = module.MLPRegressor
    return _fitting(
        lambda: make(hidden_layer_sizes=(64, 64), max_iter=3, random_state=0), x, y, 1 / 3
    )


def _lbfgs_digits(module: Any, sparse: bool) -> Job:
    make = module.MLPClassifier
    return _fitting(lambda: make(solver="lbfgs", max_iter=50, random_state=0), *_digits())


def _grid_search(module: Any, sparse: bool) -> Job:
    from sklearn.model_selection import GridSearchCV

    x, y = _digits()
    settings = {
        "hidden_layer_sizes": [(32,), (64,), (32, 32)],
        "alpha": [1e-4, 1e-1],
        "learning_rate_init": [1e-3, 1e-2],
    }
    found: list[Any] = []

    def run() -> None:
        search = GridSearchCV(
            module.MLPClassifier(max_iter=20, random_state=0), settings, cv=5, n_jobs=2
        )
        found[:] = [search.fit(x, y)]

    return Job(run, lambda: list(map(float, found[0].cv_results_["mean_test_score"])))


def _predicting(rows: int) -> Callable[[Any, bool], Job]:
    def job(module: Any, sparse: bool) -> Job:
        x, y = _mnist()
        estimator = module.MLPClassifier(max_iter=1, random_state=0).fit(x[:2000], y[:2000])
        some = np.ascontiguousarray(x[:rows])
        repeats = max(1, 1000 // rows)

        def run() -> None:
            for _ in range(repeats):
                estimator.predict_proba(some)

        return Job(run, lambda: [float(p) for p in estimator.predict_proba(some)[0]], 1 / repeats)

    return job


def _fit_sparse_mnist(module: Any, sparse: bool) -> Job:
    from scipy.sparse import csr_array

    x, y = _mnist()
    rows = csr_array(x) if sparse else x
    return _fitting(lambda: module.MLPClassifier(max_iter=3, random_state=0), rows, y, 1 / 3)


def _fit_wide(module: Any, sparse: bool) -> Job:
    from scipy.sparse import random_array

    rng = np.random.default_rng(0)
    x = random_array((20_000, 100_000), density=1e-3, format="csr", rng=rng)
    y = rng.integers(0, 2, 20_000)
    make = module.MLPClassifier
    return _fitting(lambda: make(hidden_layer_sizes=(32,), max_iter=1, random_state=0), x, y)


JOBS: dict[str, Callable[[Any, bool], Job]] = {
    "fit mnist": _fit_mnist,
    "fit digits": _fit_digits,
    "fit table": _fit_table,
    "lbfgs digits": _lbfgs_digits,
    "grid search": _grid_search,
    "predict one row": _predicting(1),
    "predict ten thousand rows": _predicting(10_000),
    "fit sparse mnist": _fit_sparse_mnist,
    "fit wide": _fit_wide,
}
