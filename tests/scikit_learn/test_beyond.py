"""What scikit-learn's MLP does not have."""

import copy
import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")
from sklearn import neural_network
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.utils import compute_sample_weight

import fastnn
from fastnn.sklearn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = load_digits(return_X_y=True)
X, Y = X[:400] / 16, Y[:400]
XV, YV = load_digits(return_X_y=True)
XV, YV = XV[400:600] / 16, YV[400:600]
NUMBERS = np.column_stack([X[:, 10:30].sum(axis=1), X[:, 30:50].sum(axis=1)])
SMALL = {"hidden_layer_sizes": (12,), "max_iter": 5, "random_state": 0}


def small(kind=MLPClassifier, **settings):
    return kind(**{**SMALL, **settings})


@pytest.mark.parametrize("given", ["24-8", [24, 8], np.array([24, 8]), (24, 8)])
def test_hidden_layer_sizes(given):
    assert [c.shape for c in small(hidden_layer_sizes=given).fit(X, Y).coefs_] == [
        (64, 24),
        (24, 8),
        (8, 10),
    ]
    assert small(hidden_layer_sizes="24").fit(X, Y).coefs_[0].shape == (64, 24)


@pytest.mark.parametrize("given", ["24x8", "", "24-", "-3", (24, 0)])
def test_sizes_that_are_none(given):
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        small(hidden_layer_sizes=given).fit(X, Y)


@pytest.mark.parametrize("name", ["leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus"])
def test_any_activation(name):
    estimator = small(activation=name, max_iter=30).fit(X, Y)
    assert estimator.network_.activation == name
    assert estimator.loss_curve_[-1] < 0.9 * estimator.loss_curve_[0]


def test_an_activation_for_each_layer():
    estimator = small(hidden_layer_sizes=(9, 7), activation=["tanh", "logistic"]).fit(X, Y)
    assert estimator.network_.activation == ["tanh", "sigmoid"]
    with pytest.raises(ValueError, match="activation: expected one for each of the 1 hidden"):
        small(activation=["tanh", "relu"]).fit(X, Y)


def test_proximal_l1_makes_zeros_and_counts_in_the_loss():
    plain = {"solver": "sgd", "momentum": 0, "learning_rate_init": 0.1, "max_iter": 40}
    assert np.mean(small(l1=2.0, **plain).fit(X, Y).coefs_[0] == 0) > 0.1
    assert np.mean(small(**plain).fit(X, Y).coefs_[0] == 0) < 0.1
    penalized = small(l1=0.05, max_iter=1, batch_size=400).fit(X, Y)
    plain = small(max_iter=1, batch_size=400).fit(X, Y)
    begun = small(max_iter=1, learning_rate_init=1e-300, batch_size=400).fit(X, Y)
    sizes = sum(np.abs(c).sum() for c in begun.coefs_)
    assert penalized.loss_ - plain.loss_ == pytest.approx(0.05 * sizes / 400)


def test_max_norm_and_dropout():
    estimator = small(max_norm=0.5, max_iter=10).fit(X, Y)
    assert np.linalg.norm(estimator.coefs_[0], axis=0).max() <= 0.5 * (1 + 1e-12)
    plain, dropped = small().fit(X, Y), small(dropout=0.5, input_dropout=0.1).fit(X, Y)
    assert dropped.loss_ > plain.loss_
    again = small(dropout=0.5, input_dropout=0.1).fit(X, Y)
    assert np.array_equal(again.coefs_[0], dropped.coefs_[0])
    small(hidden_layer_sizes=(9, 7), dropout=[0.5, 0.0]).fit(X, Y)
    with pytest.raises(ValueError, match="dropout: expected one rate, or 1"):
        small(dropout=[0.5, 0.5]).fit(X, Y)


def test_class_weight_is_a_weight_of_rows():
    for given in ("balanced", {3: 5.0}):
        ours = small(class_weight=given).fit(X, Y)
        weights = compute_sample_weight(given, Y)
        theirs = neural_network.MLPClassifier(**SMALL).fit(X, Y, sample_weight=weights)
        np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=0, atol=1e-9)
    with pytest.raises(ValueError, match="class_weight: expected None or a dictionary"):
        small(class_weight="balanced").partial_fit(X, Y, classes=np.unique(Y))


