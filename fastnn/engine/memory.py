"""What a training needs of memory, besides the network and its data."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import buffer_pool, progress
from fastnn.engine.arrays import raw_rows
from fastnn.engine.compression import Compressor
from fastnn.engine.engine import Engine
from fastnn.engine.inputs import Inputs
from fastnn.engine.rule import OptimizerMemory
from fastnn.engine.strategy import DENSE, SORTED, Strategy, Work
from fastnn.layout import rows as row_forms
from fastnn.layout.layers import HALVES, UPDATE_UNIT, Plan
from fastnn.layout.rows import Bins, Dense, Nonzeros, Rows, make_bins
from fastnn.layout.training import Memory, State

__all__ = ["TrainingMemory", "make_rows"]

# The optimizer's work on the weights of INPUT_GROUP inputs, in entries': for each vector of them
# Adam takes some 10 cycles and SGD 3, and an entry's forward pass and gradient 6 in all.
_SGD_UPDATE, _UPDATE = 2.0, 7.0


class TrainingMemory:
    """The arrays that kernels write to, some of them in memory that `give_back` leaves to others.

    arrays  as kernels take them
    """

    def __init__(self, engine: Engine, plan: Plan, optimizer: OptimizerMemory, m: int, rows: Rows):
        """For mini-batches of m rows, which the plan has room for."""
        self._engine, self._spare = engine, list[NDArray]()
        in_parts = rows.way != row_forms.DENSE or rows.dense.middle > 0
        part_size = plan.rows * int(plan.layers.strides[1]) if in_parts else 0
        self.arrays = Memory(
            State(engine.parameters, optimizer.first, optimizer.second),
            self._room(plan.scratch),
            self._room(HALVES, part_size),
            part_size,
            np.empty(m),
            np.zeros(plan.threads, np.int64),
            progress.start(optimizer.updates),
        )

    def _room(self, *shape: int) -> NDArray:
        array = buffer_pool.empty(math.prod(shape), self._engine.dtype)
        self._spare.append(array)
        return array.reshape(shape)

    def give_back(self) -> None:
        """Leave large pieces to others; there can be no more training."""
        nothing = np.empty(0, self._engine.dtype)
        self.arrays = self.arrays._replace(scratch=nothing, parts=nothing.reshape(0, 0))
        while self._spare:
            buffer_pool.give_back(self._spare.pop())


def make_rows(
    name: str,
    inputs: Inputs,
    work: Work,
    threads: int,
    drop: float | Sequence[float],
    strategy: Strategy,
) -> Rows:
    """The inputs of a training set as layer 1 is to take them.

    drop  as in UpdateRule
    """
    if name == DENSE:
        shared = strategy.shares_inputs(work) and not np.ravel(drop)[0]
        middle = work.inputs // (2 * UPDATE_UNIT) * UPDATE_UNIT if shared else 0
        return _rows(row_forms.DENSE, inputs, dense=Dense(raw_rows(inputs.x), middle, inputs.scale))
    if name == SORTED:
        update = _SGD_UPDATE if work.optimizer == "sgd" else _UPDATE
        nonzeros = inputs.groups_in_halves(work.m, update)
        room = work.m * int(np.diff(nonzeros.starts).max())
        bins = make_bins(threads, work.inputs, room, inputs.dtype)
        return _rows(row_forms.SORTED, inputs, nonzeros=nonzeros, bins=bins)
    return _rows(row_forms.SCALED, inputs, nonzeros=inputs.nonzeros_in_halves(work.m))


def _rows(
    way: int,
    inputs: Inputs,
    dense: Dense | None = None,
    nonzeros: Nonzeros | None = None,
    bins: Bins | None = None,
) -> Rows:
    """The rows with what their way needs, and nothing in place of the rest."""
    nothing = np.empty((0, 1), inputs.dtype)
    return Rows(
        way,
        dense or Dense(raw_rows(nothing), 0, inputs.scale),
        nonzeros or Compressor(0, 1, inputs.dtype).nonzeros(),
        bins or make_bins(0, 0, 0, inputs.dtype),
    )
