"""How many threads to train with: whatever is measured to be fastest.

The number of threads changes nothing of the result, so it may be tried out on the real
work: the first pieces of a training are run with one thread, then with more, and the
fastest stays. It is measured again now and then, for other programs come and go.
"""

import logging

from fastnn.threads import available_cores

__all__ = ["ThreadChoice"]

logger = logging.getLogger(__name__)

_TRIALS = 2  # pieces for each candidate, of which the faster counts
_TRIAL_SECONDS = 3e-3  # of each: to wake the others takes a few hundredths of it
_FIRST_SHARE = 64  # the very first piece is so many times shorter than usual ones
_WORTH = 0.95  # more threads must take less than this share of the time
_SHORTEST = 1e-9  # seconds: some clocks stand still for longer
# Seconds until it is measured again: soon, for what was disturbed at the start, then less often.
_FIRST_WAIT, _LONGER, _LONGEST_WAIT = 0.1, 4, 5.0
# Threads meet two or three times a mini-batch. One that takes less than this is not worth a try:
# a meeting costs from 0.05 microseconds to 0.5, much more where cores are overcommitted.
_SHORTEST_MINI_BATCH = 2e-6


class ThreadChoice:
    """Chooses the number of threads for each piece of a training."""

    def __init__(self, n_threads: int | None, mini_batch_size: int):
        """`n_threads` fixes the number; None chooses by measurement."""
        self._mini_batch_size = mini_batch_size
        self._candidates = [n_threads or 1]
        if n_threads is None:
            cores = available_cores()
            self._candidates = [2**i for i in range(cores.bit_length()) if 2**i <= cores]
            if cores not in self._candidates:
                self._candidates.append(cores)
        self.most = max(self._candidates)
        self.chosen = self._candidates[0]
        self._pending: list[int] = []
        self._best: dict[int, float] = {}
        self._pieces, self._seconds_a_row = 0, 1.0
        self._seconds_left, self._wait = 0.0, _FIRST_WAIT

    def rows(self, most: int) -> int:
        """How many rows the next piece should have: whole mini-batches, at most `most` rows."""
        m = self._mini_batch_size
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
        if self._seconds_left <= 0:  # as after the very first piece, which has warmed up the caches
            self._seconds_left, self._wait = self._wait, min(self._wait * _LONGER, _LONGEST_WAIT)
            short = seconds_a_row * self._mini_batch_size < _SHORTEST_MINI_BATCH
            if not (short and self.chosen == 1):
                self._best = {}
                self._pending = self._candidates * _TRIALS

    def _choose(self) -> None:
        self.chosen = self._candidates[0]
        for threads in self._candidates[1:]:
            if self._best[threads] < _WORTH * self._best[self.chosen]:
                self.chosen = threads
        per_row = {threads: f"{1e6 * self._best[threads]:.2f}" for threads in self._candidates}
        logger.debug("%d threads are the fastest; microseconds a row: %s", self.chosen, per_row)
