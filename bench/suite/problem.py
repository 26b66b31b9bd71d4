"""A task's rows, its first weights and the order of its rows: what all competitors are given."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.suite.task import Task
from fastnn.datasets import load_mnist
from fastnn.reference.network import Reference

__all__ = ["BYTE", "Problem", "pose", "quality", "reference", "test_accuracy"]


BYTE = 1 / 255  # what inputs are, times a picture's byte


class _Rows(NamedTuple):
    """x (rows, inputs); y (rows, outputs) targets; test rows likewise. All float32.

    But x may be bytes, of which the inputs are x * scale.
    """

    x: NDArray
    y: NDArray
    x_test: NDArray
    y_test: NDArray
    scale: float = 1.0


class Problem(NamedTuple):
    """What a competitor starts from.

    x, y              training rows (rows, inputs) and targets (rows, outputs), float32
    x_test, y_test    test rows and targets
    weights, biases   the first ones, float64, (outputs, inputs) and (outputs, 1) a layer
    orders            rng whose next permutations are the orders of rows, one an epoch
    scale             1; or else x and x_test are uint8, and the network's inputs are x * scale
    """

    task: Task
    x: NDArray
    y: NDArray
    x_test: NDArray
    y_test: NDArray
    weights: list[NDArray]
    biases: list[NDArray]
    orders: np.random.Generator
    scale: float = 1.0

    def inputs(self) -> NDArray:
        """The training rows as float32; x itself unless it is bytes."""
        if self.scale == 1:
            return self.x
        return np.multiply(self.x, np.float32(self.scale), dtype=np.float32)

    def next_order(self) -> NDArray:
        """The order of the rows in the next epoch."""
        return self.orders.permutation(len(self.x))


def pose(task: Task) -> Problem:
    """Load the data and draw the first weights.

    Random numbers are drawn as fastnn.Network(seed=task.seed) draws its own: biases, weights,
    then a permutation an epoch. So it, too, takes the rows in the order that all others take.
    """
    rows = _rows(task.data, task.rows)
    rng = np.random.default_rng(task.seed)
    biases = [rng.standard_normal((n, 1)) for n in task.sizes[1:]]
    weights = [
        rng.standard_normal((n_out, n_in)) / np.sqrt(n_in)
        for n_in, n_out in zip(task.sizes, task.sizes[1:])
    ]
    if task.start == "he":
        weights, biases = [math.sqrt(2) * w for w in weights], [0 * b for b in biases]
    return Problem(task, *rows[:4], weights, biases, rng, rows.scale)


def reference(problem: Problem, weights: list[NDArray], biases: list[NDArray]) -> Reference:
    """A network with these weights that shares no code with any competitor, in float64."""
    return Reference(
        [np.asarray(w, np.float64) for w in weights],
        [np.asarray(b, np.float64).reshape(-1, 1) for b in biases],
        problem.task.activations,
        problem.task.cost,
        problem.scale,
    )


def quality(
    problem: Problem, weights: list[NDArray], biases: list[NDArray]
) -> tuple[float, float | None]:
    """What a competitor's weights achieve, by the reference.

    Returns the mean data cost of the training rows, and the fraction of test rows classified
    correctly (None for regression).
    """
    rows, net = problem.task.rows, reference(problem, weights, biases)
    cost = 0.0
    for first in range(0, rows, 5000):
        part = slice(first, first + 5000)
        cost += float(net.data_costs(problem.x[part], problem.y[part]).sum())
    return cost / rows, test_accuracy(problem, weights, biases)


def test_accuracy(problem: Problem, weights: list[NDArray], biases: list[NDArray]) -> float | None:
    """The fraction of test rows classified correctly, by the reference."""
    if problem.task.cost == "quadratic":
        return None
    found = reference(problem, weights, biases).feedforward(problem.x_test).argmax(axis=1)
    return float((found == problem.y_test.argmax(axis=1)).mean())


@lru_cache(maxsize=1)
def _rows(data: str, rows: int) -> _Rows:
    """Loaded, or made, once for many seeds; nobody writes to them."""
    name, _, number = data.partition(" density ")
    return _DATA[name](rows, *([float(number)] if number else []))


def _one_hot(labels: NDArray, classes: int) -> NDArray:
    y = np.zeros((len(labels), classes), np.float32)
    y[np.arange(len(labels)), labels] = 1
    return y


def _mnist(rows: int) -> _Rows:
    x, labels, x_test, labels_test = load_mnist()
    return _Rows(x[:rows], _one_hot(labels[:rows], 10), x_test, _one_hot(labels_test, 10))


def _mnist_bytes(rows: int) -> _Rows:
    x, labels, x_test, labels_test = load_mnist(raw=True)
    x, x_test = x.reshape(-1, 784), x_test.reshape(-1, 784)
    y, y_test = _one_hot(labels[:rows], 10), _one_hot(labels_test, 10)
    return _Rows(x[:rows].copy(), y, x_test, y_test, BYTE)  # without the rows that nobody needs


def _tabular(rows: int) -> _Rows:
    """Dense rows of 32 normal numbers in two classes, by a random network of other numbers.

    One label in twenty is wrong, as in life.
    """
    rng = np.random.default_rng(2024)
    n_test = 10_000
    x = rng.standard_normal((rows + n_test, 32), np.float32)
    hidden = np.tanh(x @ rng.standard_normal((32, 16), np.float32) / 2)
    labels = (hidden @ rng.standard_normal(16, np.float32) > 0).astype(np.int64)
    labels ^= rng.random(len(labels)) < 0.05
    y = _one_hot(labels, 2)
    return _Rows(x[:rows], y[:rows], x[rows:], y[rows:])


def _matrix_exponentials(rows: int) -> _Rows:
    """Matrices of 2 x 2 normal numbers, and their exponentials: SimpleChains.jl's example."""
    rng = np.random.default_rng(2024)
    a = rng.standard_normal((2 * rows, 2, 2))
    power = np.broadcast_to(np.eye(2), a.shape)
    total = power.copy()
    for k in range(1, 60):  # the series; entries of a are below 5 in size
        power = power @ a / k
        total += power
    x, y = a.reshape(-1, 4).astype(np.float32), total.reshape(-1, 4).astype(np.float32)
    return _Rows(x[:rows], y[:rows], x[rows:], y[rows:])


def _made_up(rows: int, density: float) -> _Rows:
    """Rows of 784 inputs, of which this share is not zero, in ten classes by a linear rule."""
    rng = np.random.default_rng(2024)
    x = rng.random((rows + 100, 784), np.float32)
    x *= rng.random(x.shape, np.float32) < density
    y = _one_hot((x @ rng.standard_normal((784, 10), np.float32)).argmax(axis=1), 10)
    return _Rows(x[:rows], y[:rows], x[rows:], y[rows:])


_DATA: dict[str, Callable[..., _Rows]] = {
    "mnist": _mnist,
    "mnist as bytes": _mnist_bytes,
    "tabular": _tabular,
    "matrix exponentials": _matrix_exponentials,
    "made up": _made_up,  # followed by " density " and a number
}
