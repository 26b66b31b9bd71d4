"""Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding), as far as ONNX has it.

A message is a row of fields. Each is a number that stands for its name, a kind, and a value: a
whole number in groups of seven bits, four or eight bytes, or a chunk of so many bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Buffer", "Field", "Message", "chunk", "fields", "numbers", "real", "whole"]

Buffer = bytes | memoryview

_VARINT, _FIXED64, _CHUNK, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_BITS64 = (1 << 64) - 1
# Of a message. A file of empty messages would else take a hundred times its size in memory.
_MOST_FIELDS = 5000


def chunk(number: int, *parts: Buffer | str) -> list[Buffer]:
    """A field of text, bytes, or of a message's fields, none of which is copied."""
    content = [part.encode() if isinstance(part, str) else part for part in parts]
    size = sum(memoryview(part).nbytes for part in content)
    return [_varint(number << 3 | _CHUNK) + _varint(size), *content]


def whole(number: int, value: int) -> list[Buffer]:
    """A field of a whole number of 64 bits, which has a sign."""
    return [_varint(number << 3 | _VARINT) + _varint(value & _BITS64)]


def real(number: int, value: float) -> list[Buffer]:
    """A field of a float32."""
    return [_varint(number << 3 | _FIXED32) + struct.pack("<f", value)]


def _varint(value: int) -> bytes:
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


class Field(NamedTuple):
    """One as it was read: fixed numbers and chunks are the bytes where they lie."""

    number: int
    value: int | memoryview


def fields(content: memoryview) -> Iterator[Field]:
    """The fields of a message, in their order. Raises ValueError for what is none."""
    place = 0
    while place < len(content):
        key, place = _read_varint(content, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = _read_varint(content, place)
            yield Field(number, value)
            continue
        if kind == _CHUNK:
            size, place = _read_varint(content, place)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise ValueError(f"a field of kind {kind}, which there is not")
        if size > len(content) - place:
            raise ValueError(f"a field of {size} bytes where {len(content) - place} are left")
        yield Field(number, content[place : place + size])
        place += size


def _read_varint(content: memoryview, place: int) -> tuple[int, int]:
    """A whole number without a sign, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(content):
            raise ValueError("it ends within a number")
        group = content[place]
        place += 1
        value |= (group & 0x7F) << shift
        if group < 0x80:
            return value & _BITS64, place
    raise ValueError("a number of more than ten bytes")


class Message:
    """A message's fields by their names; those that have none here are left out.

    Where a field comes several times, and only one is asked for, the last counts. Every method
    raises ValueError for a field of another kind.
    """

    def __init__(self, content: memoryview, numbers: Mapping[str, int]):
        names = {number: name for name, number in numbers.items()}
        self._fields: dict[str, list[int | memoryview]] = {name: [] for name in numbers}
        for count, field in enumerate(fields(content)):
            if count == _MOST_FIELDS:
                raise ValueError(f"more than {_MOST_FIELDS} fields in a message")
            if field.number in names:
                self._fields[names[field.number]].append(field.value)

    def __contains__(self, name: str) -> bool:
        return bool(self._fields[name])

    def chunks(self, name: str) -> list[memoryview]:
        """All chunks of this name."""
        found = []
        for value in self._fields[name]:
            if isinstance(value, int):
                raise ValueError(f"{name}: expected bytes, got a number")
            found.append(value)
        return found

    def chunk(self, name: str) -> memoryview:
        """The last chunk, empty if there is none."""
        return (self.chunks(name) or [memoryview(b"")])[-1]

    def texts(self, name: str) -> list[str]:
        """All chunks as text."""
        return [str(value, "utf-8") for value in self.chunks(name)]

    def text(self, name: str) -> str:
        """The last chunk as text, "" if there is none."""
        return str(self.chunk(name), "utf-8")

    def wholes(self, name: str) -> list[int]:
        """All whole numbers, which may come one by one or several in a chunk."""
        found = []
        for value in self._fields[name]:
            if isinstance(value, int):
                found.append(value)
                continue
            place = 0
            while place < len(value):
                number, place = _read_varint(value, place)
                found.append(number)
                if len(found) > _MOST_FIELDS:
                    raise ValueError(f"{name}: more than {_MOST_FIELDS} numbers")
        return [number - (number >> 63 << 64) for number in found]

    def whole(self, name: str, default: int = 0) -> int:
        """The last whole number."""
        return (self.wholes(name) or [default])[-1]

    def numbers(self, name: str, dtype: str) -> NDArray:
        """All numbers of this dtype, (count,): the bytes where they lie, if they are in one chunk.

        Those that come one by one are copied.
        """
        found = self.chunks(name)
        return numbers(found[0] if len(found) == 1 else memoryview(b"".join(found)), dtype)


def numbers(content: memoryview, dtype: str) -> NDArray:
    """Bytes as little-endian numbers of this dtype, (count,), without a copy; ValueError."""
    kind = np.dtype(dtype).newbyteorder("<")
    if len(content) % kind.itemsize:
        raise ValueError(f"expected numbers of {kind.itemsize} bytes, got {len(content)} bytes")
    return np.frombuffer(content, kind)
