"""The bridge between the Python faces and the kernels; nothing else calls a kernel.

An engine owns a network's packed parameters and the kernels' scratch memory. It takes
arrays that the faces have validated, hands them over packed, and unpacks what comes back.
It checks nothing, prints nothing and knows no labels.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.kernels import activations as activation_kernels
from fastnn.kernels import costs as cost_kernels
from fastnn.kernels import epoch, evaluation
from fastnn.kernels.layout import Layers, aligned_zeros, plan_layers

__all__ = ["ACTIVATIONS", "COSTS", "Engine"]

ACTIVATIONS = tuple(activation_kernels.CODES)
COSTS = tuple(cost_kernels.CODES)

# Rows that a pass without updates takes at a time: enough to reuse each weight often,
# few enough for their activations to stay in the cache.
_BLOCK = 128


class Engine:
    """Packed parameters of a network, and the kernels at work on them.

    weights    list of (outputs, inputs) arrays, biases list of (outputs, 1): views of the
               packed parameters, so that writing to them is writing to the network.
    """

    def __init__(
        self, sizes: Sequence[int], activations: Sequence[str], cost: str, dtype: DTypeLike
    ):
        """`activations` names every layer's but the input's, `cost` one of COSTS."""
        self.dtype = np.dtype(dtype)
        self._sizes = list(sizes)
        self._codes = [activation_kernels.CODES[name] for name in activations]
        self._cost = cost_kernels.CODES[cost]
        plan = plan_layers(self._sizes, self._codes, self.dtype, _BLOCK)
        self.parameters = aligned_zeros(plan.parameters, self.dtype)
        self.weights, self.biases = self._views(plan.layers, self.parameters)
        self._scratch = aligned_zeros(0, self.dtype)
        self._plans = {_BLOCK: plan}

    def _views(self, layers: Layers, packed: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """The book's matrices inside an array that is laid out as the parameters."""
        weights, biases = [], []
        for l, (n_in, n_out) in enumerate(zip(self._sizes, self._sizes[1:])):
            stride, w, b = layers.strides[l + 1], layers.w[l], layers.b[l]
            weights.append(packed[w : w + n_in * stride].reshape(n_in, stride)[:, :n_out].T)
            biases.append(packed[b : b + n_out].reshape(n_out, 1))
        return weights, biases

    def _prepare(self, rows: int) -> tuple[Layers, NDArray]:
        """The layout for passes of up to `rows` rows, and enough scratch memory for it."""
        if rows not in self._plans:
            self._plans = {rows: plan_layers(self._sizes, self._codes, self.dtype, rows)}
        plan = self._plans[rows]
        if self._scratch.size < plan.scratch:
            self._scratch = aligned_zeros(plan.scratch, self.dtype)
        return plan.layers, self._scratch

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
        layers, scratch = self._prepare(mini_batch_size)
        cost_sum, correct = epoch.train(
            layers, self._cost, self.parameters, scratch,
            _read_only(x), _read_only(y, self.dtype), _read_only(order),
            mini_batch_size, float(eta), float(l1), float(l2), int(n),
        )  # fmt: skip
        return float(cost_sum), int(correct)

    def gradients(self, x: NDArray, y: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """The sums over all rows of dC/dw and dC/db, in the shapes of weights and biases."""
        layers, scratch = self._prepare(_BLOCK)
        nabla = aligned_zeros(self.parameters.size, self.dtype)
        epoch.add_gradients(
            layers, self._cost, self.parameters, scratch,
            _read_only(x), _read_only(y, self.dtype), _read_only(np.arange(len(x))), _BLOCK, nabla,
        )  # fmt: skip
        return self._views(layers, nabla)

    def evaluate(self, x: NDArray, y: NDArray) -> tuple[float, int]:
        """The sum of the rows' data costs, and how many rows are classified correctly."""
        layers, scratch = self._prepare(_BLOCK)
        cost_sum, correct = evaluation.evaluate(
            layers, self._cost, self.parameters, scratch,
            _read_only(x), _read_only(y, self.dtype), _BLOCK,
        )  # fmt: skip
        return float(cost_sum), int(correct)

    def outputs(self, x: NDArray) -> NDArray:
        """The output layer's activations, (rows, outputs), of the parameters' dtype."""
        layers, scratch = self._prepare(_BLOCK)
        result = np.empty((len(x), self._sizes[-1]), self.dtype)
        evaluation.outputs(layers, self.parameters, scratch, _read_only(x), _BLOCK, result)
        return result


def _read_only(array: NDArray, dtype: DTypeLike = None) -> NDArray:
    """The array as kernels take their inputs: C-contiguous, and typed as read-only.

    Read-only and writable arrays are different types to Numba; passing every input as
    read-only spares a second compilation, and lets memory maps pass.
    """
    view = np.require(array, dtype, ["C", "A"]).view()
    view.flags.writeable = False
    return view
