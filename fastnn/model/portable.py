"""A trained network as plain arrays and names: what other programs, and pages, are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fastnn.arguments import checks
from fastnn.engine.being_trained import check_whole
from fastnn.model.architecture import Architecture
from fastnn.model.own_functions import UserActivation, named

__all__ = ["PortableNetwork"]


@dataclass(frozen=True)
class PortableNetwork:
    """What computes a = sigma(w a + b), layer by layer, and what its outputs are called.

    weights      one (outputs, inputs) array a layer, float32 or float64
    biases       one (outputs,) array a layer
    activations  the name of each layer's, the output's last
    input_scale  what inputs are multiplied by before the first layer
    classes      what each output stands for; of a single output, what 0 and 1 stand for
    cost         the name of the cost that it was trained with, as `Network` takes it; "" if
                 nobody says
    multi_label  whether each output decides for itself
    """

    weights: tuple[NDArray, ...]
    biases: tuple[NDArray, ...]
    activations: tuple[str, ...]
    input_scale: float = 1.0
    classes: tuple[str, ...] | None = None
    cost: str = ""
    multi_label: bool = False

    @classmethod
    def of(cls, net: Architecture, classes: Sequence[str] | None = None) -> PortableNetwork:
        """That of a network; its arrays are copies.

        Raises ValueError for activations of the user's own, which no other program has, for
        parameters that are NaN or infinite, and for a wrong number of classes; RuntimeError while
        another thread trains the network.
        """
        check_whole(net._engine, "export")  # noqa: SLF001  it asks whether it is being trained
        activations = [*net._hidden(), net.output_activation]  # noqa: SLF001  one for each layer
        for activation in activations:
            if isinstance(activation, UserActivation):
                raise ValueError(
                    f"network: expected fastnn's own activations, got {activation!r}, which other "
                    "programs don't have"
                )
        for name, arrays in (("weights", net.weights), ("biases", net.biases)):
            for l, array in enumerate(arrays):
                checks.finite(f"{name}[{l}]", array)
        return cls(
            tuple(w.copy() for w in net.weights),
            tuple(b[:, 0].copy() for b in net.biases),
            tuple(map(named, activations)),
            net.input_scale,
            cost=named(net.cost),
            multi_label=net.multi_label,
        ).with_classes(classes)

    def with_classes(self, classes: Sequence[str] | None) -> PortableNetwork:
        """The same with these names of classes; TypeError, or ValueError for a wrong number."""
        return replace(self, classes=_as_classes(classes, max(2, self.sizes[-1])))

    @property
    def sizes(self) -> list[int]:
        """Neurons of each layer, the input's first."""
        return [self.weights[0].shape[1], *map(len, self.biases)]

    @property
    def dtype(self) -> np.dtype:
        """float32 or float64."""
        return self.weights[0].dtype

    @property
    def classifies(self) -> bool:
        """Whether its outputs are probabilities, and so name a class."""
        return self.activations[-1] in ("sigmoid", "softmax")

    @property
    def names_a_class(self) -> bool:
        """Whether `predict` gives a label: of probabilities, and of what learned one-hot rows."""
        one_hot = self.cost == "quadratic" and self.activations[-1] in ("tanh", "relu")
        return not self.multi_label and (self.classifies or (one_hot and self.sizes[-1] > 1))


def _as_classes(classes: Sequence[str] | None, count: int) -> tuple[str, ...] | None:
    if classes is None:
        return None
    if isinstance(classes, str) or not all(isinstance(name, str) for name in classes):
        raise TypeError(f"classes: expected a list of texts, got {classes!r}")
    if len(classes) != count:
        raise ValueError(f"classes: expected {count} names, got {len(classes)}")
    return tuple(classes)
