"""A team of threads that run one kernel, and the memory by which they meet."""

from typing import Any, NamedTuple

from numpy.typing import NDArray

__all__ = ["ABORT", "ARRIVALS", "LINE", "MEETINGS", "Member", "give_up", "sync_size"]

# The team's counter of arrivals, its flag, and each member's count of its own meetings, on a
# cache line each.
LINE = 16
ARRIVALS, ABORT, MEETINGS = 0, LINE, 2 * LINE


class Member(NamedTuple):
    """One thread of a team.

    number from 0
    size   number of threads
    sync   (sync_size(size),) int64, the team's, zeros at the start; in kernels a pointer
    """

    number: int
    size: int
    sync: Any


def sync_size(size: int) -> int:
    """Elements of the memory by which a team of `size` threads meets."""
    return MEETINGS + size * LINE


def give_up(sync: NDArray) -> None:
    """Tell the waiting members of a team that not all will come."""
    sync[ABORT] = 1
