"""Networks to scikit-learn's own estimators and back."""

import io
import pickle

import numpy as np
import pytest
from tolerance import assert_close

import fastnn

pytest.importorskip("sklearn")

from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline

from fastnn import sklearn as ours
from fastnn.export.scikit_learn import from_sklearn, to_sklearn

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 5))
LABELS = RNG.permutation(np.arange(40) % 3)
NAMES = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic", "identity": "identity"}


def network(outputs=3, activation="tanh", output="softmax", dtype="float64", **more):
    costs = {"softmax": "log_likelihood", "sigmoid": "cross_entropy", "exponential": "poisson"}
    net = fastnn.Network(
        [5, 6, 4, outputs],
        activation,
        costs.get(output, "quadratic"),
        output_activation=output,
        dtype=dtype,
        seed=3,
        **more,
    )
    net.weights[-1] = net.weights[-1] * 4
    if net.output_activation in costs:  # or the same output may always be the largest
        a = net.feedforward(X)
        z = np.log(a) - (np.log1p(-a) if output == "sigmoid" else 0)
        net.biases[-1] = net.biases[-1] - np.median(z, axis=0)[:, None]
    return net


def assert_same_bits(estimator, net):
    arrays = [*estimator.coefs_, *estimator.intercepts_]
    own = [*(w.T for w in net.weights), *(b[:, 0] for b in net.biases)]
    for one, other in zip(arrays, own, strict=True):
        assert one.dtype == other.dtype == net.dtype
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", NAMES)
def test_classifiers_there_and_back(activation, dtype):
    net = network(activation=activation, dtype=dtype)
    estimator = to_sklearn(net)
    assert type(estimator) is MLPClassifier
    assert_same_bits(estimator, net)
    x = X.astype(dtype)
    assert estimator.predict_proba(x).dtype == dtype
    assert_close(estimator.predict_proba(x), net.predict_proba(x))
    assert (estimator.predict(x) == net.predict(x)).all()
    again = from_sklearn(estimator)
    assert_same_bits(estimator, again)
    assert repr(again) == repr(net)


@pytest.mark.parametrize(
    ("outputs", "output"),
    [(1, "identity"), (3, "identity"), (1, "exponential"), (2, "exponential")],
)
def test_regressors_there_and_back(outputs, output):
    net = network(outputs, "relu", output)
    if output == "exponential" and "loss" not in MLPRegressor().get_params():
        with pytest.raises(ValueError, match="which scikit-learn has from 1.7 on"):
            to_sklearn(net)
        return
    estimator = to_sklearn(net)
    assert type(estimator) is MLPRegressor
    assert_same_bits(estimator, net)
    assert_close(estimator.predict(X).reshape(-1, outputs), net.feedforward(X))
    again = from_sklearn(estimator)
    assert_same_bits(estimator, again)
    assert repr(again) == repr(net)


def test_multi_label_there_and_back():
    net = network(3, output="sigmoid", multi_label=True)
    estimator = to_sklearn(net)
    assert_same_bits(estimator, net)
    assert (estimator.predict(X) == net.predict(X)).all()
    assert_close(estimator.predict_proba(X), net.predict_proba(X))
    assert repr(from_sklearn(estimator)) == repr(net)


def test_sigmoid_outputs_of_which_the_largest_counts():
    """The book's networks; scikit-learn would have trained no such one, but does compute it."""
    net = network(10, "sigmoid", "sigmoid")
    estimator = to_sklearn(net)
    assert_same_bits(estimator, net)
    assert len(set(net.predict(X))) > 2
    assert (estimator.predict(X) == net.predict(X)).all()
    assert_close(estimator.predict_proba(X), net.feedforward(X))
    assert repr(from_sklearn(estimator)) == repr(net)


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("classes", [None, ["no", "yes"], ["yes", "no"]])
def test_two_classes(outputs, classes):
    """scikit-learn has one output for them, the probability of the class that sorts last."""
    net = network(outputs, output="sigmoid" if outputs == 1 else "softmax")
    estimator = to_sklearn(net, classes)
    named = np.array([0, 1] if classes is None else classes)
    assert estimator.classes_.tolist() == sorted(named)
    assert set(net.predict(X)) == {0, 1}
    assert (estimator.predict(X) == named[net.predict(X)]).all()
    probabilities = net.predict_proba(X)
    if outputs == 1:
        probabilities = np.hstack([1 - probabilities, probabilities])
    assert_close(estimator.predict_proba(X), probabilities[:, np.argsort(named)])
    assert estimator.n_outputs_ == 1
    if outputs == 1 and classes != ["yes", "no"]:
        assert_same_bits(estimator, net)


