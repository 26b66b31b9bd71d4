"""fastnn through `fastnn.book.network2`: the book's API, lists of tuples, float64."""

import random
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from bench.suite.machine import fastnn_versions
from bench.suite.peers import AfterEpoch, UnsupportedError
from bench.suite.peers.per_sample_loop import columns
from bench.suite.problem import Problem
from bench.suite.task import Task
from fastnn.book import network2


def variants(task: Task) -> dict[str, Callable[[Problem], "Book"]]:
    """One: the book's way."""
    if (task.activation, task.cost) != ("sigmoid", "cross-entropy") or task.optimizer != "sgd":
        raise UnsupportedError("the book's code is sigmoid, cross-entropy, plain descent")
    return {"": Book}


def about() -> dict[str, Any]:
    """Versions and threads."""
    return {"versions": fastnn_versions(), "threads": 1}


class Book:
    """A network2.Network and the book's training_data."""

    def __init__(self, problem: Problem):
        self.task = task = problem.task
        self.training_data = columns(problem)
        self.net = network2.Network(list(task.sizes), cost=network2.CrossEntropyCost)
        self.net.weights = [w.copy() for w in problem.weights]
        self.net.biases = [b.copy() for b in problem.biases]
        random.seed(task.seed)

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """One call of SGD: a list of tuples in, the same list shuffled out."""
        if after_epoch is not None:
            raise UnsupportedError("SGD of the book calls nobody back")
        task = self.task
        self.net.SGD(
            self.training_data,
            epochs,
            task.batch_size,
            task.learning_rate,
            lmbda=task.l2,
            verbose=False,
        )

    def parameters(self) -> tuple[list[NDArray], list[NDArray]]:
        """As they are."""
        return self.net.weights, self.net.biases

    def outputs(self, x: NDArray) -> NDArray:
        """All rows as the columns of one matrix."""
        return self.net.feedforward(x.T).T
