"""The bridge between the Python faces and the kernels; nothing else calls a kernel.

An engine owns a network's packed parameters, a trainer all that a training needs besides.
They take arrays that the faces have validated, hand them to the kernels, and unpack what
comes back. They check nothing, print nothing and know no labels.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.kernels import activations as activation_kernels
from fastnn.kernels import costs as cost_kernels
from fastnn.kernels import epoch, evaluation
from fastnn.kernels import optimizers as optimizer_kernels
from fastnn.kernels.layout import ROW_UNIT, Layers, Plan, aligned_empty, plan_layers
from fastnn.threads import run_team

__all__ = ["ACTIVATIONS", "COSTS", "Engine", "OptimizerMemory", "Trainer", "UpdateRule"]

ACTIVATIONS = tuple(activation_kernels.CODES)
COSTS = tuple(cost_kernels.CODES)

# Rows that a pass without updates takes at a time: enough to reuse each weight often,
# few enough for their activations to stay in the cache.
_BLOCK = 128


class UpdateRule(NamedTuple):
    """How a training changes parameters.

    mini_batch_size, eta   rows of a mini-batch, learning rate
    l1, l2                 the book's lmbda, twice
    n                      the training set's size
    optimizer              "sgd", "momentum" (uses mu) or "adam" (uses betas and epsilon)
    """

    mini_batch_size: int
    eta: float
    l1: float
    l2: float
    n: int
    optimizer: str = "sgd"
    mu: float = 0.0
    beta1: float = 0.0
    beta2: float = 0.0
    epsilon: float = 0.0


class OptimizerMemory:
    """What an optimizer remembers between updates, laid out as the parameters.

    first    momentum's v, Adam's first moment
    second   Adam's second moment
    updates  how many updates were done
    """

    def __init__(self, optimizer: str, parameters: int, dtype: DTypeLike):
        """Zeros for the arrays that this optimizer has, empty arrays for the others."""
        sizes = {"sgd": (0, 0), "adam": (parameters, parameters)}
        self.first, self.second = (
            _aligned_zeros(size, dtype) for size in sizes.get(optimizer, (parameters, 0))
        )
        self.updates = 0


class Engine:
    """Packed parameters of a network, and the kernels at work on them.

    parameters  all weights and biases, (p,), as kernels.layout places them
    weights     list of (outputs, inputs) arrays, biases list of (outputs, 1): views of the
                packed parameters, so that writing to them is writing to the network

    Calls that don't train may run at the same time in several threads: scratch memory is
    each call's own.
    """

    def __init__(
        self, sizes: Sequence[int], activations: Sequence[str], cost: str, dtype: DTypeLike
    ):
        """`activations` names every layer's but the input's, `cost` one of COSTS."""
        self.dtype = np.dtype(dtype)
        self.sizes = list(sizes)
        self.cost = cost_kernels.CODES[cost]
        self._codes = [activation_kernels.CODES[name] for name in activations]
        self._plan = self.plan(_BLOCK)
        self.parameters = _aligned_zeros(self._plan.parameters, self.dtype)
        self.weights, self.biases = self.matrices(self.parameters)

    def plan(self, rows: int, threads: int = 1) -> Plan:
        """The memory layout for passes of up to `rows` rows at a time."""
        return plan_layers(self.sizes, self._codes, self.dtype, rows, threads)

    def matrices(self, packed: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """Weights and biases as views of an array that is laid out as the parameters."""
        layers = self._plan.layers
        weights, biases = [], []
        for l, (n_in, n_out) in enumerate(pairwise(self.sizes)):
            stride, w, b = layers.strides[l + 1], layers.w[l], layers.b[l]
            weights.append(packed[w : w + n_in * stride].reshape(n_in, stride)[:, :n_out].T)
            biases.append(packed[b : b + n_out].reshape(n_out, 1))
        return weights, biases

    def train(
        self, x: NDArray, y: NDArray, order: NDArray, *,
        mini_batch_size: int, eta: float, l1: float, l2: float, n: int,
    ) -> tuple[float, int]:  # fmt: skip
        """Plain stochastic gradient descent over the rows of `order`, see `Trainer`.

        Returns the sum of the rows' data costs and how many were classified correctly, each
        before the update of its mini-batch.
        """
        trainer = Trainer(self, x, y, UpdateRule(mini_batch_size, eta, l1, l2, n))
        trainer.run(order)
        return trainer.cost_sum, trainer.correct

    def gradients(self, x: NDArray, y: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """The sums over all rows of dC/dw and dC/db, in the shapes of weights and biases."""
        rule = UpdateRule(_BLOCK, 0.0, 0.0, 0.0, 1, "accumulate")
        trainer = Trainer(self, x, y, rule)
        trainer.run(np.arange(len(x)))
        return self.matrices(trainer.memory.first)

    def evaluate(self, x: NDArray, y: NDArray) -> tuple[float, int]:
        """The sum of the rows' data costs, and how many rows are classified correctly."""
        layers, scratch = self._block()
        cost_sum, correct = evaluation.evaluate(
            layers, self.cost, self.parameters, scratch,
            _read_only(x), _read_only(y, self.dtype), _BLOCK,
        )  # fmt: skip
        return float(cost_sum), int(correct)

    def outputs(self, x: NDArray) -> NDArray:
        """The output layer's activations, (rows, outputs), of the parameters' dtype."""
        layers, scratch = self._block()
        result = np.empty((len(x), self.sizes[-1]), self.dtype)
        evaluation.outputs(layers, self.parameters, scratch, _read_only(x), _BLOCK, result)
        return result

    def _block(self) -> tuple[Layers, NDArray]:
        """Layout and scratch memory for a pass without updates."""
        return self._plan.layers, aligned_empty(self._plan.scratch, self.dtype)