@pytest.mark.parametrize("classes", [["dog", "cat", "ant"], [5, -1, 3], np.array([2.0, 0.0, 1.0])])
def test_names_of_classes(classes):
    net = network()
    estimator = to_sklearn(net, classes)
    assert estimator.classes_.tolist() == sorted(classes)
    assert (estimator.predict(X) == np.array(classes)[net.predict(X)]).all()
    assert_close(estimator.predict_proba(X), net.predict_proba(X)[:, np.argsort(classes)])
    again = from_sklearn(estimator)
    assert (estimator.classes_[again.predict(X)] == estimator.predict(X)).all()


def test_input_scale_is_in_the_coefficients():
    net = network(input_scale=1 / 255)
    pixels = np.arange(40.0).reshape(8, 5) * 6
    estimator = to_sklearn(net)
    assert_close(estimator.predict_proba(pixels), net.predict_proba(pixels))
    again = from_sklearn(estimator)
    assert again.input_scale == 1
    assert_close(again.feedforward(pixels), net.feedforward(pixels))


def test_no_hidden_layer():
    net = fastnn.Network([5, 3], cost="log_likelihood", seed=1, dtype="float64")
    estimator = to_sklearn(net)
    assert_close(estimator.predict_proba(X), net.predict_proba(X))
    assert from_sklearn(estimator).sizes == [5, 3]


def test_it_is_an_estimator_like_any_other():
    net = network()
    estimator = to_sklearn(net, ["a", "b", "c"])
    labels = estimator.predict(X)
    assert is_classifier(estimator)
    assert estimator.score(X, labels) == 1
    assert estimator.score(X, np.roll(labels, 1)) < 1
    assert_close(np.exp(estimator.predict_log_proba(X)), estimator.predict_proba(X))
    assert (estimator.n_features_in_, estimator.n_layers_, estimator.n_outputs_) == (5, 4, 3)
    assert estimator.hidden_layer_sizes == (6, 4)
    with pytest.raises(ValueError, match="X has 4 features"):
        estimator.predict(X[:, :4])
    with pytest.raises(NotFittedError):
        clone(estimator).predict(X)
    assert clone(estimator).fit(X, labels).predict(X).shape == (40,)
    assert (make_pipeline(estimator).predict(X) == labels).all()
    assert estimator.coefs_[0].flags.c_contiguous
    estimator.coefs_[0][:] = 0
    assert net.weights[0].any()  # memory of its own


def test_a_pickle_needs_no_fastnn():
    estimator = to_sklearn(network(), ["a", "b", "c"])
    needed = set()

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            needed.add(module.partition(".")[0])
            return super().find_class(module, name)

    again = Unpickler(io.BytesIO(pickle.dumps(estimator))).load()
    assert (again.predict(X) == estimator.predict(X)).all()
    assert {"sklearn", "numpy"} <= needed <= {"sklearn", "numpy", "builtins", "_codecs"}


@pytest.mark.parametrize("kind", ["softmax", "sigmoid", "identity"])
def test_it_trains_on(kind):
    net = network(1 if kind == "sigmoid" else 3, output=kind)
    estimator = to_sklearn(net)
    y = X[:, :3] if kind == "identity" else LABELS % 2 if kind == "sigmoid" else LABELS
    before = estimator.coefs_[0].copy()
    for _ in range(3):
        estimator.partial_fit(X, y)
    assert 0 < np.abs(estimator.coefs_[0] - before).max() < 0.1
    assert estimator.loss_curve_[-1] < estimator.loss_curve_[0]
    estimator.set_params(warm_start=True, max_iter=2).fit(X, y)
    assert len(estimator.loss_curve_) == 5


TARGETS = {
    "two": (MLPClassifier, np.array(["no", "yes"])[LABELS % 2]),
    "three": (MLPClassifier, np.array(["a", "b", "c"])[LABELS]),
    "several": (MLPClassifier, (RNG.random((40, 3)) < 0.5).astype(int)),
    "number": (MLPRegressor, X[:, 0] ** 2),
    "numbers": (MLPRegressor, X[:, :2] ** 2),
}


