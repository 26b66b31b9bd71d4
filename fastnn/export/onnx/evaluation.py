"""A graph's nodes, one after the other, as what they do to the rows of a network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from fastnn.arguments.checks import shown
from fastnn.export.onnx.model import Model, Node
from fastnn.export.onnx.operators import evaluated
from fastnn.export.onnx.values import Function, Inputs, Layer

__all__ = ["evaluate"]

# Layers, with what was added to them and multiplied, may take so many times the file's size.
_LARGEST = 8


def evaluate(model: Model) -> dict[str, Any]:
    """The graph's outputs by their names.

    Raises ValueError, which names the node, for what no network of fastnn's does.
    """
    given = [name for name in model.inputs if name not in model.tensors]
    if len(given) != 1:
        raise ValueError(f"inputs: expected one, got {len(given)}: {shown(given)}")
    values: dict[str, Any] = {**model.tensors, given[0]: Inputs.of(model.inputs[given[0]])}
    memory = _Memory()
    for node in model.nodes():
        try:
            value = _value(node, values)
            if isinstance(value, (Inputs, Function)):
                memory.add(value, model.size)
            if isinstance(value, Function):
                value = replace(value, made_by=str(node))
        except ValueError as error:
            raise ValueError(f"{node}: {error}") from None
        values[node.outputs[0]] = value
    for name in model.outputs:
        if name not in values:
            raise ValueError(f"outputs: expected {shown(name)} to be a node's")
    return {name: values[name] for name in model.outputs}


def _value(node: Node, values: dict[str, Any]) -> Any:
    """What a node's first output is; further ones are not known."""
    if not node.outputs or node.outputs[0] in values:
        raise ValueError(f"expected an output of a new name, got {shown(node.outputs)}")
    for name in node.inputs:
        if name and name not in values:
            raise ValueError(f"expected an input that is there, got {shown(name)}")
    with np.errstate(all="ignore"):  # what overflows is refused in the end
        return evaluated(node, [values[name] if name else None for name in node.inputs])


class _Memory:
    """What values take of it: a small file may have one tensor in a thousand layers."""

    def __init__(self) -> None:
        self._known: set[Layer | Inputs] = set()
        self._bytes = 0

    def add(self, value: Inputs | Function, file_size: int) -> None:
        """What may be new of a value, and of all that it is computed from; ValueError."""
        while (source := value.layer if isinstance(value, Function) else value) not in self._known:
            self._known.add(source)
            self._bytes += source.nbytes
            if self._bytes > _LARGEST * file_size:
                raise ValueError(f"expected layers of at most {_LARGEST} times the file's size")
            if isinstance(source, Layer):
                value = source.a
