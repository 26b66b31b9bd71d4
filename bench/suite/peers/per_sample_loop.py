"""A loop over single samples in NumPy, as the equations of the book's chapter 2 stand there.

Stochastic gradient descent with one column vector a sample, in float64: what somebody
writes who has read the book. Neither slowed down nor tuned.
"""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.suite.peers import AfterEpoch, UnsupportedError
from bench.suite.problem import Problem
from bench.suite.task import Task


def variants(task: Task) -> dict[str, Callable[[Problem], "Loop"]]:
    """The one way there is; for sigmoid networks with plain gradient descent."""
    if (task.activation, task.cost) != ("sigmoid", "cross-entropy") or task.optimizer != "sgd":
        raise UnsupportedError("the loop is the book's: sigmoid, cross-entropy, plain descent")
    return {"as in the book": Loop}


def about() -> dict[str, Any]:
    """Versions and threads."""
    return {"versions": {"numpy": np.__version__}}


def sigmoid(z: NDArray) -> NDArray:
    """Eq. 3."""
    return 1 / (1 + np.exp(-z))


class Loop:
    """Weights and biases, and the book's training_data: a list of tuples (x, y) of columns."""

    def __init__(self, problem: Problem):
        self.problem = problem
        task = problem.task
        self.eta, self.lmbda, self.m = task.learning_rate, task.l2, task.batch_size
        self.weights = [w.copy() for w in problem.weights]
        self.biases = [b.copy() for b in problem.biases]
        self.training_data = columns(problem)
        if task.dtype == "float64":  # beside fastnn.book, which shuffles as the book does
            random.seed(task.seed)

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """Go through the shuffled data, mini-batch by mini-batch."""
        for _ in range(epochs):
            if self.problem.task.dtype == "float64":
                random.shuffle(self.training_data)
                data = self.training_data
            else:
                data = [self.training_data[i] for i in self.problem.next_order()]
            for first in range(0, len(data), self.m):
                self.update_mini_batch(data[first : first + self.m], len(data))
            if after_epoch is not None and after_epoch():
                break

    def update_mini_batch(self, mini_batch: list[tuple[NDArray, NDArray]], n: int) -> None:
        """One step (eqs. 20, 21) with weight decay (eq. 88)."""
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            sample_b, sample_w = self.backprop(x, y)
            nabla_b = [total + one for total, one in zip(nabla_b, sample_b)]
            nabla_w = [total + one for total, one in zip(nabla_w, sample_w)]
        rate, decay = self.eta / len(mini_batch), 1 - self.eta * self.lmbda / n
        self.weights = [decay * w - rate * nabla for w, nabla in zip(self.weights, nabla_w)]
        self.biases = [b - rate * nabla for b, nabla in zip(self.biases, nabla_b)]

    def backprop(self, x: NDArray, y: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """One sample's gradient: dC/db and dC/dw of each layer (BP1 to BP4)."""
        activations = [x]
        for w, b in zip(self.weights, self.biases):
            activations.append(sigmoid(w @ activations[-1] + b))
        nabla_b: list[NDArray] = []
        nabla_w: list[NDArray] = []
        delta = activations[-1] - y  # BP1; sigma' cancels with the cross-entropy's
        for l in range(len(self.weights) - 1, -1, -1):
            nabla_b.insert(0, delta)  # BP3
            nabla_w.insert(0, delta @ activations[l].T)  # BP4
            if l > 0:  # BP2
                a = activations[l]
                delta = (self.weights[l].T @ delta) * (a * (1 - a))
        return nabla_b, nabla_w

    def parameters(self) -> tuple[list[NDArray], list[NDArray]]:
        """As they are."""
        return self.weights, self.biases

    def outputs(self, x: NDArray) -> NDArray:
        """Sample by sample."""
        rows = []
        for row in x:
            a = row.reshape(-1, 1)
            for w, b in zip(self.weights, self.biases):
                a = sigmoid(w @ a + b)
            rows.append(a[:, 0])
        return np.array(rows)


def columns(problem: Problem) -> list[tuple[NDArray, NDArray]]:
    """The training rows as the book's code has them: float32 columns x, float64 columns y."""
    y = problem.y.astype(np.float64)
    return [(a.reshape(-1, 1), b.reshape(-1, 1)) for a, b in zip(problem.inputs(), y)]
