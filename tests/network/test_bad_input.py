"""Every bad input: an error that names the argument, what was expected, what came.

And nothing has changed: not a weight, not the history, not the random generator.
"""

import copy
import re

import numpy as np
import pytest
from samples import everything, labelled, one_hot, small

import fastnn

pytestmark = pytest.mark.filterwarnings("error")  # an error, and no warning beside it

X, LABELS = labelled()
NAN, INF = np.full((23, 5), np.nan), np.full((23, 5), np.inf)


def with_one(value, index=(4, 2)):
    x = X.copy()
    x[index] = value
    return x


# What every call that takes x and y refuses: x, y, error, message.
BAD_DATA = {
    "x flat": (X[0], LABELS, ValueError, r"x: expected shape \(rows, 5\), got \(5,\).*reshape"),
    "x of other width": (X[:, :4], LABELS, ValueError, r"x: expected shape.*got \(23, 4\)"),
    "x cubic": (X[None], LABELS, ValueError, r"x: expected shape.*got \(1, 23, 5\)"),
    "x a number": (3.0, LABELS, ValueError, r"x: expected shape.*got \(\)"),
    "x without rows": (X[:0], LABELS[:0], ValueError, r"x: expected at least one row.*\(0, 5\)"),
    "x empty list": ([], [], ValueError, r"x: expected shape.*got \(0,\)"),
    "x NaN": (with_one(np.nan), LABELS, ValueError, r"x: expected finite.*got nan at \[4, 2\] \(1"),
    "x inf": (with_one(-np.inf), LABELS, ValueError, r"x: expected finite.*got -inf at \[4, 2\]"),
    "x both infinities": (
        np.where(np.arange(5) % 2, INF, -INF),
        LABELS,
        ValueError,
        r"x: .*got -inf.*\(115 such",
    ),
    "x text": ([["a"] * 5] * 23, LABELS, TypeError, r"x: expected real .* the text 'a' at \[0, 0"),
    "x complex": (X + 0j, LABELS, TypeError, "x: expected real numbers, got dtype complex128"),
    "x dates": (X.astype("M8[s]"), LABELS, TypeError, "x: .*datetime64"),
    "x None": (None, LABELS, TypeError, "x: expected real numbers, got None"),
    "x ragged": (
        [[1, 2], [3, 4], [5]],
        LABELS,
        ValueError,
        r"x: expected an array of numbers, got rows of .*lengths: 2 at \[0\], 1 at \[2\]$",
    ),
    "y too short": (X, LABELS[:-1], ValueError, "y: expected 23 rows, as many as x, got 22"),
    "y too long": (X[:-1], LABELS, ValueError, "y: expected 22 rows, as many as x, got 23"),
    "y empty": (X, [], ValueError, "y: expected 23 rows.*got 0"),
    "y a number": (X, 1, ValueError, r"y: expected labels.*got \(\)"),
    "y cubic": (X, np.zeros((23, 3, 1)), ValueError, r"y: expected labels.*got \(23, 3, 1\)"),
    "y of other width": (
        X,
        np.zeros((23, 4)),
        ValueError,
        r"y: .*targets of shape \(rows, 3\), got \(23, 4\)",
    ),
    "labels in a column": (
        X,
        LABELS[:, None],
        ValueError,
        r"y: .*got \(23, 1\); labels are .*y.ravel\(\)$",
    ),
    "label too large": (
        X,
        LABELS + 1,
        ValueError,
        "y: expected labels from 0 to 2, got labels from 1 to 3",
    ),
    "label negative": (X, LABELS - 1, ValueError, "y: expected labels from 0 to 2.*from -1 to 1"),
    "label huge": (X, LABELS.astype("u8") + 2**63, ValueError, "y: .*to 9223372036854775810"),
    "labels as floats": (X, LABELS * 1.0, TypeError, r"y: expected integer labels.*astype\(int\)"),
    "y text": (X, ["0"] * 23, TypeError, r"y: .*got the text '0' at \[0\]; .*np.asarray"),
    "y None within": (X, [0] * 22 + [None], TypeError, r"y: expected real .*, got None at \[22"),
    "y ragged": (X, [[1, 0, 0], [1]], ValueError, "y: expected an array of numbers"),
    "y NaN": (X, one_hot(LABELS) * np.nan, ValueError, r"y: expected finite.*nan at \[0, 0\]"),
    "y above 1": (X, 2.0 * one_hot(LABELS), ValueError, "y: expected targets from 0 to 1.*to 2.0"),
    "y below 0": (X, -1.0 * one_hot(LABELS), ValueError, "y: .*cross_entropy cost.*from -1.0 to"),
}


