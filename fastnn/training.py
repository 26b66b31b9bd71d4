"""The loop over epochs: order of the rows, pieces of an epoch, figures, callbacks."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import Engine, OptimizerMemory, Trainer, UpdateRule
from fastnn.history import Epoch
from fastnn.targets import Targets
from fastnn.thread_choice import ThreadChoice

__all__ = ["Data", "measure", "train_epochs"]

# A compiled epoch can't be interrupted. Long ones are cut into pieces of about this much work,
# 50 to 300 ms, between which Python obeys Ctrl-C and a progress bar moves. The pieces are whole
# mini-batches: where the cuts lie changes nothing of the result.
_PIECE_WORK = 4_000_000_000  # rows x (weights + _ROW_WORK)
_ROW_WORK = 3_000  # what a row costs beyond its weights: a mini-batch of one, few neurons
_TRIAL_SHARE = 8  # pieces that try a number of threads are so many times shorter


class Data(NamedTuple):
    """x (rows, inputs) and its targets."""

    x: NDArray
    targets: Targets


def train_epochs(
    engine: Engine,
    data: Data,
    validation: Data | None,
    rule: UpdateRule,
    memory: OptimizerMemory,
    epochs: range,
    n_threads: int | None,
    rng: np.random.Generator,
    penalty: Callable[[], float],
    on_progress: Callable[[int, int], object] | None,
) -> Iterator[Epoch]:
    """Train, yielding each epoch's figures; `epochs` are their numbers.

    `penalty` gives that of the present weights. `on_progress(rows done, rows in all)` is
    called between the pieces of an epoch.
    """
    n = len(data.x)
    piece_rows = _piece_rows(engine, rule.mini_batch_size, _PIECE_WORK)
    trial_rows = _piece_rows(engine, rule.mini_batch_size, _PIECE_WORK // _TRIAL_SHARE)
    choice = ThreadChoice(n_threads, rule.mini_batch_size)
    trainer = Trainer(engine, data.x, data.targets.values, rule, memory, choice.most)
    for number in epochs:
        start = began = time.perf_counter()
        order = rng.permutation(n)
        trainer.start_epoch()
        done = 0
        try:
            while done < n:
                piece = order[done : done + (trial_rows if choice.trying else piece_rows)]
                trainer.run(piece, choice.next())
                began, before = time.perf_counter(), began
                choice.measured(len(piece), began - before)
                done += len(piece)
                if on_progress is not None:
                    on_progress(done, n)
        finally:  # also when interrupted
            trainer.finish_epoch()
        seconds = time.perf_counter() - start
        accuracy = trainer.correct / n if data.targets.classes else None
        epoch = Epoch(number, seconds, trainer.cost_sum / n, penalty(), accuracy)
        if validation is not None:
            data_cost, accuracy = measure(engine, validation)
            epoch = epoch._replace(validation_data_cost=data_cost, validation_accuracy=accuracy)
        yield epoch


def measure(engine: Engine, data: Data) -> tuple[float, float | None]:
    """Mean data cost of a row, and the fraction classified correctly (None: no classes)."""
    cost_sum, correct = engine.evaluate(data.x, data.targets.values)
    n = len(data.x)
    return cost_sum / n, correct / n if data.targets.classes else None


def _piece_rows(engine: Engine, mini_batch_size: int, work: int) -> int:
    row_work = _ROW_WORK + sum(w.size for w in engine.weights)
    return max(1, work // row_work // mini_batch_size) * mini_batch_size
