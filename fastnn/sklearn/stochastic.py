"""Epochs of mini-batches, for the solvers sgd and adam: scikit-learn's, on the engine's kernels.

As there, an epoch's order shuffles that of the one before; a mini-batch's sums, and its penalty,
are divided by its rows, or by the sum of their weights; and the loss of an epoch is the mean over
rows of what their mini-batches cost, penalty included, each before its update.
"""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn import interrupts
from fastnn.arguments.user_warnings import warn_user
from fastnn.engine import Counting, Engine, Trainer, UpdateRule
from fastnn.engine.thread_choice import ThreadChoice
from fastnn.sklearn.library import ConvergenceWarning
from fastnn.sklearn.losses import share_of
from fastnn.sklearn.parameters import fastnn_name, fitted, take_back
from fastnn.sklearn.rows import Rows, costs_of_y, sum_of_means
from fastnn.sklearn.stopping import Stopping
from fastnn.sklearn.watching import Watch
from fastnn.training.pieces import piece_rows
from fastnn.training.settings import dropout_rates

__all__ = ["Training"]


class _Epochs:
    """The engine's part: one epoch after the other."""

    def __init__(self, estimator: Any, engine: Engine, rows: Rows, threads: int | None):
        e, self._optimizer = estimator, estimator._optimizer
        self._m = m = _mini_batch_size(e, len(rows.numbers))
        self._rows, self._order = rows, np.arange(len(rows.numbers))
        self._random = e._random_state if e.shuffle else None
        self._schedule, self._epochs, self.done = e.learning_rate_schedule, e.max_iter, 0
        self._choice = ThreadChoice(threads, m, piece_rows(engine, m))
        rule = _rule(e, engine, m)
        counting = Counting(rows.weights, classes=False, by_weight=True, clipped=True)
        memory = self._optimizer.memory(engine)
        self._trainer = Trainer(
            engine, rows.x, rows.targets, rule, memory, self._choice.most, counting
        )
        self._with_penalty = rule.with_penalty
        self._share = share_of(e._loss, engine.sizes[-1])
        self._costs_of_y = costs_of_y(rows) if e._loss == "poisson" else None

    def run(self) -> float:
        """Train an epoch; the loss. Ctrl-C acts between two pieces: those before are trained."""
        if self._random is not None:
            places = np.arange(len(self._order))
            self._random.shuffle(places)
            self._order = self._order[places]
        order, etas = self._rows.numbers[self._order], self._rates()
        done, m, choice = 0, self._m, self._choice
        self._trainer.start_epoch()
        try:
            while done < len(order):
                piece = order[done : done + choice.rows()]
                began = time.perf_counter()
                first, count = done // m, -(-len(piece) // m)
                self._trainer.run(piece, choice.next(), etas[first : first + count])
                choice.measured(len(piece), time.perf_counter() - began)
                done += len(piece)
                interrupts.let_in()
        finally:
            self._trainer.finish_epoch()
        self.done += 1
        self.last_rate = float(etas[-1])
        return self._loss(order)

    def give_back(self) -> None:
        """Leave memory to others; there can be no more epochs."""
        self._trainer.give_back()

    def _rates(self) -> NDArray:
        """The learning rate of each of an epoch's mini-batches."""
        n, m = len(self._order), self._m
        if self._schedule is None:
            return np.full(-(-n // m), self._optimizer.eta)
        return self._schedule.rates(self.done + np.arange(0, n, m) / n, self._epochs)

    def _loss(self, order: NDArray) -> float:
        total = self._trainer.cost_sum * self._share
        if self._costs_of_y is not None:
            total += sum_of_means(self._costs_of_y, self._rows.weights, order, self._m)
        if self._with_penalty:
            total += self._trainer.penalty_sum
        return total / len(order)


def _mini_batch_size(estimator: Any, rows: int) -> int:
    """Rows of a mini-batch, at most all."""
    if estimator.batch_size == "auto":
        return min(200, rows)
    if estimator.batch_size > rows:
        warn("Got `batch_size` less than 1 or larger than sample size. It is going to be clipped")
    return int(np.clip(estimator.batch_size, 1, rows))


def _rule(estimator: Any, engine: Engine, m: int) -> UpdateRule:
    e, schedule = estimator, estimator.learning_rate_schedule
    if schedule is not None and schedule.monitored() is not None:
        raise ValueError(
            f"learning_rate_schedule: expected one of epochs alone, got {schedule}; "
            "learning_rate='adaptive' goes by the loss"
        )
    hidden = fastnn_name(e.activation)
    hidden = hidden if isinstance(hidden, list) else [hidden] * (len(engine.sizes) - 2)
    drop = dropout_rates(hidden, e.dropout, e.input_dropout)
    settings = {"epsilon_hat": False, **e._optimizer.settings}
    return UpdateRule(
        m,
        e._optimizer.eta,
        float(e.l1),
        float(e.alpha),
        0,
        **settings,
        proximal=True,
        max_norm=e.max_norm or 0.0,
        drop=drop,
        # Others in each fit, also if random_state is the same number in all.
        drop_seed=(e._random_state.randint(2**31) + e.t_) % 2**31 if any(drop) else 0,
        with_penalty=e.alpha > 0 or e.l1 > 0,
        steady=schedule is None,
    )


class Training:
    """A fit that is about to begin: what can be wrong with it has been found."""

    def __init__(
        self, estimator: Any, engine: Engine, rows: Rows, watch: Watch, threads: int | None
    ):
        self._estimator, self._watch, self._rows = estimator, watch, len(rows.numbers)
        self._epochs = _Epochs(estimator, engine, rows, threads)
        self._stopping, self._own = Stopping(estimator, engine), fitted(estimator)

    def run(self, *, incremental: bool) -> None:
        """Epochs until they get no better, or `max_iter` of them; only one if `incremental`."""
        e = self._estimator
        e.n_iter_, self._epochs.done = 0, len(e.loss_curve_) if incremental else 0
        try:
            with interrupts.held():
                for _ in range(1 if incremental else e.max_iter):
                    if self._epoch():
                        break
                    if not incremental and e.n_iter_ == e.max_iter:
                        warn(
                            f"Stochastic Optimizer: Maximum iterations ({e.max_iter}) "
                            "reached and the optimization hasn't converged yet.",
                            ConvergenceWarning,
                        )
        except KeyboardInterrupt:
            warn("Training interrupted by user.")
        finally:
            self._epochs.give_back()
        self._stopping.restore()

    def _epoch(self) -> bool:
        """Train an epoch; whether it is to be the last one."""
        e, watch, stopping = self._estimator, self._watch, self._stopping
        watch.begins()
        e.loss_ = self._epochs.run()
        e.n_iter_ += 1
        e.t_ += self._rows
        e.loss_curve_.append(e.loss_)
        if e.verbose:
            print(f"Iteration {e.n_iter_}, loss = {e.loss_:.8f}")
        interrupts.allow(watch.ended, e.loss_, self._epochs.last_rate)
        stopping.note(e.loss_, watch.last.validation_score)
        ends = interrupts.allow(watch.tell)
        take_back(e, self._own)
        e._optimizer.epoch_ends(e.t_)
        if ends or (stopping.stuck and e._optimizer.stops(stopping.message, e.verbose)):
            return True
        stopping.go_on()
        return False


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn whoever has called the estimator, or a search or a pipeline with it."""
    warn_user(message, category, "sklearn")