def test_optimizers_and_schedules():
    """The engine's own, on the rows in the estimator's order."""
    schedule = fastnn.Cosine(0.01)
    ours = small(
        optimizer="adamw", learning_rate_schedule=schedule, shuffle=False, alpha=0.2, batch_size=400
    ).fit(X, Y)
    begun = small(max_iter=1, learning_rate_init=1e-300).fit(X, Y)
    net = fastnn.Network([64, 12, 10], "relu", "log_likelihood", dtype="float64", seed=0)
    net.weights = [c.T for c in begun.coefs_]
    net.biases = [b[:, None] for b in begun.intercepts_]
    net.fit(
        *(X, Y), epochs=5, batch_size=400, learning_rate=schedule, optimizer="adamw", l2=0.2,
        shuffle=False,
    )  # fmt: skip
    np.testing.assert_allclose(ours.coefs_[0], net.weights[0].T, rtol=0, atol=1e-9)
    assert ours.history_["learning_rate"][-1] < ours.history_["learning_rate"][0]
    adam = fastnn.Adam(beta1=0.8, epsilon_hat=True)
    same = small(beta_1=0.8).fit(X, Y), small(optimizer=adam, solver="sgd", learning_rate_init=1e-3)
    np.testing.assert_allclose(same[1].fit(X, Y).coefs_[0], same[0].coefs_[0], rtol=0, atol=1e-9)
    with pytest.raises(ValueError, match="optimizer"):
        small(optimizer="adagrad").fit(X, Y)


@pytest.mark.parametrize("loss", ["absolute_error", "huber"])
def test_losses_of_regression(loss):
    estimator = small(MLPRegressor, loss=loss, max_iter=200, learning_rate_init=0.01)
    estimator.fit(X, NUMBERS)
    assert estimator.score(X, NUMBERS) > 0.9
    d = np.abs(estimator.predict(X) - NUMBERS)
    expected = d.mean() if loss == "absolute_error" else np.where(d < 1, d**2 / 2, d - 0.5).mean()
    settings = {"loss": loss, "warm_start": True, "alpha": 0, "batch_size": 400}
    estimator.set_params(max_iter=1, **settings).fit(X, NUMBERS)
    assert estimator.loss_ == pytest.approx(expected)


def test_quantiles():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (2000, 1))
    y = x[:, 0] + rng.standard_normal(2000) * (1.2 + x[:, 0])
    settings = {"learning_rate_init": 0.01, "max_iter": 60, "hidden_layer_sizes": (20,)}
    one = small(MLPRegressor, loss="pinball", quantile=0.9, **settings).fit(x, y)
    assert np.mean(y < one.predict(x)) == pytest.approx(0.9, abs=0.03)
    quantiles = [0.5, 0.1, 0.9]
    several = small(MLPRegressor, loss="pinball", quantile=quantiles, **settings).fit(x, y)
    found = several.predict(x)
    assert found.shape == (2000, 3)
    assert np.mean(y[:, None] < found, axis=0) == pytest.approx(quantiles, abs=0.04)
    assert (found[:, 1] <= found[:, 0]).all()
    assert (found[:, 0] <= found[:, 2]).all()
    assert several.network_.cost == fastnn.Pinball(quantiles)
    several.set_params(max_iter=1).fit(x, y, X_val=x, y_val=y)
    assert len(several.validation_loss_curve_) == 1
    with pytest.raises(ValueError, match="quantile: expected one quantile for 2 targets"):
        several.fit(X, NUMBERS)


def test_validation_rows_of_ones_own():
    estimator = small(early_stopping=True, max_iter=30, n_iter_no_change=2)
    estimator.fit(X, Y, X_val=XV, y_val=YV)
    scores = estimator.validation_scores_
    assert estimator.best_validation_score_ == max(scores) == estimator.score(XV, YV)
    assert len(scores) == len(estimator.validation_loss_curve_) == estimator.n_iter_
    best = int(np.argmax(scores))
    loss = log_loss(YV, estimator.predict_proba(XV))
    assert estimator.validation_loss_curve_[best] == pytest.approx(loss)
    plain = small(max_iter=3).fit(X, Y, X_val=XV, y_val=YV)  # measured, and nothing else
    assert plain.validation_scores_ is None
    assert len(plain.history_["validation_score"]) == 3
    assert np.array_equal(plain.coefs_[0], small(max_iter=3).fit(X, Y).coefs_[0])
    assert plain.history_["validation_score"][-1] == plain.score(XV, YV)


