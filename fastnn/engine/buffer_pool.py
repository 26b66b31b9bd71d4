"""Large pieces of memory that are no longer needed, for those who need the like again.

To touch new memory takes longer than to fill it: the system clears every page first, and a
virtual machine may have to be given it. Whoever calls `fit` again and again would pay that each
time: for the non-zeros of MNIST's rows 50 to 100 ms, where an epoch takes 20; for a mini-batch of
1024 rows and 1024 neurons 15 ms, where an epoch takes 14.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.layout.layers import aligned_empty, aligned_in
from fastnn.machine.registers import ALIGNMENT

__all__ = ["empty", "give_back", "kept"]

_WORTH = 1 << 20  # bytes: less is not kept
_MOST = 1 << 27  # bytes that are kept at most

# By identity: to take one out of a dict is a single step, which no lock need protect.
_kept: dict[int, NDArray] = {}


def empty(size: int, dtype: DTypeLike) -> NDArray:
    """A flat array as of layout.aligned_empty, in memory that was given back if some fits."""
    needed = size * np.dtype(dtype).itemsize
    for key, memory in list(_kept.items()):
        if needed <= _room(memory) <= 2 * needed and _kept.pop(key, None) is not None:
            return aligned_in(memory, size, dtype)
    return aligned_empty(size, dtype)


def give_back(array: NDArray) -> None:
    """Keep the memory of an array that `empty` made and that nobody will use any more."""
    memory = array.base
    if memory is not None and _WORTH <= _room(memory) <= _MOST:
        for key in list(_kept):  # which another thread may change meanwhile
            if kept() + _room(memory) <= _MOST:
                break
            _kept.pop(key, None)
        _kept[id(memory)] = memory


def kept() -> int:
    """How many bytes are kept now."""
    return sum(_room(memory) for memory in list(_kept.values()))


def _room(memory: NDArray) -> int:
    """Bytes of the longest array that `aligned_in` makes of it."""
    return memory.nbytes - ALIGNMENT
