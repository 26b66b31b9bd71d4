"""How many threads to train with: what is estimated to be fastest, and tried out where it is close.

The number of threads changes nothing of the result, so it may be tried out on the real work: short
pieces of a training are run with one thread, then with more, and the fastest stays. A piece is
work of a known size, so how many mini-batches it has tells about how long each of them is: long
ones begin with all threads, short ones with one. Only those in between are tried out at once.
Other programs come and go, so it is measured again now and then, and soon after a piece that took
much longer than usual; all trials together cost about a hundredth of the time.
"""

import logging
import math

from fastnn.engine.threads import available_cores

__all__ = ["ThreadChoice"]

logger = logging.getLogger(__name__)

_TRIALS = 2  # pieces for each candidate, of which the faster counts
_TRIAL_SECONDS = 2e-3  # of each: to wake the others takes a few hundredths of it
_FIRST_SHARE = 64  # the very first piece is so many times shorter than usual ones
# A piece with fewer mini-batches is estimated to be work for all threads: each takes more than
# some 15 microseconds on one, against two to four meetings.
_FEW = 4_000
_WORTH = 0.97  # more threads must take less than this share of the time
_SHORTEST = 1e-9  # seconds: some clocks stand still for longer
# Seconds until it is measured again: soon, for what was disturbed at the start, then less often.
_FIRST_WAIT, _LONGER, _LONGEST_WAIT = 0.1, 4, 20.0
_PAYS = 100  # and not before so many times what the last trials have lost
_SLOW = 1.5  # a piece that takes so many times as long as usual: it is measured again as soon
# Threads meet one to four times a mini-batch. One that takes less than this on one thread is
# not worth a try: a meeting costs from 0.05 microseconds to 0.5, much more on overcommitted cores.
_SHORTEST_MINI_BATCH = 4e-6
# One that takes longer than this is clearly work for all threads: it is not tried out at once.
_LONG_MINI_BATCH = 20e-6
# A piece of several threads has no more mini-batches than this. Where other programs want the
# cores, a meeting can take milliseconds, and nobody hears Ctrl-C within a piece.
_MOST_MEETINGS = 2_000


class ThreadChoice:
    """Chooses the number of threads for each piece of a training."""

    def __init__(self, n_threads: int | None, mini_batch_size: int, piece_rows: int):
        """`n_threads` fixes the number; None chooses.

        piece_rows  what a piece usually has, whole mini-batches, see training.pieces
        """
        self._mini_batch_size, self._piece_rows = mini_batch_size, piece_rows
        self._candidates = [n_threads or 1]
        if n_threads is None:
            cores = available_cores()
            self._candidates = [2**i for i in range(cores.bit_length()) if 2**i <= cores]
            if cores not in self._candidates:
                self._candidates.append(cores)
        self.most = max(self._candidates)
        few = piece_rows < _FEW * mini_batch_size
        self.chosen = self.most if few else self._candidates[0]
        self._pending: list[int] = []
        self._trials: list[tuple[int, int, float]] = []  # threads, rows, seconds a row
        self._seconds_a_row = 0.0  # of the last piece
        self._usual = math.inf  # the least of the chosen number
        # Seconds trained since the last trials, how many there should be, and have to be.
        self._trained, self._wait, self._paid = 0.0, _FIRST_WAIT, _FIRST_WAIT

    def rows(self) -> int:
        """How many rows the next piece should have: whole mini-batches, `piece_rows` at most."""
        m, most = self._mini_batch_size, self._piece_rows
        if self.next() > 1:
            most = min(most, _MOST_MEETINGS * m)
        if len(self._candidates) > 1 and self._seconds_a_row == 0:
            wanted = most / _FIRST_SHARE
        elif self._pending:
            wanted = _TRIAL_SECONDS / self._seconds_a_row
        else:
            return most
        return min(most, max(m, int(wanted) // m * m))

    def next(self) -> int:
        """Threads for the next piece."""
        return self._pending[0] if self._pending else self.chosen

    def measured(self, rows: int, seconds: float) -> None:
        """The piece that `next` was asked for had so many rows and took so long."""
        if len(self._candidates) == 1:
            return
        is_first = self._seconds_a_row == 0
        seconds_a_row = self._seconds_a_row = max(seconds, _SHORTEST) / rows
        if self._pending:
            self._trials.append((self._pending.pop(0), rows, seconds_a_row))
            if not self._pending:
                self._choose()
            return
        mini_batch = seconds_a_row * self._mini_batch_size
        if self.chosen == 1 and mini_batch < _SHORTEST_MINI_BATCH:
            return
        is_close = is_first and mini_batch <= _LONG_MINI_BATCH
        if is_first and not is_close:
            self.chosen = self.most
            slower = sum(self.most / threads - 1 for threads in self._candidates)
            self._paid = _PAYS * _TRIALS * slower * max(_TRIAL_SECONDS, mini_batch)
        self._trained += seconds
        is_slow = seconds > _TRIAL_SECONDS and seconds_a_row > _SLOW * self._usual
        wait = self._paid if is_slow else max(self._paid, self._wait)
        if is_close or self._trained >= wait:
            self._pending, self._trials = self._candidates * _TRIALS, []
        self._usual = min(self._usual, seconds_a_row)

    def _choose(self) -> None:
        """The number of threads that was fastest in the trials, which have ended."""
        best = {
            threads: min(time for tried, _, time in self._trials if tried == threads)
            for threads in self._candidates
        }
        self.chosen = self._candidates[0]
        for threads in self._candidates[1:]:
            if best[threads] < _WORTH * best[self.chosen]:
                self.chosen = threads
        self._usual = best[self.chosen]
        lost = sum(rows * max(0.0, time - self._usual) for _, rows, time in self._trials)
        self._trained, self._paid = 0.0, max(_FIRST_WAIT, _PAYS * lost)
        self._wait = min(self._wait * _LONGER, _LONGEST_WAIT)
        per_row = {threads: f"{1e6 * best[threads]:.2f}" for threads in self._candidates}
        logger.debug("%d threads are the fastest; microseconds a row: %s", self.chosen, per_row)
