"""What ONNX's operators make of the values of a network: onnx.ai/onnx/operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments.checks import shown
from fastnn.export.onnx.forms import PARTS, Z, applied, plus, times
from fastnn.export.onnx.model import Node
from fastnn.export.onnx.schema import TYPE_CODES
from fastnn.export.onnx.tensor import Tensor
from fastnn.export.onnx.values import Above, Both, Function, Inputs, Label, Layer, as_label

__all__ = ["evaluated"]

_ONE, _NOTHING = np.array(1.0), np.array(0.0)
_LARGE = 15.0  # ln(1 + exp(z)) is z from here on, in float32
_LAST = (1, -1)  # the axis of columns
_FLOATS = TYPE_CODES["float32"], TYPE_CODES["float64"]


def evaluated(node: Node, values: Sequence[Any]) -> Any:
    """A node's output, of its inputs' values, None for one that is left out; ValueError."""
    first = values[0] if values else None
    if node.operator in _OF_LABELS and any(isinstance(each, (Above, Label)) for each in values):
        return _of_labels(values)
    if node.operator in PARTS:
        function = _function(first)
        return replace(function, form=applied(node.operator, node.attributes, function.form))
    if node.operator not in _HANDLERS:
        known = ", ".join(sorted({*PARTS, *_HANDLERS}))
        raise ValueError(f"expected an operator of a feedforward network: {known}")
    handler, least, most = _HANDLERS[node.operator]
    if not least <= len(values) <= most or any(each is None for each in values[:least]):
        raise ValueError(f"expected {least} to {most} inputs, got {len(values)}")
    return handler(node, *values)


# Layers.


def _gemm(node: Node, a: Any, b: Any, c: Any = None) -> Function:
    if node.attribute("transA", 0):
        raise ValueError("expected rows as they are, got transA=1")
    w = _matrix(b)
    z = _layer(a, w if node.attribute("transB", 0) else w.T)
    if (alpha := node.attribute("alpha", 1.0)) != 1:
        z = z.scaled(np.array([alpha]), _NOTHING)
    if c is None:
        return z
    return z.scaled(_ONE, _numbers(c) * node.attribute("beta", 1.0))


def _matmul(node: Node, a: Any, b: Any) -> Function:
    return _layer(a, _matrix(b).T)


def _layer(a: Any, w: NDArray) -> Function:
    """The layer w (outputs, inputs) after the rows a."""
    if isinstance(a, Function):
        a = a.resolved()
    elif not isinstance(a, Inputs):
        raise ValueError("expected rows times constant weights")
    a.check_columns(w.shape[1])
    return Function(Layer(a, w, np.zeros(len(w), w.dtype)))


def _arithmetic(node: Node, a: Any, b: Any) -> Inputs | Function:
    if isinstance(a, (Inputs, Function)) and isinstance(b, (Inputs, Function)):
        return _product(node, a, b)
    swapped = isinstance(b, (Inputs, Function))
    rows, number = (b, _numbers(a)) if swapped else (a, _numbers(b))
    if not isinstance(rows, (Inputs, Function)):
        raise ValueError("expected rows and constant numbers")
    if node.operator == "Add":
        return rows.scaled(_ONE, number)
    if node.operator == "Sub":
        return rows.scaled(-_ONE, number) if swapped else rows.scaled(_ONE, -number)
    if node.operator == "Div":
        if swapped:
            raise ValueError("expected rows divided by constant numbers")
        number = 1 / number
    return rows.scaled(number, _NOTHING)


def _product(node: Node, a: Any, b: Any) -> Function:
    if node.operator != "Mul" or not isinstance(a, Function) or not isinstance(b, Function):
        raise ValueError("expected one of both to be constant")
    if a.layer is not b.layer:
        raise ValueError("expected functions of one layer")
    return replace(a, form=times(a.form, b.form))


def _scaler(node: Node, rows: Any) -> Inputs | Function:
    """ai.onnx.ml's (x - offset) * scale."""
    if not isinstance(rows, (Inputs, Function)):
        raise ValueError("expected rows")
    offset = _numbers(node.attribute("offset", np.zeros(1)))
    scale = _numbers(node.attribute("scale", np.ones(1)))
    return rows.scaled(_ONE, -offset).scaled(scale, _NOTHING)


# What changes no number.


def _same(node: Node, value: Any, ratio: Any = None) -> Any:
    return value  # of a Dropout, too, unless it is told that this is a training


def _cast(node: Node, value: Any) -> Any:
    if node.attribute("to", 0) not in _FLOATS:
        raise ValueError("expected a cast to float32 or float64")
    if isinstance(value, Tensor):
        raise ValueError("expected a cast of rows")
    return value


def _flatten(node: Node, value: Any) -> Any:
    if node.attribute("axis", 1) != 1:
        raise ValueError("expected to flatten from axis 1 on")
    return _flat(value)


