"""The epochs of SGD, on the kernels or sample by sample."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from fastnn.book._finite import is_finite
from fastnn.book._parameters import EngineOwner, copy_in, make_engine, take_back
from fastnn.book._samples import PackedList
from fastnn.book._shuffle import shuffle
from fastnn.engine import Counting, Inputs, Trainer, UpdateRule
from fastnn.engine.thread_choice import ThreadChoice
from fastnn.interrupts import held, let_in
from fastnn.training.pieces import piece_rows

__all__ = ["Descent", "epochs_by_sample", "epochs_on_kernels"]

# To wake another thread takes longer than an epoch of less work, a fifth of a millisecond.
_WORTH_A_SECOND_THREAD = 500_000  # rows x weights


class Descent(NamedTuple):
    """How SGD goes down; l1 and l2 are divided by the length of the training data."""

    mini_batch_size: int
    eta: float
    l1: float = 0.0
    l2: float = 0.0


@contextmanager
def epochs_on_kernels(
    net: EngineOwner,
    training_data: list[Any],
    packed: PackedList,
    cost: str,
    how: Descent,
    update: Callable[[list[Any]], None],
    *,
    watched: bool = False,
) -> Iterator[Callable[[], None]]:
    """A function that runs the next epoch, on training data that have been packed before.

    The packed rows never move. What is shuffled is their order: random.shuffle draws the same
    numbers for any list of the same length, so it is the order of the book. The caller's list
    follows at the end, or, if code of the user's own may be looking, once an epoch.

    An epoch in which parameters become NaN or infinite is done once more, by `update` with each
    mini-batch, and so are those after it: from there on it matters that every product counts, also
    those by 0, as in the book's code.
    """
    x, y, tuples, order, _ = packed
    n, m, engine = len(order), how.mini_batch_size, make_engine(net, cost)
    one = n * sum(w.size for w in engine.weights) < _WORTH_A_SECOND_THREAD
    threads = ThreadChoice(1 if one else None, m, piece_rows(engine, m))
    rule = UpdateRule(m, how.eta, how.l1, how.l2, n)
    trainer = Trainer(
        engine, x, y, rule, max_threads=threads.most, counting=Counting(classes=False)
    )
    trainer.compile()  # now, and not while interrupts are held

    def order_list() -> None:
        # NumPy jumps about in memory four times as fast as a loop in Python.
        training_data[:] = np.fromiter(tuples, object, n)[order].tolist()

    def run_epoch() -> None:
        shuffle(order)
        if watched:
            order_list()
        before = net.weights, net.biases
        copy_in(net, engine)
        if is_finite(engine.parameters):
            run_on_kernels()
            if is_finite(engine.parameters):
                return
        net.weights, net.biases = before
        for k in range(0, n, m):
            update([tuples[i] for i in order[k : k + m].tolist()])

    def run_on_kernels() -> None:
        with held():
            trainer.start_epoch()
            try:
                done = 0
                while done < n:
                    piece = order[done : done + threads.rows()]
                    start = time.perf_counter()
                    trainer.run(piece, threads.next())
                    threads.measured(len(piece), time.perf_counter() - start)
                    done += len(piece)
                    let_in()
            finally:  # Ctrl-C too leaves the network as far as the trainer came
                trainer.finish_epoch()
                take_back(net, engine)

    try:
        yield run_epoch
    finally:
        order_list()
        trainer.give_back()
        if isinstance(x, Inputs):
            x.give_back()


@contextmanager
def epochs_by_sample(
    training_data: list[Any], mini_batch_size: int, update: Callable[[list[Any]], None]
) -> Iterator[Callable[[], None]]:
    """A function that runs the next epoch: one call of `update` for each mini-batch."""

    def run_epoch() -> None:
        random.shuffle(training_data)
        for k in range(0, len(training_data), mini_batch_size):
            update(training_data[k : k + mini_batch_size])

    yield run_epoch
