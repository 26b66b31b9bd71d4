"""The rows of a data set as kernels take them, in three ways that layer 1 has for them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from fastnn.layout.layers import INPUT_GROUP

__all__ = [
    "DENSE",
    "ROW_DTYPES",
    "SCALED",
    "SORTED",
    "SPARE",
    "SPARSE",
    "Bins",
    "Columns",
    "Dense",
    "Nonzeros",
    "PlacedRows",
    "RawRows",
    "Rows",
    "make_bins",
]

# The dtypes of rows that kernels read, by number.
UINT8, FLOAT32, FLOAT64 = range(3)
ROW_DTYPES = {
    np.dtype(np.uint8): UINT8,
    np.dtype(np.float32): FLOAT32,
    np.dtype(np.float64): FLOAT64,
}

# Rows with less than this share of non-zeros are evaluated by their non-zeros.
SPARSE = 0.35
SPARE = 64  # elements behind the last entry that may be written or prefetched


class RawRows(NamedTuple):
    """Rows of numbers of a dtype that is known at run time.

    start  their bytes: a flat array of uint8, in kernels a pointer
    code   of their dtype, see ROW_DTYPES
    rows   how many there are
    """

    start: Any
    code: int
    rows: int


class PlacedRows(NamedTuple):
    """Rows that lie anywhere, each in one piece: their owner sees to it that they stay there.

    addresses (rows,) int64
    code    of their dtype, see ROW_DTYPES
    length  of a row, in bytes
    rows    how many there are
    """

    addresses: Any
    code: int
    length: int
    rows: int

    def part(self, first: int, count: int) -> "PlacedRows":
        """So many of the rows, or fewer at the end, from the row `first` on."""
        addresses = self.addresses[first : first + count]
        return self._replace(addresses=addresses, rows=len(addresses))


class Columns(NamedTuple):
    """NumPy's arrays (size, 1) of one dtype, and what tells each of them in memory.

    arrays (rows,) int64   the addresses of the arrays themselves, not of their numbers
    head, kind, dtype      bytes before an array's own fields, and the addresses of its two types
    """

    arrays: Any
    rows: int
    size: int
    itemsize: int
    head: int
    kind: int
    dtype: int


class Dense(NamedTuple):
    """The inputs of a training set with their zeros, read-only.

    x (rows, inputs)  of any dtype
    middle            the input with which the second half begins; 0: they aren't in halves
    scale             what x is multiplied by, of the parameters' dtype
    """

    x: RawRows
    middle: int
    scale: float


_NO_MIDDLES = np.empty(0, np.int64)
_NO_MIDDLES.setflags(write=False)


class Nonzeros(NamedTuple):
    """Compressed rows: arrays, in kernels pointers.

    starts (rows + 1,) int64
    columns (entries,) uint16     of inputs, or of groups of them
    values (entries * width,)     of the parameters' dtype; width is 1, or INPUT_GROUP if inputs
                                  are in groups
    middle                        the column with which the second half begins
    middles (rows,) int64         each row's first entry of that half, if it was looked for
    """

    starts: Any
    columns: Any
    values: Any
    middle: int = 0
    middles: Any = _NO_MIDDLES


class Bins(NamedTuple):
    """Where each thread sorts its rows' entries by group: arrays, in kernels pointers.

    slot (threads, slots) int64     slots = groups + 1; where each group's entries begin
    rows (threads, room) int32      their rows in the mini-batch, in order
    values (threads, room, INPUT_GROUP)   their inputs
    """

    slot: Any
    rows: Any
    values: Any
    slots: int
    room: int


def make_bins(threads: int, inputs: int, room: int, dtype: DTypeLike) -> Bins:
    """Memory for mini-batches with at most `room` entries."""
    groups = -(-inputs // INPUT_GROUP)
    return Bins(
        np.empty((threads, groups + 1), np.int64),
        np.empty((threads, room), np.int32),
        np.empty((threads, room, INPUT_GROUP), dtype),
        groups + 1,
        room,
    )


DENSE, SCALED, SORTED = range(3)


class Rows(NamedTuple):
    """The inputs of a training set: arrays, in kernels pointers. What a way needs not is empty.

    way       DENSE, SCALED or SORTED
    dense     all inputs, for DENSE
    nonzeros  of each row, for SCALED in halves that were looked for; for SORTED in groups
    bins      where these are sorted, for SORTED
    """

    way: int
    dense: Dense
    nonzeros: Nonzeros
    bins: Bins
