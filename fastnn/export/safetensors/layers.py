"""A network's layers in a safetensors file, as torch.nn.Sequential names them.

Of Sequential(Linear, activation, Linear, ...) they are "0.weight" (outputs, inputs), "0.bias"
(outputs,), "2.weight", ...
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments.checks import shown
from fastnn.export.asked import as_asked
from fastnn.export.description import Description, described
from fastnn.export.incoming import as_network
from fastnn.export.outgoing import as_portable
from fastnn.export.safetensors.container import encoded_header, parse, write
from fastnn.files import atomic_write, open_file
from fastnn.model.own_functions import hidden_activations, known
from fastnn.model.portable import PortableNetwork
from fastnn.network import Network

__all__ = ["from_safetensors", "read_safetensors", "to_safetensors"]


def to_safetensors(
    net: Any, path: str | os.PathLike[str], *, classes: Sequence[str] | None = None
) -> None:
    """Write a network as a safetensors file, atomically, for torch.nn.Sequential and others.

    net      a Network, or a fitted estimator of fastnn.sklearn
    classes  what the outputs stand for, kept in the metadata as "classes", a JSON list

    Sizes, activations, input_scale and cost are in the metadata as well, by which
    `from_safetensors` makes the same network again, to the bit. What else loads the arrays has to
    multiply its inputs by input_scale, if that is not 1. Raises TypeError or ValueError for bad
    arguments and for activations of your own; OSError as `open`.
    """
    portable = as_portable(net, classes)
    arrays = {}
    for l, (w, b) in enumerate(zip(portable.weights, portable.biases)):
        arrays[f"{2 * l}.weight"], arrays[f"{2 * l}.bias"] = w, b
    header = encoded_header(arrays, {"format": "pt", **described(portable)})
    with atomic_write(path) as file:
        write(file, header, arrays)


def from_safetensors(
    path: str | os.PathLike[str],
    *,
    activation: str | Sequence[str] | None = None,
    output_activation: str | None = None,
    cost: Any = None,
) -> Network:
    """The network that a safetensors file holds; of `to_safetensors`'s the same one, to the bit.

    activation, output_activation
          as of Network; needed for files of others, which don't say what their layers have
    cost  to train on with; by default what the file says, or what fits the outputs

    A file of others has a weight (outputs, inputs) for each layer, a bias (outputs,) or none, in
    the order of the numbers in their names, and no other arrays. 16-bit floats become float32.

    Raises OSError as `open`, or ValueError for a file that is damaged or of no such network.
    TypeError or ValueError for bad arguments.
    """
    portable = read_safetensors(path, activation, output_activation)
    try:
        return as_network(as_asked(portable, cost))
    except ValueError as error:
        raise ValueError(f"{os.fsdecode(path)}: {error}") from None


def read_safetensors(
    path: str | os.PathLike[str],
    activation: str | Sequence[str] | None = None,
    output_activation: str | None = None,
) -> PortableNetwork:
    """The same as arrays and names, with the names of classes if the file has them."""
    name = os.fsdecode(path)
    with open_file(path) as file:
        content = file.read()
    try:
        arrays, metadata = parse(content)
    except ValueError as error:
        raise ValueError(
            f"{name}: expected a safetensors file, got another or a damaged one ({error})"
        ) from None
    try:
        weights, biases = _layers(arrays)
        said = Description.read(metadata)
        if said is not None:
            _check_unasked(activation, output_activation)
            return said.completed(PortableNetwork(weights, biases, said.activations))
        names = _activations(activation, output_activation, len(weights))
        return PortableNetwork(weights, biases, names)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _check_unasked(activation: Any, output_activation: Any) -> None:
    given = {"activation": activation, "output_activation": output_activation}
    for argument, value in given.items():
        if value is not None:
            raise ValueError(f"{argument}: expected None, as the file says it; got {shown(value)}")


def _activations(activation: Any, output_activation: Any, layers: int) -> tuple[str, ...]:
    """The activation of each layer, as it was asked for."""
    if activation is None and layers == 1:
        activation = []
    for argument, value in (("activation", activation), ("output_activation", output_activation)):
        if value is None:
            raise ValueError(f"{argument}: expected the layers', as the file does not say it")
    hidden = hidden_activations(activation, layers - 1)
    names = [*hidden, known("output_activation", output_activation)]
    for each in names:
        if not isinstance(each, str):
            raise TypeError(f"activation: expected names, got {each!r}")
    return tuple(names)


def _layers(arrays: dict[str, NDArray]) -> tuple[tuple[NDArray, ...], tuple[NDArray, ...]]:
    """Weights (outputs, inputs) and biases (outputs,), one of each a layer, of one dtype."""
    left = dict(arrays)
    doubles = any(array.dtype == np.float64 for array in arrays.values())
    dtype = np.dtype(np.float64 if doubles else np.float32)
    weights: list[NDArray] = []
    biases: list[NDArray] = []
    for name in sorted((name for name in arrays if name.endswith("weight")), key=_by_numbers):
        w = left.pop(name)
        if w.ndim != 2 or (weights and w.shape[1] != len(weights[-1])):
            inputs = len(weights[-1]) if weights else "inputs"
            raise ValueError(f"{shown(name)}: expected shape (outputs, {inputs}), got {w.shape}")
        b = left.pop(name.removesuffix("weight") + "bias", np.zeros(len(w), dtype))
        if b.shape != (len(w),):
            raise ValueError(f"bias of {shown(name)}: expected shape ({len(w)},), got {b.shape}")
        weights.append(w.astype(dtype, copy=False))
        biases.append(b.astype(dtype, copy=False))
    if left:
        raise ValueError(f"{shown(min(left))}: expected no arrays but weights and their biases")
    if not weights:
        raise ValueError("expected weights, found none")
    return tuple(weights), tuple(biases)


def _by_numbers(name: str) -> list[Any]:
    """What orders "fc2" before "fc10"."""
    return [int(part) if part.isdecimal() else part for part in re.split("([0-9]+)", name)]
