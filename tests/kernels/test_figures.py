"""The figures of a network's parameters against NumPy's, of all sizes of layers."""

import numpy as np
import pytest
from tolerance import assert_close

from fastnn.engine import Engine

SIZES = [[1, 1], [4, 32, 16, 4], [17, 3, 20, 9, 2], [5, 130, 7]]


def engine(sizes, dtype):
    """With random parameters, a third of the weights 0 and some of those negative."""
    made, rng = Engine(sizes, ["sigmoid"] * (len(sizes) - 1), "quadratic", dtype), rng_of(sizes)
    for w, b in zip(made.weights, made.biases, strict=True):
        w[...], b[...] = rng.standard_normal(w.shape), rng.standard_normal(b.shape)
        w[rng.random(w.shape) < 0.2] = 0.0
        w[rng.random(w.shape) < 0.2] = -0.0
    return made


def rng_of(sizes):
    return np.random.default_rng(sizes)


def by_numpy(engine, function):
    return [function(w.astype(np.float64)) for w in engine.weights]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_against_numpy(sizes, dtype):
    e = engine(sizes, dtype)
    norms, zero_shares, largest = e.figures().weights
    assert_close(norms, by_numpy(e, np.linalg.norm))
    assert list(zero_shares) == by_numpy(e, lambda w: float((w == 0).mean()))
    assert list(largest) == by_numpy(e, lambda w: np.abs(w).max())
    assert_close(e.figures().squares, by_numpy(e, lambda w: np.square(w).sum()))
    assert_close(e.figures().magnitudes, by_numpy(e, lambda w: np.abs(w).sum()))
    assert e.figures().biases == (0.0,) * len(e.weights)
    assert e.figures().first_not_finite() is None


def test_of_other_parameters_than_the_engines():
    e, zeros = engine([4, 32, 16, 4], "float32"), np.zeros_like
    weights, biases = [zeros(w) + 2 for w in e.weights], [zeros(b) for b in e.biases]
    before = e.figures()
    assert e.figures(e.packed(weights, biases)).weights.largest_weights == (2.0, 2.0, 2.0)
    assert e.figures() == before


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", ["weights", "biases"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_first_layer_that_is_not_finite(dtype, kind, bad):
    e = engine([17, 3, 20, 9, 2], dtype)
    before = e.figures()
    for layer in (3, 1):
        array = getattr(e, kind)[layer]
        array[-1, -1] = bad
        assert e.figures().first_not_finite() == layer
        array[...], array[0, 0] = 1.0, bad
        assert e.figures().first_not_finite() == layer
    after = e.figures()
    assert after.weights.largest_weights[0] == before.weights.largest_weights[0]
    if kind == "weights":
        expected = np.nan if np.isnan(bad) else np.inf
        for figures in (after.weights.weight_norms, after.weights.largest_weights):
            np.testing.assert_equal(figures[1], expected)
        assert after.weights.zero_shares[1] == 0.0
        assert after.biases == before.biases
    else:
        assert after.weights.zero_shares == before.weights.zero_shares


def test_squares_that_overflow_are_no_infinite_norm():
    e = engine([1, 3], "float64")
    e.weights[0][:, 0] = 3e200, -4e200, 0.0
    assert e.figures().weights == ((pytest.approx(5e200),), (pytest.approx(1 / 3),), (4e200,))
    assert e.figures().squares == (np.inf,)
    e.weights[0][1] = -np.inf
    assert e.figures().weights.weight_norms == (np.inf,)


@pytest.mark.parametrize(("dtype", "least"), [("float32", 1e-45), ("float64", 5e-324)])
def test_the_smallest_number_is_not_zero(dtype, least):
    e = engine([2, 2], dtype)
    e.weights[0][...] = [[least, -least], [0.0, 1.0]]
    assert e.figures().weights.zero_shares == (0.25,)
