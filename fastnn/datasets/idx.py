"""Read IDX files, the format of MNIST and of the data sets modelled on it.

The format is described at the end of http://yann.lecun.com/exdb/mnist/, all of it big-endian:

    2 bytes             zero
    1 byte              code of the elements' type
    1 byte              number of dimensions, d
    4 bytes x d         size of each dimension, unsigned
    the rest            the elements, last dimension fastest
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from fastnn.files import open_file

_TYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}

# What every NumPy holds; a header may claim up to 255.
_MAX_DIMENSIONS = 32

_GZIP_MAGIC = b"\x1f\x8b"

# What unpacks to more than so many times its size is unpacked twice, the first time to see that it
# is what its header claims: until then it gets no memory. gzip reaches 1,000; MNIST's files, 5.
_USUAL_RATIO = 100

# A file is read in steps of this size, so that what is in memory grows with what the file really
# holds and not with what its header claims.
_STEP = 1 << 20


class DatasetError(ValueError):
    """A data file is damaged or is not of the expected format; the message names the file."""


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read an IDX file, gzip-compressed or not, into an array.

    Fashion-MNIST, EMNIST and KMNIST come as such files. Whether a file is compressed is seen from
    its content; its name does not matter.

    Args:
        path: the file.

    Returns:
        The array: the file's shape, its elements as uint8, int8, int16, int32, float32 or float64
        in the machine's byte order; writable and C-contiguous.

    Raises:
        DatasetError: the file is no IDX file, is truncated or damaged, or holds more than its
            header says.
        OSError: the file cannot be opened, FileNotFoundError above all.
        TypeError: `path` is no path.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path: expected str or os.PathLike, found {type(path).__name__}")
    name = os.fsdecode(path)
    try:
        file = open_file(path)
    except ValueError as error:
        raise DatasetError(str(error)) from None
    with file:
        packed = os.fstat(file.fileno()).st_size
        if not file.read(2).startswith(_GZIP_MAGIC):
            file.seek(0)
            return _read_stream(file, name, lambda _: packed - file.tell())
        file.seek(0)
        try:
            with gzip.GzipFile(fileobj=file) as stream:
                return _read_stream(stream, name, lambda most: _rest_of(stream, most), packed)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DatasetError(
                f"{name}: expected a whole gzip file, found damage: {error}"
            ) from None


def _read_stream(
    stream: BinaryIO | gzip.GzipFile, name: str, rest: Callable[[int], int], packed: int = 0
) -> NDArray[Any]:
    """Read header and elements from an uncompressed stream, to its very end.

    rest    says how many bytes follow; or, if these are more, at least so many as it is asked for
    packed  the compressed stream's size; 0: there is no need to read on to know what follows
    """
    dtype, shape = _read_header(stream, name)
    # In Python's integers, which don't overflow: dimensions may claim to be 2^32 - 1 each.
    size = dtype.itemsize * math.prod(shape)
    claim = f"{size} bytes for {dtype.newbyteorder('=')} of shape {shape}"

    def check(found: int) -> None:
        if found < size:
            raise DatasetError(f"{name}: truncated, expected {claim}, found {found}")
        if found > size:
            raise DatasetError(f"{name}: too long, expected {claim}, found more after them")

    if size > _USUAL_RATIO * packed:
        check(rest(size + 1))
    elements = _read_up_to(stream, size)
    # Reading on to the end also makes gzip compare its checksum.
    check(len(elements) + len(stream.read(1)))

    try:
        array: NDArray[Any] = np.ndarray(shape, dtype, buffer=elements)
    except ValueError as error:
        # Every element is there and yet NumPy has no such array: a dimension of size 0 stands
        # beside enormous ones.
        raise DatasetError(
            f"{name}: expected a shape that NumPy can hold, found {shape}: {error}"
        ) from None
    return array.astype(dtype.newbyteorder("="), copy=False)


def _read_header(
    stream: BinaryIO | gzip.GzipFile, name: str
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Read the header: the elements' (big-endian) type and the shape."""
    magic = _read_up_to(stream, 4)
    if len(magic) < 4:
        raise DatasetError(
            f"{name}: expected an IDX header of at least 4 bytes, found {len(magic)}"
        )
    if magic[0] or magic[1]:
        raise DatasetError(
            f"{name}: not an IDX file, expected it to start with two zero bytes,"
            f" found 0x{magic[:2].hex()}"
        )
    if magic[2] not in _TYPES:
        known = ", ".join(f"0x{code:02x}" for code in _TYPES)
        raise DatasetError(
            f"{name}: expected one of IDX's type codes {known}, found 0x{magic[2]:02x}"
        )
    dimensions = magic[3]
    if dimensions > _MAX_DIMENSIONS:
        raise DatasetError(
            f"{name}: expected at most {_MAX_DIMENSIONS} dimensions, found {dimensions}"
        )
    sizes = _read_up_to(stream, 4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise DatasetError(
            f"{name}: truncated, expected the sizes of {dimensions} dimensions"
            f" in {4 * dimensions} bytes, found {len(sizes)}"
        )
    return _TYPES[magic[2]], struct.unpack(f">{dimensions}I", sizes)


def _read_up_to(stream: BinaryIO | gzip.GzipFile, size: int) -> bytearray:
    """Read `size` bytes, or fewer where the stream ends before."""
    content = bytearray()
    while len(content) < size:
        piece = stream.read(min(_STEP, size - len(content)))
        if not piece:
            break
        content += piece
    return content


def _rest_of(stream: gzip.GzipFile, most: int) -> int:
    """How many bytes follow, which are unpacked and forgotten; or some number from `most` on."""
    here, size = stream.tell(), 0
    while size < most and (piece := stream.read(_STEP)):
        size += len(piece)
    stream.seek(here)
    return size
