"""What training changes of a network besides its weights, and leaves for the next fit."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike

from fastnn.engine import OptimizerMemory
from fastnn.training.history import History
from fastnn.training.last_fit import Asked
from fastnn.training.optimizers import SGD, Optimizer, same_memory
from fastnn.training.penalty import Penalty

__all__ = ["TrainingState"]


@dataclass
class TrainingState:
    """All that a network's file holds beside what the network is.

    rng           of the order of rows; it drew the first weights
    dropout_seed  of what is drawn without that generator: what is dropped and split off
    history       all epochs so far
    penalty       the last fit's, by which the network is evaluated
    optimizer     the last fit's, with its memory
    flat_targets  whether y was (rows,) in the last fit
    asked         what else the last fit was asked for; None before the first
    """

    rng: np.random.Generator
    dropout_seed: int
    history: History
    penalty: Penalty
    optimizer: Optimizer
    memory: OptimizerMemory
    flat_targets: bool = False
    asked: Asked | None = None

    @classmethod
    def at_first(
        cls,
        seed: int | None,
        rng: np.random.Generator,
        layers: int,
        parameters: int,
        dtype: DTypeLike,
    ) -> TrainingState:
        """That of a network with so many layers of weights that was not trained yet."""
        dropout_seed = int(np.random.SeedSequence(seed).generate_state(1)[0])
        penalty = Penalty((0.0,) * layers, (0.0,) * layers, 1)
        memory = OptimizerMemory(SGD().name, parameters, dtype)
        return cls(rng, dropout_seed, History(), penalty, SGD(), memory)

    def memory_of(self, optimizer: Optimizer, parameters: int, dtype: DTypeLike) -> OptimizerMemory:
        """The optimizer's memory, begun anew if the last fit was with another one."""
        memory = self.memory
        if not same_memory(self.optimizer, optimizer):
            memory = OptimizerMemory(optimizer.name, parameters, dtype)
        # One after the other, with no step between where an interrupt may come: kernels would write
        # to memory that there is not, of an optimizer that has none yet.
        self.memory, self.optimizer = memory, optimizer
        return self.memory

    def without_arrays(self) -> TrainingState:
        """A state that goes on from here, and of the optimizer's memory has the updates alone."""
        rng, history = copy.deepcopy(self.rng), self.history.copy()
        memory = OptimizerMemory(self.optimizer.name, 0, np.float32)
        memory.updates = self.memory.updates
        return replace(self, rng=rng, history=history, memory=memory)

    def with_arrays(self, parameters: int, dtype: DTypeLike) -> TrainingState:
        """The same with room for the memory of so many parameters."""
        memory = OptimizerMemory(self.optimizer.name, parameters, dtype)
        memory.updates = self.memory.updates
        return replace(self, memory=memory)
