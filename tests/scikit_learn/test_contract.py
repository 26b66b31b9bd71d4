"""What scikit-learn demands of every estimator: all of its checks, without an expected failure."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
from sklearn import neural_network
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

import fastnn
from fastnn.sklearn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore")
ESTIMATORS = [MLPClassifier, MLPRegressor]


@parametrize_with_checks([estimator() for estimator in ESTIMATORS])
def test_every_check(estimator, check):
    check(estimator)


@pytest.mark.parametrize("settings", [{}, {"early_stopping": True}], ids=["usual", "stopping"])
@pytest.mark.parametrize("name", ["param_validation", "dataframe_column_names_consistency"])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_checks_that_scikit_learn_runs_on_itself(estimator, name, settings):
    check = getattr(estimator_checks, f"check_{name}")
    check(estimator.__name__, estimator(**settings))


def test_without_scikit_learn_it_says_what_is_missing():
    program = "import sys; sys.modules['sklearn'] = None\nimport fastnn.sklearn"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    said = "fastnn.sklearn needs scikit-learn 1.6 or newer; pip install 'fastnn[sklearn]' brings it"
    assert said in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_page_has_every_parameter_and_attribute(estimator):
    page = (Path(fastnn.__file__).parent / "docs" / "scikit-learn.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`(\w+)`", " ".join(rows)))
    theirs = getattr(neural_network, estimator.__name__)
    parameters = {*estimator().get_params(), *theirs().get_params()}
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = [kind(max_iter=2).fit(x, y) for kind in (estimator, theirs)]
    attributes = {n for one in fitted for n in dir(one) if n.endswith("_") and n[0] != "_"}
    assert parameters | attributes <= named
    assert {*theirs().get_params()} <= {*estimator().get_params()}
