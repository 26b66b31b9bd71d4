"""Where the code of kernels comes from, and calls of it."""

import ctypes
import struct
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from fastnn.machine.choice import CHOICE, INTERPRETED
from fastnn.native.keys import Kinds, flatten, keys_of, packing

__all__ = ["Kernel", "address", "kernel", "reached"]

CFunction = Callable[[Any], int]

_prototype = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
_locked_prototype = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)

# The specializations that this process has reached: by it is found what is to be prebuilt.
reached: set[str] = set()


@lru_cache(None)
def address(key: str) -> int:
    """Of the C function with this key: of the library, else compiled."""
    reached.add(key)
    library = CHOICE.library
    if library is not None and key in library.functions:
        function = getattr(library.code, library.functions[key])
        place = ctypes.cast(function, ctypes.c_void_p).value
        assert place is not None
        return place
    from fastnn.kernels import entry_points  # and Numba, which takes half a second

    return entry_points.compiled(key).address


class Kernel:
    """A kernel of fastnn.kernels, by its name; for each key there is a C function."""

    def __init__(self, name: str, locked: bool = False):
        """`locked`: it keeps the interpreter's lock, for it reads objects of Python's."""
        self._name, self._locked = name, locked
        self._prototype = _locked_prototype if locked else _prototype
        self._functions: dict[str, CFunction] = {}

    def __call__(self, *arguments: Any) -> int:
        """Run it; for what it takes, and its result, see its source."""
        return self.with_first()(*arguments)

    def with_first(self, *first: Any) -> Callable[..., int]:
        """Calls whose first arguments are always these, and are looked at once.

        Arrays among them must stay where they are.
        """
        return _Call(self, first)

    def __reduce__(self) -> tuple:  # functions of C belong to this process
        return kernel, (self._name, self._locked)

    def find(self, key: str) -> CFunction:
        """The C function for arguments with this key."""
        function = self._functions.get(key)
        if function is None:
            function = self._functions[key] = self._prototype(address(f"{self._name}({key})"))
        return function


class _Call:
    def __init__(self, kernel: Kernel, first: tuple):
        self._kernel, self._first = kernel, first  # whose memory must stay
        self._kinds: Kinds = []
        values: list[Any] = []
        flatten(first, self._kinds, values)
        self._block = packing(self._kinds).pack(*values)
        # What was found for the kinds of the other arguments.
        self._found: dict[tuple, tuple[CFunction, struct.Struct]] = {}

    def __reduce__(self) -> tuple:  # the block has addresses of these arrays, not of copies
        return _Call, (self._kernel, self._first)

    def __call__(self, *others: Any) -> int:
        kinds: Kinds = []
        values: list[Any] = []
        flatten(others, kinds, values)
        found = self._found.get(tuple(kinds))
        if found is None:
            key = keys_of(self._kinds + kinds)
            found = self._found[tuple(kinds)] = self._kernel.find(key), packing(kinds)
        function, others_packing = found
        return function(self._block + others_packing.pack(*values))


class _Interpreted(Kernel):
    """A kernel as plain Python."""

    def __call__(self, *arguments: Any) -> int:
        kinds: Kinds = []
        flatten(arguments, kinds, [])
        reached.add(f"{self._name}({keys_of(kinds)})")
        from fastnn.kernels import entry_points

        return entry_points.interpreted(self._name, arguments)

    def with_first(self, *first: Any) -> Callable[..., int]:
        return partial(self, *first)


def kernel(name: str, locked: bool = False) -> Kernel:
    """The kernel of that name."""
    return (_Interpreted if CHOICE.mode == INTERPRETED else Kernel)(name, locked)