def pytest_style(table):
    return pytest.mark.parametrize("case", table.values(), ids=table)


def assert_refused(net, call, error, message):
    before = everything(net)
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert everything(net) == before


@pytest.fixture(scope="module")
def trained():
    net = small()
    net.fit(X, LABELS, epochs=2, l2=0.1, optimizer="momentum")
    return net


@pytest.fixture
def net(trained):
    return copy.deepcopy(trained)


@pytest_style(BAD_DATA)
@pytest.mark.parametrize("method", ["fit", "evaluate", "gradients"])
def test_bad_data(net, method, case):
    x, y, error, message = case
    assert_refused(net, lambda: getattr(net, method)(x, y), error, "^" + message)


@pytest_style(BAD_DATA)
def test_bad_validation_data(net, case):
    """Refused before the first epoch, and told from the training data."""
    x, y, error, message = case
    assert_refused(
        net, lambda: net.fit(X, LABELS, validation_data=(x, y)), error, "^validation " + message
    )


@pytest_style({name: case for name, case in BAD_DATA.items() if name.startswith("x")})
@pytest.mark.parametrize("method", ["feedforward", "predict", "predict_proba"])
def test_bad_x(net, method, case):
    x, _, error, message = case
    assert_refused(net, lambda: getattr(net, method)(x), error, "^" + message)


NO_COUNT = [
    (0, ValueError, "expected at least 1, got 0"),
    (-3, ValueError, "expected at least 1, got -3"),
    (2.0, TypeError, r"expected a whole number, got 2\.0"),
    ("2", TypeError, "expected a whole number, got '2'"),
    (True, TypeError, "expected a whole number, got True"),
    (None, TypeError, "expected a whole number, got None"),
]
NO_LAMBDA = [
    (-0.1, ValueError, "expected a finite number, 0 or more, got -0.1"),
    (np.nan, ValueError, "expected a finite number.*got nan"),
    (np.inf, ValueError, "expected a finite number.*got inf"),
    (10**400, ValueError, "expected a finite number"),
    ("0.1", TypeError, "expected a number, got '0.1'"),
    (None, TypeError, "expected a number, got None"),
    (True, TypeError, "expected a number, got True"),
    (1j, TypeError, "expected a number, got 1j"),
]
NO_LAMBDAS = [
    ([1, 2, 3], ValueError, "expected one number, or 2, one for each layer's weights; got 3"),
    ([1], ValueError, "expected one number, or 2, .* got 1"),
]
NO_RATE = [
    (1, ValueError, r"expected a number in \[0, 1\), got 1"),
    (-0.1, ValueError, "expected a finite number, 0 or more, got -0.1"),
    (None, TypeError, "expected a number, got None"),
]
BAD_SETTINGS = {
    "epochs": NO_COUNT,
    "batch_size": NO_COUNT,
    "learning_rate": [*NO_LAMBDA[1:], (0, ValueError, "expected a finite number above 0, got 0")],
    "l1": [
        *NO_LAMBDA,
        *NO_LAMBDAS,
        (fastnn.Proximal([1, 2, 3]), ValueError, "expected one number, or 2, one for each layer's"),
        (fastnn.Proximal, TypeError, "expected a number, got <class"),
    ],
    "l2": [
        *NO_LAMBDA,
        *NO_LAMBDAS,
        (fastnn.Proximal(1), TypeError, r"expected a number, got Proximal\(lmbda=1.0\)"),
    ],
    "max_norm": [
        (0, ValueError, "expected a finite number above 0, got 0"),
        ("1", TypeError, "expected a number, got '1'"),
        *NO_LAMBDAS,
    ],
    "dropout": [
        *NO_RATE,
        ([0.1, 0.2], ValueError, "expected one rate, or 1, one for each hidden layer; got 2"),
    ],
    "input_dropout": NO_RATE,
    "verbose": [
        (-1, ValueError, "expected at least 0, got -1"),
        ("yes", TypeError, "expected a whole number, got 'yes'"),
        (None, TypeError, "expected a whole number, got None"),
        (1.5, TypeError, "expected a whole number, got 1.5"),
    ],
    "n_threads": NO_COUNT[:-1],
    "optimizer": [
        ("adma", ValueError, "expected one of sgd, .*, lbfgs; got 'adma'; .*'adam'"),
        (5, TypeError, "expected one of sgd, .*, lbfgs, or .*; got 5"),
        (None, TypeError, "expected one of .*; got None"),
        (fastnn.Adam, TypeError, "expected one of"),
        (fastnn.Momentum(mu=1.0), ValueError, r"momentum's mu: expected a number in \[0, 1\)"),
        (fastnn.Momentum(mu="a"), TypeError, "momentum's mu: expected a number, got 'a'"),
        (fastnn.Adam(beta2=-0.1), ValueError, "adam's beta2: expected a finite number, 0 or more"),
        (fastnn.Adam(epsilon=0), ValueError, "adam's epsilon: expected a finite number above 0"),
        (fastnn.SGD(clip_norm=0), ValueError, "sgd's clip_norm: expected a finite number above 0"),
        (fastnn.Adam(clip_norm="1"), TypeError, "adam's clip_norm: expected a number, got '1'"),
    ],
    "callbacks": [
        (5, TypeError, r"expected a function of \(network, epoch\), .*, or a list; got 5"),
        ("run.npz", TypeError, r"expected a function of .*, or a list; got 'run.npz'"),
        (iter([print]), TypeError, "expected a function of .*, or a list; got <list_iterator"),
    ],
    "validation_data": [
        (5, TypeError, r"expected \(x, y\) or \(x, y, sample_weight\), got int"),
        (X, TypeError, r"expected \(x, y\) or \(x, y, sample_weight\), got ndarray"),
        ((X,), ValueError, r"expected \(x, y\) or \(x, y, sample_weight\), got 1 items"),
        ((X, *[LABELS] * 3), ValueError, r"expected \(x, y\) or .*, got 4 items"),
    ],
}


