"""How an epoch is cut into pieces, between which Python obeys Ctrl-C and a progress bar moves.

Nothing interrupts compiled code. A piece is whole mini-batches of about the same work, 40 to 300 ms
on one thread: where the cuts lie changes nothing of the result, and what Python does between two
takes a few thousandths of that. Short epochs are trained several in one piece, if nobody looks at
the network after each: Python would take longer than they do.
"""

from fastnn.engine import Engine

__all__ = ["epochs_in_a_piece", "piece_rows"]

_PIECE_WORK = 2_000_000_000  # rows x _row_work, which is about 0.1 nanoseconds
_UPDATE_WORK = 16  # what a mini-batch costs beyond its rows: as so many more, Adam's as up to 40
_NEURON_WORK = 10_000  # what a row costs beyond its weights: few neurons, a mini-batch of one
_TOGETHER_SHARE = 4  # pieces of several epochs are so many times shorter
_SHORT = 8  # epochs: where a piece has room for fewer, each has its own


def piece_rows(engine: Engine, mini_batch_size: int) -> int:
    """How many rows of a long epoch are trained at once."""
    return _rows(engine, mini_batch_size, _PIECE_WORK)


def epochs_in_a_piece(engine: Engine, mini_batch_size: int, rows: int) -> int:
    """How many epochs of so many rows may be trained at once, if nobody looks in between."""
    room = _rows(engine, mini_batch_size, _PIECE_WORK // _TOGETHER_SHARE) // rows
    return room if room >= _SHORT else 1


def _rows(engine: Engine, mini_batch_size: int, work: int) -> int:
    row_work = _row_work(sum(w.size for w in engine.weights), mini_batch_size)
    return max(1, work // row_work // mini_batch_size) * mini_batch_size


def _row_work(weights: int, mini_batch_size: int) -> int:
    return _NEURON_WORK + weights + weights * _UPDATE_WORK // mini_batch_size
