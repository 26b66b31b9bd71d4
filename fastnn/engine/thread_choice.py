"""How many threads to train with: whatever is measured to be fastest.

The number of threads changes nothing of the result, so it may be tried out on the real
work: pieces of a training are run with one thread, then with more, and the fastest stays.
Where mini-batches are short, that happens at once; long ones begin with all threads. It is
measured again now and then, for other programs come and go.
"""

import logging

from fastnn.engine.threads import available_cores

__all__ = ["ThreadChoice"]

logger = logging.getLogger(__name__)

_TRIALS = 2  # pieces for each candidate, of which the faster counts
_TRIAL_SECONDS = 3e-3  # of each: to wake the others takes a few hundredths of it
_FIRST_SHARE = 64  # the very first piece is so many times shorter than usual ones
_FEW = 8  # mini-batches: a first piece of fewer is work for all threads
_WORTH = 0.95  # more threads must take less than this share of the time
_SHORTEST = 1e-9  # seconds: some clocks stand still for longer
# Seconds until it is measured again: soon, for what was disturbed at the start, then less often;
# and not before so many mini-batches, for trials with too few threads cost some of them.
_FIRST_WAIT, _LONGER, _LONGEST_WAIT, _BETWEEN_TRIALS = 0.1, 4, 5.0, 20
# Threads meet one to four times a mini-batch. One that takes less than this is not worth a try:
# a meeting costs from 0.05 microseconds to 0.5, much more where cores are overcommitted.
_SHORTEST_MINI_BATCH = 2e-6
# One that takes longer than this is given to all threads at once, and tried out later: most
# trainings are faster so, and short ones are over before a trial has paid.
_LONG_MINI_BATCH = 20e-6
# A piece of several threads has no more mini-batches than this. Where other programs want the
# cores, a meeting can take milliseconds, and nobody hears Ctrl-C within a piece.
_MOST_MEETINGS = 2_000


class ThreadChoice:
    """Chooses the number of threads for each piece of a training."""

    def __init__(self, n_threads: int | None, mini_batch_size: int, piece_rows: int):
        """`n_threads` fixes the number; None chooses by measurement.

        piece_rows  what a piece usually has, whole mini-batches
        """
        self._mini_batch_size, self._piece_rows = mini_batch_size, piece_rows
        self._candidates = [n_threads or 1]
        if n_threads is None:
            cores = available_cores()
            self._candidates = [2**i for i in range(cores.bit_length()) if 2**i <= cores]
            if cores not in self._candidates:
                self._candidates.append(cores)
        self.most = max(self._candidates)
        few = piece_rows < _FEW * _FIRST_SHARE * mini_batch_size
        self.chosen = self.most if few else self._candidates[0]
        self._pending: list[int] = []
        self._best: dict[int, float] = {}
        self._pieces, self._seconds_a_row = 0, 1.0
        self._seconds_left, self._wait = 0.0, _FIRST_WAIT

    def rows(self) -> int:
        """How many rows the next piece should have: whole mini-batches, `piece_rows` at most."""
        m, most = self._mini_batch_size, self._piece_rows
        if self.next() > 1:
            most = min(most, _MOST_MEETINGS * m)
        if len(self._candidates) == 1 or not (self._pending or self._pieces == 0):
            return most
        wanted = most / _FIRST_SHARE if self._pieces == 0 else _TRIAL_SECONDS / self._seconds_a_row
        return min(most, max(m, int(wanted) // m * m))

    def next(self) -> int:
        """Threads for the next piece."""
        return self._pending[0] if self._pending else self.chosen

    def measured(self, rows: int, seconds: float) -> None:
        """The piece that `next` was asked for had so many rows and took so long."""
        self._pieces += 1
        if len(self._candidates) == 1:
            return
        seconds_a_row = self._seconds_a_row = max(seconds, _SHORTEST) / rows
        if self._pending:
            threads = self._pending.pop(0)
            self._best[threads] = min(seconds_a_row, self._best.get(threads, seconds_a_row))
            if not self._pending:
                self._choose()
            return
        self._seconds_left -= seconds
        if self._seconds_left > 0:
            return
        mini_batch = seconds_a_row * self._mini_batch_size
        self._seconds_left = max(self._wait, _BETWEEN_TRIALS * mini_batch)
        if self._pieces == 1 and mini_batch > _LONG_MINI_BATCH:
            self.chosen = self.most
            return
        self._wait = min(self._wait * _LONGER, _LONGEST_WAIT)
        if not (mini_batch < _SHORTEST_MINI_BATCH and self.chosen == 1):
            self._best = {}
            self._pending = self._candidates * _TRIALS

    def _choose(self) -> None:
        self.chosen = self._candidates[0]
        for threads in self._candidates[1:]:
            if self._best[threads] < _WORTH * self._best[self.chosen]:
                self.chosen = threads
        per_row = {threads: f"{1e6 * self._best[threads]:.2f}" for threads in self._candidates}
        logger.debug("%d threads are the fastest; microseconds a row: %s", self.chosen, per_row)
