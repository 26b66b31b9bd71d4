"""Functions made ready before they are called: compiled into the cache, where nothing has them."""

import signal
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import NamedTuple

from fastnn.machine.choice import CHOICE
from fastnn.native.specializations import in_parts

__all__ = ["Prepared", "missing", "prepare"]


class Prepared(NamedTuple):
    """A function that was made ready.

    compiled  False: an earlier process had done so
    kept      whether the next process finds it
    troubles  what the cache warned of
    """

    key: str
    compiled: bool
    kept: bool
    seconds: float
    troubles: list[str]


def missing(keys: Sequence[str]) -> list[str]:
    """Those that the library in use is without; all, if none is."""
    library = CHOICE.library
    return [key for key in keys if library is None or key not in library.functions]


def prepare(keys: Sequence[str], processes: int) -> Iterator[Prepared]:
    """Compile side by side, and tell of each when it is done.

    Raises BrokenProcessPool if a process dies, as for want of memory.
    """
    context = get_context("spawn")  # forked processes would share locks of threads they have not
    # Ctrl-C reaches them as well, and ends them without a word.
    as_usual = (signal.SIGINT, signal.SIG_DFL)
    pools = [
        ProcessPoolExecutor(1, context, signal.signal, as_usual) for _ in in_parts(keys, processes)
    ]
    try:
        done = [
            pool.submit(_prepare, key)
            for pool, part in zip(pools, in_parts(keys, processes))
            for key in part
        ]
        for each in as_completed(done):
            yield each.result()
    finally:
        for pool in pools:
            pool.shutdown(cancel_futures=True)


def _prepare(key: str) -> Prepared:
    from fastnn.kernels import entry_points  # and Numba, whose import is no part of the seconds

    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function = entry_points.compiled(key)
        seconds = time.perf_counter() - start
        kept = function.cache_hits or entry_points.compiled_anew.__wrapped__(key).cache_hits
    troubles = [str(warning.message) for warning in caught]
    return Prepared(key, not function.cache_hits, bool(kept), seconds, troubles)
