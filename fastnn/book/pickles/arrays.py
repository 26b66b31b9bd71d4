"""NumPy's arrays in a pickle, of any version of NumPy and Python: numbers only, checked.

What NumPy's functions would do with a hostile file is not left to them: kind of number, shape and
length of the data are compared before an array is made.
"""

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.book.pickles.machine import Name

__all__ = ["ARRAY_CALLS", "ARRAY_NAMES", "build_array"]

_NUMBERS = re.compile(r"[<>=|]?(b1|[iu][1248]|f[248])")
_MOST_AXES = 32


class _DType:
    """A kind of number, whose byte order a pickle gives later."""

    def __init__(self, code: str):
        self.order, self.code = ("=", code) if code[0] not in "<>=|" else (code[0], code[1:])

    def numpy(self) -> np.dtype[Any]:
        return np.dtype(self.order + self.code)


def build_array(value: Any, state: Any) -> None:
    """BUILD of an array or of its dtype; ValueError for all else."""
    if isinstance(value, _DType):
        _set_order(value, state)
    elif isinstance(value, np.ndarray):
        _set_array(value, state)
    else:
        raise ValueError(f"a state for a {type(value).__name__}")


def _dtype(code: Any, *_: Any) -> _DType:
    """numpy.dtype(code, align, copy)."""
    text = _text(code)
    if not _NUMBERS.fullmatch(text):
        kind = "Python objects" if text.strip("<>=|")[:1] == "O" else f"dtype {text[:20]!a}"
        raise ValueError(f"an array of {kind}; only real numbers are read")
    return _DType(text)


def _set_order(dtype: _DType, state: Any) -> None:
    """(version, byte order, subarray, names, fields, ...)."""
    if not isinstance(state, tuple) or len(state) < 5 or state[2:5] != (None, None, None):
        raise ValueError("a dtype of records")
    order = _text(state[1])
    if order not in ("<", ">", "=", "|"):
        raise ValueError(f"the byte order {order[:20]!a}")
    dtype.order = order


def _reconstruct(*arguments: Any) -> NDArray[Any]:
    """numpy.core.multiarray._reconstruct(class, shape, dtype): an array whose state follows."""
    kind, *_ = arguments
    if not isinstance(kind, Name) or kind not in _CLASSES:  # a tuple's hash may never end
        raise ValueError("an array of no class of arrays")
    return np.empty(0)


def _set_array(array: NDArray[Any], state: Any) -> None:
    """([version,] shape, dtype, whether in Fortran's order, data)."""
    if not isinstance(state, tuple) or len(state) not in (4, 5):
        raise ValueError("an array whose state is none of NumPy's")
    shape, dtype, fortran, data = state[-4:]
    shape, dtype, data = _fitting(shape, dtype, data)
    if fortran not in (True, False):
        raise ValueError("an array in no known order")
    complete: Any = (1, shape, dtype, bool(fortran), bytes(data))
    array.__setstate__(complete)


def _frombuffer(data: Any, dtype: Any, shape: Any, order: Any, axes: Any = None) -> NDArray[Any]:
    """numpy.core.numeric._frombuffer, of protocol 5."""
    shape, dtype, data = _fitting(shape, dtype, data)
    if order not in ("C", "F", "K"):
        raise ValueError("an array in no known order")
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if order == "F" else "C")
    if axes is not None:
        if not _whole(axes) or sorted(axes) != list(range(len(shape))):
            raise ValueError("an array whose axes are no permutation")
        array = array.transpose(axes)
    return array.copy()


def _scalar(dtype: Any, data: Any) -> Any:
    """numpy.core.multiarray.scalar(dtype, data): a number."""
    _, dtype, data = _fitting((), dtype, data)
    return np.frombuffer(data, dtype)[0].item()


def _encode(text: Any, encoding: Any) -> bytes:
    """_codecs.encode(text, "latin1"): bytes, as Python 3 writes them for Python 2."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise ValueError("text to encode otherwise than by latin1")
    return text.encode("latin-1")


def _fitting(
    shape: Any, dtype: Any, data: Any
) -> tuple[tuple[int, ...], np.dtype[Any], bytes | bytearray]:
    """Shape, dtype and bytes that belong together."""
    if not isinstance(dtype, _DType):
        raise ValueError("an array without a dtype")
    if not _whole(shape) or len(shape) > _MOST_AXES:
        raise ValueError("an array without a shape")
    raw, expected = _bytes(data), dtype.numpy()
    if math.prod(shape) * expected.itemsize != len(raw):
        raise ValueError(f"an array of shape {shape}, {expected}, with {len(raw)} bytes of data")
    return shape, expected, raw


def _whole(numbers: Any) -> bool:
    return isinstance(numbers, tuple) and all(type(n) is int and n >= 0 for n in numbers)


def _bytes(data: Any) -> bytes | bytearray:
    """Bytes, or Python 2's as text."""
    if isinstance(data, str):
        return data.encode("latin-1")
    if not isinstance(data, (bytes, bytearray)):
        raise ValueError("an array whose data are no bytes")
    return data


def _text(code: Any) -> str:
    if not isinstance(code, (str, bytes)):
        raise ValueError("a dtype that is no text")
    return code if isinstance(code, str) else code.decode("latin-1")


_CLASSES = {
    Name("numpy", "ndarray"),
    Name("numpy", "matrix"),
    Name("numpy.matrixlib.defmatrix", "matrix"),
    Name("numpy.core.defmatrix", "matrix"),
}
ARRAY_NAMES = frozenset(_CLASSES)
ARRAY_CALLS = {
    Name("numpy", "dtype"): _dtype,
    Name("_codecs", "encode"): _encode,
    **{
        Name(f"numpy.{core}.{module}", name): function
        for core in ("core", "_core")
        for module, name, function in (
            ("multiarray", "_reconstruct", _reconstruct),
            ("multiarray", "scalar", _scalar),
            ("numeric", "_frombuffer", _frombuffer),
        )
    },
}
