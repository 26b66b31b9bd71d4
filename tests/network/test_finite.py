"""Numbers that are not finite are found wherever they are, and where is said."""

import numpy as np
import pytest

from fastnn.arguments import checks

DTYPES = ["float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("least", [0.0, -1.0])
@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite(bad, least, dtype):
    x = np.linspace(least, 1, 12, dtype=dtype).reshape(3, 4)
    x[1, 2] = bad
    with pytest.raises(ValueError, match=r"x: expected finite numbers, got .* at \[1, 2\]"):
        checks.finite("x", x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("most", [1.0, "largest"])
@pytest.mark.parametrize("least", [0.0, -0.0, -1.0])
def test_numbers_whose_sum_may_not_be_finite(least, most, dtype):
    most = np.finfo(dtype).max if most == "largest" else most
    x = np.full((3, 4), most, dtype)
    x[0] = least
    assert checks.finite("x", x) is x
    assert checks.finite("x", x[:0]).shape == (0, 4)
    assert checks.finite("x", x.T[::2]).shape == (2, 3)
