"""What a configuration is: some public calls, and what they leave."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from ways import Fixed

from fastnn.engine import strategy
from fastnn.training import pieces

ROWS, INPUTS, CLASSES = 24, 36, 3  # of 32 inputs or more, threads may share halves
LABELS = np.arange(ROWS) * 7 % CLASSES


@dataclass(frozen=True)
class Configuration:
    """Public calls on few rows, which are over in a moment, also interpreted.

    name    tells it from all others
    leaves  makes the calls; yields what they leave: arrays and numbers
    usual   whether README, pages or `fastnn train mnist` call the same specializations
    """

    name: str
    leaves: Callable[[], Iterable[Any]]
    usual: bool = False

    def run(self) -> list[np.ndarray]:
        """All that the calls leave."""
        return [np.array(left) for left in self.leaves()]

    def digest(self) -> str:
        """Of the bytes of all that the calls leave; another one if a single bit is another."""
        total = hashlib.sha256()
        for array in self.run():
            total.update(f"{array.dtype.str} {array.shape} ".encode())
            total.update(np.ascontiguousarray(array).tobytes())
        return total.hexdigest()[:16]


def rows(dtype: Any = np.float64, inputs: int = INPUTS, density: float = 0.2, n: int = ROWS) -> Any:
    """(n, inputs) of numbers from 0 to 1, or bytes, of which so many are not 0, none of a row."""
    rng = np.random.default_rng(inputs)
    x = rng.integers(1, 200, (n, inputs)) * (rng.random((n, inputs)) < density)
    x[:, 0] = 1 + np.arange(n) % 7
    return x.astype(dtype) if np.issubdtype(dtype, np.integer) else (x / 255).astype(dtype)


@contextmanager
def taking(way: str | None = None, halves: bool | None = None) -> Iterator[None]:
    """Have layer 1 take its rows in this way, whatever is estimated to be fastest."""
    before = strategy.usual
    strategy.usual = Fixed(way, halves)
    try:
        yield
    finally:
        strategy.usual = before


@contextmanager
def mini_batch_by_mini_batch() -> Iterator[None]:
    """Have pieces of a training, between which it may be stopped, be of one mini-batch."""
    before, pieces._PIECE_WORK = pieces._PIECE_WORK, 1
    try:
        yield
    finally:
        pieces._PIECE_WORK = before
