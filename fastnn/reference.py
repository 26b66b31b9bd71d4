"""The same network in plain NumPy: to read, to learn from, and to check the kernels against.

Everything fastnn computes is written here once more, a whole mini-batch at a time, as
chapter 2 of Michael Nielsen's book has it, and shares no code with the kernels. Letters:
x is the input, a = sigma(z) a layer's activations, delta = dC/dz its error, nabla a
gradient. Rows are samples, so that the book's w a + b reads a @ w.T + b.T here.

    net = Reference(weights, biases, ["sigmoid", "sigmoid"], "cross-entropy")
    net.update_mini_batch(x, y, eta=0.5, l1=0.0, l2=5.0, n=50_000)
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.reference_optimizers import (
    SGD,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
)

__all__ = [
    "SGD", "Adam", "AdamW", "Momentum", "Nesterov", "Optimizer", "RMSProp", "Reference",
    "dropout_masks", "penalty",
]  # fmt: skip

Arrays = list[NDArray]
Masks = list[NDArray | float]
PerLayer = float | Sequence[float]  # one number for all layers, or one a layer


# Activations sigma(z), and the derivative by z of a function whose derivative by a is g.


def _sigmoid(z: NDArray) -> NDArray:
    """1 / (1 + exp(-z)), without overflow: exp only ever sees -|z|."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def _softmax(z: NDArray) -> NDArray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "sigmoid": (_sigmoid, lambda a, g: g * a * (1 - a)),
    "tanh": (np.tanh, lambda a, g: g * (1 - a**2)),
    "relu": (lambda z: np.maximum(z, 0), lambda a, g: g * (a > 0)),
    "identity": (lambda z: z, lambda a, g: g),
    "softmax": (_softmax, lambda a, g: a * (g - (g * a).sum(axis=1, keepdims=True))),
}


# Costs of one sample each, from the output layer's z: a rounds to 0 or 1 where ln a would
# still be finite.


