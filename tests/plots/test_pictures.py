import numpy as np
import pytest

from fastnn.plots.pictures import (
    colour_range,
    grey_range,
    in_blocks,
    mosaic,
    picture_shape,
    places_in,
    strongest,
)


@pytest.mark.parametrize(
    ("shape", "inputs", "expected"),
    [
        ("auto", 784, (28, 28)),
        ("auto", 64, (8, 8)),
        ("auto", 49, None),  # a table's columns may be a square number
        ("auto", 785, None),
        (None, 784, None),
        ((14, 56), 784, (14, 56)),
        ([2, 3], 6, (2, 3)),
    ],
)
def test_what_is_a_picture(shape, inputs, expected):
    assert picture_shape("shape", shape, inputs) == expected


@pytest.mark.parametrize(
    ("shape", "error", "message"),
    [
        ((28, 29), ValueError, "shape: expected height x width = 784, as many as inputs, got 28"),
        ((784,), TypeError, r"shape: expected 'auto', \(height, width\) or None, got \(784,\)"),
        ("square", TypeError, "shape: expected 'auto'"),
        (28, TypeError, "shape: expected 'auto'"),
        ((28.0, 28), TypeError, r"shape\[0\]: expected a whole number"),
        ((0, 784), ValueError, r"shape\[0\]: expected at least 1"),
    ],
)
def test_what_is_none(shape, error, message):
    with pytest.raises(error, match=message):
        picture_shape("shape", shape, 784)


def test_the_neurons_with_the_largest_norms():
    w = np.array([[1.0, 0], [0, -3], [2, 0], [0, 2]])
    assert strongest(w, 4).tolist() == [0, 1, 2, 3]
    assert strongest(w, 2).tolist() == [1, 2]  # of two alike the first
    assert strongest(w, 1).tolist() == [1]
    assert strongest(np.array([[1.0], [2], [3]]), 2).tolist() == [1, 2]  # by number
    huge = np.array([[1e30, 0], [2e30, 0]], np.float32)  # whose squares float32 can't hold
    assert strongest(huge, 1).tolist() == [1]


def test_few_large_values_do_not_pale_the_others():
    values = np.linspace(-1, 1, 1001)
    assert colour_range(values) == pytest.approx(0.995, abs=2e-3)
    values[:3] = -1000
    assert colour_range(values) < 2
    assert colour_range(np.zeros((2, 2))) == 1
    assert colour_range(np.array([0.0] * 1000 + [5.0])) == 5
    assert colour_range(np.array([np.nan, 2.0, 2.0])) == 2


def test_many_pictures_in_one():
    assert [places_in(n) for n in (1, 2, 3, 4, 5, 7, 100)] == [
        *((1, 1), (1, 2), (2, 2), (2, 2), (2, 3), (3, 3), (10, 10))
    ]
    pictures = np.arange(12).reshape(3, 2, 2)
    whole = mosaic(pictures)
    assert whole.shape == (5, 5)
    assert whole[:2, :2].tolist() == [[0, 1], [2, 3]]
    assert whole[:2, 3:].tolist() == [[4, 5], [6, 7]]
    assert whole[3:, :2].tolist() == [[8, 9], [10, 11]]
    assert np.isnan(whole).sum() == 25 - 12
    assert mosaic(pictures, gap=3).shape == (7, 5)
    assert mosaic(pictures, gap=3)[5:, :2].tolist() == [[8, 9], [10, 11]]


def test_ink():
    assert grey_range(np.array([[0, 255]], np.uint8)) == (0, 255)
    assert grey_range(np.array([0.25, 0.5])) == (0, 0.5)
    assert grey_range(np.array([-1.5, 2])) == (-1.5, 2)
    assert grey_range(np.zeros(3)) == (0, 1)


def test_means_of_blocks():
    matrix = np.arange(24).reshape(4, 6)
    assert (in_blocks(matrix, 6) == matrix).all()
    assert in_blocks(matrix, 2).tolist() == [[4.0, 7.0], [16.0, 19.0]]
    uneven = in_blocks(np.arange(5.0)[None], 2)  # of two and of three
    assert uneven.tolist() == [[0.5, 3.0]]
    large = np.random.default_rng(0).random((301, 1003))
    assert in_blocks(large, 200).shape == (200, 200)
    assert in_blocks(np.ones((301, 1003), np.float32), 200).tolist() == np.ones((200, 200)).tolist()
