"""random.shuffle for an array of indices: the same numbers drawn, the same order, ten times faster.

An epoch on the kernels takes so little time that random.shuffle in Python would be a sixth of it.
"""

import functools
import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn import engine

__all__ = ["shuffle"]

# What random.shuffle runs; Random has its own `getrandbits` from a class above it, and picks its
# `_randbelow` by what that is.
_PYTHONS_OWN = {
    name: getattr(random.Random, name) for name in ("shuffle", "_randbelow", "getrandbits")
}
_STATE_VERSION = 3  # the Mersenne Twister's words and position, and a number for random.gauss
_FEW = 5_000  # shuffled in Python: not worth the loading, let alone compiling, of a kernel


def shuffle(order: NDArray[np.int64]) -> None:
    """Shuffle the indices in place, as random.shuffle would a list of them."""
    if len(order) < _FEW or not _is_pythons_own() or not _is_known():
        as_list = order.tolist()
        random.shuffle(as_list)
        order[:] = as_list
        return
    random.setstate(_shuffle(random.getstate(), order))


def _shuffle(state: tuple[Any, ...], order: NDArray[np.int64]) -> tuple[Any, ...]:
    """The generator's state after the shuffle."""
    version, words, gauss = state
    packed = np.array(words, np.int64)
    engine.shuffle(packed, order)
    return version, tuple(packed.tolist()), gauss


def _is_pythons_own() -> bool:
    """Whether random.shuffle is what it was, and what it runs too, on Python's own generator."""
    generator = getattr(random.shuffle, "__self__", None)
    return (
        type(generator) is random.Random
        and not set(_PYTHONS_OWN) & set(vars(generator))
        and random.shuffle.__func__ is _PYTHONS_OWN["shuffle"]  # type: ignore[attr-defined]
        and all(getattr(random.Random, name) is own for name, own in _PYTHONS_OWN.items())
    )


@functools.cache
def _is_known() -> bool:
    """Whether this Python shuffles as the kernel does: all versions so far do."""
    generator = random.Random(0)
    expected, order = list(range(70)), np.arange(70)
    before = generator.getstate()
    generator.shuffle(expected)
    return (
        before[0] == _STATE_VERSION
        and _shuffle(before, order) == generator.getstate()
        and order.tolist() == expected
    )
