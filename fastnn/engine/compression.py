"""Rows that are mostly zeros, compressed to their non-zeros piece by piece.

So a data set that is put together in pieces is never in memory as a whole matrix.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine import buffer_pool
from fastnn.engine.arrays import number, raw_rows, read_only
from fastnn.engine.placed import as_rows
from fastnn.layout.layers import INPUT_GROUP
from fastnn.layout.rows import ROW_DTYPES, SPARE, SPARSE, Nonzeros, PlacedRows
from fastnn.native import kernels

__all__ = ["MOST_COLUMNS", "Compressor", "restore"]

MOST_COLUMNS = 2**16  # inputs of a row: as many as the non-zeros' indices can tell apart


class Compressor:
    """Takes the rows of a data set in pieces.

    The room for all of them is guessed from those that have come. Where the guess was too small,
    the next one is at least a quarter larger, so that copying takes time in proportion to the
    data, whatever their order.

    dtype  of the values
    shape  (rows, inputs) of the data set
    """

    def __init__(
        self,
        rows: int,
        inputs: int,
        dtype: DTypeLike,
        scale: float = 1.0,
        *,
        in_groups: bool = False,
    ):
        """For `rows` rows of at most MOST_COLUMNS inputs.

        `dtype` is that of the values as kernels take them, `scale` what they are multiplied by.
        """
        self.shape, self.dtype = (rows, inputs), np.dtype(dtype)
        self._in_groups = in_groups
        self._done = 0
        self._starts = np.zeros(rows + 1, np.int64)
        self._columns = np.empty(0, np.uint16)
        self._values = np.empty(0, dtype)
        self._scale = number(scale, dtype)

    def add(self, piece: NDArray | PlacedRows) -> NDArray:
        """Take the next rows (k, inputs); return their non-zeros as they are kept."""
        if isinstance(piece, PlacedRows):
            rows = piece
        else:
            matrix = raw_rows(piece)  # which may be a copy, and has to stay
            rows = as_rows(matrix)
        first, self._done = self._done, self._done + rows.rows
        self._make_room(first, rows.rows * self.shape[1] + SPARE)
        kernels.append_rows(
            rows,
            self.shape[1],
            self._in_groups,
            self._scale,
            first,
            self._starts,
            self._columns,
            self._values,
        )
        begin, end = self._starts[[first, self._done]] * self.width
        return self._values[begin:end]

    @property
    def width(self) -> int:
        """Values of an entry: 1, or INPUT_GROUP where inputs are in groups."""
        return INPUT_GROUP if self._in_groups else 1

    @property
    def mostly_zeros(self) -> bool:
        """Whether the rows so far are sparse enough for their non-zeros to be worth having."""
        return bool(self._starts[self._done] < SPARSE * self._done * self.shape[1])

    def nonzeros(self) -> Nonzeros:
        """All rows, read-only, when all have been added."""
        return Nonzeros(read_only(self._starts), read_only(self._columns), read_only(self._values))

    def give_back(self) -> None:
        """Leave the memory to others; nobody may use the non-zeros any more."""
        buffer_pool.give_back(self._columns)
        buffer_pool.give_back(self._values)

    def _make_room(self, rows: int, more: int) -> None:
        """Room for `more` entries after those of the first `rows` rows."""
        n, room = int(self._starts[rows]), len(self._columns)
        if n + more <= room:
            return
        guess = int(1.1 * n * self.shape[0] / rows) + more if rows else more
        room = max(n + more, guess, room + room // 4)
        self._columns = _longer(self._columns, n, room)
        self._values = _longer(self._values, n * self.width, room * self.width)


def restore(nonzeros: Nonzeros, first: int, shape: tuple[int, int], dtype: DTypeLike) -> NDArray:
    """Rows with their zeros, (rows, inputs), from row `first` on; of rows not in groups."""
    x = np.zeros(shape, dtype if np.dtype(dtype) in ROW_DTYPES else np.float64)
    kernels.restore(nonzeros, first, raw_rows(x, written=True), shape[1])
    return x


def _longer(array: NDArray, n: int, size: int) -> NDArray:
    """An array of this size that begins with the first n elements; the old one is given back."""
    result = buffer_pool.empty(size, array.dtype)
    result[:n] = array[:n]
    buffer_pool.give_back(array)
    return result
