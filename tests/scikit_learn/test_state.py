"""What an estimator is between calls: the user's own arrays, changed parameters, networks."""

import copy
import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")
import sklearn
from sklearn import neural_network

import fastnn
from fastnn.export.outgoing import as_portable
from fastnn.sklearn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RNG = np.random.RandomState(0)
X = RNG.standard_normal((60, 5))
CLASS, NUMBER = RNG.randint(0, 3, 60), X @ RNG.standard_normal(5)
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0}


def both(kind, **settings):
    return [getattr(m, kind)(**{**SMALL, **settings}) for m in (fastnn_module(), neural_network)]


def fastnn_module():
    from fastnn import sklearn

    return sklearn


def test_targets_of_another_width_are_refused():
    estimator = MLPRegressor(**SMALL).partial_fit(X, np.c_[NUMBER, NUMBER])
    for y in (NUMBER, np.c_[NUMBER, NUMBER, NUMBER]):
        with pytest.raises(ValueError, match="y: expected 2 targets a row, .*, got [13]"):
            estimator.partial_fit(X, y)
    assert estimator.n_outputs_ == 2
    warm = MLPRegressor(warm_start=True, **SMALL).fit(X, NUMBER)
    with pytest.raises(ValueError, match="y: expected 1 targets a row, .*, got 2"):
        warm.fit(X, np.c_[NUMBER, NUMBER])


def test_other_layers_than_the_optimizer_remembers_are_refused():
    estimator = MLPClassifier(**SMALL).partial_fit(X, CLASS, classes=[0, 1, 2])
    estimator.coefs_ = [np.ones((5, 40)), np.ones((40, 3))]
    estimator.intercepts_ = [np.ones(40), np.ones(3)]
    with pytest.raises(ValueError, match="coefs_: expected the shapes that the optimizer"):
        estimator.partial_fit(X, CLASS)
    estimator.coefs_, estimator.intercepts_ = [np.ones((5, 2))], [np.ones(2)]
    with pytest.raises(ValueError, match="y: expected 2 targets"):
        estimator.partial_fit(X, CLASS)
    estimator.intercepts_ = [np.ones(1)]
    with pytest.raises(ValueError, match="intercepts_: expected"):
        estimator.predict(X)


@pytest.mark.parametrize("rows", [1, 60])
def test_coefficients_for_other_inputs_are_refused(rows):
    estimator = MLPRegressor(**SMALL).fit(X, NUMBER)
    for inputs in (1, 3, 2000):
        estimator.coefs_[0] = np.ones((inputs, 4))
        with pytest.raises(ValueError, match="features"):
            estimator.predict(X[:rows])
    with pytest.raises(ValueError, match="features"):
        estimator.partial_fit(X, NUMBER)


def test_another_dtype_goes_on():
    estimators = both("MLPClassifier")
    for estimator in estimators:
        estimator.partial_fit(X.astype(np.float32), CLASS, classes=[0, 1, 2])
        estimator.coefs_ = [c.astype(float) for c in estimator.coefs_]
        estimator.intercepts_ = [b.astype(float) for b in estimator.intercepts_]
        estimator.partial_fit(X, CLASS)
    ours, theirs = estimators
    assert ours.coefs_[0].dtype == np.float64
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=0, atol=1e-5)


def test_subclasses_with_parameters_of_their_own():
    class Mine(MLPClassifier):
        def __init__(self, extra=1, random_state=None):
            super().__init__((4,), max_iter=5, random_state=random_state)
            self.extra = extra

    estimator = Mine(random_state=0).fit(X, CLASS)
    assert set(estimator.get_params()) == {"extra", "random_state"}
    assert np.array_equal(estimator.predict(X), MLPClassifier(**SMALL).fit(X, CLASS).predict(X))


def test_a_list_that_is_held_is_the_estimators():
    ours, theirs = (estimator.fit(X, CLASS) for estimator in both("MLPClassifier"))
    for factor in (2, 0, 3):
        probabilities = []
        for estimator in (ours, theirs):
            held = estimator.coefs_
            held[0] = np.ones((5, 4)) * factor
            probabilities.append(estimator.predict_proba(X))
        np.testing.assert_allclose(*probabilities, atol=1e-12)
    twin = copy.copy(ours)
    twin.coefs_[0] = np.zeros((5, 4))
    assert ours.coefs_[0].all()


