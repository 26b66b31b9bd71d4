"""A sigmoid network whose weights and biases stay with their owner, for a few samples at a time."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fastnn.engine.engine import BLOCK
from fastnn.layout import codes
from fastnn.layout.unpacked import Unpacked
from fastnn.machine.registers import lanes
from fastnn.native.kernels import column_gradients, column_outputs

__all__ = ["Columns"]

_FLOAT64 = np.dtype(np.float64)
_LANES = lanes(_FLOAT64.itemsize)

Gradients = tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]


class Columns:
    """What the book's code computes of a column, on the book's arrays themselves.

    Nothing is packed or copied, so that a change in place is seen by the next call, as in NumPy.
    An engine needs that once for many rows; for a few, packing would take longer than the rest.
    Calls may run at the same time in several threads.
    """

    @staticmethod
    def takes(array: NDArray) -> bool:
        """Whether an array is laid out as the kernels read it."""
        flags = array.flags
        return array.dtype == _FLOAT64 and flags.c_contiguous and flags.aligned

    def __init__(self, weights: Sequence[NDArray], biases: Sequence[NDArray]):
        """Weights (y, x) and biases (y, 1), from each layer's x neurons to the next one's y.

        All are arrays that `takes` takes.
        """
        self._arrays = [*weights, *biases]  # to be alive as long as their addresses are used
        self.sizes = [weights[0].shape[1], *map(len, weights)]
        self._result = (self.sizes[-1], 1)
        net = Unpacked(len(weights), np.array(self.sizes), *map(_addresses, (weights, biases)))
        self._outputs, self._gradients = (
            kernel.with_first(net) for kernel in (column_outputs, column_gradients)
        )
        self._room = sum(-(-size // _LANES) * _LANES for size in self.sizes[1:])
        self._parts: list[list[tuple[slice, tuple[int, int]]]] = [[], []]
        self._size = 0
        shapes = [(y, 1) for y in self.sizes[1:]], [(y, x) for x, y in pairwise(self.sizes)]
        for parts, group in zip(self._parts, shapes, strict=True):
            for shape in group:
                end = self._size + shape[0] * shape[1]
                parts.append((slice(self._size, end), shape))
                self._size = end

    def outputs_of_column(self, x: NDArray) -> tuple[NDArray[np.float64], bool]:
        """The outputs (outputs, 1) for a column (inputs, 1), and whether NaN is among them.

        Like all x and y here it is C-contiguous, aligned and writeable, for which there is one
        compiled function, and float64; x of outputs may be float32, which has one of its own.
        """
        result = np.empty(self._result)
        return result, bool(self._outputs(x, 1, np.empty(self._room), result))

    def outputs(self, x: NDArray) -> tuple[NDArray[np.float64], bool]:
        """The outputs (rows, outputs) for x (rows, inputs), and whether NaN is among them."""
        result, has_nan = np.empty((len(x), self.sizes[-1])), False
        scratch = np.empty(self._room * min(len(x), BLOCK))
        for first in range(0, len(x), BLOCK):
            piece = x[first : first + BLOCK]
            part = result[first : first + BLOCK]
            has_nan |= bool(self._outputs(piece, len(piece), scratch, part))
        return result, has_nan

    def gradients(self, x: NDArray, y: NDArray, rows: int, cost: str) -> tuple[Gradients, bool]:
        """The sums over all rows of dC/db and dC/dw, and whether an output is NaN.

        x         (rows, inputs) or, of one row, its column; y likewise
        cost      "quadratic" or "cross-entropy"
        """
        code = codes.COST_CODES[cost]
        nabla, scratch = np.empty(self._size), np.empty(2 * self._room * min(rows, BLOCK))
        if rows <= BLOCK:
            has_nan = bool(self._gradients(code, x, y, rows, scratch, nabla))
        else:
            has_nan, piece = False, nabla
            nabla = np.zeros(self._size)
            for k in range(0, rows, BLOCK):
                xs, ys = x[k : k + BLOCK], y[k : k + BLOCK]
                has_nan |= bool(self._gradients(code, xs, ys, len(xs), scratch, piece))
                nabla += piece
        nabla_b, nabla_w = (
            [nabla[part].reshape(shape) for part, shape in parts] for parts in self._parts
        )
        return (nabla_b, nabla_w), has_nan


def _addresses(arrays: Sequence[NDArray]) -> NDArray[np.int64]:
    """Of the arrays that lead to each layer; nothing leads to the input."""
    return np.array([0, *(array.__array_interface__["data"][0] for array in arrays)])
