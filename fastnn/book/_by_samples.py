"""The book's algorithm sample by sample in NumPy: `backprop`, and all of the slow path.

The user's own methods and costs are called from here, with what the book's code would call them
with. Layers count from 0: weights[l] leads from layer l to layer l + 1.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.book._parameters import AsTheyAre, EngineOwner, Parameters
from fastnn.book._sigmoid import logistic

__all__ = ["Gradients", "backpropagate", "feedforward", "step", "sum_of_gradients"]

Gradients = tuple[list[NDArray[Any]], list[NDArray[Any]]]
Function = Callable[..., Any]


def feedforward(
    parameters: Parameters, a: NDArray[Any], sigmoid: Function = logistic
) -> NDArray[Any]:
    """The output layer's activations (outputs, k) for the columns a (inputs, k)."""
    for b, w in zip(parameters.biases, parameters.weights, strict=True):
        a = sigmoid(np.dot(w, a) + b)
    return a


def backpropagate(
    parameters: Parameters,
    x: NDArray[Any],
    output_error: Function,
    sigmoid: Function,
    sigmoid_prime: Function,
    trained: int,
) -> Gradients:
    """The gradient (nabla_b, nabla_w) of the cost of the sample x, (inputs, 1).

    output_error(z, a) is the output layer's delta, the only place where y and the cost enter.
    Only the upper `trained` layers have a gradient, that of the others is 0.
    """
    weights = parameters.weights
    activations: list[NDArray[Any]] = [x]
    zs: list[NDArray[Any]] = []
    for b, w in zip(parameters.biases, weights, strict=True):
        zs.append(np.dot(w, activations[-1]) + b)
        activations.append(sigmoid(zs[-1]))
    delta = output_error(zs[-1], activations[-1])  # BP1
    nabla_b, nabla_w = [delta], [np.dot(delta, activations[-2].T)]  # BP3, BP4
    lowest = len(weights) - trained
    for l in range(len(weights) - 1, lowest, -1):
        delta = np.dot(weights[l].T, delta) * sigmoid_prime(zs[l - 1])  # BP2
        nabla_b.insert(0, delta)
        nabla_w.insert(0, np.dot(delta, activations[l - 1].T))
    nabla_b[:0] = [np.zeros(b.shape) for b in parameters.biases[:lowest]]
    nabla_w[:0] = [np.zeros(w.shape) for w in weights[:lowest]]
    return nabla_b, nabla_w


def sum_of_gradients(
    parameters: AsTheyAre | Parameters, mini_batch: Sequence[Any], backprop: Function
) -> Gradients:
    """The sums of dC/db and dC/dw over the samples of the mini-batch."""
    nabla_b = [np.zeros(b.shape) for b in parameters.biases]
    nabla_w = [np.zeros(w.shape) for w in parameters.weights]
    for x, y in mini_batch:
        delta_nabla_b, delta_nabla_w = backprop(x, y)
        nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_nabla_b, strict=True)]
        nabla_w = [nw + dnw for nw, dnw in zip(nabla_w, delta_nabla_w, strict=True)]
    return nabla_b, nabla_w


def step(
    net: EngineOwner,
    parameters: AsTheyAre | Parameters,
    nabla: Gradients,
    m: int,
    eta: float,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    n: float = 1,
) -> None:
    """One step of gradient descent on the mean gradient of m samples (eqs. 20 and 21).

    w <- (1 - eta l2 / n) w - (eta l1 / n) sgn(w) - (eta / m) sum dC/dw, biases without the
    penalties; n is the training set's size. nabla is overwritten.
    """
    nabla_b, nabla_w = nabla
    rate, decay = eta / m, 1 - eta * (l2 / n)
    weights, biases = [], []
    with np.errstate(over="ignore", invalid="ignore"):
        for w, nw in zip(parameters.weights, nabla_w, strict=True):
            nw *= rate
            weights.append(decay * w - nw)
            if l1:
                weights[-1] -= eta * (l1 / n) * np.sign(w)
        for b, nb in zip(parameters.biases, nabla_b, strict=True):
            nb *= rate
            biases.append(b - nb)
    net.weights, net.biases = weights, biases
