"""Constant numbers of a graph: in the model's file, in one of several ways, or beside it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments.checks import shown
from fastnn.export.onnx.external_data import ExternalData
from fastnn.export.onnx.schema import ENTRY, TENSOR, TYPE_CODES
from fastnn.export.onnx.wire import Message, numbers

__all__ = ["Tensor"]

_FIELDS = {"float32": "float_data", "float64": "double_data"}
_MOST_AXES = 8
_EXTERNAL = 1  # the data_location of another file


@dataclass(frozen=True)
class Tensor:
    """Those of one name. They are looked at when they are needed: labels may be of any kind."""

    name: str
    _content: memoryview
    _external: ExternalData

    @classmethod
    def read(cls, content: memoryview, external: ExternalData) -> Tensor:
        """One whose message this is."""
        return cls(Message(content, TENSOR).text("name"), content, external)

    def array(self) -> NDArray:
        """As float32, float64 or int64; 16-bit floats as float32.

        Raises ValueError for what is not of the size that it says, and OSError if it is in another
        file that can't be opened.
        """
        try:
            return self._array(Message(self._content, TENSOR))
        except ValueError as error:
            raise ValueError(f"tensor {shown(self.name)}: {error}") from None

    def _array(self, message: Message) -> NDArray:
        code, dims = message.whole("data_type"), message.wholes("dims")
        dtype = next((name for name, known in TYPE_CODES.items() if code == known), None)
        if dtype is None:
            raise ValueError(f"expected {', '.join(TYPE_CODES)}; got element type {code}")
        if len(dims) > _MOST_AXES or any(n < 1 for n in dims):
            raise ValueError(f"expected a shape of numbers above 0, got {shown(dims)}")
        array = self._stored(message, dtype)
        if array.size != prod(dims):
            raise ValueError(f"expected {prod(dims)} numbers, got {array.size}")
        if dtype == "bfloat16":  # the upper half of a float32
            array = (array.astype(np.uint32) << 16).view(np.float32)
        elif dtype == "float16":
            array = array.astype(np.float32)
        return array.astype(array.dtype.newbyteorder("="), copy=False).reshape(dims)

    def _stored(self, message: Message, dtype: str) -> NDArray:
        kind = "uint16" if dtype == "bfloat16" else dtype
        if message.whole("data_location") == _EXTERNAL:
            entries = [Message(each, ENTRY) for each in message.chunks("external_data")]
            place = {each.text("key"): each.text("value") for each in entries}
            return numbers(self._external.read(place), kind)
        if "raw_data" in message:
            return numbers(message.chunk("raw_data"), kind)
        if dtype == "int64":
            return np.array(message.wholes("int64_data"), np.int64)
        if dtype not in _FIELDS:
            raise ValueError("expected its numbers as raw_data")
        return message.numbers(_FIELDS[dtype], dtype)
