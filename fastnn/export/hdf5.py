"""Arrays of floats in an HDF5 file, read without the HDF5 library.

Of the format (HDF5 File Format Specification, version 3.0, to whose sections names refer) it is
what h5py writes unless told otherwise, its `libver` being "earliest": a superblock of version 0,
object headers of version 1, groups as B-trees of symbol tables, arrays in one piece. All else is
a ValueError, as is what is damaged.

A file holds addresses, and may lead a reader in circles, or to the same bytes again and again. So
a reader takes no more bytes than the file has, all blocks counted: in a sound one none is read
twice. That bounds time and memory.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["HDF5File"]

# A superblock (II.A) from its start to the base address: signature, versions, sizes of addresses.
_SUPERBLOCK = struct.Struct("<8s8s8xQ32xQ24x")
_BEGINNING = b"\x89HDF\r\n\x1a\n", bytes([0, 0, 0, 0, 0, 8, 8, 0])

# Messages in object headers (IV.A.2) that matter; the rest are dates, attributes, free space.
_SHAPE, _TYPE, _LAYOUT, _FILTERS, _CONTINUATION, _SYMBOLS = 0x1, 0x3, 0x8, 0xB, 0x10, 0x11
_LINKS = 0x2, 0x6  # of groups of a newer kind
_USED = (_SHAPE, _TYPE, _LAYOUT, _FILTERS, _SYMBOLS, *_LINKS)
_NAMES = {_SHAPE: "a shape", _TYPE: "a type", _LAYOUT: "a layout", _SYMBOLS: "a symbol table"}
_SHARED = 0x2  # flag of a message that is elsewhere

# Little-endian IEEE floats as type messages describe them.
_FLOATS: dict[bytes, np.dtype] = {
    bytes.fromhex("11200f00 02000000 00001000 0a05000a 0f000000"): np.dtype("<f2"),
    bytes.fromhex("11201f00 04000000 00002000 17080017 7f000000"): np.dtype("<f4"),
    bytes.fromhex("11203f00 08000000 00004000 340b0034 ff030000"): np.dtype("<f8"),
}
_COMPACT, _CONTIGUOUS = 0, 1
_MOST_AXES = 32
_LONGEST_NAME = 255
_SYMBOLIC_LINK = 2


class HDF5File:
    """The groups and arrays in the bytes of a file."""

    def __init__(self, content: bytes):
        self._content, self._left = memoryview(content), len(content)
        self._groups: dict[int, dict[str, int]] = {}
        *beginning, base, self._root = _unpack(_SUPERBLOCK, self._take(0, _SUPERBLOCK.size))
        if tuple(beginning) != _BEGINNING or base:
            raise ValueError("expected an HDF5 file with a superblock of version 0")

    def arrays(self, path: str) -> dict[str, NDArray]:
        """All arrays of a group, by name; read-only, on the memory of the file's content."""
        address = self._root
        for name in path.split("/"):
            entries = self._group(address)
            if name not in entries:
                raise ValueError(f"expected a group {path}, found none")
            address = entries[name]
        return {name: self._array(header) for name, header in self._group(address).items()}

    def _take(self, start: int, size: int) -> memoryview:
        """That many bytes of the file, which are not to be read again."""
        if start + size > len(self._content):
            raise ValueError("expected a whole HDF5 file, got one that ends too early")
        self._left -= size
        if self._left < 0:
            raise ValueError("expected an HDF5 file whose parts don't overlap")
        return self._content[start : start + size]

    def _messages(self, address: int) -> dict[int, memoryview]:
        """An object's messages, by their type."""
        version, size = _unpack("<BxxxxxxxIxxxx", self._take(address, 16))
        if version != 1:
            raise ValueError(f"expected object headers of version 1, got {version}")
        messages: dict[int, memoryview] = {}
        blocks = [(address + 16, size)]
        while blocks:
            block = self._take(*blocks.pop())
            while block:
                kind, size, flags = _unpack("<HHBxxx", block[:8])
                body, block = block[8 : 8 + size], block[8 + size :]
                if kind == _CONTINUATION:
                    blocks.append(_unpack("<QQ", body[:16]))
                elif kind in _USED:
                    if kind in messages or flags & _SHARED or len(body) < size:
                        raise ValueError("expected one whole message of each type in a header")
                    messages[kind] = body
        return messages

    def _group(self, address: int) -> dict[str, int]:
        """The addresses of what is in a group, by name."""
        if address not in self._groups:
            messages = self._messages(address)
            tree, heap = _unpack("<QQ", _message(messages, _SYMBOLS)[:16])
            names, entries = self._names(heap), {}
            for at, header in self._entries(tree):
                end = names.find(b"\0", at, at + _LONGEST_NAME + 1)
                name = names[at:end].decode()
                if end < 0 or name in entries:
                    raise ValueError("expected names that differ in a group")
                entries[name] = header
            self._groups[address] = entries
        return self._groups[address]

    def _names(self, heap: int) -> bytes:
        """A group's local heap (III.D): its names, each up to a zero."""
        signature, version, size, start = _unpack("<4sBxxxQ8xQ", self._take(heap, 32))
        if (signature, version) != (b"HEAP", 0):
            raise ValueError("expected a heap of names")
        return bytes(self._take(start, size))

    def _entries(self, tree: int) -> Iterator[tuple[int, int]]:
        """Of each object in a group: where in the heap its name is, and where its header."""
        nodes = [tree]
        while nodes:
            node = nodes.pop()
            signature, kind, _, count = _unpack("<4sBBH", self._take(node, 8))
            if (signature, kind) == (b"TREE", 0):  # B-tree of version 1 (III.A.1): keys, children
                children = self._take(node + 24, 16 * count)
                nodes += [child for _, child in struct.iter_unpack("<QQ", children)]
            elif (signature, kind) == (b"SNOD", 1):  # symbol table node (III.B)
                symbols = self._take(node + 8, 40 * count)
                for name, header, cached in struct.iter_unpack("<QQI20x", symbols):
                    if cached == _SYMBOLIC_LINK:
                        raise ValueError("expected no links in an HDF5 file")
                    yield name, header
            else:
                raise ValueError("expected a group's B-tree")

    def _array(self, address: int) -> NDArray:
        messages = self._messages(address)
        if _FILTERS in messages:
            raise ValueError("expected arrays that are not compressed")
        shape = self._shape(_message(messages, _SHAPE))
        dtype = _FLOATS.get(bytes(_message(messages, _TYPE)[:20]))
        if dtype is None:
            raise ValueError("expected arrays of little-endian IEEE floats, of 16, 32 or 64 bits")
        size = math.prod(shape) * dtype.itemsize
        return np.frombuffer(self._data(_message(messages, _LAYOUT), size), dtype).reshape(shape)

    def _shape(self, message: memoryview) -> tuple[int, ...]:
        """Dataspace (IV.A.2.b) of version 1, or of 2, whose axes come earlier."""
        version, axes = _unpack("<BB", message[:2])
        if version not in (1, 2) or not axes <= _MOST_AXES:
            raise ValueError(f"expected shapes of version 1 or 2, got {version} of {axes} axes")
        start = 8 if version == 1 else 4
        shape = _unpack(f"<{axes}Q", message[start : start + 8 * axes])
        if not all(0 < length <= len(self._content) for length in shape):
            raise ValueError(f"expected a shape that the file has room for, got {shape}")
        return shape

    def _data(self, message: memoryview, size: int) -> memoryview:
        """The bytes of an array (IV.A.2.i)."""
        version, kind = _unpack("<BB", message[:2])
        if version != 3 or kind not in (_COMPACT, _CONTIGUOUS):
            raise ValueError("expected arrays in one piece")
        if kind == _COMPACT:
            (found,) = _unpack("<H", message[2:4])
            data = message[4 : 4 + found]
        else:
            start, found = _unpack("<QQ", message[2:18])
            data = self._take(start, found)
        if found != size or len(data) != size:
            raise ValueError(f"expected {size} bytes of an array, got {found}")
        return data


def _message(messages: dict[int, memoryview], kind: int) -> memoryview:
    if kind not in messages:
        newer = "a group of version 1" if messages.keys() & set(_LINKS) else _NAMES[kind]
        raise ValueError(f"expected {newer} in an object's header")
    return messages[kind]


def _unpack(layout: str | struct.Struct, block: memoryview) -> Any:
    """Numbers in a block; ValueError if it is too short for them."""
    layout = struct.Struct(layout) if isinstance(layout, str) else layout
    if len(block) != layout.size:
        raise ValueError("expected a whole block in an HDF5 file")
    return layout.unpack(block)
