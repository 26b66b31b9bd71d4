"""The rows of a data set, dense or by their non-zeros, for one training or for several."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine.arrays import number, read_only
from fastnn.engine.compression import Compressor, restore
from fastnn.kernels import sparse

__all__ = ["Inputs", "share_inputs", "shared"]

_SAMPLE = 1_000  # rows that are looked at to find out how many inputs are 0
_PIECE = 1 << 18  # numbers that are compressed at a time


class Inputs:
    """The rows of a data set as trainings take them; several may share it.

    density  fraction of the inputs that aren't 0, in a sample of the rows

    The rows have two forms, x and nonzeros. The one that isn't given is made when asked for.
    """

    def __init__(self, x: NDArray, dtype: DTypeLike, scale: float = 1.0):
        """x is (rows, inputs); `dtype` and `scale` are those of the networks which it is for.

        Their kernels multiply x by the scale whenever they read it; of nonzeros it is a part.
        """
        self._x: NDArray | None = read_only(x)
        self._nonzeros: sparse.Nonzeros | None = None
        self._compressor: Compressor | None = None
        self._shape, self._x_dtype, self._dtype = x.shape, x.dtype, np.dtype(dtype)
        self._scale = number(scale, dtype)
        sample = x[:: _sample_step(len(x))]
        self.density = int(np.count_nonzero(sample)) / sample.size
        self._lock = threading.Lock()

    @classmethod
    def compressed(cls, compressor: Compressor, x_dtype: DTypeLike) -> "Inputs":
        """Rows that were compressed as they came; x as `x_dtype` would lose nothing of them."""
        self, (rows, inputs) = cls.__new__(cls), compressor.shape
        self._x, self._nonzeros, self._scale = None, compressor.nonzeros(), 1.0
        self._compressor = compressor
        self._shape, self._x_dtype = (rows, inputs), np.dtype(x_dtype)
        self._dtype = compressor.dtype
        sample = np.diff(self._nonzeros.starts)[:: _sample_step(rows)]
        self.density = int(sample.sum()) / (len(sample) * inputs)
        self._lock = threading.Lock()
        return self

    @property
    def x(self) -> NDArray:
        """All inputs, (rows, inputs), read-only."""
        with self._lock:
            if self._x is None:
                assert self._nonzeros is not None
                self._x = read_only(restore(self._nonzeros, self._shape, self._x_dtype))
            return self._x

    @property
    def nonzeros(self) -> sparse.Nonzeros:
        """The rows compressed to their non-zeros."""
        with self._lock:
            if self._nonzeros is None:
                assert self._x is not None
                self._compressor = _compress(self._x, self._dtype, self._scale)
                self._nonzeros = self._compressor.nonzeros()
            return self._nonzeros

    def give_back(self) -> None:
        """Leave the memory of the non-zeros to others; nobody may use them any more."""
        with self._lock:
            if self._compressor is not None:
                self._compressor.give_back()
                self._compressor = self._nonzeros = None


def _sample_step(rows: int) -> int:
    return max(1, rows // _SAMPLE)


def _compress(x: NDArray, dtype: np.dtype, scale: float) -> Compressor:
    compressor = Compressor(x.shape[0], x.shape[1], dtype, scale, x.dtype)
    step = max(1, _PIECE // x.shape[1])
    for first in range(0, len(x), step):
        compressor.add(x[first : first + step])
    return compressor


_shared_inputs: dict[tuple, Inputs] = {}


@contextmanager
def share_inputs(inputs: Inputs) -> Iterator[None]:
    """While this lasts, all trainings on the array that `inputs` are of take these.

    It is known by its place in memory, and must not change. Networks with another dtype or
    scale don't take them.
    """
    place = _place(inputs.x, inputs._dtype, inputs._scale)
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


def _place(x: NDArray, dtype: np.dtype, scale: float) -> tuple:
    return x.__array_interface__["data"][0], x.shape, x.dtype, dtype, scale
