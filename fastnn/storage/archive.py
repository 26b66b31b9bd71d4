"""Arrays in an .npz file, each looked at before it is read: no size is taken on trust."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

if TYPE_CHECKING:
    from zipfile import ZipFile

__all__ = ["Archive"]

_STORED = 0  # zipfile's code for what is not compressed, by the format of zip files


class Archive:
    """An .npz file as np.savez writes it, uncompressed; anything else is some error.

    A compressed array may be a thousand times as large as the file. Here all that is read is in
    the file, and is known to be of the size that is expected before a byte of it is.
    """

    def __init__(self, archive: ZipFile, size: int):
        """`size` in bytes is the file's."""
        self._archive, self._size = archive, size
        self._members = {info.filename: info for info in archive.infolist()}
        if len(self._members) != len(archive.infolist()):
            raise ValueError("a name that comes twice in the archive")

    def text(self, name: str) -> str:
        """A string that was stored as an array."""
        array = self._read(name, None, ())
        if array.dtype.kind != "U":
            raise ValueError(f"{name}: expected text, got {array.dtype}")
        # Not NumPy's way to text, which fails in odd ways if a character is none.
        order = "le" if array.dtype.newbyteorder("<") == array.dtype else "be"
        return array.tobytes().decode(f"utf-32-{order}").rstrip("\0")

    def array(
        self, name: str, dtype: DTypeLike, shape: tuple[int, ...] | None = None
    ) -> NDArray[Any]:
        """An array of this dtype, of any byte order, and of this shape, None for any rows."""
        return self._read(name, np.dtype(dtype), shape)

    def _read(
        self, name: str, dtype: np.dtype | None, shape: tuple[int, ...] | None
    ) -> NDArray[Any]:
        info = self._members.get(f"{name}.npy")
        if info is None:
            raise ValueError(f"there is no {name}")
        if info.compress_type != _STORED or info.file_size != info.compress_size:
            raise ValueError(f"{name}: expected it uncompressed")
        if info.header_offset + info.file_size > self._size:
            raise ValueError(f"{name}: expected {info.file_size} bytes, more than the file has")
        with self._archive.open(info) as file:
            if npy.read_magic(file) != (1, 0):
                raise ValueError(f"{name}: expected version 1.0 of NumPy's format")
            found, fortran, found_dtype = npy.read_array_header_1_0(file)
            if dtype is not None and found_dtype.newbyteorder("=") != dtype.newbyteorder("="):
                raise ValueError(f"{name}: expected {dtype}, got {found_dtype}")
            if len(found) != 1 if shape is None else found != shape:
                expected = "(rows,)" if shape is None else shape
                raise ValueError(f"{name}: expected shape {expected}, got {found}")
            size = found_dtype.itemsize * math.prod(found)
            if found_dtype.hasobject or info.file_size != file.tell() + size:
                raise ValueError(f"{name}: expected {size} bytes, got another size")
            content = file.read()  # to its end, where zipfile compares the checksum
        return np.ndarray(found, found_dtype, content, order="F" if fortran else "C")
