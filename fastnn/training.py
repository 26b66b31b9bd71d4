"""The loop over epochs: order of the rows, pieces of an epoch, figures, callbacks."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.engine import Engine
from fastnn.history import Epoch
from fastnn.targets import Targets

__all__ = ["Data", "Settings", "train_epochs"]

# A compiled epoch can't be interrupted. Long ones are cut into pieces of about this much work,
# 10 to 200 ms, between which Python obeys Ctrl-C and a progress bar moves. The pieces are whole
# mini-batches, so the cuts don't change what is learned; and no clock decides where they lie,
# so the sum of costs is rounded alike each time.
_PIECE_WORK = 500_000_000  # rows x (weights + _ROW_WORK)
_ROW_WORK = 3_000  # what a row costs beyond its weights: a mini-batch of one, few neurons


class Data(NamedTuple):
    """x (rows, inputs) and its targets."""

    x: NDArray
    targets: Targets


class Settings(NamedTuple):
    """What a call of fit was asked to do; l1 and l2 are the book's lmbda."""

    epochs: int
    mini_batch_size: int
    eta: float
    l1: float
    l2: float


def train_epochs(
    engine: Engine,
    data: Data,
    validation: Data | None,
    settings: Settings,
    rng: np.random.Generator,
    penalty: Callable[[], float],
    first_epoch: int,
    on_progress: Callable[[int, int], object] | None,
) -> Iterator[Epoch]:
    """Train, yielding each epoch's figures.

    `penalty` gives that of the present weights. `on_progress(rows done, rows in all)` is
    called between the pieces of an epoch.
    """
    n = len(data.x)
    piece_rows = _piece_rows(engine, settings.mini_batch_size)
    for number in range(first_epoch, first_epoch + settings.epochs):
        start = time.perf_counter()
        order = rng.permutation(n)
        cost_sum, correct = 0.0, 0
        for first in range(0, n, piece_rows):
            piece = order[first : first + piece_rows]
            piece_cost, piece_correct = engine.train(
                data.x, data.targets.values, piece,
                mini_batch_size=settings.mini_batch_size,
                eta=settings.eta, l1=settings.l1, l2=settings.l2, n=n,
            )  # fmt: skip
            cost_sum += piece_cost
            correct += piece_correct
            if on_progress is not None:
                on_progress(first + len(piece), n)
        seconds = time.perf_counter() - start
        accuracy = correct / n if data.targets.classes else None
        epoch = Epoch(number, seconds, cost_sum / n, penalty(), accuracy)
        if validation is not None:
            data_cost, accuracy = measure(engine, validation)
            epoch = epoch._replace(validation_data_cost=data_cost, validation_accuracy=accuracy)
        yield epoch


def measure(engine: Engine, data: Data) -> tuple[float, float | None]:
    """Mean data cost of a row, and the fraction classified correctly (None: no classes)."""
    cost_sum, correct = engine.evaluate(data.x, data.targets.values)
    n = len(data.x)
    return cost_sum / n, correct / n if data.targets.classes else None


def _piece_rows(engine: Engine, mini_batch_size: int) -> int:
    row_work = _ROW_WORK + sum(w.size for w in engine.weights)
    return max(1, _PIECE_WORK // row_work // mini_batch_size) * mini_batch_size
