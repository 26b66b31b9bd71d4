"""fastnn's activations as nodes of ONNX: how the writer makes them, and the reader knows them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

__all__ = ["RECIPES", "WITHOUT_FLOAT64"]

# node(operator, *inputs, **attributes) makes one and returns its output; inputs may be numbers.
Node = Callable[..., Any]


def _gelu(node: Node, z: Any) -> Any:
    twice = node("Add", node("Erf", node("Mul", z, math.sqrt(0.5))), 1.0)
    return node("Mul", node("Mul", z, twice), 0.5)


RECIPES: dict[str, Callable[[Node, Any], Any]] = {
    "sigmoid": lambda node, z: node("Sigmoid", z),
    "tanh": lambda node, z: node("Tanh", z),
    "relu": lambda node, z: node("Relu", z),
    "identity": lambda node, z: z,
    "softmax": lambda node, z: node("Softmax", z, axis=1),
    "leaky_relu": lambda node, z: node("LeakyRelu", z, alpha=0.01),
    "elu": lambda node, z: node("Elu", z, alpha=1.0),
    "gelu": _gelu,
    "silu": lambda node, z: node("Mul", z, node("Sigmoid", z)),
    "softplus": lambda node, z: node("Softplus", z),
    "exponential": lambda node, z: node("Exp", z),
    "selu": lambda node, z: node("Selu", z),
    "mish": lambda node, z: node("Mul", z, node("Tanh", node("Softplus", z))),
}

# ONNX Runtime has no kernels for these in float64, though ONNX does.
WITHOUT_FLOAT64 = {"LeakyRelu", "Elu", "Selu", "Softplus", "Erf"}