def test_changed_parameters_count_at_once():
    ours, theirs = (estimator.fit(X, NUMBER) for estimator in both("MLPRegressor"))
    for estimator in (ours, theirs):
        estimator.set_params(activation="tanh")
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X))
    settings = {"loss": "pinball", "quantile": 0.5, "warm_start": True, "learning_rate_init": 0.05}
    one = MLPRegressor(**{**SMALL, **settings, "max_iter": 50}).fit(X, NUMBER)
    one.set_params(quantile=0.95)
    other = pickle.loads(pickle.dumps(one))
    for estimator in (one, other):
        estimator.fit(X, NUMBER)
    assert np.array_equal(one.predict(X), other.predict(X))
    assert np.mean(one.predict(X) > NUMBER) > 0.85
    assert one.network_.cost == fastnn.Pinball(0.95)


def test_an_estimator_whose_arrays_were_loaded_by_hand():
    ours, theirs = both("MLPRegressor")
    for estimator in (ours, theirs):
        estimator.coefs_ = [np.ones((5, 4)), np.arange(4.0).reshape(4, 1)]
        estimator.intercepts_ = [np.zeros(4), np.ones(1)]
        estimator.n_layers_, estimator.n_outputs_, estimator.out_activation_ = 3, 1, "identity"
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X))
    for dtype in (np.float16, int):
        ours.coefs_[0] = np.ones((5, 4), dtype)
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6)
    sparse = pytest.importorskip("scipy.sparse")
    ours.coefs_[0] = sparse.csr_array(np.ones((5, 4)))
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X))


def test_a_network_of_ones_own_is_forgotten_by_a_new_fit():
    net = fastnn.Network(
        [5, 4, 1], "tanh", "quadratic", output_activation="identity", input_scale=255.0, seed=0
    )
    estimator = MLPRegressor.from_network(net).set_params(max_iter=5, random_state=0)
    estimator.fit(X, NUMBER)
    assert estimator.network_.input_scale == 1
    expected = MLPRegressor(activation="tanh", **SMALL).fit(X, NUMBER)
    assert np.array_equal(estimator.predict(X), expected.predict(X))
    quadratic = fastnn.Network([5, 3], cost="quadratic", output_activation="softmax")
    with pytest.raises(ValueError, match="network: expected the cost log_likelihood"):
        MLPClassifier.from_network(quadratic)


def test_a_network_is_tuned_with_early_stopping():
    net = fastnn.Network([5, 4, 2], "tanh", fastnn.Pinball([0.1, 0.9]), dtype="float64", seed=0)
    estimator = MLPRegressor.from_network(net)
    assert (estimator.loss, estimator.quantile) == ("pinball", (0.1, 0.9))
    estimator.set_params(early_stopping=True, warm_start=True, max_iter=3).fit(X, NUMBER)
    assert len(estimator.validation_scores_) == 3
    assert estimator.network_ is net


def test_quantiles_have_a_score():
    settings = {"loss": "pinball", "quantile": (0.1, 0.9), "learning_rate_init": 0.05}
    estimator = MLPRegressor(**{**SMALL, **settings, "max_iter": 200}).fit(X, NUMBER)
    assert 0.5 < estimator.score(X, NUMBER) <= 1
    assert estimator.set_params(max_iter=1).fit(X, NUMBER).score(X, NUMBER) < 0.5


def test_sparse_labels_with_early_stopping():
    sparse = pytest.importorskip("scipy.sparse")
    labels = np.c_[CLASS > 0, CLASS > 1, CLASS < 1].astype(int)
    old = tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9)  # theirs fails on sparse y
    for y in (labels,) if old else (labels, sparse.csr_matrix(labels)):
        ours, theirs = (e.fit(X, y) for e in both("MLPClassifier", early_stopping=True))
        assert ours.validation_scores_ == pytest.approx(theirs.validation_scores_)
    ours = MLPClassifier(**SMALL).fit(X, labels, X_val=X, y_val=sparse.csr_matrix(labels))
    assert ours.history_["validation_score"][-1] == ours.score(X, labels)
    with pytest.raises(ValueError, match="y_val: expected 3 labels a row"):
        ours.fit(X, labels, X_val=X, y_val=labels[:, 0])