def test_weights_of_validation_rows():
    weights = np.random.default_rng(0).random(len(YV))
    estimator = small(max_iter=3).fit(X, Y, X_val=XV, y_val=YV, sample_weight_val=weights)
    expected = estimator.score(XV, YV, sample_weight=weights)
    assert estimator.history_["validation_score"][-1] == pytest.approx(expected)
    loss = log_loss(YV, estimator.predict_proba(XV), sample_weight=weights)
    assert estimator.validation_loss_curve_[-1] == pytest.approx(loss)


@pytest.mark.parametrize("scoring", ["neg_log_loss", "loss", "f1_macro"])
def test_early_stopping_by_any_score(scoring):
    estimator = small(early_stopping=True, scoring=scoring, max_iter=6)
    estimator.fit(X, Y, X_val=XV, y_val=YV)
    if scoring != "f1_macro":
        expected = -np.array(estimator.validation_loss_curve_)
        np.testing.assert_allclose(estimator.validation_scores_, expected)
    assert estimator.best_validation_score_ == max(estimator.validation_scores_)
    split = small(early_stopping=True, scoring=scoring, max_iter=3).fit(X, Y)  # rows without names
    assert len(split.validation_scores_) == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"X_val": XV}, "X_val, y_val: expected both"),
        ({"y_val": YV}, "X_val, y_val: expected both"),
        ({"sample_weight_val": YV}, "sample_weight_val: expected X_val and y_val"),
        ({"X_val": XV, "y_val": YV[:9]}, "y_val: expected 200 rows"),
        ({"X_val": XV, "y_val": YV + 5}, "y_val: expected classes from .*, got .10"),
        ({"X_val": XV[:, :5], "y_val": YV}, "X has 5 features"),
    ],
)
def test_wrong_validation_rows(given, message):
    with pytest.raises(ValueError, match=message):
        small().fit(X, Y, **given)


def test_callbacks_end_a_training():
    seen = []

    def enough(estimator, epoch):
        seen.append((epoch.epoch, epoch.loss, estimator.predict(X[:1])))
        return epoch.epoch == 3

    for solver in ("adam", "lbfgs"):
        seen.clear()
        estimator = small(solver=solver, callbacks=enough, max_iter=50).fit(X, Y)
        assert [number for number, *_ in seen] == [1, 2, 3]
        assert estimator.n_iter_ == 3
        assert estimator.history_["loss"] == [loss for _, loss, _ in seen]
    assert estimator.loss_ == pytest.approx(seen[-1][1])
    with pytest.raises(TypeError, match="callbacks: expected functions"):
        small(callbacks=[3]).fit(X, Y)


def test_scikit_learns_callbacks():
    callback = pytest.importorskip("sklearn.callback")

    class Stop:
        def __init__(self):
            self.calls = []

        def setup(self, estimator, context):
            self.calls.append("setup")

        def teardown(self, estimator, context):
            self.calls.append("teardown")

        def on_fit_task_begin(self, estimator, context, *, X=None):
            self.calls.append(f"begin {context.task_name}")

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            self.calls.append(f"end {context.task_name}")
            if context.task_name == "epoch" and fitted_estimator is not None:
                assert fitted_estimator.predict(X[:3]).shape == (3,)
                return len(self.calls) > 5
            return False

    for solver in ("adam", "lbfgs"):
        stop = Stop()
        assert isinstance(stop, callback.FitCallback)
        estimator = small(solver=solver, max_iter=50).set_callbacks(stop).fit(X, Y)
        assert estimator.n_iter_ == 2
        assert stop.calls[:3] == ["setup", "begin fit", "begin epoch"]
        assert stop.calls[-2:] == ["end fit", "teardown"]
        assert stop.calls.count("begin epoch") == stop.calls.count("end epoch")


def test_scikit_learns_own_progress_bar(capfd):
    callback = pytest.importorskip("sklearn.callback")
    pytest.importorskip("rich")  # its bar is drawn by it
    small().set_callbacks(callback.ProgressBar()).fit(X, Y)
    assert "fit" in capfd.readouterr().out


def test_the_network_is_the_estimators():
    estimator = small().fit(X, Y)
    net = estimator.network_
    np.testing.assert_allclose(net.feedforward(X), estimator.predict_proba(X))
    net.weights[0][...] = 0
    assert not estimator.coefs_[0].any()
    estimator.coefs_[0] = np.ones((64, 12))  # another array is copied when it is needed
    assert estimator.network_.weights[0].all()
    net = estimator.network_
    estimator.coefs_[1][...] = 0.5
    assert (net.weights[1] == 0.5).all()
    with pytest.raises(NotFittedError):
        _ = small().network_


