"""A sigmoid network whose weights and biases stay with their owner, for a few samples at a time."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fastnn.engine.engine import BLOCK
from fastnn.kernels import columns
from fastnn.kernels.simd import lanes

__all__ = ["Columns"]

_FLOAT64 = np.dtype(np.float64)
_LANES = lanes(_FLOAT64.itemsize)
_CROSS_ENTROPY = columns.QUADRATIC_COST + 1

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
        self._table = np.zeros((3, len(self.sizes)), np.int64)
        self._table[0] = self.sizes
        self._table[1, 1:] = [w.__array_interface__["data"][0] for w in weights]
        self._table[2, 1:] = [b.__array_interface__["data"][0] for b in biases]
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
        return result, columns.outputs(self._table, x, 1, np.empty(self._room), result)

    def outputs(self, x: NDArray) -> tuple[NDArray[np.float64], bool]:
        """The outputs (rows, outputs) for x (rows, inputs), and whether NaN is among them."""
        result, has_nan = np.empty((len(x), self.sizes[-1])), False
        scratch = np.empty(self._room * min(len(x), BLOCK))
        for first in range(0, len(x), BLOCK):
            piece = x[first : first + BLOCK]
            has_nan |= columns.outputs(
                self._table, piece, len(piece), scratch, result[first : first + BLOCK]
            )
        return result, has_nan

    def gradients(self, x: NDArray, y: NDArray, rows: int, cost: str) -> tuple[Gradients, bool]:
        """The sums over all rows of dC/db and dC/dw, and whether an output is NaN.

        x         (rows, inputs) or, of one row, its column; y likewise
        cost      "quadratic" or "cross-entropy"
        """
        code = columns.QUADRATIC_COST if cost == "quadratic" else _CROSS_ENTROPY
        nabla, scratch = np.empty(self._size), np.empty(2 * self._room * min(rows, BLOCK))
        if rows <= BLOCK:
            has_nan = columns.gradients(self._table, code, x, y, rows, scratch, nabla)
        else:
            has_nan, piece = False, nabla
            nabla = np.zeros(self._size)
            for k in range(0, rows, BLOCK):
                xs, ys = x[k : k + BLOCK], y[k : k + BLOCK]
                has_nan |= columns.gradients(self._table, code, xs, ys, len(xs), scratch, piece)
                nabla += piece
        nabla_b, nabla_w = (
            [nabla[part].reshape(shape) for part, shape in parts] for parts in self._parts
        )
        return (nabla_b, nabla_w), has_nan