def _reshape(node: Node, value: Any, shape: Any) -> Any:
    sizes, rows = _constant(shape).tolist(), value.rows if isinstance(value, Inputs) else None
    if not isinstance(sizes, list) or len(sizes) != 2 or sizes[0] not in (-1, 0, rows):
        raise ValueError(f"expected the shape of rows, such as [-1, 784]; got {shown(sizes)}")
    return _flat(value, sizes[1])


def _flat(value: Any, columns: int = -1) -> Any:
    """Rows of one axis, of so many columns unless it is -1."""
    if isinstance(value, Inputs):
        return value.flattened(columns if columns > 0 else None)
    if columns != -1:
        _function(value).check_columns(columns)
    return _function(value)


def _transpose(node: Node, value: Any) -> NDArray:
    if node.attribute("perm", [1, 0]) != [1, 0]:
        raise ValueError("expected both axes to change places")
    return _matrix(value).T


def _constant_node(node: Node) -> Any:
    kinds = {"value_float": 0.0, "value_floats": _ONE, "value_int": 0, "value_ints": []}
    for name, kind in kinds.items():
        if name in node.attributes:
            return np.array(node.attribute(name, kind))
    if not isinstance(node.attributes.get("value"), Tensor):
        raise ValueError("expected constant numbers")
    return node.attributes["value"]


# Labels.


def _argmax(node: Node, value: Any) -> Label:
    if node.attribute("axis", 0) not in _LAST:
        raise ValueError("expected the largest of a row's outputs: axis=1")
    if not isinstance(value, Both):
        _function(value)
    return Label(each=False)


def _greater(node: Node, value: Any, number: Any) -> Above:
    number = _numbers(number)
    if number.size != 1:
        raise ValueError("expected one number for all")
    return Above(_function(value), number.item())


def _binarizer(node: Node, value: Any) -> Above:
    return Above(_function(value), node.attribute("threshold", 0.0))


def _where(node: Node, condition: Any, value: Any, other: Any) -> Function:
    """PyTorch's softplus, which is z where exp(z) is large."""
    if isinstance(condition, Above) and condition.number >= _LARGE:
        z, softplus = _function(value), _function(other)
        if condition.function.layer is z.layer is softplus.layer:
            forms = condition.function.form, z.form, softplus.form
            if forms == (Z, Z, applied("Softplus", {}, Z)):
                return softplus
    raise ValueError("expected what belongs to a softplus")


def _concat(node: Node, *values: Any) -> Both:
    one, p = map(_function, values)
    if node.attribute("axis", 0) not in _LAST or one.layer is not p.layer:
        raise ValueError("expected 1 - p and p of one layer")
    if len(p.layer.bias) != 1 or one.form != plus(times(p.form, -1.0), 1.0):
        raise ValueError("expected 1 - p and p, of a single output p")
    return Both(p)


def _of_labels(values: Sequence[Any]) -> Label:
    """Labels of other kinds."""
    labels = [as_label(each) for each in values]
    return Label(any(label.each for label in labels if label))


# What values are expected to be.


def _function(value: Any) -> Function:
    if not isinstance(value, Function):
        raise ValueError("expected the values of a layer")
    return value


def _constant(value: Any) -> NDArray:
    array = value.array() if isinstance(value, Tensor) else value
    if not isinstance(array, np.ndarray):
        raise ValueError("expected constant numbers")
    return array


def _matrix(value: Any) -> NDArray:
    array = _constant(value)
    if array.ndim != 2 or array.dtype.kind != "f":
        raise ValueError(f"expected constant weights of two axes, got shape {array.shape}")
    return array


def _numbers(value: Any) -> NDArray:
    """One number for all, of shape (), or one a column, (columns,), float64."""
    array = _constant(value)
    if array.size > 1 and array.shape[-1] != array.size:
        raise ValueError(f"expected one number for each column, got shape {array.shape}")
    return array.astype(np.float64).reshape(() if array.size == 1 else -1)


# With the least and the largest number of inputs.
_HANDLERS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "Gemm": (_gemm, 2, 3),
    "MatMul": (_matmul, 2, 2),
    **{name: (_arithmetic, 2, 2) for name in ("Add", "Sub", "Mul", "Div")},
    "ai.onnx.ml.Scaler": (_scaler, 1, 1),
    "Identity": (_same, 1, 1),
    "ai.onnx.ml.ZipMap": (_same, 1, 1),  # the same probabilities as dictionaries
    "Dropout": (_same, 1, 2),
    "Cast": (_cast, 1, 1),
    "Flatten": (_flatten, 1, 1),
    "Reshape": (_reshape, 2, 2),
    "Transpose": (_transpose, 1, 1),
    "Constant": (_constant_node, 0, 0),
    "ArgMax": (_argmax, 1, 1),
    "Greater": (_greater, 2, 2),
    "ai.onnx.ml.Binarizer": (_binarizer, 1, 1),
    "Where": (_where, 3, 3),
    "Concat": (_concat, 2, 2),
}
_OF_LABELS = (
    *("Cast", "Reshape", "Squeeze", "Unsqueeze", "Gather"),
    *("ai.onnx.ml.ArrayFeatureExtractor", "ai.onnx.ml.LabelEncoder"),
)
