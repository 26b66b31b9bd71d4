"""A network as an ONNX model: layers are Gemm and an activation, outputs plain tensors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import chain
from typing import Any

from numpy.typing import DTypeLike

from fastnn.arguments import checks
from fastnn.export.description import described, fastnn_version
from fastnn.export.onnx.activations import RECIPES
from fastnn.export.onnx.graph_builder import GraphBuilder
from fastnn.export.onnx.schema import ENTRY, IR_VERSIONS, MODEL, OPSET, OPSETS, TYPE_CODES
from fastnn.export.onnx.wire import Buffer, chunk, whole
from fastnn.export.outgoing import as_dtype, as_portable
from fastnn.files import atomic_write
from fastnn.model.portable import PortableNetwork

__all__ = ["to_onnx"]

_LARGEST = (1 << 31) - 1  # bytes of a message, in what reads Protocol Buffers


def to_onnx(
    net: Any,
    path: str | os.PathLike[str],
    *,
    classes: Sequence[str] | None = None,
    opset: int = 13,
    ir_version: int = 7,
    dtype: DTypeLike | None = None,
) -> None:
    """Write a network as an ONNX model, atomically; the package onnx is not needed.

    net         a Network, or a fitted estimator of fastnn.sklearn
    classes     what the outputs stand for, kept in the metadata as "classes", a JSON list
    opset       version of the operators, 9 to 28; 13 is of the year 2020, and run nearly anywhere
    ir_version  version of the file format, 4 to 14; 7 is what belongs to opset 13
    dtype       of parameters, inputs and outputs: None for the network's. Not all programs that run
                ONNX know float64; and in ONNX Runtime five activations have only float32, so
                that they are computed in it, between casts

    The model's input is "input" (batch, inputs), any number of rows, and is multiplied by the
    network's input_scale inside. Outputs:

    probabilities  (batch, classes), of a single sigmoid output (batch, 2): of 0 and of 1. Named
                   "output" (batch, outputs) if they are no probabilities
    label          (batch,) int64, what `predict` returns; of a multi-label network (batch,
                   outputs) of 0 and 1. Not there in regression

    `from_onnx` makes the same network of it again, to the bit. Raises TypeError or ValueError for
    bad arguments, and for activations of your own; OSError as `open`.
    """
    opset = checks.count("opset", opset, OPSETS[0], OPSETS[-1])
    ir_version = checks.count("ir_version", ir_version, IR_VERSIONS[0], IR_VERSIONS[-1])
    portable = as_portable(net, classes)
    if dtype is not None:
        portable = as_dtype(portable, dtype)
    model = _model(portable, opset, ir_version)
    size = sum(memoryview(part).nbytes for part in model)
    if size > _LARGEST:
        raise ValueError(f"net: expected at most 2 GiB, which ONNX can hold, got {size} bytes")
    with atomic_write(path) as file:
        file.writelines(model)


def _model(portable: PortableNetwork, opset: int, ir_version: int) -> list[Buffer]:
    """The message. The graph is last: no file that was cut off is whole."""
    facts = [
        chunk(MODEL["metadata_props"], *chunk(ENTRY["key"], key), *chunk(ENTRY["value"], value))
        for key, value in described(portable).items()
    ]
    operators = [*chunk(OPSET["domain"], ""), *whole(OPSET["version"], opset)]
    return [
        *whole(MODEL["ir_version"], ir_version),
        *chunk(MODEL["producer_name"], "fastnn"),
        *chunk(MODEL["producer_version"], fastnn_version()),
        *chunk(MODEL["opset_import"], *operators),
        *chain.from_iterable(facts),
        *chunk(MODEL["graph"], *_graph(portable)),
    ]


def _graph(portable: PortableNetwork) -> list[Buffer]:
    graph, (first, *_, last) = GraphBuilder(portable.dtype), portable.sizes
    a = graph.input("input", first)
    if portable.input_scale != 1:
        a = graph.node("Mul", a, float(portable.input_scale))
    layers = zip(portable.weights, portable.biases, portable.activations)
    for l, (w, b, activation) in enumerate(layers, 1):
        graph.prefix = f"layer{l}/"
        z = graph.node("Gemm", a, graph.tensor("weights", w), graph.tensor("bias", b), transB=1)
        a = RECIPES[activation](graph.node, z)
    graph.prefix = ""
    if portable.names_a_class and last == 1:
        a, last = graph.node("Concat", graph.node("Sub", 1.0, a), a, axis=1), 2
    graph.output(a, "probabilities" if portable.classifies else "output", [last])
    if portable.multi_label:
        label = graph.node("Cast", graph.node("Greater", a, 0.5), to=TYPE_CODES["int64"])
        graph.output(label, "label", [last], "int64")
    elif portable.names_a_class:
        graph.output(graph.node("ArgMax", a, axis=1, keepdims=0), "label", [], "int64")
    return graph.message()