@pytest.mark.parametrize("outputs", ["softmax", "one", "labels"])
def test_an_estimator_of_a_network(outputs):
    sizes = {"softmax": [64, 8, 10], "one": [64, 8, 1], "labels": [64, 8, 3]}[outputs]
    net = fastnn.Network(
        sizes,
        ["tanh"],
        "log_likelihood" if outputs == "softmax" else "cross_entropy",
        multi_label=outputs == "labels",
        input_scale=0.5,
        seed=0,
    )
    y = {"softmax": Y, "one": Y > 4, "labels": np.eye(10, dtype=int)[Y][:, :3]}[outputs]
    net.fit(X, y, epochs=2, learning_rate=0.1)
    estimator = MLPClassifier.from_network(net)
    assert np.array_equal(estimator.predict(X), net.predict(X))
    assert estimator.network_ is net
    for twin in (pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator)):
        np.testing.assert_allclose(twin.predict_proba(X), estimator.predict_proba(X))
    before = net.weights[0].copy()
    estimator.set_params(warm_start=True, max_iter=2).fit(X, y)
    assert not np.array_equal(net.weights[0], before)


def test_names_of_a_networks_classes():
    net = fastnn.Network([64, 8, 2], "relu", "log_likelihood", seed=0)
    estimator = MLPClassifier.from_network(net, classes=["no", "yes"])
    assert set(estimator.predict(X)) <= {"no", "yes"}
    for classes in (["yes", "no"], ["a"], ["a", "a"]):
        with pytest.raises(ValueError, match="classes: expected 2 different labels"):
            MLPClassifier.from_network(net, classes=classes)
    with pytest.raises(ValueError, match="network: expected softmax outputs"):
        MLPClassifier.from_network(fastnn.Network([64, 3], cost="quadratic"))
    with pytest.raises(ValueError, match="network: expected a cost and an output layer"):
        MLPRegressor.from_network(net)


def test_a_regressor_of_a_network():
    for cost in ("quadratic", "huber", "mean_absolute_error", "poisson"):
        activation = "exponential" if cost == "poisson" else "identity"
        net = fastnn.Network([64, 4, 2], "tanh", cost, output_activation=activation, seed=0)
        estimator = MLPRegressor.from_network(net)
        np.testing.assert_allclose(estimator.predict(X), net.feedforward(X))


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden_layer_sizes": "x"},
        {"activation": ["tanh", "relu"]},
        {"dropout": [0.5, 0.5]},
        {"optimizer": "adagrad"},
        {"learning_rate_schedule": fastnn.HalveOnPlateau(0.1)},
        {"early_stopping": True, "validation_fraction": 0.001},
        {"solver": "lbfgs", "dropout": 0.5},
        {"solver": "lbfgs", "l1": 0.5},
    ],
    ids=str,
)
def test_what_is_refused_changes_nothing(wrong):
    estimator = small().fit(X, Y)
    before = copy.deepcopy({n: v for n, v in vars(estimator).items() if n.endswith("_")})
    estimator.set_params(**wrong)
    with pytest.raises(ValueError, match=r"\w"):
        estimator.fit(X[:, :30], Y % 3)
    after = {n: v for n, v in vars(estimator).items() if n.endswith("_")}
    assert after.keys() == before.keys()
    assert (after["n_features_in_"], after["n_iter_"]) == (64, 5)
    assert np.array_equal(after["coefs_"][0], before["coefs_"][0])
    own = {name: SMALL.get(name, getattr(small(), name)) for name in wrong}
    assert np.array_equal(estimator.set_params(**own).predict(X), small().fit(X, Y).predict(X))


@pytest.mark.parametrize("n_jobs", [1, 2, -1])
def test_any_number_of_threads_gives_the_same_bits(n_jobs):
    settings = {"hidden_layer_sizes": (50, 20), "batch_size": 100, "n_jobs": n_jobs}
    estimator = small(**settings).fit(X, Y)
    expected = small(**{**settings, "n_jobs": None}).fit(X, Y)
    assert np.array_equal(estimator.coefs_[0], expected.coefs_[0])
    assert estimator.loss_curve_ == expected.loss_curve_
