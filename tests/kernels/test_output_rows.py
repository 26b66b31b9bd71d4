"""What is computed of an output row at a time: softmax, its cost, whether the largest is right."""

import math

import numpy as np
import pytest
from jitted import kernel

from fastnn.kernels.functions import costs
from fastnn.kernels.functions.activations import largest_of, softmax_row
from fastnn.kernels.matrix import Matrix
from fastnn.kernels.simd import lanes, pointer

DTYPES = [np.float32, np.float64]
WIDTHS = [1, 2, 3, 10, 16, 17, 40]  # of one register, of several, and whole ones


def padded(rows, dtype):
    """Rows (m, n) as kernels keep them: whole vectors, zeros behind."""
    rows = np.atleast_2d(rows)
    width = -(-rows.shape[1] // lanes(dtype().itemsize)) * lanes(dtype().itemsize)
    result = np.zeros((len(rows), width), dtype)
    result[:, : rows.shape[1]] = rows
    return result


@kernel
def run_count(a, y, n, each):
    rows, stride = a.shape
    outputs, targets = (
        Matrix(pointer(a, 0), stride, rows, n),
        Matrix(pointer(y, 0), stride, rows, n),
    )
    return costs.count_correct(outputs, targets, each)


@kernel
def run_softmax(a, n):
    return softmax_row(pointer(a, 0), n, a.shape[1], largest_of(pointer(a, 0), n))


@kernel
def run_cost(a, y, n):
    return costs._softmax_and_log_likelihood(pointer(a, 0), pointer(y, 0), n, a.shape[1])


def correct(a, y, dtype):
    n = np.atleast_2d(a).shape[1]
    return run_count(padded(a, dtype), padded(y, dtype), np.int64(n), False)


@pytest.mark.parametrize("n", WIDTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_first_of_equal_outputs_counts(n, dtype):
    rng = np.random.default_rng(n)
    a = rng.integers(-3, 3, (500, n)).astype(dtype)  # many ties, in targets too
    y = rng.integers(0, 3, (500, n)).astype(dtype)
    expected = a.argmax(axis=1) == y.argmax(axis=1)
    assert correct(a, y, dtype) == expected.sum()
    for i in range(0, 500, 50):
        assert correct(a[i], y[i], dtype) == expected[i]


@pytest.mark.parametrize("n", WIDTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_outputs_that_decide_each_for_itself(n, dtype):
    """Exactly 1/2 is not above it, of outputs and of targets; all of a row must be right."""
    above = np.nextafter(dtype(0.5), dtype(1))
    for a, y, expected in (
        (0.5, 0.0, 1),
        (0.5, 1.0, 0),
        (0.5, 0.5, 1),
        (above, 0.5, 0),
        (above, 1.0, 1),
        (above, 0.0, 0),
        (np.nan, 0.0, 0),
    ):
        for where in {0, n - 1}:
            outputs, targets = np.full((3, n), 0.9), np.ones((3, n))
            outputs[1, where], targets[1, where] = a, y
            got = run_count(padded(outputs, dtype), padded(targets, dtype), np.int64(n), True)
            assert got == 2 + expected


@pytest.mark.parametrize("n", [n for n in WIDTHS if n > 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_and_infinity_among_outputs(n, dtype):
    y = np.eye(n)[n - 1]
    for where in range(n):
        a = np.zeros(n)
        a[n - 1] = 5.0
        assert correct(a, y, dtype) == 1
        a[where] = np.nan  # neither right nor beaten
        assert correct(a, y, dtype) == 0
        a[where] = -np.inf
        assert correct(a, y, dtype) == (where < n - 1)
        a[where] = np.inf
        assert correct(a, y, dtype) == (where == n - 1)
    assert correct(np.full(n, np.inf), np.eye(n)[0], dtype) == 1
    assert correct(np.full(n, np.inf), y, dtype) == 0


@pytest.mark.parametrize("n", WIDTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_each_output_above_one_half_says_yes(n, dtype):
    """One half itself says no, whether that is right or wrong; NaN is wrong in any case."""
    half = dtype(0.5)
    above, below = np.nextafter(half, dtype(1)), np.nextafter(half, dtype(0))
    for output, yes in ((half, 0), (above, 1), (below, 0), (np.inf, 1), (-np.inf, 0)):
        for where in (0, n - 1):
            a, y = np.zeros((1, n)), np.zeros((1, n))
            a[0, where] = output
            for target in (0, 1):
                y[0, where] = target
                got = run_count(padded(a, dtype), padded(y, dtype), np.int64(n), True)
                assert got == (target == yes)
                a_nan = a.copy()
                a_nan[0, n - 1 - where] = np.nan
                assert run_count(padded(a_nan, dtype), padded(y, dtype), np.int64(n), True) == 0


@pytest.mark.parametrize("n", WIDTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_targets_that_are_nan_are_counted_somehow(n, dtype):
    """Nobody asks what is right then, but nothing outside of the row may be read."""
    assert correct(np.zeros(n), np.full(n, np.nan), dtype) in (0, 1)


@pytest.mark.parametrize("n", WIDTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_and_what_it_tells(n, dtype):
    rng = np.random.default_rng(n)
    for scale in (0.1, 3.0, 80.0):
        z = (rng.standard_normal(n) * scale).astype(dtype)
        a, wide = padded(z, dtype), z.astype(float)
        rest = run_softmax(a, np.int64(n))
        e = np.exp(wide - wide.max())
        e[wide.argmax()] = 0
        eps = 10 * n * np.finfo(dtype).eps
        np.testing.assert_allclose(rest, e.sum(), rtol=eps, atol=1e-37)
        e[wide.argmax()] = 1
        np.testing.assert_allclose(a[0, :n], e / e.sum(), rtol=eps, atol=1e-37)
        assert not a[0, n:].any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_softmax_leaves_out_is_exact(dtype):
    """1 + e - 1 would be 0: of several largest ones all but one count."""
    for z, expected in (([0.0, -30.0], math.exp(-30)), ([2.0, 2.0, 2.0], 2.0), ([-1e30], 0.0)):
        rest = run_softmax(padded(np.array(z), dtype), np.int64(len(z)))
        np.testing.assert_allclose(rest, expected, rtol=1e-5)


@pytest.mark.parametrize("n", WIDTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_in_one_output_is_in_all(n, dtype):
    for where in (0, n // 2, n - 1):
        a = padded(np.arange(float(n)), dtype)
        a[0, where] = np.nan
        run_softmax(a, np.int64(n))
        assert np.isnan(a[0, :n]).all()
        assert not a[0, n:].any()


@pytest.mark.parametrize("n", WIDTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_log_likelihood_of_soft_targets(n, dtype):
    rng = np.random.default_rng(n)
    z, y = rng.standard_normal(n) * 5, rng.random(n)
    expected = -(y * (z - z.max() - np.log(np.exp(z - z.max()).sum()))).sum()
    got = run_cost(padded(z, dtype), padded(y, dtype), np.int64(n))
    np.testing.assert_allclose(got, expected, rtol=1e-5 if dtype == np.float32 else 1e-12)
    assert got >= 0
