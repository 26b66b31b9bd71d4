"""A training that runs off to NaN or infinity: noticed, undone, and explained."""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.data.rows import Data
from fastnn.engine import Engine, OptimizerMemory, Trainer, UpdateRule
from fastnn.engine.weight_figures import ParameterFigures, WeightFigures
from fastnn.interrupts import allow
from fastnn.training.history import Epoch

__all__ = ["DivergenceError", "Guard"]

_PIECES = 100  # of an epoch that is run again to see where it diverges
_LARGE = 100.0  # inputs, targets and weights of rows are best about 1
_IN_GRADIENT = ("adam", "rmsprop")  # to which the penalty is a part of the gradient
_LARGE_WEIGHT = 100.0  # with inputs of about 1, z stays in the range of all activations
_HARDLY = 10.0  # times a layer's norm at the epoch's start


class DivergenceError(ArithmeticError):
    """The loss or the weights of a training became NaN or infinite.

    The network and the optimizer's memory are as they were before that epoch.

    epoch       number of that epoch
    update      the epoch's first update, from 1, that met or left NaN or infinity
    layer       the first layer with parameters that are not finite, else the one whose weights
                have grown most; counted from 1
    data_cost, penalty
                of the last good epoch of this fit; None if there was none
    weights     WeightFigures of the network as it is now
    last_norms  each layer's norm just before that update
    cause       the likely one: "penalty", "data" (inputs), "targets", "sample weights", "weights",
                "function" or "learning rate"
    """

    epoch: int
    update: int
    layer: int
    data_cost: float | None
    penalty: float | None
    weights: WeightFigures
    last_norms: tuple[float, ...]
    cause: str


class _State(NamedTuple):
    """Copies of the packed parameters and of the optimizer's memory."""

    parameters: NDArray
    first: NDArray
    second: NDArray
    updates: int


class _Place(NamedTuple):
    """Where an epoch diverges: the update, the layer's index, the norms before that update.

    at_once  whether its rows' costs are not finite although the epoch has hardly changed weights
    """

    update: int
    layer: int
    norms: tuple[float, ...]
    at_once: bool


