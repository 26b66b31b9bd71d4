"""scikit-learn's tests of its MLP, as they are installed with it, run against fastnn's.

Of those that touch private attributes one needs more than fastnn's estimators have by themselves.
"""

from pathlib import Path

import numpy as np
import pytest

theirs = pytest.importorskip("sklearn.neural_network.tests.test_mlp")

from fastnn import sklearn as fastnn_sklearn  # noqa: E402
from fastnn.sklearn.lbfgs import Objective  # noqa: E402
from fastnn.sklearn.parameters import network_of, views_of  # noqa: E402
from fastnn.sklearn.rows import Rows  # noqa: E402

THEIRS, OURS = "from sklearn.neural_network import", "from fastnn.sklearn import"
SOURCE = Path(theirs.__file__).read_text(encoding="utf-8")
assert SOURCE.count(THEIRS) == 1
exec(compile(SOURCE.replace(THEIRS, OURS), theirs.__file__, "exec"))


@pytest.fixture(params=[0, 1])
def global_random_seed(request):
    """As scikit-learn's conftest.py has it."""
    return request.param


class WithGradient(fastnn_sklearn.MLPClassifier):
    """Has the method that their test of the gradient calls."""

    def _loss_grad_lbfgs(self, theta, X, y, sample_weight, *_):
        for p in (*self.coefs_, *self.intercepts_):
            p[...], theta = theta[: p.size].reshape(p.shape), theta[p.size :]
        engine = network_of(self)._engine
        s = sample_weight
        rows = Rows(X, X, self._targets(y, engine), s, s, np.arange(len(X)))
        loss, packed = Objective(self, engine, rows, 1)(engine.parameters.copy())
        coefs, intercepts = views_of(engine, packed)
        return loss, np.hstack([nabla.ravel() for nabla in coefs + intercepts])


their_test_gradient = globals()["test_gradient"]


def test_gradient(monkeypatch):
    monkeypatch.setitem(globals(), "MLPClassifier", WithGradient)
    their_test_gradient()


def test_it_is_ours_that_is_tested():
    tested = globals()["MLPClassifier"], globals()["MLPRegressor"]
    assert tested == (fastnn_sklearn.MLPClassifier, fastnn_sklearn.MLPRegressor)
    assert sum(name.startswith("test_") for name in globals()) > 40
