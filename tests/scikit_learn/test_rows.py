"""Rows as people have them: sparse, frames, mapped from files, of any dtype and order."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import fastnn
from fastnn.sklearn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = load_digits(return_X_y=True)
X, Y = X[:300] / 16, Y[:300]
X[np.random.default_rng(0).random(X.shape) < 0.6] = 0
KINDS = [sparse.csr_array, sparse.csr_matrix, sparse.csc_array, sparse.coo_array]


def small(**settings):
    return MLPClassifier(
        **{"hidden_layer_sizes": (20,), "max_iter": 4, "random_state": 0, **settings}
    )


def of_width(matrix, dtype):
    matrix.indices, matrix.indptr = matrix.indices.astype(dtype), matrix.indptr.astype(dtype)
    return matrix


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("kind", KINDS[:3])
def test_sparse_rows_give_the_dense_numbers(kind, solver):
    for settings in ({}, {"momentum": 0}):
        if solver != "sgd" and settings:
            continue
        dense = small(solver=solver, **settings).fit(X, Y)
        thin = small(solver=solver, **settings).fit(kind(X), Y)
        np.testing.assert_allclose(thin.coefs_[0], dense.coefs_[0], rtol=0, atol=1e-10)
        np.testing.assert_allclose(thin.predict_proba(kind(X)), dense.predict_proba(X), atol=1e-10)
        assert np.array_equal(thin.predict(kind(X[:1])), dense.predict(X[:1]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", [np.int32, np.int64])
def test_sparse_rows_of_any_width(width, dtype):
    rows = of_width(sparse.csr_array(X.astype(dtype)), width)
    estimator = small().fit(rows, Y)
    assert estimator.coefs_[0].dtype == dtype
    expected = small().fit(X.astype(dtype), Y)
    tolerance = 1e-10 if dtype == np.float64 else 1e-4
    np.testing.assert_allclose(estimator.coefs_[0], expected.coefs_[0], rtol=0, atol=tolerance)


def test_sparse_rows_stop_early_and_are_scored():
    settings = {"early_stopping": True, "max_iter": 8, "scoring": "neg_log_loss"}
    thin = small(**settings).fit(sparse.csr_array(X), Y, sample_weight=np.linspace(0.1, 1, 300))
    dense = small(**settings).fit(X, Y, sample_weight=np.linspace(0.1, 1, 300))
    np.testing.assert_allclose(thin.validation_scores_, dense.validation_scores_)


def test_a_users_matrix_stays_as_it_is():
    """Entries that are there twice, and not in order, are put in order in a copy."""
    data, indices = np.array([1.0, 2.0, 3.0, 4.0]), np.array([5, 2, 5, 0])
    rows = sparse.csr_array((data, indices, [0, 3, 4]), (2, 6))
    x = rows.toarray()
    net = fastnn.Network([6, 3, 1], seed=0)
    np.testing.assert_allclose(net.feedforward(rows), net.feedforward(x), rtol=1e-6)
    assert rows.indices.tolist() == [5, 2, 5, 0]


@pytest.mark.parametrize("inputs", [65_536, 65_537, 300_000])
def test_many_columns(inputs):
    """More than 16 bits can number; with more than 262,144 that is also true of groups."""
    rng = np.random.default_rng(0)
    x = sparse.random_array((40, inputs), density=30 / inputs, format="csr", rng=rng)
    y = rng.integers(0, 2, 40)
    settings = {"hidden_layer_sizes": (4,), "batch_size": 10, "alpha": 0.01}
    estimator = small(**settings).fit(x, y)
    used = np.unique(x.indices)
    from sklearn.neural_network import MLPClassifier as Theirs

    theirs = Theirs(max_iter=4, random_state=0, **settings).fit(x, y)
    np.testing.assert_allclose(estimator.coefs_[0][used], theirs.coefs_[0][used], atol=1e-10)
    np.testing.assert_allclose(estimator.predict_proba(x), theirs.predict_proba(x), atol=1e-10)


def test_networks_take_sparse_rows():
    rows, one = sparse.csr_array(X), {"learning_rate": 0.1, "epochs": 3, "n_threads": 1}
    for settings in ({}, {"optimizer": "adam", "learning_rate": 0.01}, {"l1": 0.1}, {"l2": 0.5}):
        nets = [fastnn.Network([64, 20, 10], "relu", "log_likelihood", seed=0) for _ in range(2)]
        for net, x in zip(nets, (X, rows), strict=True):
            net.fit(x, Y, validation_data=(x, Y), **{**one, **settings})
        np.testing.assert_allclose(nets[1].weights[0], nets[0].weights[0], rtol=0, atol=1e-4)
        assert nets[1].history.data_cost == pytest.approx(nets[0].history.data_cost, rel=1e-4)
        assert nets[1].evaluate(rows, Y).accuracy == nets[1].evaluate(X, Y).accuracy
        assert np.array_equal(nets[1].predict(rows), nets[1].predict(X))
        nets[1].fit(rows, Y, validation_split=0.2, epochs=1)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (sparse.csr_array((3, 5)), ValueError, r"x: expected shape \(rows, 64\), got \(3, 5\)"),
        (sparse.csr_array((0, 64)), ValueError, "x: expected at least one row"),
        (sparse.csr_array(X * 1j), TypeError, "x: expected real numbers, got dtype complex"),
        (sparse.csr_array(X / X.clip(0, 0)), ValueError, "x: expected finite"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_networks_refuse_other_sparse_rows(x, error, message):
    with pytest.raises(error, match=message):
        fastnn.Network([64, 3, 2]).feedforward(x)


def test_frames():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=[f"pixel {i}" for i in range(64)])
    estimator = small().fit(frame, pandas.Series(Y))
    assert list(estimator.feature_names_in_) == list(frame.columns)
    expected = small().fit(X, Y)
    assert np.array_equal(estimator.predict(frame), expected.predict(X))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        estimator.predict(X)
    with pytest.raises(ValueError, match="feature names should match"):
        estimator.predict(frame.rename(columns={"pixel 0": "other"}))


def test_polars_frames():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({f"pixel {i}": X[:, i] for i in range(64)})
    assert np.array_equal(small().fit(frame, Y).predict(frame), small().fit(X, Y).predict(X))


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.uint8, bool, np.float32])
def test_any_dtype(dtype):
    x = (X > 0.5).astype(dtype)
    expected = small().fit(x.astype(np.float32 if dtype == np.float32 else float), Y)
    np.testing.assert_allclose(small().fit(x, Y).coefs_[0], expected.coefs_[0], atol=1e-12)
    assert np.array_equal(expected.predict(x), expected.predict(x.astype(float)))


def test_mapped_rows_and_other_orders(tmp_path):
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    expected = small().fit(X, Y)
    for x in (mapped, np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2]):
        estimator = small().fit(x, Y)
        assert np.array_equal(estimator.coefs_[0], expected.coefs_[0])
        assert np.array_equal(estimator.predict(x), expected.predict(X))
        assert np.array_equal(estimator.predict_proba(x[:1]), expected.predict_proba(X[:1]))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [1, 200])  # few numbers and many are looked at in two ways
def test_rows_that_are_no_numbers_are_refused_quickly_as_well(count):
    estimator = small().fit(X, Y)
    rows = X[:count].copy()
    for bad in (np.nan, np.inf, -np.inf):
        rows[-1, 3] = bad
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            estimator.predict_proba(rows)
    rows[-1, 3] = 1e200  # whose square is infinite
    assert estimator.predict_proba(rows).shape == (count, 10)
    with pytest.raises(ValueError, match="X has 3 features"):
        estimator.predict(X[:1, :3])
    with pytest.raises(ValueError, match="Expected 2D array"):
        estimator.predict(X[0])


def test_in_a_pipeline_with_metadata_routing():
    import sklearn

    with sklearn.config_context(enable_metadata_routing=True):
        routed = small().set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, routed)
        pipeline.fit(X, Y, sample_weight=np.linspace(0.1, 1, 300))
        assert pipeline[-1].n_iter_ == 4
    stacked = make_pipeline(StandardScaler(), LogisticRegression())
    assert stacked.fit(X, Y).score(X, Y) > 0


def test_regression_of_sparse_rows():
    y, settings = X.sum(axis=1), {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}
    thin, dense = (MLPRegressor(**settings).fit(x, y) for x in (sparse.csr_array(X), X))
    np.testing.assert_allclose(thin.predict(sparse.csr_array(X)), dense.predict(X))
