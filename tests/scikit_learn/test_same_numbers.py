"""The same numbers as scikit-learn from the same random_state, whatever is asked for."""

import warnings

import numpy as np
import pytest

pytest.importorskip("sklearn")
import sklearn
from sklearn import neural_network
from sklearn.datasets import load_digits, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning

from fastnn import sklearn as fastnn_sklearn

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
OLD = tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9)
DIGITS, DIGIT = load_digits(n_class=10, return_X_y=True)
DIGITS, DIGIT = DIGITS[:460] / 16, DIGIT[:460]
RNG = np.random.RandomState(3)
WEIGHTS = RNG.uniform(0.1, 2, len(DIGITS))
NUMBERS = np.tanh(DIGITS[:, 10:40] @ RNG.standard_normal((30, 3)))
LABELS = make_multilabel_classification(460, 64, n_classes=4, random_state=0)[1]
# The targets, the estimator's class, parameters.
TARGETS = {
    "ten classes": (DIGIT, "MLPClassifier", {}),
    "two classes": (DIGIT > 4, "MLPClassifier", {}),
    "words": (np.array([f"digit {d}" for d in DIGIT], object), "MLPClassifier", {}),
    "one class": (DIGIT * 0, "MLPClassifier", {}),
    "labels": (LABELS, "MLPClassifier", {}),
    "a number": (NUMBERS[:, 0], "MLPRegressor", {}),
    "three numbers": (NUMBERS, "MLPRegressor", {}),
    "counts": (DIGIT, "MLPRegressor", {"loss": "poisson"}),
}
SOLVERS = {
    "adam": {"solver": "adam"},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.05},
    "no momentum": {"solver": "sgd", "momentum": 0, "learning_rate_init": 0.1},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False, "learning_rate": "invscaling"},
    "lbfgs": {"solver": "lbfgs"},
}


def assert_same(ours, theirs, rtol=1e-9):
    for name in ("coefs_", "intercepts_"):
        for got, expected in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            assert got.dtype == expected.dtype
            scale = np.abs(expected).max()
            np.testing.assert_allclose(got, expected, rtol=0, atol=rtol * scale)
    for name in ("loss_", "best_loss_", "loss_curve_", "validation_scores_"):
        if getattr(theirs, name, None) is not None:
            expected = getattr(theirs, name)
            np.testing.assert_allclose(getattr(ours, name), expected, rtol=rtol, err_msg=name)
        else:
            assert getattr(ours, name, None) is None
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(ours, name) == getattr(theirs, name), name


def both(kind, **settings):
    given = {"hidden_layer_sizes": (17, 9), "max_iter": 20, "random_state": 5, **settings}
    return [getattr(module, kind)(**given) for module in (fastnn_sklearn, neural_network)]


def check_fit(x, y, kind, weights=None, rtol=1e-9, **settings):
    ours, theirs = both(kind, **settings)
    ours.fit(x, y, sample_weight=weights)
    theirs.fit(x, y, sample_weight=weights)
    assert_same(ours, theirs, rtol)
    np.testing.assert_allclose(ours.score(x, y), theirs.score(x, y), rtol=max(rtol, 1e-9))
    assert np.array_equal(ours.predict(x[:50]), theirs.predict(x[:50])) or kind == "MLPRegressor"
    if kind == "MLPClassifier":
        got, expected = ours.predict_proba(x), theirs.predict_proba(x)
        np.testing.assert_allclose(got, expected, rtol=0, atol=rtol)
    return ours, theirs


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("targets", TARGETS)
def test_every_kind_of_targets(targets, solver, weighted):
    y, kind, settings = TARGETS[targets]
    weights = WEIGHTS if weighted else None
    check_fit(DIGITS, y, kind, weights, **settings, **SOLVERS[solver])


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_activation(activation, solver):
    check_fit(DIGITS, DIGIT, "MLPClassifier", activation=activation, **SOLVERS[solver])


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("targets", TARGETS)
def test_early_stopping(targets, solver, weighted):
    if targets == "words" and OLD:
        pytest.skip("scikit-learn's own fails on them before 1.9")
    y, kind, settings = TARGETS[targets]
    stopping = {"early_stopping": True, "n_iter_no_change": 2, "max_iter": 40, "tol": 0.01}
    check_fit(
        DIGITS, y, kind, WEIGHTS if weighted else None, **stopping, **settings, **SOLVERS[solver]
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 460},
        {"batch_size": 1000},
        {"batch_size": 7, "max_iter": 3},
        {"shuffle": False},
        {"alpha": 0},
        {"alpha": 3.0},
        {"hidden_layer_sizes": 8},
        {"hidden_layer_sizes": ()},
        {"tol": 0.5, "n_iter_no_change": 1},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.1},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 1},
        {"solver": "lbfgs", "max_fun": 7},
        {"solver": "lbfgs", "tol": 0.05},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Got `batch_size`")