class Guard:
    """Keeps what a network was at the start of an epoch, or of several, and goes back to it."""

    def __init__(
        self,
        engine: Engine,
        memory: OptimizerMemory,
        rule: UpdateRule,
        data: Data,
        trainer: Callable[[], Trainer],
    ):
        """`data` are the training rows, `trainer` makes another one of the training's."""
        self._engine, self._memory, self._rule = engine, memory, rule
        self._data, self._trainer = data, trainer
        self._start, self._done = self._state(), 0

    def start(self, done: int, factor: float = 1.0) -> None:
        """Copy what this epoch may spoil: quick, for the parameters are packed.

        The copies' memory is made once, as an epoch may be shorter than that takes.

        done    rows of the first epoch that were trained before, if it was interrupted
        factor  what weights[0] lack then
        """
        memory, start = self._memory, self._start
        np.copyto(start.parameters, self._engine.parameters)
        np.copyto(start.first, memory.first)
        np.copyto(start.second, memory.second)
        self._start, self._done = start._replace(updates=memory.updates), done
        if factor != 1.0:
            self._engine.matrices(self._start.parameters)[0][0][...] *= factor

    def check(
        self,
        epoch: int,
        cost: float,
        figures: ParameterFigures,
        order: NDArray,
        etas: NDArray,
        last: Epoch | None,
    ) -> None:
        """Raise DivergenceError, and go back, unless the cost and the parameters are finite.

        epoch    its number
        cost     its data costs and the penalty, in any sum
        figures  of the parameters that it leaves
        order    (n,) its rows
        etas     (mini-batches,) their learning rates
        last     the figures of this fit's epoch before, if there was one
        """
        if math.isfinite(cost) and figures.first_not_finite() is None:
            return
        try:
            place = allow(self._look_for, order, etas)
        finally:
            self.go_back()
        raise self._error(epoch, place, etas, last)

    def go_back(self) -> None:
        """Make the parameters and the optimizer's memory what they were at the start."""
        self._restore(self._start)

    def _state(self) -> _State:
        memory = self._memory
        return _State(
            self._engine.parameters.copy(),
            memory.first.copy(),
            memory.second.copy(),
            memory.updates,
        )

    def _restore(self, state: _State) -> None:
        memory = self._memory
        self._engine.parameters[:] = state.parameters
        memory.first[:], memory.second[:] = state.first, state.second
        memory.updates = state.updates

    def _look_for(self, order: NDArray, etas: NDArray) -> _Place:
        """Run the epoch again, in pieces, to see which update it is.

        First pieces of a hundredth, then the bad one's mini-batches. The rows and their order
        are the same, so it diverges as it did.
        """
        m, begin = min(self._rule.mini_batch_size, len(order)), self._done
        start = self._start
        for rows in (max(1, len(order) // _PIECES // m) * m, m):
            self._restore(start)
            trainer = self._trainer()
            while begin < len(order):
                start, before = self._state(), self._engine.figures().weights
                trainer.run(order[begin : begin + rows], 1, etas[begin // m : (begin + rows) // m])
                trainer.finish_epoch()
                bad = self._engine.figures().first_not_finite()
                if bad is not None or not math.isfinite(trainer.cost_sum):
                    break
                begin += rows
        growth = [b / a if a else 0.0 for a, b in zip(self._norms(), before.weight_norms)]
        layer = int(np.argmax(growth)) if bad is None else bad
        at_once = not math.isfinite(trainer.cost_sum) and max(growth) < _HARDLY
        return _Place(min(begin, len(order) - 1) // m + 1, layer, before.weight_norms, at_once)

    def _norms(self) -> tuple[float, ...]:
        """Of the weights that the epoch began with."""
        return self._engine.figures(self._start.parameters).weights.weight_norms

    def _error(
        self, epoch: int, place: _Place, etas: NDArray, last: Epoch | None
    ) -> DivergenceError:
        """With the network as it was."""
        good = self._engine.figures().weights
        cause, reason = self._cause(
            good, float(etas[place.update - 1]), place.at_once, last is None
        )
        norm, grown = good.weight_norms[place.layer], place.norms[place.layer]
        past = "it is the first epoch of this fit"
        if last is not None:
            past = (
                f"the epoch before had a data cost of {last.data_cost:.4g} and a penalty "
                f"of {last.penalty:.4g}"
            )
        error = DivergenceError(
            f"the training diverged: in epoch {epoch}, at update {place.update:,} of "
            f"{len(etas):,}, numbers became NaN or infinite, in layer {place.layer + 1} first. "
            f"The norm of that layer's weights went from {norm:.4g} at the epoch's start to "
            f"{grown:.4g} just before; {past}. Likely cause: {reason}. "
            "The network is as it was before this epoch"
        )
        error.epoch, error.update, error.layer = epoch, place.update, place.layer + 1
        error.data_cost = None if last is None else last.data_cost
        error.penalty = None if last is None else last.penalty
        error.weights, error.last_norms, error.cause = good, place.norms, cause
        return error

    def _cause(
        self, good: WeightFigures, eta: float, at_once: bool, first: bool
    ) -> tuple[str, str]:
        """In a word, and in a sentence with the numbers that it rests on.

        at_once  see `_Place`
        first    whether it is the first epoch, so that weights are as the user made them
        """
        rule, largest_weight = self._rule, max(good.largest_weights)
        decay = 1 - eta * float(np.max(rule.l2)) / rule.n
        shrink = eta * float(np.max(rule.l1)) / rule.n
        in_gradient = rule.optimizer in _IN_GRADIENT
        if decay < 0 and not in_gradient:
            return "penalty", (
                f"the L2 penalty, whose decay factor 1 - eta l2 / n = {decay:.4g} is below 0"
            )
        if shrink > largest_weight and not in_gradient and not rule.proximal:
            return "penalty", (
                f"the L1 penalty: eta l1 / n = {shrink:.4g} is more than the largest weight, "
                f"{largest_weight:.4g}"
            )
        excess, cause, reason = max(self._excesses(largest_weight if first else 0.0))
        if excess > 1:
            return cause, f"{reason}; or a learning rate, {eta:g}, that is too large for them"
        if at_once and largest_weight < _LARGE_WEIGHT:
            return "function", (
                "an activation or a cost that is NaN or infinite for these rows, though the "
                "weights have hardly changed: a function of the user's where it has no value, or "
                "an exponential that is too large"
            )
        return "learning rate", f"a learning rate, {eta:g}, that is too large"

    def _excesses(self, largest_weight: float) -> Iterator[tuple[float, str, str]]:
        """How many times too large each kind of numbers is, the kind, and what to say of it."""
        x, targets, row_weights = self._data
        inputs = _largest(x) * float(self._engine.input_scale)
        told = f"inputs of up to {inputs:.4g}, which are best scaled to about 1"
        yield inputs / _LARGE, "data", told
        wanted = 1.0 if targets.classes else _largest(targets.values)
        told = f"targets of up to {wanted:.4g}, which are best scaled to about 1"
        yield wanted / _LARGE, "targets", told
        counted = 1.0 if row_weights is None else _largest(row_weights)
        told = (
            f"weights of rows of up to {counted:.4g}, which multiply the learning rate: those of "
            "sample_weight and class_weight are best about 1"
        )
        yield counted / _LARGE, "sample weights", told
        told = f"weights of the network of up to {largest_weight:.4g} before its first update"
        yield largest_weight / _LARGE_WEIGHT, "weights", told


def _largest(values: Any) -> float:
    """The largest magnitude in an array; bytes are not copied."""
    return max(float(values.max()), -float(values.min()))