def test_dropout_draws_anew_in_each_fit():
    estimator = MLPRegressor(
        **{**SMALL, "max_iter": 1, "alpha": 0, "batch_size": 60}, warm_start=True, input_dropout=0.5
    )
    touched = set()
    for _ in range(4):
        before = [c.copy() for c in getattr(estimator.fit(X, NUMBER), "coefs_", [])]
        estimator.fit(X[:1], NUMBER[:1])
        touched.add(tuple((estimator.coefs_[0] != before[0]).any(axis=1)))
    assert len(touched) > 1


def test_a_schedule_goes_on_with_partial_fit():
    estimator = MLPRegressor(learning_rate_schedule=fastnn.Cosine(0.01), **SMALL)
    for _ in range(5):
        estimator.partial_fit(X, NUMBER)
    rates = estimator.history_["learning_rate"]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.2 * rates[0]


def test_class_weights_of_some_classes():
    rows = CLASS > 0
    estimator = MLPClassifier(class_weight={0: 5.0}, **SMALL)
    estimator.partial_fit(X[rows], CLASS[rows], classes=[0, 1, 2])
    with pytest.raises(ValueError, match="class_weight: expected classes from"):
        MLPClassifier(class_weight={7: 5.0}, **SMALL).fit(X, CLASS)
    # Validation rows are measured without them, wherever they come from.
    settings = {**SMALL, "class_weight": {0: 100.0}, "early_stopping": True}
    estimator = MLPClassifier(**settings).fit(X, CLASS, X_val=X, y_val=CLASS)
    assert estimator.best_validation_score_ == estimator.score(X, CLASS)


def test_scoring_by_a_function_and_by_a_wrong_name():
    def plain(estimator, x, y):
        return estimator.score(x, y)

    settings = {**SMALL, "early_stopping": True, "class_weight": "balanced"}
    estimator = MLPClassifier(scoring=plain, **settings)
    estimator.fit(X, CLASS, sample_weight=np.linspace(0.5, 1, 60))
    kept = estimator.coefs_[0].copy()
    with pytest.raises(ValueError, match="nonsense"):
        estimator.set_params(scoring="nonsense").fit(X, CLASS)
    assert np.array_equal(estimator.coefs_[0], kept)


def test_a_callback_may_change_the_weights():
    def again(estimator, epoch):
        estimator.coefs_ = [c * 1.0 for c in estimator.coefs_]

    for solver in ("adam", "lbfgs"):
        expected = MLPClassifier(solver=solver, **SMALL).fit(X, CLASS)
        changed = MLPClassifier(solver=solver, callbacks=again, **SMALL).fit(X, CLASS)
        assert np.array_equal(changed.coefs_[0], expected.coefs_[0])
        assert np.array_equal(changed.predict(X), expected.predict(X))


def test_numpys_true_ends_a_training():
    estimator = MLPClassifier(callbacks=lambda e, ep: np.True_, **SMALL).fit(X, CLASS)
    assert estimator.n_iter_ == 1


def test_ctrl_c_in_a_callback_leaves_lists_of_one_length():
    def interrupt(estimator, epoch):
        if epoch.epoch == 3:
            raise KeyboardInterrupt

    settings = {**SMALL, "early_stopping": True}
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        estimator = MLPClassifier(callbacks=interrupt, **settings).fit(X, CLASS)
    lengths = map(len, (estimator.loss_curve_, estimator.validation_scores_))
    assert set(lengths) == {3} == {len(values) for values in estimator.history_.values()}


def test_lbfgs_is_a_solver_and_no_optimizer():
    with pytest.raises(ValueError, match="optimizer: expected one of mini-batches"):
        MLPClassifier(optimizer="lbfgs", **SMALL).fit(X, CLASS)
    assert MLPClassifier().loss == "log_loss"


@pytest.mark.parametrize("names", [["no", "perhaps", "yes"], [3, 7, 9]])
def test_an_estimator_leaves_with_its_classes(names):
    estimator = MLPClassifier(**SMALL)
    with pytest.raises(ValueError, match="not fitted"):
        as_portable(estimator)
    portable = as_portable(estimator.fit(X, np.array(names)[CLASS]))
    assert portable.classes == tuple(map(str, names))
    assert np.array_equal(portable.weights[0], estimator.coefs_[0].T)
    assert as_portable(estimator, ["a", "b", "c"]).classes == ("a", "b", "c")
    assert as_portable(MLPRegressor(**SMALL).fit(X, NUMBER)).classes is None
