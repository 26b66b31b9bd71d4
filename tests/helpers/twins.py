"""A network twice: in the kernels, and in the NumPy reference, from the same weights."""

from dataclasses import dataclass

import numpy as np
from tolerance import assert_close

from fastnn.engine import Engine, UpdateRule, train
from fastnn.reference.network import Reference

ACTIVATIONS = [
    "sigmoid",
    "tanh",
    "relu",
    "identity",
    "softmax",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "softplus",
    "exponential",
    "selu",
    "mish",
]
# Every output layer and cost that go together.
COSTS = [
    ("sigmoid", "cross-entropy"),
    ("softmax", "log-likelihood"),
    ("exponential", "poisson"),
    ("sigmoid", "clipped-cross-entropy"),
    ("softmax", "clipped-log-likelihood"),
    *(
        (output, cost)
        for cost in ("quadratic", "mean-absolute-error", "huber")
        for output in ACTIVATIONS
    ),
]
# What these tests can train without care: exp of a large z makes a gradient far too large.
TAME = [name for name in ACTIVATIONS if name != "exponential"]
TAME_COSTS = [(output, cost) for output, cost in COSTS if output in TAME or cost == "poisson"]


@dataclass
class Twins:
    engine: Engine
    reference: Reference
    x: np.ndarray
    y: np.ndarray

    def assert_same_parameters(self):
        for got, expected in zip(self.engine.weights, self.reference.weights, strict=True):
            assert_close(got, expected, scale=np.abs(expected).max())
        for got, expected in zip(self.engine.biases, self.reference.biases, strict=True):
            assert_close(got, expected, scale=np.abs(expected).max())

    def train(self, order, mini_batch_size, eta=0.1, l1=0.2, l2=0.5):
        """The same epoch on both; the kernels' figures."""
        n = len(self.x)
        self.reference.train(self.x, self.y, order, mini_batch_size, eta, l1, l2, n)
        rule = UpdateRule(mini_batch_size, eta, l1, l2, n)
        return train(self.engine, self.x, self.y, order, rule)


def make_twins(sizes, hidden, output, cost, dtype, rows, seed=0):
    rng = np.random.default_rng(seed)
    activations = [hidden] * (len(sizes) - 2) + [output]
    engine = Engine(sizes, activations, cost, dtype)
    for w in engine.weights:
        w[...] = rng.standard_normal(w.shape) / np.sqrt(w.shape[1])
    for b in engine.biases:
        b[...] = rng.standard_normal(b.shape)
    reference = Reference(engine.weights, engine.biases, activations, cost)
    # Inputs of length about 1, so that no linear network diverges.
    x = (rng.standard_normal((rows, sizes[0])) / np.sqrt(sizes[0])).astype(dtype)
    y = np.eye(sizes[-1], dtype=dtype)[rng.integers(0, sizes[-1], rows)]
    return Twins(engine, reference, x, y)
