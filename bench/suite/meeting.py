"""What a meeting of threads takes: the latency between cores, which differs from run to run.

Threads of a training meet several times a mini-batch. Which cores they are on, near each other or
far apart, is up to the system: so figures of several threads are read beside this one.
"""

import time

import numba
from numpy.typing import NDArray

from fastnn.engine.threads import run_team
from fastnn.kernels import target
from fastnn.kernels.simd import pointer
from fastnn.kernels.team import wait_for_all
from fastnn.layout.team import Member

__all__ = ["nanoseconds"]

_MEETINGS = 100_000  # some 20 milliseconds


@numba.njit(nogil=True, error_model="numpy", **target.OPTIONS)
def _meet(number: int, size: int, sync: NDArray, n: int) -> int:
    """Meet n times as this member of a team; how often all came."""
    member = Member(number, size, pointer(sync, 0))
    for i in range(n):
        if not wait_for_all(member):
            return i
    return n


def nanoseconds(threads: int) -> float:
    """Of a meeting of so many threads, on average, where nothing is done between two."""
    _team(threads, 1)  # compile, and wake the helpers
    start = time.perf_counter()
    _team(threads, _MEETINGS)
    return (time.perf_counter() - start) / _MEETINGS * 1e9


def _team(threads: int, n: int) -> int:
    """Have a team meet n times; how often it did."""

    def work(member: Member) -> int:
        met: int = _meet(member.number, member.size, member.sync, n)
        return met

    met: int = run_team(work, threads)
    return met
