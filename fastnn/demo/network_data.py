"""A network as what a script can read: names, numbers, and its parameters in base64."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from fastnn.model.portable import PortableNetwork

__all__ = ["MOST_EXACT", "SIDE", "as_data"]

SIDE = 28  # pixels of a picture

# Parameters that fit as float32 into a page of a megabyte. Those of larger networks are rounded to
# float16, of which twice as many do.
MOST_EXACT = 153_000


def as_data(portable: PortableNetwork, about: str | None = None) -> dict[str, Any]:
    """What draw/network.js reads. Raises ValueError for a network that can't see or name a digit.

    about  a line on it; by default its layers and functions
    """
    _check(portable)
    parameters = np.concatenate(
        [array.ravel() for pair in zip(portable.weights, portable.biases) for array in pair]
    )
    dtype = _dtype_for(parameters)
    little_endian = parameters.astype(dtype.newbyteorder("<"))
    return {
        "about": about or _about(portable),
        "sizes": portable.sizes,
        "activations": portable.activations,
        # Pixels are bytes: a network that scales inputs itself gets them as they are.
        "scale": 1 / 255 if portable.input_scale == 1 else portable.input_scale,
        "classes": portable.classes or [str(k) for k in range(max(2, portable.sizes[-1]))],
        # A single output is the same with and without.
        "multi_label": portable.multi_label and portable.sizes[-1] > 1,
        "dtype": dtype.name,
        "parameters": base64.b64encode(little_endian.tobytes()).decode(),
    }


def _check(portable: PortableNetwork) -> None:
    """ValueError unless its inputs are pictures, and its outputs name a class."""
    inputs, outputs = portable.sizes[0], portable.sizes[-1]
    if inputs != SIDE * SIDE:
        raise ValueError(
            f"network: expected one with {SIDE * SIDE} inputs, the {SIDE} x {SIDE} pixels of a "
            f"drawing, got one with {inputs}"
        )
    output = portable.activations[-1]
    one_hot = output == "softmax" or (portable.cost == "quadratic" and output in ("tanh", "relu"))
    if output != "sigmoid" and not (one_hot and outputs > 1):
        raise ValueError(
            "network: expected one whose outputs name a class, as sigmoid and softmax ones do, got "
            f"{outputs} {output} outputs"
        )


def _dtype_for(parameters: np.ndarray) -> np.dtype:
    """float16 for what is too long as float32, unless that is too narrow."""
    wide = np.abs(parameters).max() > np.finfo(np.float16).max
    return np.dtype(np.float32 if len(parameters) <= MOST_EXACT or wide else np.float16)


def _about(portable: PortableNetwork) -> str:
    """Its layers and functions: 784-100-10, relu and softmax."""
    functions = list(dict.fromkeys(portable.activations))
    return f"{'-'.join(map(str, portable.sizes))}, {' and '.join(functions)}"