class Trainer:
    """Training of an engine's network on one data set, in as many calls as one likes.

    cost_sum, correct  figures since the last start_epoch, see `run`
    memory             the optimizer's
    """

    def __init__(
        self,
        engine: Engine,
        x: NDArray,
        y: NDArray,
        rule: UpdateRule,
        memory: OptimizerMemory | None = None,
        max_threads: int = 1,
    ):
        """x (rows, inputs) of any float dtype, y (rows, outputs) targets."""
        self._engine = engine
        self._mini_batch_size = min(rule.mini_batch_size, len(x))
        self.cost_sum, self.correct = 0.0, 0
        self.memory = memory or OptimizerMemory(
            rule.optimizer, engine.parameters.size, engine.dtype
        )
        self._x, self._y = _read_only(x), _read_only(y, engine.dtype)
        plan = engine.plan(self._mini_batch_size, max_threads)
        units = -(-self._mini_batch_size // ROW_UNIT)
        self._layers = plan.layers
        self._memory = epoch.Memory(
            engine.parameters, self.memory.first, self.memory.second,
            aligned_empty(plan.scratch, engine.dtype), np.empty(units), np.empty(units, np.int64),
        )  # fmt: skip
        self._hyperparameters = optimizer_kernels.Hyperparameters(
            optimizer_kernels.CODES[rule.optimizer], float(rule.eta), float(rule.l1),
            float(rule.l2), int(rule.n), float(rule.mu), float(rule.beta1), float(rule.beta2),
            float(rule.epsilon),
        )  # fmt: skip

    def start_epoch(self) -> None:
        """Count cost_sum and correct from 0 again."""
        self.cost_sum, self.correct = 0.0, 0

    def run(self, order: NDArray, threads: int = 1) -> None:
        """Train on the rows of `order` (k,), int64, k <= rows, one update a mini-batch.

        Adds to cost_sum the rows' data costs, and to correct how many were classified
        correctly, each before the update of its mini-batch. All of it is the same bits for
        any number of threads, and however an epoch is cut into calls at whole mini-batches.
        """
        data = epoch.Data(self._x, self._y, _read_only(order))
        size, memory = self._mini_batch_size, self.memory
        self.cost_sum, self.correct = run_team(
            lambda member: epoch.train(
                self._layers, self._engine.cost, self._memory, data, size,
                self._hyperparameters, memory.updates, self.cost_sum, self.correct, member,
            ),
            threads,
        )  # fmt: skip
        memory.updates += -(-len(order) // size)


def _aligned_zeros(size: int, dtype: DTypeLike) -> NDArray:
    array = aligned_empty(size, dtype)
    array[:] = 0
    return array


def _read_only(array: NDArray, dtype: DTypeLike | None = None) -> NDArray:
    """The array as kernels take their inputs: C-contiguous, and typed as read-only.

    Read-only and writable arrays are different types to Numba; passing every input as
    read-only spares a second compilation, and lets memory maps pass.
    """
    view = np.require(array, dtype, ["C", "A"]).view()
    view.flags.writeable = False
    return view
