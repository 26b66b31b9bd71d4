"""The book's algorithm sample by sample in NumPy: `backprop`, and all of the slow path.

The user's own methods and costs are called from here, with what the book's code would call them
with. Layers count from 0: weights[l] leads from layer l to layer l + 1.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.book._parameters import EngineOwner

__all__ = ["Gradients", "backpropagate", "feedforward", "update"]

Gradients = tuple[list[NDArray[Any]], list[NDArray[Any]]]
Function = Callable[..., Any]


def feedforward(net: EngineOwner, a: NDArray[Any], sigmoid: Function) -> NDArray[Any]:
    """The output layer's activations (outputs, k) for the columns a (inputs, k)."""
    for b, w in zip(net.biases, net.weights, strict=True):
        a = sigmoid(np.dot(w, a) + b)
    return a


def backpropagate(
    net: EngineOwner,
    x: NDArray[Any],
    output_error: Function,
    sigmoid: Function,
    sigmoid_prime: Function,
) -> Gradients:
    """The gradient (nabla_b, nabla_w) of the cost of the sample x, (inputs, 1).

    output_error(z, a) is the output layer's delta, the only place where y and the cost enter.
    """
    activations: list[NDArray[Any]] = [x]
    zs: list[NDArray[Any]] = []
    for b, w in zip(net.biases, net.weights, strict=True):
        zs.append(np.dot(w, activations[-1]) + b)
        activations.append(sigmoid(zs[-1]))
    delta = output_error(zs[-1], activations[-1])  # BP1
    nabla_b, nabla_w = [delta], [np.dot(delta, activations[-2].T)]  # BP3, BP4
    for l in range(len(net.weights) - 1, 0, -1):
        delta = np.dot(net.weights[l].T, delta) * sigmoid_prime(zs[l - 1])  # BP2
        nabla_b.insert(0, delta)
        nabla_w.insert(0, np.dot(delta, activations[l - 1].T))
    return nabla_b, nabla_w


def update(
    net: EngineOwner,
    mini_batch: Sequence[Any],
    backprop: Function,
    eta: float,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    n: int = 1,
) -> None:
    """One step of gradient descent on the mean gradient of the mini-batch (eqs. 20 and 21).

    w <- (1 - eta l2 / n) w - (eta l1 / n) sgn(w) - (eta / m) sum dC/dw, biases without the
    penalties; n is the training set's size, m the mini-batch's.
    """
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    for x, y in mini_batch:
        delta_nabla_b, delta_nabla_w = backprop(x, y)
        nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_nabla_b, strict=True)]
        nabla_w = [nw + dnw for nw, dnw in zip(nabla_w, delta_nabla_w, strict=True)]
    step, decay = eta / len(mini_batch), 1 - eta * (l2 / n)
    weights = []
    for w, nw in zip(net.weights, nabla_w, strict=True):
        weights.append(decay * w - step * nw)
        if l1:
            weights[-1] -= eta * (l1 / n) * np.sign(w)
    biases = [b - step * nb for b, nb in zip(net.biases, nabla_b, strict=True)]
    net.weights, net.biases = weights, biases
