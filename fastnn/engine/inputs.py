"""The rows of a data set, dense or by their non-zeros, for one training or for several."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine.arrays import number, read_only
from fastnn.engine.compression import Compressor, restore
from fastnn.engine.sparse_rows import SparseRows
from fastnn.layout.layers import INPUT_GROUP
from fastnn.layout.rows import Nonzeros
from fastnn.native.kernels import find_middles

__all__ = [
    "Inputs",
    "SparseInputs",
    "are_shared",
    "inputs_of",
    "is_shared",
    "share_inputs",
    "shared",
]

_SAMPLE = 1_000  # rows that are looked at to find out how many inputs are 0
_ENTRIES = 100_000  # that are looked at to find out where in a row they are
_PIECE = 1 << 18  # numbers that are compressed at a time


class Inputs:
    """The rows of a data set as trainings take them; several may share it.

    dtype, scale  of the networks which they are for; scale is a number of that dtype
    density       fraction of the inputs that aren't 0, in a sample of the rows

    The rows have three forms, x, nonzeros and groups. What isn't given is made when asked for.
    """

    dense = True  # whether x may be asked for

    def __init__(self, x: NDArray, dtype: DTypeLike, scale: float = 1.0):
        """x is (rows, inputs).

        Kernels multiply x by the scale whenever they read it; of nonzeros it is a part.
        """
        self._x: NDArray | None = read_only(x)
        self._one_by_one: Compressor | None = None
        self._in_groups: Compressor | None = None
        self._halved: dict[tuple[int, float], Nonzeros] = {}
        self._shape, self._x_dtype, self.dtype = x.shape, x.dtype, np.dtype(dtype)
        self.scale = number(scale, dtype)
        sample = x[:: _sample_step(len(x))]
        self.density = int(np.count_nonzero(sample)) / sample.size
        self._lock = threading.Lock()

    @classmethod
    def compressed(cls, compressor: Compressor, x_dtype: DTypeLike) -> "Inputs":
        """Rows that were compressed as they came; x as `x_dtype` would lose nothing of them."""
        self, (rows, inputs) = cls.__new__(cls), compressor.shape
        self._x, self._one_by_one, self._in_groups = None, compressor, None
        self._halved = {}
        self._shape, self._x_dtype = (rows, inputs), np.dtype(x_dtype)
        self.dtype, self.scale = compressor.dtype, number(1.0, compressor.dtype)
        sample = np.diff(compressor.nonzeros().starts)[:: _sample_step(rows)]
        self.density = int(sample.sum()) / (len(sample) * inputs)
        self._lock = threading.Lock()
        return self

    @property
    def x(self) -> NDArray:
        """All inputs, (rows, inputs), read-only."""
        with self._lock:
            if self._x is None:
                self._x = read_only(self._rows(0, self._shape[0]))
            return self._x

    @property
    def nonzeros(self) -> Nonzeros:
        """The rows compressed to their non-zeros."""
        with self._lock:
            if self._one_by_one is None:
                self._one_by_one = self._compress(in_groups=False)
            return self._one_by_one.nonzeros()

    @property
    def groups(self) -> Nonzeros:
        """The rows compressed to those groups of INPUT_GROUP inputs that are not all zeros."""
        with self._lock:
            if self._in_groups is None:
                self._in_groups = self._compress(in_groups=True)
            return self._in_groups.nonzeros()

    def nonzeros_in_halves(self, m: int) -> Nonzeros:
        """The non-zeros with the middle that is best for mini-batches of m rows."""
        return self._in_halves(self.nonzeros, self._shape[1], m, 0)

    def groups_in_halves(self, m: int, update: float) -> Nonzeros:
        """The same of groups; `update` is what an update of a group takes, see _in_halves."""
        return self._in_halves(self.groups, -(-self._shape[1] // INPUT_GROUP), m, update)

    def give_back(self) -> None:
        """Leave the memory of the non-zeros to others; nobody may use them any more."""
        with self._lock:
            for compressor in (self._one_by_one, self._in_groups):
                if compressor is not None:
                    compressor.give_back()
            self._one_by_one = self._in_groups = None
            self._halved = {}

    def _in_halves(self, nonzeros: Nonzeros, columns: int, m: int, update: float) -> Nonzeros:
        """See the function; once for all trainings, for to find the middles is to read all rows."""
        with self._lock:
            if (m, update) not in self._halved:
                self._halved[m, update] = _in_halves(nonzeros, columns, m, update)
            return self._halved[m, update]

    def _compress(self, *, in_groups: bool) -> Compressor:
        rows, inputs = self._shape
        compressor = Compressor(rows, inputs, self.dtype, self.scale, in_groups=in_groups)
        step = max(1, _PIECE // inputs)
        for first in range(0, rows, step):
            compressor.add(self._rows(first, min(step, rows - first)))
        return compressor

    def _rows(self, first: int, count: int) -> NDArray:
        """Some rows of x, which need not be there as a whole."""
        if self._x is not None:
            return self._x[first : first + count]
        assert self._one_by_one is not None
        nonzeros = self._one_by_one.nonzeros()
        return restore(nonzeros, first, (count, self._shape[1]), self._x_dtype)


class SparseInputs(Inputs):
    """Rows that came as their non-zeros, and have no other form."""

    dense = False

    def __init__(self, x: SparseRows, dtype: DTypeLike, scale: float = 1.0):
        """Kernels multiply nothing by the scale: the values have it in them."""
        self._x, self._rows_given = None, x
        self._shape, self._x_dtype, self.dtype = x.shape, x.dtype, np.dtype(dtype)
        self._halved, self._one_by_one, self._in_groups = {}, None, None
        self.scale, self.density = number(scale, dtype), x.density
        self._lock = threading.Lock()

    @property
    def nonzeros(self) -> Nonzeros:
        """The rows' non-zeros."""
        return self._rows_given.nonzeros(self.dtype, self.scale)

    @property
    def groups(self) -> Nonzeros:
        """The rows' groups of INPUT_GROUP inputs that are not all zeros."""
        return self._rows_given.groups(self.dtype, self.scale)


