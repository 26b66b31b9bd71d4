"""Columns that are found where they lie."""

import numpy as np
import pytest

from fastnn.engine import copy_rows, find_rows

RNG = np.random.default_rng(6)
MANY = 45  # more than are asked for ahead


def columns(dtype="float32", size=7, count=MANY):
    return [(100 * RNG.random((size, 1))).astype(dtype) for _ in range(count)]


@pytest.mark.parametrize("count", [1, MANY])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("target", ["float32", "float64"])
def test_numbers_are_read_where_they_lie(dtype, target, count):
    given = columns(dtype, count=count)
    rows = find_rows(given, 7, target)
    if np.can_cast(dtype, target):
        given[-1][3] = 2  # after it was found
        found = np.full((count, 7), np.nan, target)
        copy_rows(rows, found)
        np.testing.assert_array_equal(found, np.concatenate(given, axis=1).T)
        part = np.empty((1, 7), target)
        copy_rows(rows.part(count - 1, 5), part)
        np.testing.assert_array_equal(part, found[-1:])
    else:
        assert rows is None


def test_views_of_one_matrix_are_found():
    matrix = RNG.random((MANY, 9)).astype("float32")
    found = np.empty((MANY, 4), "float32")
    copy_rows(find_rows([row[3:7, np.newaxis] for row in matrix], 4, "float32"), found)
    np.testing.assert_array_equal(found, matrix[:, 3:7])


ODD = {
    "flat": np.zeros(7, "float32"),
    "a row": np.zeros((1, 7), "float32"),
    "too short": np.zeros((6, 1), "float32"),
    "three axes": np.zeros((7, 1, 1), "float32"),
    "two columns": np.zeros((7, 2), "float32"),
    "every other number": np.zeros((14, 1), "float32")[::2],
    "backwards": np.zeros((7, 1), "float32")[::-1],
    "of another dtype": np.zeros((7, 1), "float64"),
    "of a like dtype": np.zeros((7, 1), "int32"),
    "of swapped bytes": np.zeros((7, 1), np.dtype("float32").newbyteorder()),
    "not aligned": np.zeros(29, "uint8")[1:].view("float32").reshape(7, 1),
    "masked": np.ma.zeros((7, 1), "float32"),
    "a list": [[0.0]] * 7,
    "a number": 1.0,
    "none": None,
}


@pytest.mark.parametrize("place", [0, 1, MANY - 1])
@pytest.mark.parametrize("odd", ODD)
def test_one_odd_column_leaves_all_to_numpy(odd, place):
    given = columns()
    given[place] = ODD[odd]
    assert find_rows(given, 7, "float32") is None


def test_no_columns_are_none():
    assert find_rows([], 7, "float32") is None