def _quadratic(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    """|a - y|^2 / 2 (the book's eq. 6)."""
    return 0.5 * ((a - y) ** 2).sum(axis=1)


def _cross_entropy(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    """-sum y ln a + (1 - y) ln(1 - a) for a = sigmoid(z) (the book's eq. 63)."""
    return (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).sum(axis=1)


def _log_likelihood(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    """-sum y ln a for a = softmax(z) (the book's eq. 80)."""
    shifted = z - z.max(axis=1, keepdims=True)
    log_a = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(y * log_a).sum(axis=1)


COSTS: dict[str, Callable] = {
    "quadratic": _quadratic,
    "cross-entropy": _cross_entropy,
    "log-likelihood": _log_likelihood,
}


def penalty(weights: Sequence[NDArray], l1: float, l2: float, n: int) -> float:
    """lambda2 / (2 n) sum w^2 + lambda1 / n sum |w| (the book's eqs. 87 and 95); no biases."""
    squares = sum(float((w.astype(np.float64) ** 2).sum()) for w in weights)
    sizes = sum(float(np.abs(w.astype(np.float64)).sum()) for w in weights)
    return l2 / (2 * n) * squares + l1 / n * sizes


def dropout_masks(
    seed: int, update: int, sizes: Sequence[int], rates: Sequence[float], rows: int
) -> Masks:
    """Who is dropped at an update: for each layer but the last, 0 or 1 / (1 - rate) (rows, size).

    A hash of the seed, the number of updates before this one, the layer and the place in the
    mini-batch (Wellons 2018, "lowbias32") is compared with the rate.
    """
    masks: Masks = []
    for l, rate in enumerate(rates):
        key = _hash(np.array([seed & 0xFFFFFFFF], np.uint32))
        key = _hash(key ^ np.uint32((seed >> 32) & 0xFFFFFFFF))
        key = _hash(key + np.uint32(update))
        key = _hash(key + np.uint32(l))
        second_key = _hash(key ^ np.uint32(0x9E3779B9))
        places = np.arange(rows * sizes[l], dtype=np.uint32)
        bits = _hash(_hash(places + key) ^ second_key) >> np.uint32(9)
        u = ((bits + 0.5) / 2**23).reshape(rows, sizes[l])
        masks.append(np.where(u > rate, 1 / (1 - rate), 0.0) if rate else 1.0)
    return masks


def _hash(x: NDArray) -> NDArray:
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


class Reference:
    """A feedforward network of NumPy arrays.

    weights      list of (outputs, inputs) arrays, one a layer
    biases       list of (outputs, 1) arrays
    activations  a name from ACTIVATIONS for every layer but the input
    cost         a name from COSTS; "cross-entropy" needs a sigmoid output layer,
                 "log-likelihood" a softmax one
    """

    def __init__(
        self,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike],
        activations: Sequence[str],
        cost: str,
    ):
        self.weights: Arrays = [np.array(w) for w in weights]
        self.biases: Arrays = [np.array(b) for b in biases]
        self.activations = list(activations)
        self.cost = cost

    def _forward(self, x: NDArray, masks: Masks | None = None) -> tuple[Arrays, NDArray]:
        """The activations of every layer, (rows, neurons), and the output layer's z.

        What a layer hands on is its activations times its mask.
        """
        a, z = [x], x
        masks = masks or [1.0] * len(self.weights)
        for w, b, name, mask in zip(
            self.weights, self.biases, self.activations, masks, strict=True
        ):
            z = (a[-1] * mask) @ w.T + b.T
            a.append(ACTIVATIONS[name][0](z))
        return a, z

    def feedforward(self, x: NDArray) -> NDArray:
        """The output layer's activations (rows, outputs) for x (rows, inputs)."""
        return self._forward(x)[0][-1]

    def data_costs(self, x: NDArray, y: NDArray) -> NDArray:
        """Each row's cost, (rows,), without the penalty; y (rows, outputs) are targets."""
        a, z = self._forward(x)
        return COSTS[self.cost](z, a[-1], y)

    def gradients(
        self, x: NDArray, y: NDArray, masks: Masks | None = None
    ) -> tuple[Arrays, Arrays]:
        """Sums over the rows of dC/dw and dC/db, by backpropagation.

        masks: what to multiply the activations of each layer but the last with, see
        dropout_masks.
        """
        masks = masks or [1.0] * len(self.weights)
        a, _ = self._forward(x, masks)
        delta = a[-1] - y  # BP1; for cross-entropy and log-likelihood sigma' cancels
        if self.cost == "quadratic":
            delta = ACTIVATIONS[self.activations[-1]][1](a[-1], delta)
        nabla_w: Arrays = []
        nabla_b: Arrays = []
        for l in reversed(range(len(self.weights))):
            nabla_b.insert(0, delta.sum(axis=0)[:, np.newaxis])  # BP3
            nabla_w.insert(0, delta.T @ (a[l] * masks[l]))  # BP4
            if l > 0:  # BP2
                pulled_back = (delta @ self.weights[l]) * masks[l]
                delta = ACTIVATIONS[self.activations[l - 1]][1](a[l], pulled_back)
        return nabla_w, nabla_b

    def update_mini_batch(
        self,
        x: NDArray,
        y: NDArray,
        eta: float,
        l1: PerLayer,
        l2: PerLayer,
        n: int,
        optimizer: Optimizer | None = None,
        *,
        l1_mode: str = "subgradient",
        max_norm: PerLayer = 0.0,
        clip_norm: float = 0.0,
        masks: Masks | None = None,
    ) -> None:
        """One regularized step; n is the training set's size, not the mini-batch's.

        The gradient of the mini-batch's mean cost and of the penalty is
        (1/m) sum dC/dw + (l2 / n) w + (l1 / n) sgn(w); biases are not regularized. Plain SGD,
        w <- w - eta g, is the default.

        l1_mode   "proximal": l1 is no part of the gradient; after the step, weights move by
                  eta l1 / n towards 0, not beyond
        max_norm  after the step, a neuron's weights are no longer than this (0: any)
        clip_norm the mean gradient of the data costs, of all layers together, is no longer
                  than this (0: any)
        masks     of dropout, see gradients

        l1, l2 and max_norm are one number, or one a layer.
        """
        optimizer = optimizer or SGD()
        layers = len(self.weights)
        lambda1, lambda2, limits = (
            np.broadcast_to(np.asarray(v, float), layers) for v in (l1, l2, max_norm)
        )
        proximal = l1_mode == "proximal"
        shrink, threshold = lambda1 / n * (not proximal), eta * lambda1 / n * proximal
        nabla_w, nabla_b = self.gradients(x, y, masks)
        gradients = [nabla / len(x) for nabla in nabla_w + nabla_b]
        norm = np.sqrt(sum(float((g.astype(np.float64) ** 2).sum()) for g in gradients))
        if clip_norm and norm > clip_norm:
            gradients = [g * (clip_norm / norm) for g in gradients]
        penalties = [
            lambda2[l] / n * w + shrink[l] * np.sign(w) for l, w in enumerate(self.weights)
        ] + [np.zeros_like(b) for b in self.biases]
        parameters = self.weights + self.biases
        if optimizer.decoupled:
            parameters = [p - eta * pull for p, pull in zip(parameters, penalties, strict=True)]
        else:
            gradients = [g + pull for g, pull in zip(gradients, penalties, strict=True)]
        steps = optimizer.steps(gradients, eta)
        stepped = [p + s for p, s in zip(parameters, steps, strict=True)]
        self.weights, self.biases = stepped[:layers], stepped[layers:]
        for l, w in enumerate(self.weights):
            w = np.sign(w) * np.maximum(np.abs(w) - threshold[l], 0)
            if limits[l]:
                norms = np.sqrt((w**2).sum(axis=1, keepdims=True))
                w = w * np.where(norms > limits[l], limits[l] / np.maximum(norms, 1e-300), 1)
            self.weights[l] = w.astype(self.biases[l].dtype)

    def train(
        self,
        x: NDArray,
        y: NDArray,
        order: NDArray,
        mini_batch_size: int,
        eta: float,
        l1: PerLayer = 0.0,
        l2: PerLayer = 0.0,
        n: int | None = None,
        optimizer: Optimizer | None = None,
        **more: Any,
    ) -> None:
        """One epoch over the rows of `order`, mini-batch by mini-batch, the last one short.

        `more` are keywords of update_mini_batch.
        """
        for start in range(0, len(order), mini_batch_size):
            rows = order[start : start + mini_batch_size]
            self.update_mini_batch(
                x[rows], y[rows], eta, l1, l2, n or len(order), optimizer, **more
            )