def inputs_of(x: "NDArray | SparseRows | Inputs", dtype: np.dtype, scale: float) -> Inputs:
    """The rows as trainings take them; those that are shared, if they are."""
    if isinstance(x, Inputs):
        return x
    if isinstance(x, SparseRows):
        return SparseInputs(x, dtype, scale)
    return shared(x, dtype, scale) or Inputs(np.asarray(x), dtype, scale)


def _in_halves(nonzeros: Nonzeros, columns: int, m: int, update: float) -> Nonzeros:
    """The same rows, cut in two so that both halves are as much work.

    The rows' `middles` are only found if there is no update of all weights.

    columns  of the rows: inputs, or groups of them
    m        rows of a mini-batch
    update   how many entries' work it is to update the weights of a column after a mini-batch, if
             all are; 0 if those of non-zero inputs only
    """
    starts, entries = nonzeros.starts, int(nonzeros.starts[-1])
    sample = nonzeros.columns[: entries : max(1, entries // _ENTRIES)]
    work = np.bincount(sample, minlength=columns) * (m * entries / (len(starts) - 1))
    work = work / max(1, len(sample)) + update
    middle = int(np.searchsorted(np.cumsum(work), work.sum() / 2))
    middles = np.empty(0 if update else len(starts) - 1, np.int64)
    if not update:
        find_middles(starts, nonzeros.columns, middle, len(middles), middles)
    return nonzeros._replace(middle=middle, middles=read_only(middles))


def _sample_step(rows: int) -> int:
    return max(1, rows // _SAMPLE)


_shared_inputs: dict[tuple, Inputs] = {}


@contextmanager
def share_inputs(inputs: Inputs) -> Iterator[None]:
    """While this lasts, all trainings on the array that `inputs` are of take these.

    It is known by its place in memory, is as `checks.rows` returns it, and must not change.
    Networks with another dtype or scale don't take them.
    """
    place = _place(inputs.x, inputs.dtype, inputs.scale)
    if place in _shared_inputs:  # whoever shares them already will end it
        yield
        return
    _shared_inputs[place] = inputs
    try:
        yield
    finally:
        _shared_inputs.pop(place, None)


def shared(x: NDArray, dtype: np.dtype, scale: float) -> Inputs | None:
    """The inputs that are shared for this array, if they are."""
    return _shared_inputs.get(_place(x, dtype, scale))


def is_shared(inputs: Inputs) -> bool:
    """Whether others take these inputs, too."""
    return any(inputs is each for each in list(_shared_inputs.values()))


def are_shared(x: Any, columns: int, dtype: np.dtype) -> TypeGuard[NDArray]:
    """Whether x are rows of so many inputs that are shared for networks of this dtype."""
    if type(x) is not np.ndarray or x.shape[1:] != (columns,) or not x.flags.c_contiguous:
        return False
    return any(place[:-1] == _place(x, dtype, 1.0)[:-1] for place in list(_shared_inputs))


def _place(x: NDArray, dtype: np.dtype, scale: float) -> tuple:
    return x.__array_interface__["data"][0], x.shape, x.dtype, dtype, scale