@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name, cases in BAD_SETTINGS.items() for case in cases]
)
def test_bad_settings_of_fit(net, name, case):
    value, error, message = case
    assert_refused(net, lambda: net.fit(X, LABELS, **{name: value}), error, f"^{name}: {message}")


@pytest.mark.parametrize("name", ["l1", "l2", "max_norm"])
def test_a_bad_number_of_one_layer(net, name):
    for value, error in ((-1, ValueError), ("a", TypeError), (np.nan, ValueError)):
        assert_refused(
            net, lambda v=value: net.fit(X, LABELS, **{name: [1.0, v]}), error, rf"^{name}\[1\]: "
        )


def test_one_number_a_row_in_a_flat_array():
    net = fastnn.Network([1, 2, 3], seed=0)
    assert_refused(
        net, lambda: net.fit(X[:, 0], LABELS), ValueError, r"got \(23,\); .* x.reshape\(-1, 1\)$"
    )


def test_a_single_softmax_output():
    net = fastnn.Network([5, 2, 1], cost="log_likelihood", seed=0)
    for y in (LABELS % 2, np.ones(23), np.ones((23, 1))):
        assert_refused(
            net, lambda y=y: net.fit(X, y), ValueError, "^y: expected at least two outputs, got a"
        )


def test_a_max_norm_of_0_in_a_list(net):
    assert_refused(
        net,
        lambda: net.fit(X, LABELS, max_norm=[None, 0]),
        ValueError,
        r"^max_norm\[1\]: expected a finite number above 0, got 0",
    )


def test_unknown_settings_of_fit(net):
    assert_refused(net, lambda: net.fit(X, LABELS, lmbda=5.0), TypeError, "lmbda")


