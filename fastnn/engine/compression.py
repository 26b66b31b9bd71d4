"""Rows that are mostly zeros, compressed to their non-zeros piece by piece.

So a data set that is put together in pieces is never in memory as a whole matrix.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine.arrays import number, read_only
from fastnn.kernels import sparse

__all__ = ["MOST_COLUMNS", "Compressor", "restore"]

MOST_COLUMNS = 2**16  # inputs of a row: as many as the non-zeros' indices can tell apart


class Compressor:
    """Takes the rows of a data set in pieces.

    The room for all of them is guessed from those that have come. Where the guess was too small,
    the next one is at least a quarter larger, so that copying takes time in proportion to the
    data, whatever their order.

    shape  (rows, inputs) of the data set
    """

    def __init__(self, rows: int, inputs: int, dtype: DTypeLike, scale: float = 1.0):
        """For `rows` rows of at most MOST_COLUMNS inputs.

        `dtype` is that of the values kept, `scale` what they are multiplied by.
        """
        self.shape = rows, inputs
        self._done = 0
        self._starts = np.zeros(rows + 1, np.int64)
        self._columns, self._values = np.empty(0, np.uint16), np.empty(0, dtype)
        self._scale = number(scale, dtype)

    def add(self, piece: NDArray) -> NDArray:
        """Take the next rows (k, inputs), C-contiguous; return their non-zeros' values."""
        first, self._done = self._done, self._done + len(piece)
        self._make_room(first, piece.size + sparse.SPARE)
        sparse.append_rows(
            read_only(piece), self._scale, first, self._starts, self._columns, self._values
        )
        return self._values[self._starts[first] : self._starts[self._done]]

    @property
    def mostly_zeros(self) -> bool:
        """Whether the rows so far are sparse enough for their non-zeros to be worth having."""
        return bool(self._starts[self._done] < sparse.SPARSE * self._done * self.shape[1])

    def nonzeros(self) -> sparse.Nonzeros:
        """All rows, read-only, when all have been added."""
        arrays = self._starts, self._columns, self._values
        return sparse.Nonzeros(*(read_only(array) for array in arrays))

    def _make_room(self, rows: int, more: int) -> None:
        """Room for `more` elements after those of the first `rows` rows."""
        n, room = int(self._starts[rows]), len(self._columns)
        if n + more <= room:
            return
        guess = int(1.1 * n * self.shape[0] / rows) + more if rows else more
        room = max(n + more, guess, room + room // 4)
        self._columns = _longer(self._columns, n, room)
        self._values = _longer(self._values, n, room)


def restore(nonzeros: sparse.Nonzeros, shape: tuple[int, int], dtype: DTypeLike) -> NDArray:
    """The rows with their zeros, (rows, inputs)."""
    x = np.zeros(shape, dtype)
    sparse.restore(nonzeros.starts, nonzeros.columns, nonzeros.values, x)
    return x


def _longer(array: NDArray, n: int, size: int) -> NDArray:
    """A new array of this size that begins with the first n elements."""
    result = np.empty(size, array.dtype)
    result[:n] = array[:n]
    return result
