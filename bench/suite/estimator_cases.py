"""Cases of `fastnn.sklearn`, beside scikit-learn's own: the same settings, the same result."""

from bench.suite.case import Bar, Case
from bench.suite.peers import ESTIMATOR

__all__ = ["ESTIMATOR_CASES"]

_OWN, _DENSE = ESTIMATOR, "fastnn.sklearn-dense"


def _case(name: str, title: str, unit: str, job: str, *bars: Bar, scale: float = 1.0) -> Case:
    peers = tuple(dict.fromkeys([_OWN, *(bar.against for bar in bars if bar.against)]))
    return Case(
        name=f"sklearn-{name}",
        title=title,
        kind="estimate",
        unit=unit,
        stage=job,
        ours="fastnn.sklearn",
        peers=peers,
        bars=bars,
        scale=scale,
        cost_tolerance=1e-6,
    )


ESTIMATOR_CASES = (
    _case(
        "mnist",
        "MLPClassifier at its defaults on 60,000 images, float64",
        "s / epoch",
        "fit mnist",
        Bar(_OWN, 4),
    ),
    _case(
        "digits",
        "MLPClassifier at its defaults on 1,797 digits, until it has converged",
        "s",
        "fit digits",
        Bar(_OWN, 8),
    ),
    _case(
        "table",
        "MLPRegressor, 64-64, on a table of 50,000 x 32",
        "s / epoch",
        "fit table",
        Bar(_OWN, 5),
    ),
    _case("lbfgs", "solver lbfgs on digits, 50 iterations", "s", "lbfgs digits", Bar(_OWN, 3)),
    _case(
        "grid",
        "GridSearchCV of 12 settings, 5 folds, n_jobs=2, on digits",
        "s",
        "grid search",
        Bar(_OWN, 6),
    ),
    _case(
        "one-row",
        "predict_proba of one image, 784-100-10",
        "us",
        "predict one row",
        Bar(_OWN, 10),
        scale=1e6,
    ),
    _case(
        "ten-thousand-rows",
        "predict_proba of 10,000 images, 784-100-10",
        "ms",
        "predict ten thousand rows",
        Bar(_OWN, 2),
        scale=1e3,
    ),
    _case(
        "sparse-mnist",
        "the same epochs on MNIST as a CSR matrix, and as the dense array",
        "s / epoch",
        "fit sparse mnist",
        Bar(_OWN, 4),
        Bar(_DENSE, 1 / 1.1),
    ),
    _case(
        "wide",
        "an epoch on a CSR matrix of 20,000 x 100,000, 0.1 % non-zero, 32 neurons",
        "s / epoch",
        "fit wide",
        Bar(_OWN, 20),
    ),
)