@pytest.mark.parametrize(
    ("settings", "way"),
    [
        ({"early_stopping": 5}, "callbacks=[fastnn.EarlyStopping(patience=...)]"),
        ({"checkpoint": "run.npz"}, "callbacks=[fastnn.Checkpoint(path)]"),
        ({"resume": "run.npz"}, "callbacks=[fastnn.Checkpoint(path, resume=True)]"),
        ({"on_progress": print}, "callbacks=[fastnn.Progress(function)]"),
        (
            {"clip_norm": 1.0},
            "of the optimizer: fastnn.SGD(clip_norm=...), fastnn.Adam(clip_norm=...)",
        ),
        ({"l1_mode": "proximal"}, "l1=fastnn.Proximal(...)"),
        ({"label_smoothing": 0.1}, "fastnn.LogLikelihood(...)) Network() takes it"),
    ],
)
def test_keywords_of_version_0_1_lead_to_the_new_way(net, settings, way):
    (name,) = settings
    message = rf"^Network.fit\(\) got an unexpected keyword argument '{name}'; .*{re.escape(way)}"
    assert_refused(net, lambda: net.fit(X, LABELS, **settings), TypeError, message)


WRONG_AMONG_CALLBACKS = [
    ([print, 5], TypeError, r"callbacks\[1\]: expected a function of .*; got 5"),
    ([print, "run.npz"], TypeError, r"callbacks\[1\]: expected .*fastnn.Checkpoint.*'run.npz'"),
    (
        [fastnn.EarlyStopping],
        TypeError,
        r"callbacks\[0\]: expected fastnn.EarlyStopping\(...\), got",
    ),
    (
        [fastnn.Checkpoint("a"), print, fastnn.Checkpoint("b")],
        ValueError,
        r"callbacks: .* one fastnn.Checkpoint at most, got 2: callbacks\[0\] and callbacks\[2\]",
    ),
    (
        [fastnn.EarlyStopping("data_cost"), fastnn.EarlyStopping("cost")],
        ValueError,
        "callbacks: expected one fastnn.EarlyStopping at most, got 2",
    ),
]


@pytest.mark.parametrize(("callbacks", "error", "message"), WRONG_AMONG_CALLBACKS)
def test_what_is_no_callback(net, callbacks, error, message):
    assert_refused(net, lambda: net.fit(X, LABELS, callbacks=callbacks), error, "^" + message)


def test_proximal_refuses_what_is_no_lambda():
    for value, error, _ in NO_LAMBDA:
        with pytest.raises(error, match="^Proximal: expected a"):
            fastnn.Proximal(value)
    with pytest.raises(ValueError, match=r"^Proximal\[1\]: expected a finite number"):
        fastnn.Proximal([1, -1])


def test_progress_refuses_what_is_no_function():
    with pytest.raises(
        TypeError, match=r"^Progress: expected a function of \(rows done, rows\), got 5"
    ):
        fastnn.Progress(5)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("name", "index"), [("weights", (2, 1)), ("biases", (2, 0))])
def test_parameters_that_were_spoilt_in_place(net, name, index, value):
    getattr(net, name)[1][index] = value
    where = ", ".join(map(str, index))
    message = rf"^{name}\[1\]: expected finite numbers, got {value} at \[{where}\]"
    assert_refused(net, lambda: net.fit(X, LABELS), ValueError, message)


def test_x_too_large_for_float32():
    net = small(dtype="float32")
    assert_refused(
        net, lambda: net.predict(with_one(1e39)), ValueError, "x: .*is float32 wide enough"
    )


def test_large_finite_numbers_whose_sum_is_not():
    assert np.isfinite(small(dtype="float32").predict(np.full((23, 5), 3e38))).all()


def test_targets_of_log_likelihood_are_distributions():
    net = small(cost="log_likelihood")
    y = one_hot(LABELS)
    y[7] = [0.5, 0.2, 0.1]
    message = (
        "^y: expected rows that sum to 1 for the log_likelihood cost, got a sum of 0.8 in row 7"
    )
    assert_refused(net, lambda: net.fit(X, y), ValueError, message)
    y[7] = [0.5, 0.2, 0.3]
    net.fit(X, y, epochs=1)


