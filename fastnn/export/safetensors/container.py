"""The format: arrays and texts by name.

A file is the size of its header in eight bytes, the header as JSON, padded with spaces to a
multiple of eight bytes, and the bytes of all arrays, little-endian, without a gap.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from math import prod
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments.checks import shown

__all__ = ["encoded_header", "parse", "write"]

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_NAMES = {"float32": "F32", "float64": "F64"}
_METADATA = "__metadata__"
_ALIGNED = 8
_LARGEST_HEADER = 1 << 18  # bytes; what JSON becomes takes many times as many


def encoded_header(arrays: Mapping[str, NDArray], metadata: Mapping[str, str]) -> bytes:
    """What comes before the bytes of the arrays; ValueError if the texts are too long."""
    header: dict[str, Any] = {_METADATA: dict(metadata)}
    end = 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        dtype = _NAMES[array.dtype.name]
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": (start, end)}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNED)
    if len(text) > _LARGEST_HEADER:
        raise ValueError(
            f"expected at most {_LARGEST_HEADER} bytes of names and texts, got {len(text)}"
        )
    return struct.pack("<Q", len(text)) + text


def write(file: BinaryIO, header: bytes, arrays: Mapping[str, NDArray]) -> None:
    """A header of `encoded_header`, and the arrays that it is of."""
    file.write(header)
    for array in arrays.values():
        file.write(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).data)


def parse(content: bytes) -> tuple[dict[str, NDArray], dict[str, str]]:
    """All arrays, as float32 or float64, and the texts; ValueError for what is no such file."""
    try:
        return _parse(content)
    except RecursionError:
        raise ValueError("JSON nested too deep") from None


def _parse(content: bytes) -> tuple[dict[str, NDArray], dict[str, str]]:
    size = struct.unpack("<Q", content[:8])[0] if len(content) >= 8 else 0
    if not 2 <= size <= min(len(content) - 8, _LARGEST_HEADER):
        raise ValueError(
            f"a header of {size} bytes, expected at most {_LARGEST_HEADER} and the file's size"
        )
    header = json.loads(content[8 : 8 + size].decode(), object_pairs_hook=_without_repetition)
    if not isinstance(header, dict):
        raise ValueError("the header is no object")
    metadata = header.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ValueError(f"{_METADATA}: expected texts by name")
    places = {name: _Place.read(name, entry) for name, entry in header.items()}
    arrays, data, end = {}, memoryview(content)[8 + size :], 0
    for name, place in sorted(places.items(), key=lambda item: item[1].start):
        if place.start != end or place.end > len(data):
            raise ValueError(f"{shown(name)}: expected its bytes from {end} on, within the file")
        arrays[name], end = place.array(data), place.end
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes after the last array")
    return arrays, metadata


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name that comes twice in the header")
    return values


class _Place(NamedTuple):
    """Where an array lies in the data, from start to end, and what it is."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @classmethod
    def read(cls, name: str, entry: Any) -> _Place:
        """As a header has it; ValueError."""
        if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
            raise ValueError(f"{shown(name)}: expected its dtype, shape and data_offsets")
        dtype, shape, offsets = (entry[each] for each in ("dtype", "shape", "data_offsets"))
        if not isinstance(dtype, str) or dtype not in _DTYPES:
            known = ", ".join(_DTYPES)
            raise ValueError(f"{shown(name)}: expected one of {known}; got {shown(dtype)}")
        if not _are_sizes(shape, least=1) or not _are_sizes(offsets, least=0) or len(offsets) != 2:
            raise ValueError(f"{shown(name)}: expected a shape and two offsets of whole numbers")
        size = prod(shape) * np.dtype(_DTYPES[dtype]).itemsize
        if offsets[1] - offsets[0] != size:
            raise ValueError(f"{shown(name)}: expected {size} bytes, got {shown(offsets)}")
        return cls(dtype, tuple(shape), *offsets)

    def array(self, data: memoryview) -> NDArray:
        """What lies there."""
        stored = np.frombuffer(data[self.start : self.end], _DTYPES[self.dtype])
        if self.dtype == "BF16":  # the upper half of a float32
            stored = (stored.astype(np.uint32) << 16).view(np.float32)
        return stored.astype("float64" if self.dtype == "F64" else "float32").reshape(self.shape)


def _are_sizes(values: Any, least: int) -> bool:
    """Whether it is a list of whole numbers, at most as many as an array has axes."""
    if not isinstance(values, list) or len(values) > 8:
        return False
    return all(type(n) is int and least <= n < 1 << 63 for n in values)
