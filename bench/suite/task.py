"""What a benchmark trains: a network, its data and its hyperparameters."""

import math
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Task"]

_OUTPUT_OF_COST = {"cross-entropy": "sigmoid", "log-likelihood": "softmax", "quadratic": "identity"}


@dataclass(frozen=True)
class Task:
    """A network to train on some rows, the same for every competitor.

    data           a name that `problem.pose` knows
    rows           training rows, the first of the data set's
    sizes          neurons of each layer, the input's first
    activation     of hidden layers: "sigmoid", "relu", "tanh"
    cost           "cross-entropy" (sigmoid outputs), "log-likelihood" (softmax outputs) or
                   "quadratic" (identity outputs)
    optimizer      "sgd", "momentum", "nesterov" (mu 0.9), "rmsprop" (rho 0.9), "adam" or "adamw"
                   (beta 0.9 and 0.999); epsilon is 1e-8
    l2             the book's lmbda; beside the gradient with "adamw"
    dropout        share of hidden activations that are dropped
    max_norm       largest norm of a neuron's weights; 0: any
    one_cycle      epochs of a one-cycle schedule that peaks at the learning rate; 0: it is constant
    start          first weights: "book" (standard deviation 1 / sqrt(inputs), biases 1) or "he"
                   (sqrt(2 / inputs), biases 0)
    dtype          of the arithmetic, as far as the competitor lets one choose
    keep_bytes     whether peers that are given bytes convert them a mini-batch at a time; else
                   they do so once, for all rows. fastnn always keeps them
    """

    data: str
    rows: int
    sizes: tuple[int, ...]
    activation: str
    cost: str
    batch_size: int
    learning_rate: float
    optimizer: str = "sgd"
    l2: float = 0.0
    one_cycle: int = 0
    start: str = "book"
    dtype: str = "float32"
    seed: int = 0
    dropout: float = 0.0
    max_norm: float = 0.0
    keep_bytes: bool = False

    def learning_rates(self, epoch: int) -> NDArray[np.float64]:
        """Of each mini-batch (updates,) in the epoch of this number, from 0.

        One cycle is fastnn.OneCycle's, and PyTorch's OneCycleLR with its defaults.
        """
        if not self.one_cycle:
            return np.full(self.updates, self.learning_rate)
        start = self.learning_rate / 25
        share = (epoch + np.arange(self.updates) * (self.batch_size / self.rows)) / self.one_cycle
        rising, falling = share / 0.3, (share - 0.3) / 0.7
        up = start + (self.learning_rate - start) * (1 - np.cos(np.pi * rising)) / 2
        end = start / 10_000
        down = end + (self.learning_rate - end) * (1 + np.cos(np.pi * falling)) / 2
        return np.where(share < 0.3, up, down)

    @property
    def output_activation(self) -> str:
        """The output layer's, which the cost is made for."""
        return _OUTPUT_OF_COST[self.cost]

    @property
    def activations(self) -> list[str]:
        """Of every layer but the input."""
        return [self.activation] * (len(self.sizes) - 2) + [self.output_activation]

    @property
    def updates(self) -> int:
        """Mini-batches an epoch."""
        return math.ceil(self.rows / self.batch_size)

    @property
    def weights(self) -> int:
        """Weights in all layers, without the biases."""
        return sum(n_in * n_out for n_in, n_out in pairwise(self.sizes))

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weights + sum(self.sizes[1:])

    @property
    def is_basic(self) -> bool:
        """Whether it is plain descent or Adam, nothing dropped and no norm limited."""
        return self.optimizer in ("sgd", "adam") and not (self.dropout or self.max_norm)

    def shortened(self, rows: int) -> "Task":
        """The same with at most so many rows."""
        return replace(self, rows=min(rows, self.rows))

    def as_json(self) -> dict[str, Any]:
        """For a pipe or a file."""
        return {**asdict(self), "sizes": list(self.sizes)}

    @staticmethod
    def from_json(figures: dict[str, Any]) -> "Task":
        """The inverse of as_json."""
        return Task(**{**figures, "sizes": tuple(figures["sizes"])})
