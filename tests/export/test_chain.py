"""Layers of others, in a row, become a network."""

import numpy as np
import pytest

from fastnn.export.chain import Chain, LayerError


def ones(shape, dtype="float32"):
    return np.ones(shape, dtype)


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        (("float16", "float16"), "float32"),
        (("float16", "float32"), "float32"),
        (("float32", "float64"), "float64"),
    ],
)
def test_the_narrowest_dtype_that_holds_all(dtypes, expected):
    chain = Chain("model")
    chain.dense("first", ones((3, 2), dtypes[0]), None)
    chain.dense("second", ones((1, 3), dtypes[1]), ones(1, dtypes[1]))
    portable = chain.portable()
    assert {a.dtype for a in (*portable.weights, *portable.biases)} == {np.dtype(expected)}


def test_factors_and_terms():
    """(x / 2 + 1) * -4 is -2 x - 4, and sums of weights times -4 go into biases."""
    chain = Chain("model")
    chain.rescale("half", 0.5, 1.0)
    chain.rescale("turned", -4.0)
    chain.dense("dense", np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([0.25, 0.5]))
    portable = chain.portable()
    assert portable.input_scale == 2
    assert portable.weights[0].tolist() == [[-1, -2], [0, -3]]
    assert portable.biases[0].tolist() == [0.25 - 12, 0.5 - 12]


def test_arrays_are_copies():
    weights = ones((3, 2))
    chain = Chain("model")
    chain.dense("dense", weights, None)
    portable = chain.portable()
    weights[:] = 0
    assert portable.weights[0].all()


def test_terms_that_are_too_large():
    chain = Chain("model")
    chain.rescale("far", 1.0, 1e39)
    chain.dense("dense", ones((3, 2)), None)
    with pytest.raises(LayerError, match=r"model: expected biases that hold 1e\+39 too"):
        chain.portable()
