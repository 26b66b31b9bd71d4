"""Targets as kernels take them: rows of numbers, or labels for rows of ones and zeros."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine.arrays import number, read_only
from fastnn.layout.training import Targets

__all__ = ["ONE_EACH", "Counting", "OneHot", "as_kernels_take"]

_PIECE = 1 << 20  # numbers


@dataclass(frozen=True, eq=False)
class OneHot:
    """One-hot rows (rows, outputs) in the memory of their labels: a matrix that nobody makes.

    labels   (rows,) int32 from 0 to outputs - 1, which nobody else may change
    outputs  how many numbers a row has
    dtype    of these numbers
    on, off  the number at the label's place, and at all others
    """

    labels: NDArray[np.int32]
    outputs: int
    dtype: np.dtype
    on: float = 1.0
    off: float = 0.0

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, outputs)."""
        return len(self.labels), self.outputs

    def __getitem__(self, rows: NDArray) -> "OneHot":
        """Some of the rows, copied."""
        return OneHot(self.labels[rows], self.outputs, self.dtype, self.on, self.off)

    def pieces(self) -> Iterator[NDArray]:
        """The matrix, some rows at a time."""
        step = max(1, _PIECE // self.outputs)
        for start in range(0, len(self), step):
            labels = self.labels[start : start + step]
            piece = np.full((len(labels), self.outputs), self.off, self.dtype)
            piece[np.arange(len(labels)), labels] = self.on
            yield piece


class Counting(NamedTuple):
    """How rows count in a training.

    row_weights  (rows,): how much each does in costs and gradients; None: 1 each
    multi_label  see Engine.evaluate
    classes      whether targets name classes; else no row is `correct`
    by_weight    whether a mini-batch's mean is over its weights, else over its rows
    clipped      whether costs with a logarithm count no less than a unit in the last place of a
                 probability, as scikit-learn's do
    """

    row_weights: NDArray | None = None
    multi_label: bool = False
    classes: bool = True
    by_weight: bool = False
    clipped: bool = False


ONE_EACH = Counting()


def as_kernels_take(y: NDArray | OneHot, dtype: DTypeLike) -> Targets:
    """Targets (rows, outputs) for networks of this dtype."""
    if isinstance(y, OneHot):
        nothing, labels = np.empty((0, y.outputs), dtype), read_only(y.labels, np.int32)
        return Targets(read_only(nothing), labels, True, number(y.on, dtype), number(y.off, dtype))
    nothing = read_only(np.empty(0, np.int32))
    return Targets(read_only(y, dtype), nothing, False, number(1, dtype), number(0, dtype))
