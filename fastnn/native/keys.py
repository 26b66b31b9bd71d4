"""What a kernel is called with: a key, which names a specialization, and a block.

A specialization is named as its call is written, with types for arguments:

    measure(i8*,f4*,f8*)
    train(Tables(i8*,i8),Memory(State(f4*,f4*,f4*),f4*,i8),f8)

f4, f8, u1, u2, i4, i8 and b1 are NumPy's types, with a star those of arrays, of which a kernel
gets the address of the first element; they are C-contiguous. A NamedTuple is named, with its
fields. The block has 8 bytes for each array and each number, in this order.
"""

import struct
from typing import Any

import numpy as np

__all__ = ["Flat", "flatten"]

_ARRAYS = {np.dtype(kind): f"{kind}*" for kind in ("f4", "f8", "u1", "u2", "u4", "i4", "i8")}

# Keys of numbers, and how struct packs them into 8 bytes.
_NUMBERS: dict[type, tuple[str, str]] = {
    int: ("i8", "q"),
    np.int64: ("i8", "q"),
    float: ("f8", "d"),
    np.float64: ("f8", "d"),
    np.float32: ("f4", "f4x"),
    bool: ("b1", "q"),
    np.bool_: ("b1", "q"),
}


class Flat:
    """Arguments as keys, as formats of struct, and as values."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.formats: list[str] = []
        self.values: list[Any] = []

    def add(self, argument: Any) -> None:
        """The next argument. Raises TypeError for one that kernels don't take."""
        if type(argument) is np.ndarray:
            key = _ARRAYS.get(argument.dtype)
            if key is None or not argument.flags.c_contiguous:
                raise TypeError(
                    "expected a C-contiguous array of a dtype that kernels know, "
                    f"got {argument.dtype} with strides {argument.strides}"
                )
            self.keys.append(key)
            self.formats.append("q")
            self.values.append(argument.__array_interface__["data"][0])
        elif isinstance(argument, tuple):
            fields = flatten(argument)
            self.keys.append(f"{type(argument).__name__}({','.join(fields.keys)})")
            self.formats += fields.formats
            self.values += fields.values
        else:
            try:
                key, form = _NUMBERS[type(argument)]
            except KeyError:
                raise TypeError(f"expected what kernels take, got {argument!r}") from None
            self.keys.append(key)
            self.formats.append(form)
            self.values.append(argument)

    def pack(self) -> bytes:
        """The block."""
        return struct.pack("=" + "".join(self.formats), *self.values)


def flatten(arguments: tuple) -> Flat:
    """All of some arguments."""
    flat = Flat()
    for argument in arguments:
        flat.add(argument)
    return flat
