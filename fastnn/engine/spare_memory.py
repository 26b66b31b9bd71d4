"""Large pieces of memory that are no longer needed, for those who need the like again.

To touch new memory takes longer than to fill it: the system clears every page first, and a
virtual machine may have to be given it. Whoever calls `fit` again and again would pay that each
time for the non-zeros of the rows: 50 to 100 ms for MNIST's, where an epoch takes 20.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["empty", "give_back", "kept"]

_WORTH = 1 << 20  # bytes: less is not kept
_MOST = 1 << 27  # bytes that are kept at most

# By identity: to take one out of a dict is a single step, which no lock need protect.
_kept: dict[int, NDArray] = {}


def empty(size: int, dtype: DTypeLike) -> NDArray:
    """A flat array as of np.empty, in memory that was given back if some fits."""
    needed = size * np.dtype(dtype).itemsize
    for key, memory in list(_kept.items()):
        if needed <= memory.nbytes <= 2 * needed and _kept.pop(key, None) is not None:
            return memory[:needed].view(dtype)
    return np.empty(needed, np.uint8).view(dtype)


def give_back(array: NDArray) -> None:
    """Keep the memory of an array that `empty` made and that nobody will use any more."""
    memory = array.base
    if memory is not None and _WORTH <= memory.nbytes <= _MOST:
        while _kept and kept() + memory.nbytes > _MOST:
            _kept.pop(next(iter(_kept)), None)
        _kept[id(memory)] = memory


def kept() -> int:
    """How many bytes are kept now."""
    return sum(memory.nbytes for memory in list(_kept.values()))
