"""Pickles as Python 2 wrote them, instruction by instruction: no Python 2 is needed to test."""

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

GLOBAL_ARRAY = "numpy.core.multiarray", "_reconstruct"


@dataclass(frozen=True)
class Global:
    """A class or a function, by name."""

    module: str
    name: str


@dataclass
class Made:
    """An object of a class in Python 2: `old` for `class Network():`, else of `object`."""

    kind: Global
    state: dict[str, Any] = field(default_factory=dict)
    old: bool = False


def dumps(value, protocol):
    """pickle.dumps of Python 2; bytes here are its str, and str its unicode."""
    return _Pickler(protocol).dump(value)


class _Pickler:
    def __init__(self, protocol):
        self.protocol, self.out, self.memo = protocol, [], {}

    def dump(self, value):
        if self.protocol == 2:
            self.out.append(b"\x80\x02")
        self.save(value)
        return b"".join(self.out) + b"."

    def put(self, key=None):
        i = len(self.memo)
        self.memo[key if key is not None else ("other", i)] = i
        self.out.append(b"q" + bytes([i]) if self.protocol else b"p%d\n" % i)

    def save(self, value):
        key = (type(value), value) if isinstance(value, (Global, np.dtype, bytes)) else None
        if key in self.memo:
            i = self.memo[key]
            self.out.append(b"h" + bytes([i]) if self.protocol else b"g%d\n" % i)
            return
        getattr(self, f"save_{type(value).__name__.lstrip('_')}", self.save_dtype)(value)

    def save_NoneType(self, _):
        self.out.append(b"N")

    def save_bool(self, value):
        self.out.append(b"\x89\x88"[value : value + 1] if self.protocol == 2 else b"I0%d\n" % value)

    def save_int(self, n):
        if self.protocol == 0 or abs(n) > 2**31:
            self.out.append(b"I%d\n" % n)
        elif 0 <= n < 256:
            self.out.append(b"K" + bytes([n]))
        else:
            self.out.append(b"J" + struct.pack("<i", n))

    def save_float(self, number):
        self.out.append(b"G" + struct.pack(">d", number) if self.protocol else b"F%a\n" % number)

    def save_bytes(self, string):
        if self.protocol == 0:
            self.out.append(b"S" + repr(string)[1:].encode() + b"\n")
        elif len(string) < 256:
            self.out.append(b"U" + bytes([len(string)]) + string)
        else:
            self.out.append(b"T" + struct.pack("<i", len(string)) + string)
        self.put((bytes, string))

    def save_str(self, text):
        if self.protocol == 0:
            self.out.append(b"V" + text.encode("raw_unicode_escape") + b"\n")
        else:
            self.out.append(b"X" + struct.pack("<I", len(text.encode())) + text.encode())
        self.put()

    def save_tuple(self, items):
        short = self.protocol == 2 and 0 < len(items) < 4
        self.out.append(b"" if short else b"(")
        for item in items:
            self.save(item)
        self.out.append(b"\x85\x86\x87"[len(items) - 1 : len(items)] if short else b"t")
        self.put()

    def save_list(self, items):
        self.out.append(b"]" if self.protocol else b"(l")
        self.put()
        if self.protocol:
            self.out.append(b"(")
        for item in items:
            self.save(item)
            self.out.append(b"" if self.protocol else b"a")
        self.out.append(b"e" if self.protocol else b"")

    def save_dict(self, items):
        self.out.append(b"}" if self.protocol else b"(d")
        self.put()
        if self.protocol:
            self.out.append(b"(")
        for name, value in items.items():
            self.save(name.encode())
            self.save(value)
            self.out.append(b"" if self.protocol else b"s")
        self.out.append(b"u" if self.protocol else b"")

    def save_Global(self, name):
        self.out.append(f"c{name.module}\n{name.name}\n".encode())
        self.put((Global, name))

    def save_Made(self, made):
        if made.old and self.protocol == 0:
            self.out.append(f"(i{made.kind.module}\n{made.kind.name}\n".encode())
        elif made.old:
            self.out.append(b"(")
            self.save(made.kind)
            self.out.append(b"o")
        elif self.protocol == 2:
            self.save(made.kind)
            self.out.append(b")\x81")
        else:
            self.save(Global("copy_reg", "_reconstructor"))
            self.save((made.kind, Global("__builtin__", "object"), None))
            self.out.append(b"R")
        self.put()
        if made.state:
            self.save_dict(made.state)
            self.out.append(b"b")

    def save_dtype(self, dtype):
        self.save(Global("numpy", "dtype"))
        self.save((dtype.str[1:].encode(), 0, 1))
        self.out.append(b"R")
        self.put((type(dtype), dtype))
        self.save((3, dtype.str[:1].encode(), None, None, None, -1, -1, 0))
        self.out.append(b"b")

    def save_ndarray(self, array):
        self.save(Global(*GLOBAL_ARRAY))
        self.save((Global("numpy", "ndarray"), (0,), b"b"))
        self.out.append(b"R")
        self.put()
        fortran = array.flags.f_contiguous and not array.flags.c_contiguous
        data = array.tobytes("F" if fortran else "C")
        self.save((1, array.shape, array.dtype, fortran, data))
        self.out.append(b"b")

    def save_int64(self, number):
        self.save(Global("numpy.core.multiarray", "scalar"))
        self.save((number.dtype, number.tobytes()))
        self.out.append(b"R")
        self.put()
