"""Outputs and gradients of a few rows on unpacked weights, against the same products in NumPy."""

import numpy as np
import pytest

from fastnn.engine import Columns
from fastnn.layout.codes import QUADRATIC

SIZES = [[1, 1], [2, 3, 1], [7, 10], [5, 4, 3, 2], [33, 17, 9], [40, 1, 6], [12, 16, 8, 4]]


def problem(sizes, m, seed=0):
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal((y, x)) for x, y in zip(sizes[:-1], sizes[1:], strict=True)]
    biases = [rng.standard_normal((y, 1)) for y in sizes[1:]]
    return weights, biases, rng.standard_normal((m, sizes[0])), rng.random((m, sizes[-1]))


def forward(weights, biases, x):
    activations = [x]
    with np.errstate(all="ignore"):
        for w, b in zip(weights, biases, strict=True):
            activations.append(1 / (1 + np.exp(-(activations[-1] @ w.T + b.T))))
    return activations


def backward(weights, biases, x, y, cost):
    """The sums of dC/db and dC/dw (BP1 to BP4)."""
    activations = forward(weights, biases, x)
    a = activations[-1]
    delta = (a - y) * a * (1 - a) if cost == "quadratic" else a - y
    nabla_b, nabla_w = [], []
    for l in range(len(weights) - 1, -1, -1):
        a = activations[l]
        nabla_b.insert(0, delta.sum(axis=0)[:, np.newaxis])
        with np.errstate(all="ignore"):
            nabla_w.insert(0, delta.T @ a)
            delta = (delta @ weights[l]) * a * (1 - a)
    return nabla_b, nabla_w


def assert_equal(got, expected):
    assert [a.shape for a in got] == [a.shape for a in expected]
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("m", [1, 2, 7, 130])
def test_parity(sizes, m):
    weights, biases, x, y = problem(sizes, m)
    columns_ = Columns(weights, biases)
    outputs, has_nan = columns_.outputs(x)
    assert not has_nan
    assert_equal([outputs], [forward(weights, biases, x)[-1]])
    for cost in ("quadratic", "cross-entropy"):
        (nabla_b, nabla_w), has_nan = columns_.gradients(x, y, m, cost)
        assert not has_nan
        for got, expected in zip(
            (nabla_b, nabla_w), backward(weights, biases, x, y, cost), strict=True
        ):
            assert_equal(got, expected)


def test_a_column_is_a_row():
    weights, biases, x, y = problem([33, 17, 9], 1)
    columns_ = Columns(weights, biases)
    column, _ = columns_.outputs_of_column(x.reshape(-1, 1))
    assert column.shape == (9, 1)
    assert (columns_.outputs(x)[0] == column.T).all()
    gradients, _ = columns_.gradients(x.reshape(-1, 1), y.reshape(-1, 1), 1, "quadratic")
    for got, expected in zip(gradients, columns_.gradients(x, y, 1, "quadratic")[0], strict=True):
        assert all((a == b).all() for a, b in zip(got, expected, strict=True))


@pytest.mark.parametrize("sizes", SIZES)
def test_nothing_but_the_results_is_written_and_scratch_may_hold_anything(sizes):
    m = 5
    weights, biases, x, y = problem(sizes, m)
    columns_ = Columns(weights, biases)
    room = m * columns_._room
    for poison in (np.nan, -np.inf, 1e300):
        result, scratch = np.full((m + 2, sizes[-1]), 7.0), np.full(2 * room + 9, poison)
        columns_._outputs(x, m, scratch, result)
        assert_equal([result[:m]], [forward(weights, biases, x)[-1]])
        assert (result[m:] == 7.0).all()
        nabla = np.full(columns_._size + 9, 7.0)
        columns_._gradients(QUADRATIC, x, y, m, scratch, nabla)
        expected = backward(weights, biases, x, y, "quadratic")
        flat = np.concatenate([a.ravel() for part in expected for a in part])
        assert_equal([nabla[:-9]], [flat])
        assert (nabla[-9:] == 7.0).all()
        np.testing.assert_array_equal(scratch[2 * room :], poison)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["x", "w0", "w1", "b0", "b1"])
def test_nan_and_infinity_go_where_numpys_products_take_them(bad, where):
    weights, biases, x, y = problem([6, 5, 3], 4)
    x[:, 2] = x[3] = 0.0  # times infinity it is NaN
    arrays = {"x": x, "w0": weights[0], "w1": weights[1], "b0": biases[0], "b1": biases[1]}
    arrays[where][1, 0 if where[0] == "b" else 2] = bad
    columns_, expected = Columns(weights, biases), forward(weights, biases, x)[-1]
    outputs, has_nan = columns_.outputs(x)
    np.testing.assert_allclose(outputs, expected, rtol=1e-12, atol=1e-300)
    assert has_nan == np.isnan(expected).any()
    gradients, has_nan = columns_.gradients(x, y, 4, "cross-entropy")
    assert has_nan == np.isnan(expected).any()
    for got, same in zip(gradients, backward(weights, biases, x, y, "cross-entropy"), strict=True):
        assert_equal(got, same)


def test_changes_in_place_are_seen():
    weights, biases, x, _ = problem([6, 5, 3], 4)
    columns_ = Columns(weights, biases)
    columns_.outputs(x)
    weights[0][3, 2] += 1.0
    biases[1][:] = 0.25
    assert_equal([columns_.outputs(x)[0]], [forward(weights, biases, x)[-1]])


def test_which_arrays_it_takes():
    w = np.ones((4, 6))
    assert Columns.takes(w)
    assert Columns.takes(w[1:])
    read_only = w.copy()
    read_only.flags.writeable = False
    assert Columns.takes(read_only)
    for other in (w.T, w[:, ::2], w[:, 1:], w.astype(np.float32), w.astype(">f8"), w.astype(int)):
        assert not Columns.takes(other)
