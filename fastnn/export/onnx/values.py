"""What the values of a graph are, as far as they are a network's: inputs, layers, functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.export.onnx.forms import Form, Z, activation_of, affine, plus, text, times

__all__ = ["Above", "Both", "Function", "Inputs", "Label", "Layer", "as_label"]


@dataclass(frozen=True, eq=False)
class Inputs:
    """scale * x + shift of the rows x that the graph is given.

    scale, shift  float64, one number or one for each column
    rows, columns None if it is not said how many
    flat          whether rows have one axis
    """

    scale: NDArray
    shift: NDArray
    rows: int | None
    columns: int | None
    flat: bool

    @classmethod
    def of(cls, axes: list[int | None] | None) -> Inputs:
        """Those whose axes are of these sizes; it may be said of none, or of no axis."""
        one, nothing = np.array(1.0), np.array(0.0)
        if not axes:
            return cls(one, nothing, None, None, axes is None)
        known = [size for size in axes[1:] if size]
        columns = prod(known) if len(known) == len(axes) - 1 else None
        return cls(one, nothing, axes[0], columns, len(axes) == 2)

    def scaled(self, scale: NDArray, shift: NDArray) -> Inputs:
        """The same times `scale`, plus `shift`; ValueError for what is neither."""
        if not self.flat and max(scale.size, shift.size) > 1:
            raise ValueError("expected one number for all, as rows have several axes")
        return replace(self, scale=self.scale * scale, shift=self.shift * scale + shift)

    def flattened(self, columns: int | None) -> Inputs:
        """Of one axis; `columns` are None if it is not said how many."""
        return replace(self, columns=columns or self.columns, flat=True)

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return self.scale.nbytes + self.shift.nbytes

    def check_columns(self, count: int) -> None:
        """ValueError unless there may be so many, all on one axis."""
        if not self.flat:
            raise ValueError("expected rows of one axis; a Flatten makes them of several")
        sizes = {self.scale.size, self.shift.size} - {1}
        if self.columns:
            sizes.add(self.columns)
        if sizes - {count}:
            raise ValueError(f"expected {max(sizes - {count})} columns, got {count}")


@dataclass(frozen=True, eq=False)
class Layer:
    """z = w a + b of a layer, whose inputs a are the graph's or the function of another layer.

    weights  (outputs, inputs)
    bias     (outputs,)
    """

    a: Inputs | Function
    weights: NDArray
    bias: NDArray

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return self.weights.nbytes + self.bias.nbytes

    def scaled(self, scale: NDArray, shift: NDArray) -> Layer:
        """The layer of scale * z + shift, in float64 until the last."""
        w, b, dtype = self.weights, self.bias, self.weights.dtype
        if (scale != 1).any():
            w = (w * scale.reshape(-1, 1)).astype(dtype)
        b = np.where(b == 0, shift, b * scale + shift)  # where there is none yet, -0 stays -0
        return Layer(self.a, w, b.astype(dtype))


@dataclass(frozen=True, eq=False)
class Function:
    """A function of a layer's z.

    made_by  the last node that had to do with it
    """

    layer: Layer
    form: Form = Z
    made_by: str = ""

    def scaled(self, scale: NDArray, shift: NDArray) -> Function:
        """The same times `scale`, plus `shift`; ValueError for what no activation has."""
        if max(scale.size, shift.size) == 1 and (self.form != Z or not shift.any()):
            return replace(self, form=plus(times(self.form, scale.item()), shift.item()))
        layer = self._folded()
        if layer is None:
            raise ValueError("expected one number for all after an activation")
        if {scale.size, shift.size} - {1, len(layer.bias)}:
            raise ValueError(f"expected 1 or {len(layer.bias)} numbers")
        return Function(layer.scaled(scale, shift))

    def resolved(self) -> Function:
        """One that is an activation of fastnn's; ValueError if there is no such."""
        if self.activation:
            return self
        if (layer := self._folded()) is not None:
            return Function(layer)
        raise ValueError(f"{self.made_by}: no activation of fastnn's is {text(self.form)}")

    def _folded(self) -> Layer | None:
        """The layer whose z is this function, if that is no more than z scaled."""
        if self.form == Z:
            return self.layer
        numbers = affine(self.form)
        return self.layer.scaled(*map(np.array, numbers)) if numbers else None

    def check_columns(self, count: int) -> None:
        """ValueError unless there are so many."""
        if count != len(self.layer.bias):
            raise ValueError(f"expected {len(self.layer.bias)} columns, got {count}")

    @property
    def activation(self) -> str | None:
        """Its name, if fastnn has it."""
        return activation_of(self.form)


@dataclass(frozen=True, eq=False)
class Both:
    """1 - p and p of a single output p: the probabilities of two classes."""

    p: Function


@dataclass(frozen=True, eq=False)
class Above:
    """Which of a layer's values are above a number."""

    function: Function
    number: float


@dataclass(frozen=True, eq=False)
class Label:
    """What a row is found to be, which the network says as well.

    each  whether every output decides for itself
    """

    each: bool


def as_label(value: Any) -> Label | None:
    """The label that a value is, if it is one; ValueError for one that `predict` does not give."""
    if not isinstance(value, Above):
        return value if isinstance(value, Label) else None
    if value.number != 0.5:
        raise ValueError(f"expected outputs compared with 1/2, got {value.number:g}")
    return Label(each=True)
