"""What a kernel is called with: a key, which names a specialization, and a block.

A specialization is named as its call is written, with types for arguments:

    measure(i8*,f4*,f8*)
    outputs(i8*,f4*,Room(i8,f4*,i8*,i8*,u2*,f4*,f8*,f4),RawRows(u1*,i8,i8),i8,i8,f4*,i8)

f4, f8, u1, u2, i4, i8 and b1 are NumPy's types, with a star those of arrays, of which a kernel
gets the address of the first element; they are C-contiguous. A NamedTuple is named, with its
fields. The block has 8 bytes for each array and each number, in this order.
"""

import ctypes
import struct
import sys
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kinds", "flatten", "keys_of", "packing"]

# What tells the key of a call, and how its block is packed: the dtype of an array, the type of a
# number, and for a NamedTuple its type, followed by its fields'.
Kinds = list[Any]

_ARRAYS = {np.dtype(kind): f"{kind}*" for kind in ("f4", "f8", "u1", "u2", "u4", "i4", "i8")}

# Keys of numbers, and how struct packs them into 8 bytes.
_NUMBERS: dict[type, tuple[str, str]] = {
    int: ("i8", "q"),
    np.int64: ("i8", "q"),
    float: ("f8", "d"),
    np.float64: ("f8", "d"),
    np.float32: ("f4", "f4x"),
    bool: ("b1", "?7x"),
    np.bool_: ("b1", "?7x"),
}


def _address_by_numpy(array: NDArray) -> int:
    return array.__array_interface__["data"][0]


_HEAD = object.__basicsize__  # of what every object begins with in CPython
_word = ctypes.c_size_t.from_address


def _address_by_place(array: NDArray) -> int:
    return _word(id(array) + _HEAD).value


def _finds_addresses() -> bool:
    """Whether an array's first field in memory is its data's address, as NumPy's C headers say."""
    array = np.zeros(3)
    return (
        sys.implementation.name == "cpython"
        and array.__sizeof__() > _HEAD + 8
        and _address_by_place(array) == _address_by_numpy(array)
    )


# NumPy's own way takes 1.7 microseconds, as long as all the rest of a call; the other one 0.2.
_address = _address_by_place if _finds_addresses() else _address_by_numpy


def flatten(arguments: tuple, kinds: Kinds, values: list[Any]) -> None:
    """Append the arguments' kinds, and the values that a block has of them.

    Raises TypeError for an array that is not C-contiguous.
    """
    for argument in arguments:
        kind = type(argument)
        if kind is np.ndarray:
            if not argument.flags.c_contiguous:
                raise TypeError(f"expected C-contiguous arrays, got strides {argument.strides}")
            kinds.append(argument.dtype)
            values.append(_address(argument))
        elif isinstance(argument, tuple):
            kinds.append(kind)
            flatten(argument, kinds, values)
        else:
            kinds.append(kind)
            values.append(argument)


def keys_of(kinds: Kinds) -> str:
    """The keys of arguments, in a row.

    Raises TypeError for what kernels don't take.
    """
    rest = list(reversed(kinds))
    keys = []
    while rest:
        keys.append(_key(rest))
    return ",".join(keys)


def _key(rest: Kinds) -> str:
    """The key of the last one, which is taken away."""
    kind = rest.pop()
    key = _simple_key(kind)
    if key is not None:
        return key
    if not hasattr(kind, "_fields"):
        raise TypeError(f"expected arrays and numbers that kernels know, got {kind!r}")
    return f"{kind.__name__}({','.join(_key(rest) for _ in kind._fields)})"


@lru_cache
def _simple_key(kind: Any) -> str | None:
    if isinstance(kind, np.dtype):
        if kind not in _ARRAYS:
            raise TypeError(f"expected an array of a dtype that kernels know, got {kind}")
        return _ARRAYS[kind]
    return _NUMBERS[kind][0] if kind in _NUMBERS else None


def packing(kinds: Kinds) -> struct.Struct:
    """How the values of a block are packed."""
    formats = (
        "q" if isinstance(kind, np.dtype) else _NUMBERS[kind][1] if kind in _NUMBERS else ""
        for kind in kinds
    )
    return struct.Struct("=" + "".join(formats))
