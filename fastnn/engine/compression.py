"""Rows that are mostly zeros, compressed to their non-zeros piece by piece.

So a data set that is put together in pieces is never in memory as a whole matrix.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine import buffer_pool
from fastnn.engine.arrays import number, read_only
from fastnn.kernels.layer1 import coded, compressed
from fastnn.kernels.layout import INPUT_GROUP

__all__ = ["MOST_COLUMNS", "Compressor", "restore"]

MOST_COLUMNS = 2**16  # inputs of a row: as many as the non-zeros' indices can tell apart


class Compressor:
    """Takes the rows of a data set in pieces.

    The room for all of them is guessed from those that have come. Where the guess was too small,
    the next one is at least a quarter larger, so that copying takes time in proportion to the
    data, whatever their order.

    Bytes stay bytes, which takes half of the memory that float32 takes with the columns. float64
    values are kept as a byte each as long as that loses nothing, see coded.

    dtype  of the values
    shape  (rows, inputs) of the data set
    """

    def __init__(
        self,
        rows: int,
        inputs: int,
        dtype: DTypeLike,
        scale: float = 1.0,
        x_dtype: DTypeLike = np.float64,
        *,
        in_groups: bool = False,
    ):
        """For `rows` rows of `x_dtype` and of at most MOST_COLUMNS inputs.

        `dtype` is that of the values as kernels take them, `scale` what they are multiplied by.
        """
        self.shape, self.dtype = (rows, inputs), np.dtype(dtype)
        self._group = INPUT_GROUP if in_groups else None
        self._done = 0
        self._starts = np.zeros(rows + 1, np.int64)
        self._bytes: _Bytes | _SameBytes | None = None
        if np.dtype(x_dtype) == np.uint8:
            self._bytes = _SameBytes()
        elif self.dtype.itemsize > 4:  # float32 values are read as fast as bytes (measured)
            self._bytes = _Bytes()
        self._columns = np.empty(0, np.uint16)
        self._values = np.empty(0, np.uint8 if self._bytes else dtype)
        self._scale = number(scale, dtype)

    def add(self, piece: NDArray) -> NDArray:
        """Take the next rows (k, inputs), C-contiguous; return all values that they have.

        Each once, with those of earlier pieces; or, where they are too many for that, as they come.
        """
        first, self._done = self._done, self._done + len(piece)
        self._make_room(first, piece.size + compressed.SPARE)
        piece, places = read_only(piece), (first, self._starts, self._columns)
        if self._bytes is not None:
            if self._bytes.take(piece, self._group, *places, self._values):
                return self._bytes.levels(self.dtype, self._scale)
            self._decode(int(self._starts[first]) * self.width)
        compressed.append_rows(piece, self._group, self._scale, *places, self._values)
        begin, end = self._starts[[first, self._done]] * self.width
        return self._values[begin:end]

    def _decode(self, n: int) -> None:
        """From now on keep the values themselves; the first n of them are known."""
        assert self._bytes is not None
        codes, self._values = self._values, buffer_pool.empty(len(self._values), self.dtype)
        self._values[:n] = self._bytes.levels(self.dtype, self._scale)[codes[:n]]
        self._bytes = None

    @property
    def width(self) -> int:
        """Values of an entry: 1, or INPUT_GROUP where inputs are in groups."""
        return self._group or 1

    @property
    def mostly_zeros(self) -> bool:
        """Whether the rows so far are sparse enough for their non-zeros to be worth having."""
        return bool(self._starts[self._done] < compressed.SPARSE * self._done * self.shape[1])

    def nonzeros(self) -> compressed.Nonzeros:
        """All rows, read-only, when all have been added."""
        levels = self._bytes and read_only(self._bytes.levels(self.dtype, self._scale))
        return compressed.Nonzeros(
            read_only(self._starts), read_only(self._columns), read_only(self._values), levels
        )

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


class _Bytes:
    """Which number each byte stands for, as far as rows have come."""

    def __init__(self) -> None:
        self._steps, self._misfits = 0.0, np.zeros(1, np.int64)
        self._seen = np.zeros(coded.LEVELS)

    def take(
        self,
        piece: NDArray,
        group: int | None,
        first: int,
        starts: NDArray,
        columns: NDArray,
        codes: NDArray,
    ) -> bool:
        """Append the rows' non-zeros, see `append_coded_rows`; False if they are not such rows."""
        if self._steps == 0.0:  # the first rows that are not all zeros tell the size of a step
            most = float(piece.max(initial=0))
            self._steps = (coded.LEVELS - 1) / most if most else 0.0
            self._seen = np.zeros(coded.LEVELS, piece.dtype)
        coded.append_coded_rows(
            piece, group, self._steps, first, starts, columns, codes, self._seen, self._misfits
        )
        return not self._misfits[0]

    def levels(self, dtype: DTypeLike, scale: float) -> NDArray:
        """The number of each byte, as kernels are to reckon with it; 0 where there is none."""
        return self._seen.astype(dtype) * scale


class _SameBytes:
    """The same for rows of bytes, each of which stands for itself."""

    def take(
        self,
        piece: NDArray,
        group: int | None,
        first: int,
        starts: NDArray,
        columns: NDArray,
        codes: NDArray,
    ) -> bool:
        """Append the rows' non-zeros."""
        compressed.append_rows(piece, group, np.uint8(1), first, starts, columns, codes)
        return True

    def levels(self, dtype: DTypeLike, scale: float) -> NDArray:
        """The number of each byte."""
        return np.arange(coded.LEVELS).astype(dtype) * scale


def restore(
    nonzeros: compressed.Nonzeros, first: int, shape: tuple[int, int], dtype: DTypeLike
) -> NDArray:
    """Rows with their zeros, (rows, inputs), from row `first` on; of rows not in groups."""
    x = np.zeros(shape, dtype)
    compressed.restore(nonzeros, first, x)
    return x


def _longer(array: NDArray, n: int, size: int) -> NDArray:
    """An array of this size that begins with the first n elements; the old one is given back."""
    result = buffer_pool.empty(size, array.dtype)
    result[:n] = array[:n]
    buffer_pool.give_back(array)
    return result