def test_other_settings(settings):
    check_fit(DIGITS, DIGIT, "MLPClassifier", **settings)


@pytest.mark.parametrize("solver", SOLVERS)
def test_float32(solver):
    """As far as float32's rounding allows; lbfgs makes more of it."""
    x = DIGITS.astype(np.float32)
    rtol = 3e-3 if solver == "lbfgs" else 3e-5
    check_fit(x, DIGIT, "MLPClassifier", rtol=rtol, **SOLVERS[solver])


@pytest.mark.parametrize("solver", ["adam", "sgd", "no momentum", "momentum"])
@pytest.mark.parametrize("targets", TARGETS)
def test_partial_fit(targets, solver):
    y, kind, settings = TARGETS[targets]
    ours, theirs = both(kind, **settings, **SOLVERS[solver])
    for start in (0, 100, 200, 50):
        for estimator in (ours, theirs):
            rows = slice(start, start + 230)
            named = np.arange(4) if targets == "labels" else np.unique(y)
            classes = {} if kind == "MLPRegressor" or start else {"classes": named}
            estimator.partial_fit(DIGITS[rows], y[rows], WEIGHTS[rows], **classes)
        assert_same(ours, theirs)
    for estimator in (ours, theirs):  # and anew
        estimator.fit(DIGITS, y)
    assert_same(ours, theirs)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_warm_start(early_stopping, solver):
    early_stopping &= solver != "lbfgs"
    ours, theirs = both(
        "MLPClassifier", warm_start=True, early_stopping=early_stopping, **SOLVERS[solver]
    )
    for rows in (slice(0, 300), slice(100, 460)):
        for estimator in (ours, theirs):
            estimator.set_params(max_iter=7).fit(DIGITS[rows], DIGIT[rows])
        assert_same(ours, theirs)


def test_a_diverging_loss_is_clipped_alike():
    """Inputs that were not scaled: probabilities of 0 and 1, whose logarithm is cut off."""
    for y, rtol in ((DIGIT, 1e-9), (DIGIT > 4, 1e-4)):  # theirs takes 1 - a of a near 1
        settings = {"solver": "sgd", "learning_rate_init": 1e-4, "max_iter": 4}
        ours, _ = check_fit(400 * DIGITS, y, "MLPClassifier", rtol=rtol, **settings)
        assert ours.loss_curve_[0] > 3


def test_the_generator_is_left_where_scikit_learn_leaves_it():
    states = [np.random.RandomState(7), np.random.RandomState(7)]
    for estimator, state in zip(both("MLPClassifier", early_stopping=True), states, strict=True):
        estimator.set_params(random_state=state).fit(DIGITS, DIGIT)
    assert np.array_equal(states[0].get_state()[1], states[1].get_state()[1])
    np.random.seed(11)  # noqa: NPY002  without a random_state, it is NumPy's own
    ours, theirs = both("MLPClassifier", random_state=None)
    ours.fit(DIGITS, DIGIT)
    np.random.seed(11)  # noqa: NPY002
    assert_same(ours, theirs.fit(DIGITS, DIGIT))


def test_the_same_lines_and_warnings(capsys):
    for settings in (
        {"max_iter": 3},
        {"max_iter": 30, "early_stopping": True, "n_iter_no_change": 1, "tol": 0.1},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 10.0, "n_iter_no_change": 1},
        {"batch_size": 1000, "max_iter": 2},
    ):
        said = []
        for estimator in both("MLPClassifier", verbose=True, **settings):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                estimator.fit(DIGITS, DIGIT)
            told = [(w.category, str(w.message)) for w in caught]
            if type(estimator).__module__.startswith("fastnn"):
                assert {w.filename for w in caught} <= {__file__}  # they name the user's line
            said.append((capsys.readouterr().out, told))
        assert said[0] == said[1]
        assert "Iteration 1, loss = " in said[0][0]


def test_a_network_that_has_converged_warns_of_nothing():
    ours, _ = both("MLPClassifier", max_iter=300, tol=0.01)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        ours.fit(DIGITS, DIGIT)
    assert ours.n_iter_ < 300
