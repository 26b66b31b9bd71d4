"""Whether threads share the layers above the first, or each goes through them by itself.

Where threads share layer 1 by its weights, each has a part of its z for all rows of a mini-batch.
Above it they can share the rows: then they meet once more, fetch each other's errors, and after
each update the weights that others have changed. Or each takes all rows and keeps weights of its
own, which become the same numbers: that is more work, but nothing more to fetch.
"""

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["each_by_itself"]

# Multiply-adds of a forward pass, all rows. On two cores that share a cache both ways take the same
# time at 50,000 to 100,000; on two that don't, it pays beyond that, and up to half of the time: see
# bench/upper_layers.py.
_LITTLE = 100_000


def each_by_itself(sizes: Sequence[int], m: int) -> bool:
    """Whether the mini-batches of m rows leave so little work above layer 1 that each does it all.

    The result is the same bits either way.
    """
    return m * sum(n * k for n, k in pairwise(sizes[1:])) <= _LITTLE
