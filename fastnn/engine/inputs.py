"""The rows of a data set, dense or by their non-zeros, for one training or for several."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine.arrays import read_only
from fastnn.kernels import sparse

__all__ = ["Inputs", "share_inputs", "shared_or_new"]

_SAMPLE = 1_000  # rows that are looked at to find out how many inputs are 0


class Inputs:
    """The rows of a data set as trainings take them; several may share it.

    x        (rows, inputs), read-only
    density  fraction of the inputs that aren't 0, in a sample of the rows
    """

    MOST_COLUMNS = 2**16  # that the non-zeros' indices can tell apart

    def __init__(self, x: NDArray, dtype: DTypeLike):
        """`dtype` is that of the networks which x is for."""
        self.x, self._dtype = read_only(x), np.dtype(dtype)
        sample = self.x[:: max(1, len(x) // _SAMPLE)]
        self.density = np.count_nonzero(sample) / sample.size
        self._nonzeros: sparse.Nonzeros | None = None
        self._lock = threading.Lock()

    @property
    def nonzeros(self) -> sparse.Nonzeros:
        """The rows compressed to their non-zeros, when first asked for."""
        with self._lock:
            if self._nonzeros is None:
                self._nonzeros = _compress(self.x, self._dtype)
            return self._nonzeros


def _compress(x: NDArray, dtype: np.dtype) -> sparse.Nonzeros:
    starts = np.empty(len(x) + 1, np.int64)
    sparse.count_nonzeros(x, starts)
    columns = np.empty(starts[-1] + sparse.SPARE, np.uint16)
    values = np.empty(starts[-1] + sparse.SPARE, dtype)
    sparse.compress(x, columns, values)
    return sparse.Nonzeros(*(read_only(array) for array in (starts, columns, values)))


_shared_inputs: dict[tuple, Inputs] = {}


@contextmanager
def share_inputs(inputs: Inputs) -> Iterator[None]:
    """While this lasts, all trainings on the array that `inputs` are of take these.

    It is known by its place in memory, and must not change.
    """
    place = _place(inputs.x, inputs._dtype)
    if place in _shared_inputs:  # whoever shares them already will end it
        yield
        return
    _shared_inputs[place] = inputs
    try:
        yield
    finally:
        _shared_inputs.pop(place, None)


def shared_or_new(x: NDArray, dtype: np.dtype) -> Inputs:
    """The inputs that are shared for this array, or new ones."""
    return _shared_inputs.get(_place(x, dtype)) or Inputs(x, dtype)


def _place(x: NDArray, dtype: np.dtype) -> tuple:
    return x.__array_interface__["data"][0], x.shape, x.dtype, dtype
