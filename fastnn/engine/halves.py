"""Where to cut the inputs of sparse rows in two, so that both halves are as much work."""

import numpy as np

from fastnn.engine.arrays import read_only
from fastnn.kernels.layer1 import compressed

__all__ = ["in_halves"]

_SAMPLE = 100_000  # entries that are looked at to find out where in a row they are


def in_halves(
    nonzeros: compressed.Nonzeros, columns: int, m: int, update: float
) -> compressed.Nonzeros:
    """The same rows with a middle; `middles` are only found if there is no update of all weights.

    columns  of the rows: inputs, or groups of them
    m        rows of a mini-batch
    update   how many entries' work it is to update the weights of a column after a mini-batch, if
             all are; 0 if those of non-zero inputs only
    """
    starts, entries = nonzeros.starts, int(nonzeros.starts[-1])
    sample = nonzeros.columns[: entries : max(1, entries // _SAMPLE)]
    work = np.bincount(sample, minlength=columns) * (m * entries / (len(starts) - 1))
    work = work / max(1, len(sample)) + update
    middle = int(np.searchsorted(np.cumsum(work), work.sum() / 2))
    middles = np.empty(0 if update else len(starts) - 1, np.int64)
    if not update:
        compressed.find_middles(starts, nonzeros.columns, middle, middles)
    return nonzeros._replace(middle=middle, middles=read_only(middles))