@pytest.mark.parametrize("activation", NAMES.values())
@pytest.mark.parametrize("name", TARGETS)
def test_what_scikit_learn_has_trained(name, activation):
    kind, y = TARGETS[name]
    estimator = kind(
        hidden_layer_sizes=(6, 4), activation=activation, max_iter=3, random_state=0
    ).fit(X, y)
    net = from_sklearn(estimator)
    assert_same_bits(estimator, net)
    if kind is MLPRegressor:
        assert_close(net.feedforward(X).reshape(estimator.predict(X).shape), estimator.predict(X))
        again = to_sklearn(net)
    else:
        assert_close(net.predict_proba(X), estimator.predict_proba(X)[:, -net.sizes[-1] :])
        labels = net.predict(X)
        named = labels if name == "several" else estimator.classes_[labels]
        assert (named == estimator.predict(X)).all()
        again = to_sklearn(net, None if name == "several" else estimator.classes_)
        assert again.classes_.tolist() == estimator.classes_.tolist()
    assert (again.predict(X) == estimator.predict(X)).all()
    assert again.predict(X).dtype == estimator.predict(X).dtype
    public = {n for n in vars(estimator) if n.endswith("_")} - {"loss_"}  # of its last epoch
    assert public <= set(vars(again))


def test_sparse_coefficients():
    from scipy.sparse import csr_matrix

    estimator = to_sklearn(network())
    dense = from_sklearn(estimator)
    estimator.coefs_ = [csr_matrix(c) for c in estimator.coefs_]
    assert_same_bits(to_sklearn(from_sklearn(estimator)), dense)


@pytest.mark.parametrize("name", TARGETS)
def test_fastnns_own_estimators(name):
    kind, y = TARGETS[name]
    own = getattr(ours, kind.__name__)
    estimator = own(hidden_layer_sizes=6, max_iter=2, random_state=0).fit(X, y)
    theirs, net = to_sklearn(estimator), from_sklearn(estimator)
    assert type(theirs) is kind
    assert_same_bits(theirs, net)
    assert net.multi_label == (name == "several")
    if kind is MLPRegressor:
        assert_close(theirs.predict(X), estimator.predict(X))
    else:
        assert (theirs.predict(X) == estimator.predict(X)).all()
        labels = net.predict(X)
        named = labels if net.multi_label else estimator.classes_[labels]
        assert (named == estimator.predict(X)).all()
    net.weights[0][:] = 0  # memory of its own
    assert estimator.coefs_[0].any()
    with pytest.raises(NotFittedError, match="not fitted yet"):
        from_sklearn(clone(estimator))


@pytest.mark.parametrize(
    ("net", "classes", "message"),
    [
        (network(activation="gelu"), None, "expected one activation in all hidden layers, of id"),
        (network(activation=["relu", "tanh"]), None, "networks have; got relu, tanh"),
        (network(output="tanh"), None, "identity or exponential outputs, .* got tanh"),
        (network(2, output="sigmoid"), None, "got 2 sigmoid"),
        (network(1), None, "got 1 softmax"),
        (network(), ["a", "b"], "classes: expected 3 different labels, got"),
        (network(), ["a", "b", "a"], "classes: expected 3 different labels"),
        (network(1, output="sigmoid"), ["a"], "classes: expected 2 different labels"),
        (network(output="identity"), ["a", "b", "c"], "classes: expected None unless"),
        (network(output="sigmoid", multi_label=True), ["a", "b", "c"], "None for a multi_label"),
    ],
)
def test_what_scikit_learn_does_not_have(net, classes, message):
    with pytest.raises(ValueError, match=message):
        to_sklearn(net, classes)


def test_what_is_none_of_its_networks():
    with pytest.raises(NotFittedError, match="MLPClassifier instance is not fitted yet"):
        from_sklearn(MLPClassifier())
    with pytest.raises(TypeError, match="MLPClassifier or MLPRegressor, .* got Pipeline"):
        from_sklearn(make_pipeline(to_sklearn(network())))


def test_coefficients_that_do_not_fit():
    estimator = to_sklearn(network())
    estimator.coefs_[1] = estimator.coefs_[1][:3]
    with pytest.raises(ValueError, match=r"coefs_\[1\]: expected 6 inputs"):
        from_sklearn(estimator)
