"""A file's bytes as nodes and tensors, whoever wrote them; nothing is computed yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastnn.arguments.checks import shown
from fastnn.export.onnx.external_data import ExternalData
from fastnn.export.onnx.schema import (
    ATTRIBUTE,
    ATTRIBUTE_TYPES,
    DIMENSION,
    ENTRY,
    GRAPH,
    IR_VERSIONS,
    MODEL,
    NODE,
    OPSET,
    OPSETS,
    SHAPE,
    TENSOR_TYPE,
    TYPE,
    VALUE,
)
from fastnn.export.onnx.tensor import Tensor
from fastnn.export.onnx.wire import Message

__all__ = ["Model", "Node", "parse"]

_EARLIEST_OPSET = 7  # where Gemm and Add learned what they mean now


@dataclass(frozen=True)
class Node:
    """An operator, the names of what goes in and comes out, and its attributes."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    def attribute(self, name: str, default: Any) -> Any:
        """An attribute's value; ValueError if it is of another type than the default."""
        value = self.attributes.get(name, default)
        if type(value) is not type(default):
            raise ValueError(f"expected another kind of {name}, got {shown(value)}")
        return value

    def __str__(self) -> str:
        name = self.name or (self.outputs[0] if self.outputs else "")
        return f"node {shown(name)} ({self.operator})"


@dataclass(frozen=True)
class Model:
    """A graph, and what is said of it.

    inputs    by name, the size of each axis, None where it may be any; None if nothing is said
    tensors   by name
    outputs   names
    metadata  texts by name
    """

    tensors: dict[str, Tensor]
    inputs: dict[str, list[int | None] | None]
    outputs: list[str]
    metadata: dict[str, str]
    _nodes: list[memoryview]
    _size: int
    _external: ExternalData

    def nodes(self) -> Iterator[Node]:
        """All nodes, each read when it is its turn."""
        return map(partial(_node, external=self._external), self._nodes)

    @property
    def size(self) -> int:
        """Bytes of its file, and of those beside it that something was read of."""
        return self._size + self._external.size


def parse(content: memoryview, folder: str) -> Model:
    """The model that a file in this folder holds; ValueError for anything else."""
    model = Message(content, MODEL)
    if model.whole("ir_version") not in range(1, IR_VERSIONS[-1] + 1):
        raise ValueError(
            f"ir_version: expected 1 to {IR_VERSIONS[-1]}, got {model.whole('ir_version')}"
        )
    for opset in map(partial(Message, numbers=OPSET), model.chunks("opset_import")):
        if opset.text("domain") in ("", "ai.onnx"):
            version = opset.whole("version")
            break
    else:
        raise ValueError("expected the version of ONNX's operators, found none")
    if not _EARLIEST_OPSET <= version <= OPSETS[-1]:
        raise ValueError(f"opset: expected {_EARLIEST_OPSET} to {OPSETS[-1]}, got {version}")
    if "graph" not in model:
        raise ValueError("expected a graph, found none")
    graph = Message(model.chunk("graph"), GRAPH)
    if "sparse_initializer" in graph:
        raise ValueError("expected dense tensors, got sparse ones")
    external = ExternalData(folder)
    tensors = [Tensor.read(each, external) for each in graph.chunks("initializer")]
    inputs = [_value(each) for each in graph.chunks("input")]
    entries = [Message(each, ENTRY) for each in model.chunks("metadata_props")]
    return Model(
        _unique("tensor", ((tensor.name, tensor) for tensor in tensors)),
        _unique("input", inputs),
        [Message(each, VALUE).text("name") for each in graph.chunks("output")],
        _unique("metadata", ((each.text("key"), each.text("value")) for each in entries)),
        graph.chunks("node"),
        len(content),
        external,
    )


def _unique(what: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{what} {shown(name)} comes twice")
        found[name] = value
    return found


def _value(content: memoryview) -> tuple[str, list[int | None] | None]:
    value = Message(content, VALUE)
    tensor = Message(Message(value.chunk("type"), TYPE).chunk("tensor_type"), TENSOR_TYPE)
    if "shape" not in tensor:
        return value.text("name"), None
    axes = []
    for each in Message(tensor.chunk("shape"), SHAPE).chunks("dim"):
        size = Message(each, DIMENSION).whole("dim_value")
        axes.append(size if size > 0 else None)
    return value.text("name"), axes


def _node(content: memoryview, external: ExternalData) -> Node:
    message = Message(content, NODE)
    domain, operator = message.text("domain"), message.text("op_type")
    return Node(
        message.text("name"),
        operator if domain in ("", "ai.onnx") else f"{domain}.{operator}",
        tuple(message.texts("input")),
        tuple(message.texts("output")),
        dict(_attribute(each, external) for each in message.chunks("attribute")),
    )


def _attribute(content: memoryview, external: ExternalData) -> tuple[str, Any]:
    """Its name and value; None for what no operator that is known here has, such as graphs."""
    attribute = Message(content, ATTRIBUTE)
    value: Any = None
    kind = attribute.whole("type")
    if kind == ATTRIBUTE_TYPES["f"]:
        value = float(attribute.numbers("f", "float32")[-1]) if "f" in attribute else 0.0
    elif kind == ATTRIBUTE_TYPES["i"]:
        value = attribute.whole("i")
    elif kind == ATTRIBUTE_TYPES["s"]:
        value = attribute.text("s")
    elif kind == ATTRIBUTE_TYPES["t"]:
        value = Tensor.read(attribute.chunk("t"), external)
    elif kind == ATTRIBUTE_TYPES["floats"]:
        value = attribute.numbers("floats", "float32")
    elif kind == ATTRIBUTE_TYPES["ints"]:
        value = attribute.wholes("ints")
    return attribute.text("name"), value
