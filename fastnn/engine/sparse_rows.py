"""Rows that come as their non-zeros, in compressed sparse rows: SciPy's csr_array, without SciPy.

They go to the kernels as they are, and are never made a matrix with all its zeros.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine.arrays import number, read_only
from fastnn.layout.layers import INPUT_GROUP
from fastnn.layout.rows import SPARE, Nonzeros

__all__ = ["SparseRows"]

_FEW_COLUMNS = 2**16  # as many as 16 bits tell apart: the kernels' usual numbers of columns


class SparseRows:
    """Rows (n, inputs), read-only.

    starts (n + 1,)         int64: the entries of row i are starts[i] to starts[i + 1] - 1
    columns, values (k,)    of the entries; in each row columns ascend, and none is there twice
    """

    ndim = 2

    def __init__(self, starts: NDArray, columns: NDArray, values: NDArray, inputs: int):
        """The arrays may be longer than what `starts` says."""
        self.starts = read_only(starts, np.int64)
        self.columns, self.values = (read_only(a[: starts[-1]]) for a in (columns, values))
        self.shape = len(starts) - 1, inputs
        self._made: dict[tuple, Nonzeros] = {}

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def dtype(self) -> np.dtype:
        """Of the values."""
        return self.values.dtype

    @property
    def density(self) -> float:
        """The fraction of all inputs that have an entry."""
        return len(self.values) / max(1, self.shape[0] * self.shape[1])

    def __getitem__(self, rows: NDArray | slice) -> SparseRows:
        """Some of the rows, copied."""
        numbers = np.arange(len(self))[rows]
        counts = np.diff(self.starts)[numbers]
        starts = np.concatenate([[0], np.cumsum(counts)])
        entries = np.arange(starts[-1]) + np.repeat(self.starts[numbers] - starts[:-1], counts)
        return SparseRows(starts, self.columns[entries], self.values[entries], self.shape[1])

    def nonzeros(self, dtype: DTypeLike, scale: float = 1.0) -> Nonzeros:
        """The rows as kernels take them: values of a dtype, times a scale."""
        return self._once("nonzeros", dtype, scale)

    def groups(self, dtype: DTypeLike, scale: float = 1.0) -> Nonzeros:
        """The same by groups of INPUT_GROUP inputs, of which at least one has an entry."""
        return self._once("groups", dtype, scale)

    def parts(self) -> tuple[NDArray, NDArray, NDArray]:
        """Starts, columns and values, of the same bytes whatever indices they came with."""
        return self.starts, self.columns.astype(np.int64), np.ascontiguousarray(self.values)

    def toarray(self) -> NDArray:
        """The rows with all their zeros."""
        x = np.zeros(self.shape, self.dtype)
        x[np.repeat(np.arange(len(self)), np.diff(self.starts)), self.columns] = self.values
        return x

    def _once(self, form: str, dtype: DTypeLike, scale: float) -> Nonzeros:
        """The form that was asked for last is kept: validation rows are measured repeatedly."""
        key = form, np.dtype(dtype), float(scale)
        made = self._made.get(key)
        if made is None:
            values = self.values.astype(dtype) * number(scale, dtype)
            make = _one_by_one if form == "nonzeros" else _in_groups
            made = make(self.starts, self.columns, values, self.shape[1])
            self._made = {key: made}
        return made


def _one_by_one(starts: NDArray, columns: NDArray, values: NDArray, inputs: int) -> Nonzeros:
    return _with_room(starts, columns, values.reshape(-1, 1), inputs)


def _in_groups(starts: NDArray, columns: NDArray, values: NDArray, inputs: int) -> Nonzeros:
    groups = columns // INPUT_GROUP
    begins = np.ones(len(groups), bool)  # an entry that is the first one of its group in its row
    begins[1:] = groups[1:] != groups[:-1]
    begins[starts[:-1][starts[:-1] < len(groups)]] = True
    places = np.cumsum(begins) - 1
    together = np.zeros((int(begins.sum()), INPUT_GROUP), values.dtype)
    together[places, columns % INPUT_GROUP] = values
    counts = np.concatenate([[0], np.cumsum(begins)])
    return _with_room(counts[starts], groups[begins], together, -(-inputs // INPUT_GROUP))


def _with_room(starts: NDArray, columns: NDArray, values: NDArray, count: int) -> Nonzeros:
    """The arrays with elements behind the last entry that may be prefetched."""
    kind = np.uint16 if count <= _FEW_COLUMNS else np.uint32
    numbers, spread = (
        np.zeros(len(columns) + SPARE, kind),
        np.zeros(values.size + SPARE, values.dtype),
    )
    numbers[: len(columns)], spread[: values.size] = columns, values.ravel()
    return Nonzeros(read_only(starts, np.int64), read_only(numbers), read_only(spread))
