"""The bridge between the Python faces and the kernels; nothing else calls a kernel.

An engine owns a network's packed parameters. It takes arrays that the faces have
validated, hands them to the kernels, and unpacks what comes back. It checks nothing,
prints nothing and knows no labels.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.kernels import activations as activation_kernels
from fastnn.kernels import costs as cost_kernels
from fastnn.kernels import epoch, evaluation
from fastnn.kernels.layout import Layers, Plan, aligned_empty, plan_layers

__all__ = ["ACTIVATIONS", "COSTS", "Engine"]

ACTIVATIONS = tuple(activation_kernels.CODES)
COSTS = tuple(cost_kernels.CODES)

# Rows that a pass without updates takes at a time: enough to reuse each weight often,
# few enough for their activations to stay in the cache.
_BLOCK = 128


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
        self._sizes = list(sizes)
        self._codes = [activation_kernels.CODES[name] for name in activations]
        self._cost = cost_kernels.CODES[cost]
        self._plan = self._plan_for(_BLOCK)
        self.parameters = aligned_empty(self._plan.parameters, self.dtype)
        self.parameters[:] = 0
        self.weights, self.biases = self._matrices(self.parameters)

    def _plan_for(self, rows: int) -> Plan:
        return plan_layers(self._sizes, self._codes, self.dtype, rows)

    def _matrices(self, packed: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """The book's matrices, as views of an array that is laid out as the parameters."""
        layers = self._plan.layers
        weights, biases = [], []
        for l, (n_in, n_out) in enumerate(pairwise(self._sizes)):
            stride, w, b = layers.strides[l + 1], layers.w[l], layers.b[l]
            weights.append(packed[w : w + n_in * stride].reshape(n_in, stride)[:, :n_out].T)
            biases.append(packed[b : b + n_out].reshape(n_out, 1))
        return weights, biases

    def _block(self) -> tuple[Layers, NDArray, int]:
        """Layout, scratch memory and block size for a pass without updates."""
        return self._plan.layers, aligned_empty(self._plan.scratch, self.dtype), _BLOCK

    def train(
        self,
        x: NDArray,
        y: NDArray,
        order: NDArray,
        *,
        mini_batch_size: int,
        eta: float,
        l1: float,
        l2: float,
        n: int,
    ) -> tuple[float, int]:
        """Stochastic gradient descent over the rows of `order`, one step a mini-batch.

        x (rows, inputs) of any float dtype, y (rows, outputs) targets, order (k,) int64.
        l1 and l2 are the book's lmbda; n is the training set's size. Returns the sum of
        the rows' data costs and how many were classified correctly, each before the update
        of its mini-batch.
        """
        mini_batch_size = min(mini_batch_size, max(1, len(order)))
        plan = self._plan_for(mini_batch_size)
        cost_sum, correct = epoch.train(
            plan.layers, self._cost, self.parameters, aligned_empty(plan.scratch, self.dtype),
            _read_only(x), _read_only(y, self.dtype), _read_only(order),
            mini_batch_size, float(eta), float(l1), float(l2), int(n),
        )  # fmt: skip
        return float(cost_sum), int(correct)

    def gradients(self, x: NDArray, y: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """The sums over all rows of dC/dw and dC/db, in the shapes of weights and biases."""
        layers, scratch, block = self._block()
        nabla = aligned_empty(self.parameters.size, self.dtype)
        nabla[:] = 0
        epoch.add_gradients(
            layers, self._cost, self.parameters, scratch,
            _read_only(x), _read_only(y, self.dtype), _read_only(np.arange(len(x))), block, nabla,
        )  # fmt: skip
        return self._matrices(nabla)

    def evaluate(self, x: NDArray, y: NDArray) -> tuple[float, int]:
        """The sum of the rows' data costs, and how many rows are classified correctly."""
        layers, scratch, block = self._block()
        cost_sum, correct = evaluation.evaluate(
            layers, self._cost, self.parameters, scratch,
            _read_only(x), _read_only(y, self.dtype), block,
        )  # fmt: skip
        return float(cost_sum), int(correct)

    def outputs(self, x: NDArray) -> NDArray:
        """The output layer's activations, (rows, outputs), of the parameters' dtype."""
        layers, scratch, block = self._block()
        result = np.empty((len(x), self._sizes[-1]), self.dtype)
        evaluation.outputs(layers, self.parameters, scratch, _read_only(x), block, result)
        return result


def _read_only(array: NDArray, dtype: DTypeLike | None = None) -> NDArray:
    """The array as kernels take their inputs: C-contiguous, and typed as read-only.

    Read-only and writable arrays are different types to Numba; passing every input as
    read-only spares a second compilation, and lets memory maps pass.
    """
    view = np.require(array, dtype, ["C", "A"]).view()
    view.flags.writeable = False
    return view
