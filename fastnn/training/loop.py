"""The loop over epochs: order of the rows, learning rates, pieces of an epoch, figures."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import Counting, Engine, OptimizerMemory, Trainer
from fastnn.engine.thread_choice import ThreadChoice
from fastnn.interrupts import allow, let_in
from fastnn.training.collection import paused
from fastnn.training.course import Course
from fastnn.training.divergence import Guard
from fastnn.training.history import Epoch
from fastnn.training.measuring import measure
from fastnn.training.penalty import Penalty
from fastnn.training.pieces import epochs_in_a_piece, piece_rows
from fastnn.training.settings import Settings
from fastnn.training.short_epochs import Piece, as_epochs

__all__ = ["Position", "Training"]

Matrices = tuple[list[NDArray], list[NDArray]]  # weights and biases


class Position(NamedTuple):
    """Where a fit stands, so that another one can go on from there with the same bits.

    epochs        how many of its epochs are complete
    done          how many rows of the next one are trained
    seconds       that those took
    progress      the trainer's, see `engine.Trainer.state`
    random_state  the generator's, when that epoch began or is about to begin
    """

    epochs: int
    done: int
    seconds: float
    progress: list[float]
    random_state: Mapping[str, Any]


class Training(Course):
    """One call of fit: where it stands, and the loop that takes it further.

    settings      what was asked for
    order, done   the present epoch's rows in the order in which it takes them, and how many of
                  them it has trained: whole mini-batches; all of them when it is complete
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        memory: OptimizerMemory,
        rng: np.random.Generator,
        penalty: Penalty,
        past: int,
    ):
        """`penalty` is that of the weights; `past` epochs went before."""
        super().__init__(engine, settings.early_stopping)
        self.settings = settings
        self.order, self.done = np.zeros(0, np.int64), 0
        self._apart = 0  # the epochs before this one are not trained together
        self._running = -1  # the index of the epoch that has begun and is not complete
        self._began, self._first_update = 0.0, 0
        self._random_state: Mapping[str, Any] = {}
        self._resumed: Position | None = None
        self._on_interrupt: Callable[[], object] = lambda: None
        self._engine, self._rng, self._penalty, self._past = engine, rng, penalty, past
        data, m = settings.data, settings.rule.mini_batch_size
        self._mini_batch_size = m
        self._choice = ThreadChoice(settings.n_threads, m, piece_rows(engine, m))

        counting = Counting(
            data.row_weights, data.targets.multi_label, data.targets.classes, settings.by_weight
        )

        def trainer(threads: int = 1) -> Trainer:
            return Trainer(
                engine, data.x, data.targets.values, settings.rule, memory, threads, counting
            )

        self._trainer = trainer(self._choice.most)
        self._guard = Guard(engine, memory, settings.rule, data, trainer)

    def run(
        self,
        each: Callable[[Epoch], object],
        on_progress: Callable[[int, int], object] | None = None,
        on_interrupt: Callable[[], object] | None = None,
        *,
        watched: bool = True,
    ) -> None:
        """Train, calling `each` with every epoch's figures.

        `on_progress(rows done, rows in all)` is called between the pieces of an epoch,
        `on_interrupt()` when KeyboardInterrupt ends one. Raises DivergenceError, and goes back to
        the epoch's start, if numbers become NaN or infinite.

        To be called, and left, while interrupts are held: they are let in where the network, its
        memory and `epochs` belong together, and in what is not the training's own work.

        watched  whether the network, or where this stands, must be that of each epoch when it is
                 handed out; else `epochs` and the network may be ahead by some short ones
        """
        if on_interrupt is not None:
            self._on_interrupt = on_interrupt
        for epoch in self._ending(on_progress, watched):
            each(epoch)

    def _ending(
        self, on_progress: Callable[[int, int], object] | None, watched: bool
    ) -> Iterator[Epoch]:
        """Train, yielding each epoch when it has ended."""
        most = self._most_together(watched)
        if not self.complete:  # load what the epochs will need now, and not after the first
            allow(self._trainer.compile)
            if most == 1:
                allow(self._engine.figures)
        while not self.complete:
            first = len(self.epochs)
            if most > 1 and self._resumed is None and first >= self._apart:
                short = max(1, self._choice.rows() // len(self.settings.data.x))
                count = min(most, short, self.settings.epochs - first)
                yield from self._train_together(count, on_progress)
                continue
            (etas,) = self._rates(1)  # by a function of the user's, maybe, which may fail
            self._begin_epoch()
            self._train(etas, on_progress)
            epoch = self._measure(time.perf_counter() - self._began, etas)
            self.record(epoch)
            yield epoch
            let_in()
        self.restore_best()

    def give_back(self) -> None:
        """Leave memory that only training needs to others; there can be no more of it."""
        self._trainer.give_back()

    def position(self) -> Position:
        """Where this stands: between epochs, in on_progress or in on_interrupt."""
        index, progress = len(self.epochs), self._trainer.state()
        if self._running != index:
            return Position(index, 0, 0.0, progress, self._rng.bit_generator.state)
        # An interrupt may have come between a piece and the note that it is done.
        batches = self._trainer.updates - self._first_update
        done = min(len(self.order), batches * self._mini_batch_size)
        seconds = time.perf_counter() - self._began
        return Position(index, done, seconds, progress, self._random_state)

    def best_parameters(self) -> Matrices | None:
        """What early stopping would restore now; None if nothing."""
        if self.best is None or self.best.values is None:
            return None
        return self._engine.matrices(self.best.values)

    def resume(
        self,
        position: Position,
        epochs: Sequence[Epoch],
        best: Matrices | None,
        first_weights: NDArray,
        *,
        finished: bool,
    ) -> None:
        """Go on from where another training of these settings stood; call before `run`.

        The network's parameters and the optimizer's memory are as they were then.

        epochs    the figures of the epochs that were complete
        best      what `best_parameters` gave
        first_weights
                  weights[0] without the factor that the network's have, until an epoch goes on
        finished  whether it was over
        """
        self.epochs, self._ended, self._resumed = list(epochs), finished, position
        self._first_weights = first_weights
        if self.best is not None:
            self.best.resume(self.epochs, best and self._engine.packed(*best))
        self._rng.bit_generator.state = position.random_state

    @property
    def complete(self) -> bool:
        """Whether the last epoch is done."""
        settings = self.settings
        return (
            super().complete
            or len(self.epochs) >= settings.epochs
            or settings.schedule.finished(self.epochs)
        )

    def _begin_epoch(self) -> None:
        m = self._mini_batch_size
        self._began, self._random_state = time.perf_counter(), self._rng.bit_generator.state
        (self.order,) = self._orders(1)
        self.done = 0
        self._trainer.start_epoch()
        if self._resumed is not None and self._resumed.done:
            self._engine.weights[0][...] = self._first_weights
            self._trainer.restore(self._resumed.progress)
            self.done = self._resumed.done
            self._began -= self._resumed.seconds
        self._resumed = None
        self._first_update = self._trainer.updates - -(-self.done // m)
        self._running = len(self.epochs)

    def _orders(self, count: int) -> NDArray:
        """The rows of the next epochs, (count, n)."""
        n = len(self.settings.data.x)
        orders = np.empty((count, n), np.int64)
        orders[:] = np.arange(n)
        return self._rng.permuted(orders, axis=1, out=orders) if self.settings.shuffle else orders

    def _rates(self, count: int) -> NDArray:
        """The learning rates of the next epochs, (count, mini-batches)."""
        settings, n, m = self.settings, len(self.settings.data.x), self._mini_batch_size
        if settings.rule.steady:
            return np.full((count, -(-n // m)), settings.rule.eta)
        first, t = len(self.epochs), np.arange(0, n, min(m, n)) / n  # where mini-batches begin
        rates, epochs = settings.schedule.rates, settings.epochs
        return np.array([rates(first + i + t, epochs, self.epochs) for i in range(count)])

    def _most_together(self, watched: bool) -> int:
        """How many epochs a piece may have: several, if nothing happens between short ones."""
        settings = self.settings
        if (
            watched
            or settings.validation is not None
            or settings.early_stopping is not None
            or settings.schedule.monitored() is not None
        ):
            return 1
        return epochs_in_a_piece(self._engine, self._mini_batch_size, len(settings.data.x))

    def _train_together(
        self, count: int, on_progress: Callable[[int, int], object] | None
    ) -> Iterator[Epoch]:
        """Train the next epochs in one piece, and yield the figures of each.

        If numbers become NaN or infinite, it goes back to where it began, and leaves them to be
        trained apart, which shows where that happens.
        """
        began, n = time.perf_counter(), len(self.settings.data.x)
        progress, state = self._trainer.state(), self._rng.bit_generator.state
        piece = Piece(len(self.epochs), self._rates(count), progress, state)
        orders = self._orders(count)
        self._guard.start(0)
        try:
            self._trainer.run_epochs(orders, self._choice.next(), piece.etas)
            seconds = time.perf_counter() - began
            self._choice.measured(orders.size, seconds)
            self._end_together(piece, seconds)
        except KeyboardInterrupt:  # when they were trained, or were about to be
            self._end_together(piece, time.perf_counter() - began)
            raise
        let_in()
        for epoch in self.epochs[piece.first :]:
            if on_progress is not None:
                allow(on_progress, n, n)
            yield epoch

    def _end_together(self, piece: Piece, seconds: float) -> None:
        """Add the figures of a piece that has ended, or go back to its start."""
        trainer, data, etas = self._trainer, self.settings.data, piece.etas
        if trainer.updates - Trainer.updates_in(piece.progress) < etas.size:
            self._rng.bit_generator.state = piece.random_state
            return
        trainer.finish_epoch()
        with paused():
            epochs = as_epochs(
                trainer.ended,
                self._penalty,
                etas[:, -1],
                number=self._past + piece.first + 1,
                seconds=seconds / piece.size,
                rows=len(data.x),
                classes=data.targets.classes,
            )
        if epochs is not None:
            self.epochs[piece.first :] = epochs
            return
        self._apart = piece.first + piece.size
        self._guard.go_back()
        self._rng.bit_generator.state = piece.random_state
        trainer.restore(piece.progress)

    def _train(self, etas: NDArray, on_progress: Callable[[int, int], object] | None) -> None:
        """Train on the rest of the present epoch's rows."""
        n, m, choice = len(self.order), self._mini_batch_size, self._choice
        self._guard.start(self.done, Trainer.factor_in(self._trainer.state()))
        try:
            while self.done < n:
                end = self.done + choice.rows()
                piece, first = self.order[self.done : end], self.done // m
                began = time.perf_counter()
                self._trainer.run(piece, choice.next(), etas[first : first + -(-len(piece) // m)])
                choice.measured(len(piece), time.perf_counter() - began)
                self.done += len(piece)
                if not math.isfinite(self._trainer.cost_sum):
                    break
                if self.done < n:  # else when the epoch is in `epochs`
                    let_in()
                if on_progress is not None:
                    allow(on_progress, self.done, n)
        except KeyboardInterrupt:
            allow(self._on_interrupt)
            raise
        finally:
            self._trainer.finish_epoch()

    def _measure(self, seconds: float, etas: NDArray) -> Epoch:
        """The figures of the epoch that has just ended."""
        settings, trainer, n = self.settings, self._trainer, len(self.order)
        number = self._past + len(self.epochs) + 1
        figures = self._engine.figures()
        penalty = self._penalty.of(figures.squares, figures.magnitudes)
        last = self.epochs[-1] if self.epochs else None
        self._guard.check(number, trainer.cost_sum + penalty, figures, self.order, etas, last)
        accuracy = trainer.correct / n if settings.data.targets.classes else None
        epoch = Epoch(
            number,
            seconds,
            trainer.cost_sum / n,
            penalty,
            accuracy,
            learning_rate=float(etas[-1]),
            **figures.weights._asdict(),
        )
        if settings.validation is None:
            return epoch
        try:
            data_cost, accuracy = allow(
                measure, self._engine, settings.validation, settings.n_threads
            )
        except KeyboardInterrupt:
            allow(self._on_interrupt)
            raise
        return epoch._replace(validation_data_cost=data_cost, validation_accuracy=accuracy)
