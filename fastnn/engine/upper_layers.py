"""Whether threads share the layers above the first, or each goes through them by itself.

Where threads share layer 1 by its weights, each has a part of its z for all rows of a mini-batch.
Above it they can share the rows: then they meet once more, fetch each other's errors, and after
each update the weights that others have changed. Or each takes all rows and keeps weights of its
own, which become the same numbers: that is more work, but nothing more to fetch.
"""

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["each_by_itself", "work_above"]

_TILE = 16  # neurons: with fewer, a product takes as long
_NEURON = 10  # multiply-adds: what activation, error and cost of a neuron take, and its part of z
# On two cores that share a cache doing it all is faster with up to ten rows, and with more of them
# up to a tenth slower; on two that don't, it saves a tenth to a half of the time in all cells below
# this and in some above it. See bench/upper_layers.py, which shows both as the machine changes.
_LITTLE = 150_000


def work_above(sizes: Sequence[int], m: int) -> int:
    """What m rows take above layer 1, in multiply-adds of a forward pass."""
    products = sum(n * max(k, _TILE) for n, k in pairwise(sizes[1:]))
    return m * (products + _NEURON * sum(sizes[1:]))


def each_by_itself(sizes: Sequence[int], m: int) -> bool:
    """Whether the mini-batches of m rows leave so little work above layer 1 that each does it all.

    The result is the same bits either way.
    """
    return work_above(sizes, m) <= _LITTLE
