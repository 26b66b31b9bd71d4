"""What a row passes, layer by layer, as other libraries list it; and the network that does it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastnn.model.portable import PortableNetwork

__all__ = ["LOG_SOFTMAX", "Chain", "LayerError"]

# Not an activation of fastnn's; as a network's last, its outputs' exponentials are softmax.
LOG_SOFTMAX = "log_softmax"


class LayerError(ValueError):
    """A layer, or an order of layers, that no network of fastnn's has; it names the layer."""


class Chain:
    """Layers in the order in which a row passes them. Each is named, for errors.

    Elsewhere weights, activations and factors are layers of their own, in any order; here factors
    come first, and every layer of weights has one activation. Methods raise LayerError for what
    can't be told so.
    """

    def __init__(self, whole: str) -> None:
        """`whole` is what all layers together are named."""
        self._whole = whole
        self._scale, self._offset = 1.0, 0.0
        self._weights: list[NDArray] = []
        self._biases: list[NDArray] = []
        self._activations: list[str] = []

    def rescale(self, layer: str, scale: float, offset: float = 0.0) -> None:
        """The layer makes scale x + offset of inputs x."""
        if self._weights:
            raise LayerError(f"{layer}: expected it before the first layer of weights")
        self._scale, self._offset = self._scale * scale, self._offset * scale + offset

    def dense(self, layer: str, weights: NDArray, biases: NDArray | None) -> None:
        """The layer has weights (outputs, inputs) and biases (outputs,), or None for zeros."""
        outputs, inputs = weights.shape
        if self._weights and inputs != len(self._weights[-1]):
            raise LayerError(
                f"{layer}: expected {len(self._weights[-1])} inputs, as many as the layer before "
                f"has outputs, got {inputs}"
            )
        if self._activations[-1:] == [LOG_SOFTMAX]:
            raise LayerError(f"{layer}: expected no layer behind {LOG_SOFTMAX}")
        if biases is None:
            biases = np.zeros(outputs, weights.dtype)
        for name, array in (("weights", weights), ("biases", biases)):
            if not np.isfinite(array).all():
                raise LayerError(f"{layer}: expected {name} that are finite, got NaN or infinity")
        self._weights.append(weights)
        self._biases.append(biases)
        self._activations.append("identity")

    def activate(self, layer: str, activation: str) -> None:
        """The layer is an activation, by fastnn's name or LOG_SOFTMAX."""
        if activation == "identity":
            return
        if not self._weights:
            raise LayerError(f"{layer}: expected {activation} behind a layer of weights")
        if self._activations[-1] != "identity":
            raise LayerError(
                f"{layer}: expected one activation behind each layer of weights, "
                f"got {activation} behind {self._activations[-1]}"
            )
        self._activations[-1] = activation

    def portable(self) -> PortableNetwork:
        """The network, of the narrowest dtype, float32 or float64, that holds all numbers.

        Its cost is "", for nothing tells which one it was.
        """
        if not self._weights:
            raise LayerError(f"{self._whole}: expected a layer of weights, found none")
        dtype = np.result_type(np.float32, *self._weights, *self._biases)
        weights = [w.astype(dtype) for w in self._weights]
        biases = [b.astype(dtype) for b in self._biases]
        if self._offset:
            with np.errstate(over="ignore"):
                moved = self._offset * weights[0].sum(axis=1, dtype=np.float64) + biases[0]
                biases[0] = moved.astype(dtype)
            if not np.isfinite(biases[0]).all():
                raise LayerError(f"{self._whole}: expected biases that hold {self._offset:g} too")
        if self._scale < 0:
            weights[0] = -weights[0]
        activations = ["softmax" if a == LOG_SOFTMAX else a for a in self._activations]
        return PortableNetwork(
            tuple(weights), tuple(biases), tuple(activations), abs(self._scale), cost=""
        )
