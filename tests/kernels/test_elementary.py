"""Largest errors of the polynomials, in units in the last place of the exact value."""

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from jitted import kernel

from fastnn.kernels import elementary
from fastnn.kernels.simd import lanes_at, load, pointer, store

POINTS = 2_000 if KERNELS_ARE_INTERPRETED else 400_000

#       function, exact in long double, from, to, units in the last place
CASES = [
    ("exp", np.exp, -87, 87, 2),
    ("expm1", np.expm1, -30, 30, 3),
    ("expm1", np.expm1, -1e-3, 1e-3, 3),
    ("log1p_of_fraction", np.log1p, 0, 1, 4),
    ("softplus", lambda z: np.log1p(np.exp(z)), -80, 80, 4),
    ("sigmoid", lambda z: 1 / (1 + np.exp(-z)), -80, 80, 3),
    ("tanh", np.tanh, -30, 30, 4),
    ("tanh", np.tanh, -1e-3, 1e-3, 4),
]


def applied(name, x):
    """The vector function of that name to every element of x."""
    function = getattr(elementary, name)

    @kernel
    def apply(x, result):
        p, out = pointer(x, 0), pointer(result, 0)
        for i in range(0, x.size, lanes_at(p)):
            store(out, i, function(load(p, i)))

    padded = np.zeros(-(-x.size // 16) * 16, x.dtype)
    padded[: x.size] = x
    result = np.empty_like(padded)
    apply(padded, result)
    return result[: x.size]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "exact", "low", "high", "bound"), CASES)
def test_largest_error(name, exact, low, high, bound, dtype):
    x = np.linspace(low, high, POINTS).astype(dtype)
    expected = exact(x.astype(np.longdouble))
    got = applied(name, x)
    units = np.spacing(np.abs(expected).astype(dtype)).astype(np.longdouble)
    assert np.abs(got - expected).max() > 0  # the comparison is not with itself
    assert (np.abs(got - expected) / units).max() <= bound


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_limits(dtype):
    x = np.array([np.nan, np.inf, -np.inf, 0.0], dtype)
    assert np.isnan([applied(name, x)[0] for name in ("exp", "expm1", "sigmoid", "tanh")]).all()
    tiny = np.finfo(dtype).tiny
    np.testing.assert_allclose(applied("sigmoid", x)[1:], [1, 0, 0.5], atol=2 * tiny)
    np.testing.assert_allclose(applied("tanh", x)[1:], [1, -1, 0])
    assert np.isfinite(applied("exp", x)[1:]).all()
