"""A network of an ONNX model: of fastnn's own, and of others' that do what fastnn can."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.export.asked import as_asked
from fastnn.export.description import Description
from fastnn.export.incoming import as_network
from fastnn.export.onnx.evaluation import evaluate
from fastnn.export.onnx.model import Model, parse
from fastnn.export.onnx.values import Both, Function, Inputs, Layer, as_label
from fastnn.files import open_file
from fastnn.model.portable import PortableNetwork
from fastnn.network import Network

__all__ = ["from_onnx", "read_onnx"]


def from_onnx(
    path: str | os.PathLike[str], *, cost: Any = None, output_activation: str | None = None
) -> Network:
    """The network that an ONNX model is; of `to_onnx`'s the same one, to the bit.

    cost               to train on with; by default what the file says, or what fits the outputs
    output_activation  what follows a model that returns logits: "softmax" or "sigmoid"

    Models of others may have layers of Gemm or of MatMul and Add, fastnn's activations, whole
    operators or made of several, and before the layers Flatten, Cast and sums and products with
    constants. A factor that is one number becomes input_scale, others become part of the first
    layer. 16-bit floats become float32. Nothing in the file is executed.

    Raises OSError as `open`, or ValueError for a file that is damaged, or of no such network: it
    names the node that fastnn can't do. TypeError or ValueError for bad arguments.
    """
    portable = read_onnx(path)
    try:
        return as_network(as_asked(portable, cost, output_activation))
    except ValueError as error:
        raise ValueError(f"{os.fsdecode(path)}: {error}") from None


def read_onnx(path: str | os.PathLike[str]) -> PortableNetwork:
    """The same as arrays and names, with the names of classes if the file has them."""
    name = os.fsdecode(path)
    with open_file(path) as file:
        content = file.read()
    try:
        model = parse(memoryview(content), os.path.dirname(name))
    except ValueError as error:
        raise ValueError(
            f"{name}: expected an ONNX model, got another or a damaged file ({error})"
        ) from None
    try:
        return _network(model, evaluate(model))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _network(model: Model, outputs: dict[str, Any]) -> PortableNetwork:
    """The one network whose outputs and labels these are."""
    labels = {name: as_label(value) for name, value in outputs.items()}
    found = {name: value for name, value in outputs.items() if not labels[name]}
    if len(found) != 1:
        raise ValueError(f"outputs: expected one that is no label, got {', '.join(found) or None}")
    ((name, value),) = found.items()
    last = value.p if isinstance(value, Both) else value
    if not isinstance(last, Function):
        raise ValueError(f"outputs: expected {name} to be a layer's")
    portable = _portable(last)
    several = any(label.each for label in labels.values() if label)
    portable = replace(portable, multi_label=several and portable.activations[-1] == "sigmoid")
    said = Description.read(model.metadata)
    if said is None:
        return portable
    cast = portable.dtype.type
    if cast(portable.input_scale) != cast(said.input_scale):  # of which the graph has a rounded one
        raise ValueError(
            f"input_scale: expected {said.input_scale}, as the metadata say, got "
            f"{portable.input_scale} in the graph"
        )
    return said.completed(portable)


def _portable(last: Function) -> PortableNetwork:
    """The layers up to this function."""
    value: Function | Inputs = last.resolved()
    layers: list[Layer] = []
    activations: list[str] = []
    while isinstance(value, Function):
        layers.insert(0, value.layer)
        activations.insert(0, str(value.activation))
        value = value.layer.a
    doubles = any(layer.weights.dtype == np.float64 for layer in layers)
    dtype = np.dtype(np.float64 if doubles else np.float32)
    input_scale = 1.0
    if value.scale.size == 1 and value.scale > 0 and not value.shift.any():
        input_scale = value.scale.item()
    else:
        layers[0] = _standardized(layers[0], value)

    def own(array: NDArray) -> NDArray:
        return np.array(array, dtype, order="C")

    return PortableNetwork(
        tuple(own(layer.weights) for layer in layers),
        tuple(own(layer.bias) for layer in layers),
        tuple(activations),
        input_scale,
    )


def _standardized(layer: Layer, inputs: Inputs) -> Layer:
    """The layer with what is done to inputs before it: w (scale x + shift) + b."""
    w, dtype = layer.weights.astype(np.float64), layer.weights.dtype
    b = layer.bias + w @ np.broadcast_to(inputs.shift, w.shape[1])
    return Layer(inputs, (w * inputs.scale).astype(dtype), b.astype(dtype))