@pytest.mark.parametrize(
    ("outputs", "labels", "way"),
    [
        (1, LABELS, "; 3 classes take as many outputs, the last of sizes"),
        (1, 2 * (LABELS % 2) - 1, "; labels -1 and 1 become 0 and 1 as y > 0"),
        (3, LABELS + 1, "; y - 1 are labels from 0 on"),
        (2, LABELS, "; 3 classes take as many outputs, the last of sizes"),
        (3, LABELS * 10**9, ""),
        (3, LABELS - 1, ""),
    ],
)
def test_the_way_out_of_labels_of_another_range(outputs, labels, way):
    net = fastnn.Network([5, outputs])
    message = f"^y: expected labels from 0 to .*, got labels from -?[0-9]+ to [0-9]+{way}$"
    assert_refused(net, lambda: net.fit(X, labels), ValueError, message)


@pytest.mark.parametrize("cost", ["cross_entropy", "quadratic"])
def test_labels_of_a_single_sigmoid(cost):
    net = fastnn.Network([5, 1], cost=cost)
    message = "^y: expected labels from 0 to 1, got labels from 0 to 2"
    assert_refused(net, lambda: net.fit(X, LABELS), ValueError, message)


SIZES = "expected an input and an output layer"
BAD_NETWORKS = {
    "no sizes": ({"sizes": []}, ValueError, rf"sizes: {SIZES}, got \[\]"),
    "one size": ({"sizes": [3]}, ValueError, rf"sizes: {SIZES}, got \[3\]"),
    "sizes a number": ({"sizes": 3}, TypeError, "sizes: expected a list of layer sizes, got 3"),
    "sizes text": ({"sizes": "35"}, TypeError, "sizes: expected a list of layer sizes, got '35'"),
    "size 0": ({"sizes": [5, 0, 3]}, ValueError, r"sizes\[1\]: expected at least 1, got 0"),
    "size negative": ({"sizes": [-5, 3]}, ValueError, r"sizes\[0\]: expected at least 1, got -5"),
    "size no integer": ({"sizes": [5, 3.0]}, TypeError, r"sizes\[1\]: expected a whole number"),
    "size a bool": ({"sizes": [5, True]}, TypeError, r"sizes\[1\]: expected a whole number"),
    "activation": (
        {"activation": "sigmiod"},
        ValueError,
        "activation: .*got 'sigmiod'; did you mean 'sigmoid'",
    ),
    "activation capital": ({"activation": "ReLU"}, ValueError, "activation: .*mean 'relu'"),
    "activation far off": ({"activation": "qqq"}, ValueError, "activation: .*got 'qqq'$"),
    "activation no name": (
        {"activation": np.tanh},
        TypeError,
        "activation: expected a name or a fastnn.UserActivation",
    ),
    "cost": ({"cost": "crossentropy"}, ValueError, "cost: .*did you mean 'cross_entropy'"),
    "output unknown": (
        {"output_activation": "sofmax"},
        ValueError,
        "output_activation: .*mean 'softmax'",
    ),
    "output unfit": (
        {"output_activation": "softmax"},
        ValueError,
        "output_activation: expected sigmoid with the cross_entropy cost, got softmax",
    ),
    "dtype": ({"dtype": "flaot32"}, ValueError, "dtype: .*float64; got 'flaot32'; .*'float32'"),
    "dtype half": ({"dtype": "float16"}, ValueError, "dtype: .*got 'float16'"),
    "dtype integer": ({"dtype": int}, ValueError, "dtype: expected one of float32, float64; got"),
    "dtype None": ({"dtype": None}, ValueError, "dtype: .*got None"),
    "seed negative": ({"seed": -1}, ValueError, "seed: expected at least 0, got -1"),
    "seed float": ({"seed": 1.0}, TypeError, "seed: expected a whole number, got 1.0"),
    "seed text": ({"seed": "one"}, TypeError, "seed: expected a whole number, got 'one'"),
}


@pytest_style(BAD_NETWORKS)
def test_bad_networks(case):
    settings, error, message = case
    with pytest.raises(error, match="^" + message) as caught:
        fastnn.Network(**{"sizes": [5, 3], **settings})
    assert "\n" not in str(caught.value)


def test_sizes_may_be_any_integers():
    sizes = fastnn.Network((np.int64(5), np.uint8(4), 3)).sizes
    assert sizes == [5, 4, 3]
    assert {type(size) for size in sizes} == {int}
