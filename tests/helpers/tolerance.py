"""The one tolerance model of the tests: |got - expected| <= tol + |expected| * eps."""

import numpy as np

# Sums of a few hundred terms, in another order, through a few layers.
_EPS = {np.dtype("float32"): 3e-5, np.dtype("float64"): 1e-12}


def assert_close(got, expected, scale=1.0):
    """Equal but for rounding; `scale` is the size of the terms that were summed up."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape
    eps = _EPS[got.dtype if got.dtype in _EPS else np.dtype("float64")]
    if expected.dtype in _EPS:
        eps = max(eps, _EPS[expected.dtype])
    np.testing.assert_allclose(got, expected, rtol=eps, atol=eps * scale)
