"""A graph of ONNX as it is made, node by node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from fastnn.export.onnx.activations import WITHOUT_FLOAT64
from fastnn.export.onnx.schema import (
    ATTRIBUTE,
    ATTRIBUTE_TYPES,
    DIMENSION,
    GRAPH,
    NODE,
    SHAPE,
    TENSOR,
    TENSOR_TYPE,
    TYPE,
    TYPE_CODES,
    VALUE,
)
from fastnn.export.onnx.wire import Buffer, chunk, real, whole

__all__ = ["GraphBuilder"]

_flat = chain.from_iterable


class GraphBuilder:
    """Nodes and tensors, in the order in which they are made.

    prefix  what the names of nodes begin with
    """

    def __init__(self, dtype: np.dtype):
        """`dtype` is that of all numbers."""
        self._dtype, self.prefix = dtype, ""
        self._nodes: list[tuple[str, str, list[str], dict[str, int | float]]] = []
        self._tensors: list[Buffer] = []
        self._numbers: dict[float, str] = {}
        self._names: dict[str, str] = {}  # of values that have another name than their node
        self._inputs: list[Buffer] = []
        self._outputs: list[Buffer] = []

    def input(self, name: str, columns: int) -> str:
        """Rows that the graph is given, (batch, columns); returns the name."""
        self._inputs += chunk(GRAPH["input"], *_value(name, self._dtype.name, [columns]))
        return name

    def output(self, value: str, name: str, columns: Sequence[int], dtype: str = "") -> None:
        """Let the graph return a node's output (batch, *columns), and call it `name`."""
        self._names[value] = name
        described = _value(name, dtype or self._dtype.name, columns)
        self._outputs += chunk(GRAPH["output"], *described)

    def tensor(self, name: str, array: NDArray) -> str:
        """Append numbers that are constant; returns the name, after the prefix."""
        name = self.prefix + name
        data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(-1)
        self._tensors += chunk(
            GRAPH["initializer"],
            *_flat(whole(TENSOR["dims"], n) for n in array.shape),
            *whole(TENSOR["data_type"], TYPE_CODES[array.dtype.name]),
            *chunk(TENSOR["name"], name),
            *chunk(TENSOR["raw_data"], data.view(np.uint8).data),
        )
        return name

    def node(self, operator: str, *inputs: str | float, **attributes: int | float) -> str:
        """Append one, whose inputs may be numbers; returns the name of its output."""
        if operator not in WITHOUT_FLOAT64 or self._dtype == np.float32:
            return self._append(operator, inputs, attributes)
        narrow = self._append("Cast", inputs, {"to": TYPE_CODES["float32"]})
        result = self._append(operator, [narrow], attributes)
        return self._append("Cast", [result], {"to": TYPE_CODES["float64"]})

    def _append(
        self, operator: str, inputs: Iterable[str | float], attributes: dict[str, int | float]
    ) -> str:
        name = self.prefix + operator
        alike = sum(other.startswith(name) for other, *_ in self._nodes)
        name += f"_{alike + 1}" if alike else ""
        names = [each if isinstance(each, str) else self._number(each) for each in inputs]
        self._nodes.append((name, operator, names, attributes))
        return name

    def _number(self, value: float) -> str:
        """One that is needed again is the same tensor."""
        if value not in self._numbers:
            name = f"number{len(self._numbers) + 1}"
            self._numbers[value] = self.tensor(name, np.array(value, self._dtype))
        return self._numbers[value]

    def message(self) -> list[Buffer]:
        """The graph's fields."""
        nodes = [chunk(GRAPH["node"], *self._node(*node)) for node in self._nodes]
        return [
            *_flat(nodes),
            *chunk(GRAPH["name"], "fastnn"),
            *self._tensors,
            *self._inputs,
            *self._outputs,
        ]

    def _node(
        self, name: str, operator: str, inputs: list[str], attributes: dict[str, int | float]
    ) -> list[Buffer]:
        used = [self._names.get(each, each) for each in inputs]
        return [
            *_flat(chunk(NODE["input"], each) for each in used),
            *chunk(NODE["output"], self._names.get(name, name)),
            *chunk(NODE["name"], name),
            *chunk(NODE["op_type"], operator),
            *_flat(chunk(NODE["attribute"], *_attribute(*each)) for each in attributes.items()),
        ]


def _attribute(name: str, value: int | float) -> list[Buffer]:
    if isinstance(value, int):
        kind, content = "i", whole(ATTRIBUTE["i"], value)
    else:
        kind, content = "f", real(ATTRIBUTE["f"], value)
    return [
        *chunk(ATTRIBUTE["name"], name),
        *content,
        *whole(ATTRIBUTE["type"], ATTRIBUTE_TYPES[kind]),
    ]


def _value(name: str, dtype: str, columns: Sequence[int]) -> list[Buffer]:
    """What an input or output is: any number of rows."""
    batch = chunk(SHAPE["dim"], *chunk(DIMENSION["dim_param"], "batch"))
    rest = _flat(chunk(SHAPE["dim"], *whole(DIMENSION["dim_value"], n)) for n in columns)
    shape = chunk(TENSOR_TYPE["shape"], *batch, *rest)
    tensor = chunk(TYPE["tensor_type"], *whole(TENSOR_TYPE["elem_type"], TYPE_CODES[dtype]), *shape)
    return [*chunk(VALUE["name"], name), *chunk(VALUE["type"], *tensor)]
