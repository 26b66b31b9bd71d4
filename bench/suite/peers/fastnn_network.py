"""fastnn itself, through `fastnn.Network`."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import fastnn
from bench.suite.machine import fastnn_versions, usable_threads
from bench.suite.peers import AfterEpoch, UnsupportedError
from bench.suite.problem import Problem
from bench.suite.task import Task
from fastnn.training.history import Epoch
from fastnn.training.optimizers import as_optimizer
from fastnn.training.schedules import Schedule

_OPTIONS = inspect.signature(fastnn.Network.fit).parameters


def variants(task: Task) -> dict[str, Callable[[Problem], "Native"]]:
    """One: nothing is to be chosen."""
    try:
        as_optimizer(task.optimizer)
    except ValueError as error:
        raise UnsupportedError(f"this fastnn: {error}") from None
    lacking = [name for name in _extras(task) if name not in _OPTIONS]
    if lacking:
        raise UnsupportedError(f"this fastnn has no {lacking[0]}")
    return {"": Native}


def _extras(task: Task) -> dict[str, Any]:
    """Options of `fit` that not every task needs."""
    wanted = {"dropout": task.dropout, "max_norm": task.max_norm}
    return {name: value for name, value in wanted.items() if value}


def about() -> dict[str, Any]:
    """Versions and threads."""
    return {"versions": fastnn_versions(), "threads": _threads()}


def _threads() -> int | None:
    """How many `fit` may use: its own choice, unless this process has one core only."""
    return 1 if usable_threads() == 1 else None


@dataclass(frozen=True)
class _Going(Schedule):
    """A schedule over `epochs` epochs, of which `done` were in earlier calls of `fit`."""

    whole: Schedule
    done: int
    epochs: int

    def rates(self, t: NDArray, epochs: float, past: Sequence[Epoch] = ()) -> NDArray:
        """The schedule's rates after `done` epochs more."""
        return self.whole.rates(self.done + t, self.epochs)


class Native:
    """A Network, trained on the arrays."""

    def __init__(self, problem: Problem):
        self.task = task = problem.task
        self.epoch = 0
        self.x, self.y = problem.x, problem.y
        scale: dict[str, Any] = {"input_scale": problem.scale} if problem.scale != 1 else {}
        self.net = fastnn.Network(
            task.sizes,
            task.activation,
            task.cost,
            output_activation=task.output_activation,
            seed=task.seed,
            dtype=task.dtype,
            **scale,
        )
        self.net.weights, self.net.biases = problem.weights, problem.biases
        self.predictor: Callable[[NDArray], NDArray] | None = None
        self.settings: dict[str, Any] = {
            "batch_size": task.batch_size,
            "l2": task.l2,
            "optimizer": task.optimizer,
            "n_threads": _threads(),
            **_extras(task),
        }
        if task.cost != "quadratic":
            self.y = self.y.argmax(axis=1)

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """One call of `fit`, with all that it does before its first epoch."""
        self.net.fit(
            self.x,
            self.y,
            epochs=epochs,
            learning_rate=self._learning_rate(),
            callbacks=None if after_epoch is None else lambda *_: after_epoch(),
            **self.settings,
        )
        self.epoch += epochs

    def _learning_rate(self) -> float | Schedule:
        eta, cycle = self.task.learning_rate, self.task.one_cycle
        return _Going(fastnn.OneCycle(eta), self.epoch, cycle) if cycle else eta

    def parameters(self) -> tuple[list[NDArray], list[NDArray]]:
        """As NumPy arrays."""
        return [np.array(w) for w in self.net.weights], [np.array(b) for b in self.net.biases]

    def outputs(self, x: NDArray) -> NDArray:
        """One call of `feedforward`; of a predictor, made for the purpose, for one row."""
        if len(x) > 1:
            return self.net.feedforward(x)
        if self.predictor is None:
            self.predictor = self.net.predictor()
        return self.predictor(x[0])
