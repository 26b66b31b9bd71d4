"""Rows compressed piece by piece, against the non-zeros that NumPy finds in the whole matrix."""

import numpy as np
import pytest

from fastnn.engine import Compressor, Inputs, compression
from fastnn.layout.layers import INPUT_GROUP
from fastnn.layout.rows import SPARE

RNG = np.random.default_rng(5)


def sparse_rows(rows, inputs, dtype="float32", density=0.2):
    x = RNG.standard_normal((rows, inputs)) * (RNG.random((rows, inputs)) < density)
    x[::3] = 0
    return x.astype(dtype)


def compress(x, pieces, dtype="float64", in_groups=False, scale=1.0):
    compressor, first = Compressor(*x.shape, dtype, scale, in_groups=in_groups), 0
    for k in pieces:
        piece = x[first : first + k]
        found = compressor.add(piece)
        assert set(map(str, found.tolist())) >= set(
            map(str, (piece[piece != 0].astype(float) * scale).tolist())
        )
        first += k
    assert first == len(x)
    return compressor


def assert_same_rows(nonzeros, x, in_groups=False):
    width = INPUT_GROUP if in_groups else 1
    x = np.pad(x, ((0, 0), (0, -x.shape[1] % width))).reshape(len(x), -1, width)
    rows, columns = np.nonzero((x != 0).any(axis=2))
    n = len(rows)
    np.testing.assert_array_equal(nonzeros.starts, np.searchsorted(rows, np.arange(len(x) + 1)))
    np.testing.assert_array_equal(nonzeros.columns[:n], columns)
    np.testing.assert_array_equal(nonzeros.values[: n * width], x[rows, columns].ravel())


PIECES = {
    "all at once": [60],
    "row by row": [1] * 60,
    "a rest": [17, 17, 17, 9],
    "ragged": [1, 30, 2, 0, 27],
}


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize(
    ("x_dtype", "dtype"), [("float32", "float32"), ("float32", "float64"), ("float64", "float64")]
)
@pytest.mark.parametrize("in_groups", [False, True])
def test_any_pieces(pieces, x_dtype, dtype, in_groups):
    x = sparse_rows(60, 41, x_dtype)
    nonzeros = compress(x, PIECES[pieces], dtype, in_groups).nonzeros()
    assert_same_rows(nonzeros, x, in_groups)
    assert nonzeros.values.dtype == dtype
    assert not any(array.flags.writeable for array in nonzeros[:3])


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize("scale", [1.0, 1 / 255])
@pytest.mark.parametrize("in_groups", [False, True])
def test_bytes_are_converted_and_then_scaled(pieces, scale, in_groups):
    x = (RNG.integers(0, 256, (60, 41)) * (RNG.random((60, 41)) < 0.2)).astype("uint8")
    nonzeros = compress(x, PIECES[pieces], in_groups=in_groups, scale=scale).nonzeros()
    assert nonzeros.values.dtype == np.float64
    assert_same_rows(nonzeros, x * scale, in_groups)
    inputs = Inputs(x, "float64", scale)
    assert_same_rows(inputs.groups if in_groups else inputs.nonzeros, x * scale, in_groups)


@pytest.mark.parametrize("odd", [-1.0, 1e-30, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("in_groups", [False, True])
def test_any_number_but_zero_is_kept(odd, in_groups):
    x = sparse_rows(60, 41, "float64")
    x[30, 7] = odd
    nonzeros = compress(x, PIECES["ragged"], in_groups=in_groups).nonzeros()
    assert_same_rows(nonzeros, x, in_groups)


@pytest.mark.parametrize("order", ["zeros first", "zeros last", "only zeros", "denser and denser"])
def test_room_grows_whatever_the_guess(order, monkeypatch):
    x = RNG.standard_normal((600, 20))
    share = {"zeros first": 0.9, "zeros last": 0.9, "only zeros": 1.0}.get(order)
    if share:
        x[: int(share * 600)] = 0
        x = x[::-1].copy() if order == "zeros last" else x
    else:
        x *= RNG.random(x.shape) < np.linspace(0, 1, 600)[:, np.newaxis]
    copied, longer = [], compression._longer

    def counted(array, n, size):
        copied.append(n)
        return longer(array, n, size)

    monkeypatch.setattr(compression, "_longer", counted)
    assert_same_rows(compress(x, [2] * 300).nonzeros(), x)
    assert sum(copied) <= 2 * 5 * max(1, np.count_nonzero(x))  # a geometric series, two arrays


@pytest.mark.parametrize("values", ["bytes", "steps", "others"])
@pytest.mark.parametrize("in_groups", [False, True])
def test_there_is_room_behind_the_last_entry(values, in_groups):
    """Which kernels write and prefetch beyond; rows without a zero need the most."""
    x = {
        "bytes": np.full((40, 41), 7, np.uint8),
        "steps": np.full((40, 41), 0.5),
        "others": RNG.random((40, 41)) + 0.1,
    }[values]
    compressor = Compressor(*x.shape, "float64", 1.0, in_groups=in_groups)
    for first in range(0, 40, 8):
        compressor.add(x[first : first + 8])
        end = compressor._starts[first + 8] + SPARE
        assert len(compressor._columns) >= end
        assert len(compressor._values) >= end * compressor.width
        if first == 0:  # no more than the first rows may need
            assert len(compressor._columns) >= 8 * 41 + SPARE


def test_mostly_zeros_tells_of_the_rows_so_far():
    compressor = Compressor(20, 10, "float32")
    compressor.add(np.zeros((10, 10), "float32"))
    assert compressor.mostly_zeros
    compressor.add(np.ones((10, 10), "float32"))
    assert not compressor.mostly_zeros


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows", [1, 60, 2_500])
def test_both_forms_of_the_same_rows(dtype, rows):
    """The density, by which layer 1 chooses its way, does not depend on the form given."""
    x = sparse_rows(rows, 41, dtype)
    dense, compressed = (
        Inputs(x, "float64"),
        Inputs.compressed(compress(x, [rows // 2, rows - rows // 2]), dtype),
    )
    assert compressed.density == dense.density
    assert_same_rows(dense.nonzeros, x)
    assert_same_rows(compressed.nonzeros, x)
    assert_same_rows(compressed.groups, x, in_groups=True)  # put together from the non-zeros
    assert compressed._x is None
    assert compressed.x.dtype == dense.x.dtype == dtype
    np.testing.assert_array_equal(compressed.x, x)
    assert compressed.x is compressed.x
    assert not compressed.x.flags.writeable
