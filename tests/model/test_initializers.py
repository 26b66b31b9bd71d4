"""Network(initializer=...): what the names promise."""

import math

import numpy as np
import pytest
from samples import same_bits
from tolerance import assert_close

import fastnn
from fastnn.model.initializers import INITIALIZERS

SIZES = [400, 300, 500]
VARIANCES = {
    "default": lambda j, k: 1 / j,
    "large": lambda j, k: 1,
    "glorot_normal": lambda j, k: 2 / (j + k),
    "glorot_uniform": lambda j, k: 2 / (j + k),
    "he_normal": lambda j, k: 2 / j,
    "he_uniform": lambda j, k: 2 / j,
    "lecun_normal": lambda j, k: 1 / j,
    "lecun_uniform": lambda j, k: 1 / j,
    "orthogonal": lambda j, k: 1 / max(j, k),
    "zeros": lambda j, k: 0,
}


def test_all_names_are_tested():
    assert set(VARIANCES) == set(INITIALIZERS)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_mean_and_variance(name):
    """Within five standard errors of some 100,000 weights."""
    net = fastnn.Network(SIZES, initializer=name, seed=0)
    for w in net.weights:
        k, j = w.shape
        values, std = w.astype(np.float64).ravel(), math.sqrt(VARIANCES[name](j, k))
        assert abs(values.mean()) <= 5 * std / math.sqrt(values.size)
        assert abs(values.std() - std) <= 5 * std / math.sqrt(values.size)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_biases(name):
    biases = np.concatenate(list(fastnn.Network([1, 5000], initializer=name, seed=0).biases))
    if name in ("default", "large"):
        assert abs(biases.mean()) < 0.1
        assert abs(biases.std() - 1) < 0.1
    else:
        assert not biases.any()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_shape_of_the_distribution(name):
    """A uniform one has nothing beyond sqrt(3) standard deviations; a normal one has 8.3 %."""
    w = fastnn.Network(SIZES[:2], initializer=name, seed=0).weights[0]
    if name == "zeros":
        return
    beyond = np.mean(np.abs(w) > math.sqrt(3 * VARIANCES[name](400, 300)) * 1.000001)
    if name.endswith("uniform"):
        assert beyond == 0
        assert np.abs(w).max() > 0.999 * math.sqrt(3 * VARIANCES[name](400, 300))
    else:
        assert 0.078 < beyond < 0.089


@pytest.mark.parametrize("sizes", [[7, 4], [4, 7], [5, 5], [1, 3], [3, 1]])
def test_orthogonal(sizes):
    w = fastnn.Network(sizes, initializer="orthogonal", seed=0, dtype="float64").weights[0]
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    assert_close(product, np.eye(min(sizes)))


def test_orthogonal_prefers_no_sign():
    """QR as LAPACK has it would give nearly all of these the same sign."""
    firsts = [
        fastnn.Network([3, 3], initializer="orthogonal", seed=seed).weights[0][0, 0]
        for seed in range(200)
    ]
    assert 70 < np.sum(np.array(firsts) > 0) < 130


@pytest.mark.parametrize("name", INITIALIZERS)
def test_seeds_and_dtypes(name):
    """The same seed gives the same bits; float32 is float64 rounded."""
    make = {"sizes": [6, 5, 4], "initializer": name}
    one, again = (fastnn.Network(seed=3, **make) for _ in range(2))
    other, double = fastnn.Network(seed=4, **make), fastnn.Network(seed=3, dtype="float64", **make)
    assert same_bits(one, again)
    assert same_bits(one, other) == (name == "zeros")
    for w, d in zip(one.weights, double.weights, strict=True):
        np.testing.assert_array_equal(w, d.astype(np.float32))


def test_arrays():
    """They are copied, and nothing is drawn: the generator is the seed's."""
    weights, biases = [np.arange(6.0).reshape(2, 3)], [np.array([[7.0], [8.0]])]
    net = fastnn.Network([3, 2], initializer=(weights, biases), seed=0)
    np.testing.assert_array_equal(net.weights[0], weights[0])
    np.testing.assert_array_equal(net.biases[0], biases[0])
    weights[0][0, 0] = 9
    assert net.weights[0][0, 0] == 0
    assert net._state.rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


@pytest.mark.parametrize(
    ("initializer", "error", "message"),
    [
        ("glorot", ValueError, "initializer: expected one of .*did you mean 'glorot_"),
        (None, TypeError, "initializer: expected a name or a pair .*, got None"),
        (([1],), TypeError, "initializer: expected a name or a pair"),
        (
            ([np.ones((2, 2))], [np.ones((2, 1))]),
            ValueError,
            r"weights\[0\]: expected shape \(2, 3\), got \(2, 2\)",
        ),
        (
            ([np.ones((2, 3))], [np.ones(2)]),
            ValueError,
            r"biases\[0\]: expected shape \(2, 1\), got \(2,\)",
        ),
        (
            ([np.full((2, 3), np.nan)], [np.ones((2, 1))]),
            ValueError,
            r"weights\[0\]: expected finite numbers",
        ),
        (([], [np.ones((2, 1))]), ValueError, "weights: expected 1 arrays, got 0"),
    ],
)
def test_bad_initializers(initializer, error, message):
    with pytest.raises(error, match=f"^{message}"):
        fastnn.Network([3, 2], initializer=initializer)
