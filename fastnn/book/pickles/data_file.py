"""MNIST in a file as the book's `mnist.pkl.gz`: three tuples (x, y) in a pickle, packed by gzip.

Written piece by piece, so that the floats are never all in memory, in protocol 2 and with the
names that NumPy's functions have always had: Python 2 and 3 read it, with any `encoding`, and
NumPy of any version. The same data give the same bytes.
"""

import gzip
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.book.pickles.arrays import ARRAY_CALLS, ARRAY_NAMES, build_array
from fastnn.book.pickles.machine import explained, read_pickle
from fastnn.book.pickles.source import open_source
from fastnn.files import atomic_write

__all__ = ["Images", "read_data", "write_data"]

_LEVEL = 4  # of gzip: half of the time that 6 takes, for files 6 % larger


class Images(NamedTuple):
    """One of the three sets to be written.

    pieces  a function that yields float32 (k, 784) arrays, n rows in all; called twice
    digits  (n,) int64
    """

    pieces: Callable[[], Iterable[NDArray[np.float32]]]
    digits: NDArray[np.int64]


def write_data(path: str | os.PathLike[str], sets: Iterable[Images], inputs: int) -> None:
    """Write the file at once, whole or not at all; packed if its name ends with .gz."""
    with atomic_write(path) as file, _packed(path, file) as stream:
        stream.write(b"\x80\x02")  # PROTO 2
        for pieces, digits in sets:
            _write_array(stream, (len(digits), inputs), "<f4", pieces)
            _write_array(stream, digits.shape, "<i8", partial(iter, [digits]))
            stream.write(b"\x86")  # TUPLE2
        stream.write(b"\x87.")  # TUPLE3, STOP


@contextmanager
def _packed(path: str | os.PathLike[str], file: BinaryIO) -> Iterator[Any]:
    if os.fsdecode(path).endswith(".gz"):
        with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as stream:
            yield stream
    else:
        yield file


def _write_array(
    stream: BinaryIO,
    shape: tuple[int, ...],
    dtype: str,
    pieces: Callable[[], Iterable[NDArray[Any]]],
) -> None:
    """numpy.core.multiarray._reconstruct(ndarray, (0,), "b") and its state.

    The data are text of characters up to 255, encoded by latin1: only so both Pythons get bytes.
    A byte from 128 on takes two in the file.
    """
    bytes_ = (np.ascontiguousarray(piece).view(np.uint8) for piece in pieces())
    length = sum(b.size + np.count_nonzero(b & 0x80) for b in bytes_)
    sizes = b"".join(b"J" + struct.pack("<i", size) for size in shape)
    stream.write(b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R")
    stream.write(b"(K\1(" + sizes + b"t")  # state: version 1, shape,
    stream.write(b"cnumpy\ndtype\nU\3" + dtype.encode() + b"K\0K\1\x87R")
    stream.write(b"\x89c_codecs\nencode\nX" + struct.pack("<I", length))  # not Fortran's order
    for piece in pieces():
        stream.write(piece.tobytes().decode("latin-1").encode("utf-8"))
    stream.write(b"X\6\0\0\0latin1\x86Rtb")


def read_data(path: str | os.PathLike[str]) -> tuple[Any, Any, Any]:
    """The three tuples (x, y) of such a file, of whatever Python, packed or not.

    x (n, inputs) as stored and y (n,) int64; lists of rows and of digits, as the book's
    expand_mnist writes them, become arrays. Nothing in the file is imported or called.
    """
    expected = "data as in mnist.pkl.gz, three tuples (x, y)"
    with open_source(path) as source, explained(path, expected):
        content = read_pickle(source, ARRAY_NAMES.__contains__, ARRAY_CALLS, build_array)
        training, validation, test = _items(content, 3)
        return (
            _checked("training data", training, source.taken),
            _checked("validation data", validation, source.taken),
            _checked("test data", test, source.taken),
        )


def _items(content: Any, n: int) -> list[Any]:
    if not isinstance(content, (tuple, list)) or len(content) != n:
        raise ValueError(f"expected a tuple of {n}, got a {type(content).__name__}")
    return list(content)


def _checked(name: str, part: Any, most: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """One of the three, its lists as arrays of no more than so many bytes."""
    x, y = (_array(f"{name}: {letter}", a, most) for letter, a in zip("xy", _items(part, 2)))
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ValueError(f"{name}: expected x (n, inputs) and y (n,), got {x.shape} and {y.shape}")
    if y.dtype.kind not in "iu" or (y.size and y.min() < 0):
        raise ValueError(f"{name}: y: expected whole numbers from 0 on")
    x = np.ascontiguousarray(x, x.dtype.newbyteorder("="))
    return checks.finite(f"{name}: x", x), y.astype(np.int64, copy=False)


def _array(name: str, values: Any, most: int) -> NDArray[Any]:
    """An array, or a list's items as one."""
    if isinstance(values, np.ndarray):
        return values
    kinds = set(map(type, values)) if isinstance(values, list) else set()
    if kinds == {int}:
        return np.array(values)
    if kinds != {np.ndarray}:
        raise ValueError(f"{name}: expected an array, or a list of rows or of digits")
    if sum(row.nbytes for row in values) > most:  # one row again and again
        raise ValueError(f"{name}: more rows than the file has data for")
    return np.stack(values)
